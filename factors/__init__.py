"""Knowledge: what the world publishes. Reads files, answers questions."""
