"""Attention, and what tells it where things are."""
