"""Atlas: one page about all activations, ours and those that are built in."""
