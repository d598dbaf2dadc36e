"""Activations: one entry in, one entry out."""
