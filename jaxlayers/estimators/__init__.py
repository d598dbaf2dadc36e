"""Steps whose gradient is, by design, not their derivative."""
