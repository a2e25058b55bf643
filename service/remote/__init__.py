"""A service elsewhere, used from Python or from the command line by its JSON API."""
