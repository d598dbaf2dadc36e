"""Shifting and scaling."""
