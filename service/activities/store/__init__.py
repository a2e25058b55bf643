"""Keeping activity data: what the verbs of ``service.activities.actions`` are made of."""
