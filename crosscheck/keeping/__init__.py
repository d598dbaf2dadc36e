"""Keeping: what a layer keeps for its backward pass, measured, beside what its Twin promises."""
