"""Layers that draw random numbers, from a key that is an argument."""
