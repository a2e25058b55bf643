"""What happened and others may want to hear of: written down in the transaction in which it happened."""
