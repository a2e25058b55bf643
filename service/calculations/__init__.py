"""Inventories: computed, frozen, compared."""
