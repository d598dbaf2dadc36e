"""Estimators: the backward pass promises a surrogate's derivative."""
