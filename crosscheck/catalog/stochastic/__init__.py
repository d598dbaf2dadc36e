"""Layers with a random key among their inputs: functions of it like any other."""
