"""The commands of ``tanji``, a module for each group; imported when one is used, not before."""
