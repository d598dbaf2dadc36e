"""What JAX keeps for the backward pass of a layer, counted as it is kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.extend.core import Literal

from crosscheck.keeping.kept import Kept
from crosscheck.twin import Layer

SMALLEST = 512  # bytes of an input; XLA aligns buffers to 64, which shows in smaller ones
NARROWEST = 4  # bytes of a number whose products XLA makes in its own type
CHAINS = (4, 8)  # lengths to compare; in shorter ones XLA's working memory hides what is kept


def measure(layer: Layer, arrays: list[np.ndarray]) -> tuple[dict[str, Kept], int | None]:
    """What is kept, by the way of asking; and by how much a compiled program grows a layer."""
    with jax.enable_x64(any(array.dtype == np.float64 for array in arrays)):
        ways = {"eager": kept(layer, arrays), "jit": handed_over(layer, arrays)}
        return ways, growth(layer, arrays)


def kept(layer: Layer, arrays: list[np.ndarray], recording: bool = True) -> Kept:
    """What is kept for the backward pass, an operation at a time.

    Each buffer is counted once. With recording, what is kept is what the function that `jax.vjp`
    returns holds, but for single numbers: here constants are such too, and `handed_over` counts
    them. Without, it is whatever is alive after the call that was not before.
    """
    inputs = [jnp.array(array) for array in arrays]
    layer(*inputs)  # constants made by a first call stay for later ones
    before = _places(jax.live_arrays())
    if recording:
        y, pull = _recorded(layer, inputs)
        saved = _places([leaf for leaf in jax.tree.leaves(pull) if jnp.ndim(leaf)])
    else:
        y = layer(*inputs)
        saved = {k: n for k, n in _places(jax.live_arrays()).items() if k not in before}
        for place in _places(jax.tree.leaves(y)):
            saved.pop(place, None)
    outputs = _places(jax.tree.leaves(y)).keys()
    return Kept.of(saved, [x.unsafe_buffer_pointer() for x in inputs], outputs)


def handed_over(layer: Layer, arrays: list[np.ndarray]) -> Kept:
    """What a compiled forward pass returns for the backward pass, besides its value.

    An input or an output that it returns once more is still that; constants cost nothing.
    """
    forward = jax.make_jaxpr(lambda *inputs: _recorded(layer, inputs), return_shape=True)
    program, (y, _) = forward(*arrays)
    returned, inputs = program.jaxpr.outvars, program.jaxpr.invars
    count = len(jax.tree.leaves(y))
    saved = {id(v): _bytes(v.aval) for v in returned[count:] if not isinstance(v, Literal)}
    return Kept.of(saved, [id(v) for v in inputs], {id(v) for v in returned[:count]})


def growth(layer: Layer, arrays: list[np.ndarray]) -> int | None:
    """Bytes by which a compiled forward and backward pass grows with each layer of a chain.

    To XLA the two passes are one program: it may keep what a rule would compute again. Between the
    layers stands a matrix product, which nothing is fused across. None where a layer's result
    cannot be the next one's first floating-point input, of arrays that are too small, and in 16
    bits, where XLA makes products wide and keeps them so.
    """
    place = next(k for k, x in enumerate(arrays) if _floating(x))
    x, y = arrays[place], jax.eval_shape(layer, *arrays)
    fits = isinstance(y, jax.ShapeDtypeStruct) and y.ndim and _kind(y) == _kind(x)
    if not fits or x.itemsize < NARROWEST or x.nbytes < SMALLEST:
        return None
    few, many = (_working_memory(layer, arrays, place, length) for length in CHAINS)
    return (many - few) // (CHAINS[1] - CHAINS[0])


def _working_memory(layer: Layer, arrays: list[np.ndarray], place: int, length: int) -> int:
    """Bytes besides arguments and results; every layer of the chain has arguments of its own.

    Gradients of one shape with x are asked for. Those of weights are sums, which XLA takes when it
    likes; until then it holds what they are of.
    """
    x, others = arrays[place], [*arrays[:place], *arrays[place + 1 :]]
    link = jax.ShapeDtypeStruct((x.shape[-1],) * 2, x.dtype)

    def both(g: Array, links: list[Array], *inputs: Array) -> Any:
        def chain(x: Array, *rest: Array) -> Array:
            for k, w in enumerate(links):
                own = rest[k * len(others) :][: len(others)]
                x = layer(*own[:place], x, *own[place:]) @ w
            return x

        _, pull = _recorded(chain, inputs, lambda a: _kind(a) == _kind(x))
        dx, *gradients = pull(g)
        # Their sums alone: XLA would use the room for whole results as working memory.
        return dx, [gradient.sum() for gradient in gradients]

    compiled = jax.jit(both).lower(x, [link] * length, x, *others * length).compile()
    memory: Any = compiled.memory_analysis()
    return int(memory.temp_size_in_bytes)


def _floating(x: Any) -> bool:
    return bool(jnp.issubdtype(x.dtype, jnp.floating))


def _recorded(
    layer: Layer, inputs: Any, moves: Callable[[Any], bool] = _floating
) -> tuple[Any, Callable[..., Any]]:
    """The value, and the function from its cotangent to those of the inputs that move."""
    at, moving = of_moving(layer, inputs, moves)
    y, pull = jax.vjp(at, *moving)
    return y, pull


def of_moving(
    layer: Layer, inputs: Any, moves: Callable[[Any], bool] = _floating
) -> tuple[Layer, list[Any]]:
    """The layer as a function of the inputs that move, and these."""
    places = [k for k, x in enumerate(inputs) if moves(x)]

    def at(*moving: Array) -> Any:
        given = dict(enumerate(inputs)) | dict(zip(places, moving, strict=True))
        return layer(*given.values())

    return at, [inputs[k] for k in places]


def _places(arrays: list[Array]) -> dict[int, int]:
    """Where each array lies, and its bytes.

    Asked of an array that a callback has yet to fill, its place would wait for ever: with the GIL.
    """
    jax.block_until_ready(arrays)
    return {x.unsafe_buffer_pointer(): x.nbytes for x in arrays if isinstance(x, Array)}


def _bytes(x: Any) -> int:
    return int(x.size) * int(x.dtype.itemsize)


def _kind(x: Any) -> tuple[Any, Any]:
    return x.shape, x.dtype
