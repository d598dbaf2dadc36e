"""How alike vectors are."""
