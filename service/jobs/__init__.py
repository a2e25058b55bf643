"""Long work: rows that say what was asked for and how far it is, and workers that are woken to do it."""
