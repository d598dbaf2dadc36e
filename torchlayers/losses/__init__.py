"""Losses: functions of a prediction and a target, with one number as the value."""
