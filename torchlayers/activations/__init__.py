"""Elementwise functions that make a network nonlinear."""
