"""Layers that are linear in each of their inputs."""
