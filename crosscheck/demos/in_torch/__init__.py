"""What the demos do in PyTorch. `in_jax` holds the same in JAX, under the same names."""
