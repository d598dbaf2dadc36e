"""The spec of an einsum, read, checked and written out in full; alike in both packages."""

import re
from collections.abc import Sequence
from string import ascii_letters

Shape = tuple[int, ...]
TERM = r"[A-Za-z]*(\.\.\.[A-Za-z]*)?"
SPEC = re.compile(rf"{TERM}(,{TERM})*(->{TERM})?")


def in_full(spec: object, shapes: Sequence[Shape]) -> str:
    """The spec without spaces and dots and with an output, for operands of these shapes.

    >>> in_full("...ij, kj", [(7, 2, 3), (5, 3)])
    'aij,kj->aik'

    Raises:
        TypeError: not a string.
        ValueError: malformed, or the operands do not fit it.
    """
    terms, output = _read(spec)
    if len(terms) != len(shapes):
        wanted = f"{_count(len(terms), 'operand')} for {spec!r}"
        raise _error(wanted, str(len(shapes)), "pass one for each term")
    ranks = [_rank(k, t, s) for k, (t, s) in enumerate(zip(terms, shapes, strict=True))]
    free = [letter for letter in ascii_letters if letter not in str(spec)][: max(ranks)]
    if len(free) < max(ranks):
        raise _error("at most 52 axes", f"{max(ranks)} behind the dots of {spec!r}", "reshape them")
    terms = [_dotless(t, free[len(free) - r :]) for t, r in zip(terms, ranks, strict=True)]
    output = _implicit(terms, free) if output is None else _dotless(output, free)
    _check_output(output, terms)
    _check_diagonals(terms, shapes)
    _check_lengths(terms, shapes)
    return f"{','.join(terms)}->{output}"


def _read(spec: object) -> tuple[list[str], str | None]:
    if not isinstance(spec, str):
        kind = f"{type(spec).__module__}.{type(spec).__name__}".removeprefix("builtins.")
        raise TypeError(
            f"einsum: expected the spec first, a string such as 'ik,kj->ij', got {kind}; "
            "pass the operands after it"
        )
    inputs, arrow, output = spec.replace(" ", "").partition("->")
    if not SPEC.fullmatch(inputs + arrow + output):
        raise _error("a spec such as 'ik,kj->ij' or '...i->...'", repr(spec), "mend it")
    return inputs.split(","), output if arrow else None


def _rank(k: int, term: str, shape: Shape) -> int:
    """How many axes the dots of a term stand for."""
    letters = len(term.replace("...", ""))
    dots = "..." in term
    if letters > len(shape) or (letters < len(shape) and not dots):
        wanted = f"operands[{k}] with {'at least ' * dots}{_count(letters, 'axis')} ({term})"
        raise _error(wanted, f"shape {shape}", "reshape it, or mend the spec")
    return len(shape) - letters


def _dotless(term: str, letters: Sequence[str]) -> str:
    return term.replace("...", "".join(letters))


def _implicit(terms: Sequence[str], free: Sequence[str]) -> str:
    """Dots first, then what occurs once, by alphabet."""
    every = "".join(terms)
    once = sorted(i for i in set(every) - set(free) if every.count(i) == 1)
    return "".join([*free, *once])


def _check_output(output: str, terms: Sequence[str]) -> None:
    for i in output:
        if not any(i in term for term in terms):
            raise _error("an output of axes that operands have", f"{i!r} in it", "leave it out")
        if output.count(i) > 1:
            raise _error("an output that names each axis once", f"{i!r} twice", "leave one out")


def _check_diagonals(terms: Sequence[str], shapes: Sequence[Shape]) -> None:
    for k, (term, shape) in enumerate(zip(terms, shapes, strict=True)):
        own: dict[str, int] = {}
        for i, n in zip(term, shape, strict=True):
            if own.setdefault(i, n) != n:
                wanted = f"one length for the axis {i} within operands[{k}]"
                raise _error(wanted, f"shape {shape} for {term}", "reshape it, or mend the spec")


def _check_lengths(terms: Sequence[str], shapes: Sequence[Shape]) -> None:
    seen: dict[str, tuple[int, int]] = {}
    for k, (term, shape) in enumerate(zip(terms, shapes, strict=True)):
        for i, n in zip(term, shape, strict=True):
            other, there = seen.get(i, (1, k))
            if n != 1 and other != 1 and n != other:
                got = f"{other} in operands[{there}] and {n} in operands[{k}]"
                raise _error(f"one length for the axis {i}", got, "reshape or transpose one")
            if other == 1:
                seen[i] = (n, k)


def _count(n: int, what: str) -> str:
    return f"{n} {what}" if n == 1 else f"{n} {what.replace('axis', 'axe')}s"


def _error(expected: str, got: str, remedy: str) -> ValueError:
    return ValueError(f"einsum: expected {expected}, got {got}; {remedy}")
