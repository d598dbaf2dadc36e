"""How the frameworks write what a script needs: settings, arrays, answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np


class Dialect(NamedTuple):
    """imports; array: of values in a dtype; answer: as NumPy takes it; setup: (dtype, device)."""

    imports: tuple[str, ...]
    array: str
    answer: str
    setup: Callable[[str, str], list[str]]

    def literal(self, array: np.ndarray, device: str, layout: str) -> str:
        """An array exactly as it is, in memory too."""
        place = ', device="cuda"' if device == "gpu" and "torch" in self.array else ""
        text = self.array.format(values=values(array), dtype=array.dtype.name, place=place)
        text = text if array.size else f"{text}.reshape({array.shape})"
        return text if layout == "contiguous" else f"laid_out({text}, {layout!r})"


def _jax(dtype: str, device: str) -> list[str]:
    lines = [f'jax.config.update("jax_platforms", "{"cuda" if device == "gpu" else "cpu"}")']
    if dtype == "float64":
        lines.append('jax.config.update("jax_enable_x64", True)')
    return [*lines, 'jax.config.update("jax_default_matmul_precision", "highest")']


def _torch(dtype: str, device: str) -> list[str]:
    return ['torch.backends.fp32_precision = "ieee"'] if device == "gpu" else []


DIALECTS = {
    "jax": Dialect(
        ("import jax", "import jax.numpy as jnp"),
        "jnp.array({values}, jnp.{dtype})",
        "{}",
        _jax,
    ),
    "torch": Dialect(
        ("import torch",),
        "torch.tensor({values}, dtype=torch.{dtype}{place})",
        "[y.detach().cpu().double() for y in {}]",
        _torch,
    ),
}


def values(array: np.ndarray) -> str:
    """Nested lists of numbers, each exact."""
    return repr(array.tolist()).replace("nan", 'float("nan")').replace("inf", 'float("inf")')
