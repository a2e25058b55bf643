"""Suppliers: what is bought of whom, what is asked of them, what they answer, and what may be used of it."""
