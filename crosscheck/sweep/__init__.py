"""Sweeps: elementwise layers at every number of a type, value and derivatives."""
