"""What the files attached to a report are called: rendering writes these names, verifying asks for them."""

SNAPSHOT_NAME = "snapshot.json"
PART_NAME = "part-{}.json"  # by the SHA-256 of its canonical lines
