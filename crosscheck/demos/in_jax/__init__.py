"""What the demos do in JAX. `in_torch` holds the same in PyTorch, under the same names."""
