"""The append-only record of who did what: a Merkle log in the database."""
