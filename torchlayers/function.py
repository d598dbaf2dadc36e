"""The base class of every layer's rule, which makes a `torch.autograd.Function` of it."""

from typing import Any

import torch
from torch import Tensor
from torch._C import _functorch as functorch
from torch._C._functorch import TransformType
from torch._functorch.pyfunctorch import temporarily_pop_interpreter_stack
from torch.autograd import forward_ad

BEYOND = (
    "torch.compile loses the rule of an autograd.Function in batched and in higher torch.func "
    "derivatives: compile the layer or its first derivative, or leave out fullgraph=True"
)


class Function:
    """A layer's rule, written once: `forward`, `setup_context`, `backward` and `jvp`, all static.

    They are those of `torch.autograd.Function`. PyTorch wants three forms of it; `call` picks one:

    - for `torch.func` transforms and for forward mode, all four of them;
    - for `torch.compile`, which does not support `jvp`, the first three, and only where gradients
      are recorded, or taken by `torch.func` inside it;
    - for plain eager code `forward` and `setup_context` in one, which costs half the time.

    A rule keeps inputs and outputs only, with `keep`: through anything else second derivatives are
    silently zero. Its `backward` consists of differentiable operations on tensors that it does not
    write into, and computes only what `ctx.needs_input_grad` asks for.
    """

    forward: Any
    _transformed: Any
    _compiled: Any
    _eager: Any

    def __init_subclass__(cls, name: str = "") -> None:
        rule: Any = cls

        def forward(ctx: Any, *inputs: Any) -> Any:
            output = rule.forward(*inputs)
            rule.setup_context(ctx, inputs, output)
            return output

        def form(**methods: Any) -> Any:
            body: dict[str, Any] = {k: staticmethod(method) for k, method in methods.items()}
            body["generate_vmap_rule"] = True
            return type(name or cls.__name__, (torch.autograd.Function,), body)

        three = {k: getattr(rule, k) for k in ("forward", "setup_context", "backward")}
        cls._transformed = form(**three, jvp=rule.jvp)
        cls._compiled = form(**three)
        cls._eager = form(forward=forward, backward=rule.backward)

    @classmethod
    def call(cls, *inputs: Any) -> Any:
        """Apply the rule; all inputs are positional."""
        if torch.compiler.is_compiling():
            seen = _seen(inputs)
            return cls._compiled.apply(*seen) if _records(seen) else cls.forward(*seen)
        # Neither question has a public form; torch.autograd.Function.apply itself asks the first.
        if torch._C._are_functorch_transforms_active() or forward_ad._current_level >= 0:
            _check_forward_once(inputs)
            return cls._transformed.apply(*inputs)
        return cls._eager.apply(*inputs) if torch.is_grad_enabled() else cls.forward(*inputs)


def _records(inputs: tuple[Any, ...]) -> bool:
    # Elsewhere torch.compile runs `forward` alone, and within a backward it can do nothing else.
    tensors = [x for x in inputs if isinstance(x, Tensor)]
    return torch.is_grad_enabled() and any(x.requires_grad for x in tensors)


def _derivatives() -> int:
    """Which torch.func derivative is compiled: 0, 1, or 2 for all others, batched ones too."""
    levels = [level.key() for level in functorch.get_interpreter_stack() or ()]
    if all(key == TransformType.Vmap for key in levels):
        return 0
    return 1 if levels == [TransformType.Grad] else 2


# A constant to torch.compile; its public decorator imports the whole compiler.
_derivatives._dynamo_marked_constant = True  # type: ignore[attr-defined]


def _seen(inputs: tuple[Any, ...]) -> tuple[Any, ...]:
    """The inputs as torch.compile has to see them, to differentiate by the rule.

    Otherwise it takes those of `torch.func.grad` for constants; the rule's gradients are 0 then, or
    `forward` is differentiated in its place (pytorch#193279). Beyond the first derivative nothing
    helps but not to compile, or to say so under fullgraph.
    """
    derivatives = _derivatives()
    if not derivatives:
        return inputs
    if derivatives > 1:
        torch._dynamo.graph_break(msg=BEYOND)
    return tuple(x.view_as(x) if isinstance(x, Tensor) else x for x in inputs)


def _check_forward_once(inputs: tuple[Any, ...]) -> None:
    """Refuse forward mode over forward mode, of which PyTorch loses the outer (pytorch#197867)."""
    stack = functorch.get_interpreter_stack() or ()
    if sum(level.key() == TransformType.Jvp for level in stack) < 2:
        return
    if len(set().union(*(_forward(x) for x in inputs if isinstance(x, Tensor)))) > 1:
        raise RuntimeError(
            "expected forward mode once over a layer, got it over itself, where PyTorch gives 0 "
            "(pytorch#197867); take torch.func.hessian, which is forward over reverse mode"
        )


def _forward(x: Tensor) -> set[int]:
    """The forward-mode levels that an input moves with, or its tangent does.

    Each level is asked while those above are taken off.
    """
    top = functorch.peek_interpreter_stack()
    if top is None or not functorch.is_functorch_wrapped_tensor(x):
        return set()
    mine = top.level() == functorch.maybe_get_level(x)
    moves = mine and top.key() == TransformType.Jvp
    tangent = forward_ad.unpack_dual(x).tangent if moves else None
    with temporarily_pop_interpreter_stack():
        below = _forward(_below(x, top.level()))
        if tangent is None:
            return below
        return below | {top.level()} | _forward(_below(tangent, top.level()))


def _below(x: Tensor, level: int) -> Tensor:
    """What a level wraps; what belongs to others is left as it is."""
    wrapped = functorch.is_functorch_wrapped_tensor(x) and functorch.maybe_get_level(x) == level
    return functorch.get_unwrapped(x) if wrapped else x


def keep(ctx: Any, *tensors: Tensor | None) -> None:
    """Keep inputs or outputs for `backward` and for `jvp`."""
    ctx.save_for_backward(*tensors)
    ctx.save_for_forward(*tensors)
