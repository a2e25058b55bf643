"""Telling others' programs what happened: signed, tried again, and sent anew when an owner asks."""
