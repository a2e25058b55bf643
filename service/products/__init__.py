"""Products: their models as their makers describe them, versioned, and the files they come from."""
