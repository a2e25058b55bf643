"""Demonstration data: three invented companies with a full year each, in the form that everybody hands in.

Nothing here is a measurement. ``orders.yaml`` holds the orders of magnitude with their sources; the rest
is arithmetic, so that the same files come out every time.
"""

from service.demo.companies import DEMO, Demo, write_demo

__all__ = ["DEMO", "Demo", "write_demo"]
