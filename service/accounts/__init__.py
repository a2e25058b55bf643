"""Organisations and those who act for them."""
