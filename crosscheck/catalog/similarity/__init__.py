"""Similarities of vectors."""
