"""Losses: arrays in, one number out."""
