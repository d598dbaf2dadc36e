"""Benchmarks: how long the project's jobs take, and what its layers cost beside the built-in ones.

python -m crosscheck.bench --json figures.json
"""
