"""JAX's stream of random bits: the same key draws the same numbers here as in `jax.random`.

Entry i of an array, in row-major order, depends on the key and on i alone; not on the device, nor
on what was drawn before. A key is a uint32 tensor of shape (2,), as `jax.random.key_data` has it.

`split`, `fold_in`, `bits`, `uniform` and `bernoulli` agree with JAX in every bit. `normal` differs
by as much as the two frameworks' logarithms do: see there.

The generator is in `torchlayers.threefry`.
"""

import math
import operator
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from torchlayers.checks import FLOATS, number
from torchlayers.inverse_error import erfinv
from torchlayers.threefry import Finish, draw, schedule, threefry

# Of how many low bits, and above which of them, a float's fraction is made.
FRACTIONS = {torch.float32: (32, 9), torch.float16: (16, 6), torch.bfloat16: (8, 1)}
WORDS = (torch.uint8, torch.uint16, torch.uint32, torch.uint64)


def key(seed: int, device: Any = None) -> Tensor:
    """The key of a seed, a whole number in [0, 2³²), on a device."""
    return torch.tensor([0, _word("key", "seed", seed)], device=device).to(torch.uint32)


def split(key: Tensor, num: int | Sequence[int] = 2) -> Tensor:
    """New keys, (num, 2), or (*num, 2): independent of each other and of draws from the old one."""
    shape = (num,) if isinstance(num, int) else tuple(num)
    pairs = draw(as_key("split", key), shape, lambda a, b: torch.stack((a, b), -1))
    return pairs.view(torch.uint32)


def fold_in(key: Tensor, data: int | Tensor) -> Tensor:
    """The new key of a key and of a number in [0, 2³²), an int or a tensor of shape ()."""
    words = schedule(as_key("fold_in", key))
    if not isinstance(data, Tensor):
        data = torch.tensor(_word("fold_in", "data", data), device=key.device)
    elif data.is_floating_point() or data.ndim:
        raise TypeError(
            f"fold_in: expected data to be a whole number, got {data.dtype} {tuple(data.shape)}; "
            "pass an integer tensor of shape (), and vmap over more"
        )
    return torch.stack(threefry(words, 0, data.to(key.device, torch.int32))).view(torch.uint32)


def bits(key: Tensor, shape: Sequence[int] = (), dtype: torch.dtype = torch.uint32) -> Tensor:
    """Random bits, as uint8, uint16, uint32 or uint64."""
    _one_of("bits", dtype, WORDS)
    drawn = draw(as_key("bits", key), shape, _long if dtype.itemsize == 8 else Tensor.bitwise_xor_)
    return drawn.view(dtype) if dtype.itemsize >= 4 else drawn.to(dtype)


def uniform(key: Tensor, shape: Sequence[int] = (), dtype: torch.dtype = torch.float32) -> Tensor:
    """Numbers evenly from [0, 1): multiples of 2⁻²³, in float64 of 2⁻⁵², in float16 of 2⁻¹⁰, in
    bfloat16 of 2⁻⁷."""
    return draw(as_key("uniform", key), shape, _fraction("uniform", dtype))


def bernoulli(key: Tensor, p: float = 0.5, shape: Sequence[int] = ()) -> Tensor:
    """True with probability p in [0, 1], else False.

        (b >> 9) < ⌈float32(p) 2²³⌉,  b: 32 random bits

    Whole numbers are compared, so that no rounding can make two masks differ. The probability is
    thereby p rounded up to a multiple of 2⁻²³.
    """
    p = probability("bernoulli", "p", p)
    # In float32 as a tensor, since p is a symbol under torch.compile.
    below = torch.full((), p, dtype=torch.float32).mul(2**23).ceil().to(torch.int32)
    key = as_key("bernoulli", key)
    return draw(key, shape, lambda a, b: _top(a.bitwise_xor_(b), 32, 9) < below)


def normal(key: Tensor, shape: Sequence[int] = (), dtype: torch.dtype = torch.float32) -> Tensor:
    """Numbers from the standard normal distribution.

        √2 erfinv(u),  u evenly from (-1, 1)

    Against `jax.random.normal` on a processor: equal in float16 and bfloat16; in float32 at most 3
    units in the last place apart, over all its 2²³ numbers; in float64 at most 5, in 80 million
    tried, and at most 3 in all but one in a million.
    """
    fraction = _fraction("normal", dtype)
    low = torch.finfo(dtype).eps / 2 - 1  # the number above -1
    root = torch.tensor(math.sqrt(2), dtype=dtype).item()

    def finish(a: Tensor, b: Tensor) -> Tensor:
        u = 2 * fraction(a, b) + low
        return root * erfinv(u.float() if u.dtype.itemsize == 2 else u).to(dtype)

    return draw(as_key("normal", key), shape, finish)


def as_key(name: str, key: Any) -> Tensor:
    """An argument: a random key.

    Raises:
        TypeError: not a tensor of type uint32.
        ValueError: not of shape (2,).
    """
    wanted = f"{name}: expected key to be a random key, uint32 of shape (2,), got"
    remedy = "make one with torchlayers.random.key(0)"
    if not isinstance(key, Tensor):
        kind = f"{type(key).__module__}.{type(key).__name__}".removeprefix("builtins.")
        raise TypeError(f"{wanted} {kind}; {remedy}")
    got = f"{str(key.dtype).removeprefix('torch.')} of shape {tuple(key.shape)}"
    if key.dtype != torch.uint32:
        raise TypeError(f"{wanted} {got}; {remedy}")
    if key.shape != (2,):
        raise ValueError(f"{wanted} {got}; {remedy}")
    return key


def probability(layer: str, name: str, value: Any) -> float:
    """A setting: a Python number in [0, 1].

    Raises:
        TypeError: not a number.
        ValueError: not in [0, 1].
    """
    p = number(layer, name, value)
    if not 0 <= p <= 1:
        raise ValueError(
            f"{layer}: expected the setting {name} to be a number from 0 to 1, got {p}; "
            "pass a probability"
        )
    return p


def floating(name: str, dtype: Any) -> torch.dtype:
    """An argument: a floating-point type.

    Raises:
        TypeError: another type.
    """
    _one_of(name, dtype, FLOATS)
    return dtype


def _one_of(name: str, dtype: Any, dtypes: tuple[torch.dtype, ...]) -> None:
    if dtype not in dtypes:
        *wanted, got = (str(one).removeprefix("torch.") for one in (*dtypes, dtype))
        raise TypeError(
            f"{name}: expected dtype to be one of {', '.join(wanted)}, got {got}; pass one of them"
        )


def _word(name: str, argument: str, value: Any) -> int:
    try:
        word = operator.index(value)
    except TypeError:
        kind = type(value).__name__
        raise TypeError(
            f"{name}: expected {argument} to be a whole number, got {kind}; pass an int"
        ) from None
    if not 0 <= word < 2**32:
        raise ValueError(
            f"{name}: expected {argument} to be in [0, 2³²), got {word}; take it modulo 2**32"
        )
    return word


def _long(a: Tensor, b: Tensor) -> Tensor:
    """Both words as one of 64 bits."""
    return (a.long() << 32) | (b.long() & 0xFFFFFFFF)


def _top(words: Tensor, kept: int, dropped: int) -> Tensor:
    """Of the low `kept` bits, those above `dropped`, in place."""
    return words.bitwise_right_shift_(dropped).bitwise_and_((1 << (kept - dropped)) - 1)


def _fraction(name: str, dtype: torch.dtype) -> Finish:
    """A number in [0, 1) of the two words."""
    if floating(name, dtype) == torch.float64:
        return lambda a, b: _top(_long(a, b), 64, 12).double() * 2**-52
    kept, dropped = FRACTIONS[dtype]
    scale = 2.0 ** (dropped - kept)
    return lambda a, b: _top(a.bitwise_xor_(b), kept, dropped).to(dtype) * scale
