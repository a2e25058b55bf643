"""Ratios of speed, each measured in one run on one machine; no timed test."""
