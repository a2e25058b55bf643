"""Computation: everything that multiplies. Plain values in, frozen values out."""
