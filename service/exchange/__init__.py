"""Import and export of other parties' formats."""
