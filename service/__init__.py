"""Housekeeping: people, storage, pages, API, reports."""
