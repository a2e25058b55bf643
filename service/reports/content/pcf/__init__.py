"""What the documents of a product footprint say, written from its snapshot alone."""
