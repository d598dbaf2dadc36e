"""GELU. Derivation: crosscheck/catalog/activations/gelu.py."""

import math

import torch
from torch import Tensor

from torchlayers.blocks import above, in_blocks
from torchlayers.checks import one_of
from torchlayers.elementwise import constant, elementwise, pulled
from torchlayers.tails import reflect

END = 1e3  # beyond, all is 0 or x; infinity times 0 would be NaN
FAR = -60.0  # below, 1 is nothing beside exp(-z); torch's sigmoid is 0 from -89 on, in float32
DENSITY = 1 / math.sqrt(2 * math.pi)
START = math.sqrt(math.log(4 / math.sqrt(math.pi)))  # where 2 / √π exp(-t²) is a half
# 2 √(2/π) in two parts, the first of 16 bits, and 0.044715 times it.
HIGH, LOW = 1.59576416015625, 4.96144948071176e-06
THIRD = 0.044715 * 2 * math.sqrt(2 / math.pi)


def _first_exact(g: Tensor, x: Tensor, out: Tensor | None) -> Tensor:
    t = x.clamp(-END, END) * -math.sqrt(0.5)
    fall = torch.exp((START - t) * (START + t))  # 4 / √π exp(-t²); t² would round near t = 1
    twice = torch.addcmul(torch.erfc(t), t, fall, value=-0.5)
    return torch.addcmul(t.new_zeros(()), twice, g, value=0.5, out=out)


def _second_exact(x: Tensor) -> Tensor:
    a = x.clamp(-END, END)
    s = a * a
    return torch.exp(s * -0.5) * (DENSITY * (2 - s))


def _tanh_parts(x: Tensor) -> tuple[Tensor, ...]:
    """a, two factors of w = 1 / (1 + exp(z)), and two terms of a z'.

    z(a) = HIGH a + LOW a + THIRD a³. The first term is exact for the leading 8 bits of a.
    """
    a = x.abs().clamp(max=END)
    lead = a.to(torch.bfloat16).to(a.dtype)
    cube = THIRD * a * (a * a)
    exact, rest = HIGH * lead, HIGH * (a - lead) + (LOW * a + cube)
    near, far = torch.exp(-exact), torch.exp(-rest)
    near = near / (1 + near * far)
    return a, near, far, exact, rest + 2 * cube


@pulled
@in_blocks
def _first(g: Tensor, x: Tensor, approximate: str, out: Tensor | None = None) -> Tensor:
    if approximate == "none":
        return _first_exact(g, x, out)
    _, near, far, exact, rest = _tanh_parts(x)
    w = near * far
    n = near * ((1 - exact) - (rest - (exact + rest) * w)) * far
    return reflect(g * n, x, g, out)


def _second(x: Tensor, approximate: str) -> Tensor:
    if approximate == "none":
        return _second_exact(x)
    a, near, far, exact, rest = _tanh_parts(x)
    w, cubic = near * far, 3 * THIRD * (a * a)
    k = (2 - exact) - (rest - 2 * (exact + rest) * w)
    return near * (1 - w) * ((HIGH + LOW) * k + cubic * (k + 2)) * far


def _far(m: Tensor, z: Tensor) -> Tensor:
    """m exp(z) in two halves."""
    half = torch.exp(z / 2)
    return m * half * half


@elementwise(_first, _second, approximate=one_of("none", "tanh"))
def gelu(x: Tensor, approximate: str = "none") -> Tensor:
    """Gaussian error linear unit, right to the last bits in both tails.

        x Φ(x)    with Φ(x) = (1 + erf(x / √2)) / 2, the normal distribution
        x / (1 + exp(-2 √(2/π) (x + 0.044715 x³)))    its approximation, "tanh"

    At -infinity it is 0.

    Args:
        x: (...)
        approximate: "none" or "tanh".

    Raises:
        TypeError: x is not a floating-point tensor, or approximate not a string.
        ValueError: approximate is another string.

    Reference: Hendrycks and Gimpel 2016, https://arxiv.org/abs/1606.08415
    """
    if approximate == "none":
        m = x.clamp(min=-END)
        return torch.addcmul(m.new_zeros(()), m, torch.erfc(m * -math.sqrt(0.5)), value=0.5)
    m = x.clamp(min=-END)
    z = m * torch.addcmul(constant(m, HIGH + LOW), m, m, value=THIRD)
    return above(z, FAR, lambda z: m * torch.sigmoid(z), lambda z: _far(m, z))
