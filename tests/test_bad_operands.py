"""Operands, specs and axes that do not fit: the same exception and words in both frameworks."""

import re

import pytest

from layer_table import each_framework
from test_bad_input import IN_TORCH_WORDS, Bad, Make, complaint

Shape = tuple[int, ...]


def shapes(layer: str, *got: Shape, expected: str, came: str, to_do: str) -> Bad:
    return Bad(layer, lambda make: tuple(map(make, got)), ValueError, expected, came, to_do)


def spec(text: object, *got: Shape, expected: str, came: str, to_do: str) -> Bad:
    def arguments(make: Make) -> tuple[object, ...]:
        return text, *map(make, got)

    return Bad("einsum", arguments, ValueError, expected, came, to_do)


def malformed(text: str, *got: Shape) -> Bad:
    return spec(text, *got, expected="a spec such as 'ik,kj->ij'", came=repr(text), to_do="mend it")


def mixed(layer: str, count: int, *before: object) -> Bad:
    def arguments(make: Make) -> tuple[object, ...]:
        kinds = ["float16", *["float32"] * (count - 1)]
        return *before, *(make((1,) * (3 if layer == "channel_normalize" and not i else 1), k)
                          for i, k in enumerate(kinds))  # fmt: skip

    return Bad(layer, arguments, TypeError, "of one dtype", "float16, ", "convert them to one")


def axis(value: object, error: type[Exception], expected: str, came: str, to_do: str) -> Bad:
    def arguments(make: Make) -> tuple[object, ...]:
        return make((2, 3)), make((3,)), value

    return Bad("cosine_similarity", arguments, error, expected, came, to_do)


def norm(
    layer: str, error: type[Exception], expected: str, came: str, to_do: str, **settings: object
) -> Bad:
    """Of x (2, 3) alone; settings follow by their places."""
    return Bad(layer, lambda make: (make((2, 3)), *settings.values()), error, expected, came, to_do)


def attend(
    error: type[Exception],
    expected: str,
    came: str,
    to_do: str,
    *after: object,
    dtype: str = "float32",
    heads: int = 2,
    kv: int = 1,
) -> Bad:
    """q (heads, 3, 2) of that type, k and v (kv, 4, 2); mask, causal, scale, block follow."""

    def arguments(make: Make) -> tuple[object, ...]:
        settings = (value(make) if callable(value) else value for value in after)
        return make((heads, 3, 2), dtype), make((kv, 4, 2)), make((kv, 4, 2)), *settings

    return Bad("attention", arguments, error, expected, came, to_do)


BROADCAST = {"expected": "shapes that broadcast together", "to_do": "equal or 1"}
PRODUCT = {"expected": "x (..., i, k), y (..., k, j)", "to_do": "k is one length"}
BAD = {
    "matmul-inner": shapes("matmul", (2, 3), (4, 5), came="x (2, 3), y (4, 5)", **PRODUCT),
    "matmul-one": shapes("matmul", (2, 3), (1, 5), came="x (2, 3), y (1, 5)", **PRODUCT),
    "matmul-batch": shapes(
        "matmul", (2, 1, 3), (4, 3, 1), came="x (2, 1, 3), y (4, 3, 1)", **PRODUCT
    ),
    "matmul-number": shapes("matmul", (), (3,), came="x (), y (3,)", **PRODUCT),
    "matmul-by-number": shapes("matmul", (3,), (), came="x (3,), y ()", **PRODUCT),
    "matmul-dtype": mixed("matmul", 2),
    "einsum-dtype": mixed("einsum", 2, "i,i->i"),
    "einsum-integer": Bad(
        "einsum", lambda make: ("i,i", make((2,)), make((2,), "int32")),
        TypeError, "expected operands[1] to be of type", "int32", "convert it",
    ),
    "einsum-list": Bad(
        "einsum", lambda _: ("i", [1.0]),
        TypeError, "expected operands[0] to be a", "list", "convert it",
    ),
    "einsum-no-spec": Bad(
        "einsum", lambda make: (make((2, 2)), make((2, 2))),
        TypeError, "expected the spec first, a string", "got ", "pass the operands after it",
    ),
    "einsum-number-spec": Bad(
        "einsum", lambda make: (1, make((2,))),
        TypeError, "expected the spec first, a string", "got int", "pass the operands after it",
    ),
    "einsum-semicolon": malformed("ik;kj->ij", (2, 3), (3, 4)),
    "einsum-two-arrows": malformed("ik->ki->ik", (2, 3)),
    "einsum-half-arrow": malformed("ik-ki", (2, 3)),
    "einsum-two-outputs": malformed("ik->k,i", (2, 3)),
    "einsum-two-dots": malformed("i..k->ik", (2, 3)),
    "einsum-dots-twice": malformed("...i...->i", (2, 3)),
    "einsum-digit": malformed("i1->i", (2, 3)),
    "einsum-greek": malformed("αβ->α", (2, 3)),
    "einsum-newline": malformed("ij->i\n", (2, 3)),
    "einsum-few": spec(
        "ik,kj", (2, 3), expected="2 operands for 'ik,kj'", came="got 1", to_do="one for each term"
    ),
    "einsum-none": spec("i", expected="1 operand for 'i'", came="got 0", to_do="pass one"),
    "einsum-many": spec("i", (2,), (2,), expected="1 operand for", came="got 2", to_do="pass one"),
    "einsum-rank": spec(
        "ij->i", (2,), expected="operands[0] with 2 axes (ij)", came="shape (2,)", to_do="reshape"
    ),
    "einsum-rank-1": spec(
        "i,i->i", (2,), (2, 2), expected="operands[1] with 1 axis (i)", came="(2, 2)", to_do="mend"
    ),
    "einsum-rank-dots": spec(
        "...ij->i", (2,), expected="at least 2 axes (...ij)", came="shape (2,)", to_do="reshape"
    ),
    "einsum-length": spec(
        "ik,kj->ij", (2, 3), (4, 5), expected="one length for the axis k",
        came="3 in operands[0] and 4 in operands[1]", to_do="reshape or transpose",
    ),
    "einsum-length-behind-1": spec(
        "i,i,i->", (1,), (2,), (3,), expected="one length for the axis i",
        came="2 in operands[1] and 3 in operands[2]", to_do="reshape or transpose",
    ),
    "einsum-length-0": spec(
        "i,i->", (0,), (2,), expected="one length", came="0 in operands[0]", to_do="reshape"
    ),
    "einsum-diagonal": spec(
        "ii->i", (1, 3), expected="one length for the axis i within operands[0]",
        came="shape (1, 3) for ii", to_do="reshape it",
    ),
    "einsum-diagonal-later": spec(
        "i,ii->i", (3,), (1, 3), expected="within operands[1]", came="(1, 3)", to_do="reshape it"
    ),
    "einsum-dots-length": spec(
        "...,...->...", (2, 3), (2,), expected="one length", came="3 in operands[0]", to_do="resh"
    ),
    "einsum-unknown": spec(
        "ij->ik", (2, 3), expected="an output of axes that operands have", came="'k' in it",
        to_do="leave it out",
    ),
    "einsum-twice": spec(
        "ij->ii", (2, 3), expected="names each axis once", came="'i' twice", to_do="leave one out"
    ),
    "einsum-alphabet": spec(
        "...abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ->", (1,) * 53,
        expected="at most 52 axes", came="1 behind the dots", to_do="reshape",
    ),
    "affine-shapes": shapes(
        "affine", (2,), (3,), (1,), (1,), (1,), came="x (2,), y (3,), w1 (1,)", **BROADCAST
    ),
    "affine-dtype": mixed("affine", 5),
    "quadratic-shapes": shapes("quadratic", (2, 3), (1,), (2,), (), came="b (2,)", **BROADCAST),
    "quadratic-dtype": mixed("quadratic", 4),
    "cosine-shapes": shapes("cosine_similarity", (2, 3), (4, 3), came="y (4, 3)", **BROADCAST),
    "cosine-length": shapes(
        "cosine_similarity", (2, 3), (2, 1), expected="of one length along axis -1",
        came="x (2, 3), y (2, 1)", to_do="reshape or transpose",
    ),
    "cosine-numbers": shapes(
        "cosine_similarity", (), (), expected="s with axes", came="got axis -1", to_do="have 0",
    ),
    "cosine-dtype": mixed("cosine_similarity", 2),
    "axis-missing": axis(0, ValueError, "of one length along axis -2", "y (3,)", "reshape"),
    "axis-high": axis(2, ValueError, "an axis from -2 to 1", "got axis 2", "have 2 axes"),
    "axis-low": axis(-3, ValueError, "an axis from -2 to 1", "got axis -3", "have 2 axes"),
    "axis-float": axis(1.0, TypeError, "axis to be an int", "float", "name one axis"),
    "axis-bool": axis(True, TypeError, "axis to be an int", "bool", "name one axis"),
    "axis-none": axis(None, TypeError, "axis to be an int", "NoneType", "name one axis"),
    "axis-pair": axis((0, 1), TypeError, "axis to be an int", "tuple", "name one axis"),
    "channels": shapes(
        "channel_normalize", (1, 3, 2, 2), (3,), (4,), expected="x (..., c, h, w), mean (c), std (",
        came="std (4,)", to_do="c is 3 in x and 4 in std",
    ),
    "channels-flat": shapes(
        "channel_normalize", (3, 4), (3,), (3,), expected="x (..., c, h, w)", came="x (3, 4)",
        to_do="reshape x",
    ),
    "channels-dtype": mixed("channel_normalize", 3),
    "rms-weight": shapes(
        "rms_norm", (2, 3), (2,), expected="x (..., d), w (d)", came="x (2, 3), w (2,)",
        to_do="d is 3 in x and 2 in w",
    ),
    "rms-number": shapes(
        "rms_norm", (), expected="x (..., d)", came="x ()", to_do="reshape x to (..., d)"
    ),
    "rms-eps": norm(
        "rms_norm", ValueError, "eps to be a positive", "got 0.0", "above 0", w=None, eps=0.0
    ),
    "layer-norm-bias": shapes(
        "layer_norm", (2, 3), (3,), (1,), expected="w (d), b (d)", came="b (1,)", to_do="d is 3 in"
    ),
    "layer-norm-eps": norm(
        "layer_norm", TypeError, "eps to be a Python number", "got str", "float(eps)",
        w=None, b=None, eps="1e-5",
    ),
    "layer-norm-dtype": mixed("layer_norm", 3),
    "layer-norm-integer": Bad(
        "layer_norm", lambda make: (make((2,), "int32"),), TypeError, "x to be", "int32", "convert"
    ),
    "l2-axis": norm("l2_normalize", ValueError, "from -2 to 1", "got axis 2", "2 axes", axis=2),
    "l2-eps": norm("l2_normalize", ValueError, "positive", "got -1.0", "above 0", axis=0, eps=-1),
    "add-rms-shapes": shapes(
        "add_rms_norm", (2, 3), (1, 3), expected="residual (..., d)", came="residual (1, 3)",
        to_do="reshape or transpose",
    ),
    "groups": norm(
        "group_norm", ValueError, "groups to divide the channels", "2 groups of 3 channels",
        "pass a divisor of c", w=None, b=None, groups=2,
    ),
    "groups-none": norm(
        "group_norm", ValueError, "groups to divide", "0 groups", "pass", w=None, b=None, groups=0
    ),
    "groups-float": norm(
        "group_norm", TypeError, "groups to be an int", "got float", "how many",
        w=None, b=None, groups=1.0,
    ),
    "groups-flat": Bad(
        "group_norm", lambda make: (make((3,)), None, None, 1),
        ValueError, "x (n, c, ...)", "x (3,)", "reshape x to (n, c, ...)",
    ),
    "batch-of-one": Bad(
        "batch_norm", lambda make: (make((1, 3)), make((3,)), make((3,)), None, None, True),
        ValueError, "several entries a channel", "x (1, 3)", "training=False",
    ),
    "batch-training": Bad(
        "batch_norm", lambda make: (make((2, 3)), make((3,)), make((3,)), None, None, 1),
        TypeError, "training to be True or False", "got int", "pass bool(training)",
    ),
    "batch-statistics": shapes(
        "batch_norm", (2, 3), (3,), (2,), expected="x (n, c, ...), mean (c), var (c)",
        came="var (2,)", to_do="c is 3 in x and 2 in var",
    ),
    "rope-odd": Bad(
        "rope", lambda make: (make((2, 3)), make((2,), "int32")),
        ValueError, "d even", "x (2, 3)", "in pairs",
    ),
    "rope-positions": Bad(
        "rope", lambda make: (make((2, 4)), make((2,))),
        TypeError, "whole numbers", "got float32", "convert it",
    ),
    "rope-shape": Bad(
        "rope", lambda make: (make((2, 4)), make((3,), "int32")),
        ValueError, "positions that broadcast", "positions (3,), x (2, 4)", "reshape them",
    ),
    "rope-base": Bad(
        "rope", lambda make: (make((2, 4)), make((2,), "int32"), 0.5),
        ValueError, "base to be at least 1", "got 0.5", "pass 10000",
    ),
    "ids-float": Bad(
        "embedding", lambda make: (make((2,)), make((3, 2))),
        TypeError, "ids to be a", "got float32", "convert it",
    ),
    "table-axes": Bad(
        "embedding", lambda make: (make((2,), "int32"), make((3,))),
        ValueError, "table (rows, d)", "table (3,)", "reshape",
    ),
    "mask-dtype": Bad(
        "softmax", lambda make: (make((2, 3)), make((2, 3))),
        TypeError, "mask to be a", "got float32", "compare, as in mask != 0",
    ),
    "mask-list": Bad(
        "log_softmax", lambda make: (make((2,)), [True, False]),
        TypeError, "of truth values", "got list", "compare",
    ),
    "mask-shape": Bad(
        "logsumexp", lambda make: (make((2, 3)), make((2,)) != 0),
        ValueError, "a mask that broadcasts to x", "mask (2,), x (2, 3)", "are those of x or 1",
    ),
    "mask-axes": Bad(
        "softmax", lambda make: (make((3,)), make((1, 3)) != 0),
        ValueError, "a mask that broadcasts to x", "mask (1, 3), x (3,)", "are those of x or 1",
    ),
    "softmax-axis": Bad(
        "softmax", lambda make: (make((2, 3)), None, 2),
        ValueError, "an axis from -2 to 1", "got axis 2", "have 2 axes",
    ),
    "softmax-number": Bad(
        "log_softmax", lambda make: (make(()),), ValueError, "with axes", "got axis -1", "0 axes"
    ),
    "logsumexp-axis": Bad(
        "logsumexp", lambda make: (make((2, 3)), None, 1.0),
        TypeError, "axis to be an int", "got float", "name one axis",
    ),
    "logsumexp-integer": Bad(
        "logsumexp", lambda make: (make((2,), "int32"),), TypeError, "of type", "int32", "convert"
    ),
    "labels-float": Bad(
        "cross_entropy", lambda make: (make((2, 3)), make((2,))),
        TypeError, "labels to be a", "got float32", "convert it",
    ),
    "labels-bool": Bad(
        "hinge", lambda make: (make((2,)), make((2,)) > 0),
        TypeError, "whole numbers", "bool", "convert",
    ),
    "labels-list": Bad(
        "cross_entropy", lambda make: (make((1, 3)), [1]),
        TypeError, "whole numbers", "list", "convert",
    ),
    "labels-shape": Bad(
        "cross_entropy", lambda make: (make((2, 3)), make((3,), "int32")), ValueError,
        "logits (..., c), labels (...)", "logits (2, 3), labels (3,)", "reshape or transpose",
    ),
    "labels-of-no-classes": Bad(
        "cross_entropy", lambda make: (make(()), make((), "int32")), ValueError,
        "logits (..., c)", "logits ()", "reshape logits",
    ),
    "labels-one-hot": Bad(
        "hinge", lambda make: (make((2,)), make((2, 1), "int32")), ValueError,
        "scores (...), labels (...)", "labels (2, 1)", "reshape or transpose",
    ),
    "smoothing-one": Bad(
        "cross_entropy", lambda make: (make((2,)), make((), "int32"), 1.0), ValueError,
        "smoothing to be a number in [0, 1)", "got 1.0", "pass one from there",
    ),
    "z-loss-negative": Bad(
        "cross_entropy", lambda make: (make((2,)), make((), "int32"), 0.0, -1), ValueError,
        "z_loss to be a number in [0, inf)", "got -1.0", "pass one from there",
    ),
    "ignore-index-float": Bad(
        "cross_entropy", lambda make: (make((2,)), make((), "int32"), 0.0, 0.0, 1.0), TypeError,
        "ignore_index to be an int", "got float", "pass int(ignore_index)",
    ),
    "reduction": Bad(
        "l1", lambda make: (make((2,)), make((2,)), "median"), ValueError,
        'reduction to be "mean" or "sum" or "none"', "got 'median'", "pass one of these",
    ),
    "losses-shapes": shapes(
        "bce_with_logits", (2, 1), (2,), expected="logits (...), targets (...)",
        came="targets (2,)", to_do="reshape or transpose",
    ),
    "huber-dtype": mixed("huber", 2),
    "huber-delta": Bad(
        "huber", lambda make: (make((2,)), make((2,)), 0.0), ValueError,
        "delta to be a positive number", "got 0.0", "pass one above 0",
    ),
    "kl-classes": shapes(
        "kl_div", (), (), expected="p (..., c), q (..., c)", came="p (), q ()", to_do="reshape p"
    ),
    "kl-logs": Bad(
        "kl_div", lambda make: (make((2,)), make((2,)), 1), TypeError,
        "log_p to be True or False", "got int", "pass bool(log_p)",
    ),
    "attention-integer": attend(TypeError, "q to be of type", "int32", "convert", dtype="int32"),
    "attention-list": Bad(
        "attention", lambda make: (make((1, 1, 1)), [1.0], make((1, 1, 1))),
        TypeError, "k to be a", "list", "convert it",
    ),
    "attention-dtypes": attend(
        TypeError, "of one dtype", "q float16, k float32, v float32", "convert", dtype="float16"
    ),
    "attention-dtype": mixed("attention", 3),
    "attention-features": shapes(
        "attention", (2, 3, 2), (1, 4, 5), (1, 4, 2), expected="k (..., kv, s, d)",
        came="k (1, 4, 5)", to_do="d is 2 in q and 5 in k",
    ),
    "attention-keys": shapes(
        "attention", (2, 3, 2), (1, 4, 2), (1, 1, 2), expected="v (..., kv, s, e)",
        came="v (1, 1, 2)", to_do="s is 4 in k and 1 in v",
    ),
    "attention-values-heads": shapes(
        "attention", (2, 3, 2), (2, 4, 2), (1, 4, 2), expected="v (..., kv, s, e)",
        came="v (1, 4, 2)", to_do="kv is 2 in k and 1 in v",
    ),
    "attention-batch": shapes(
        "attention", (5, 2, 3, 2), (1, 1, 4, 2), (1, 1, 4, 2), expected="q (..., heads, t, d)",
        came="k (1, 1, 4, 2)", to_do="... is (5,) in q and (1,) in k",
    ),
    "attention-no-heads-axis": shapes(
        "attention", (3, 2), (4, 2), (4, 2), expected="q (..., heads, t, d)", came="q (3, 2)",
        to_do="reshape q to (..., heads, t, d)",
    ),
    "attention-groups": attend(
        ValueError, "heads of q to be a multiple", "got 3 and 2", "repeat", heads=3, kv=2
    ),
    "attention-more-kv": attend(
        ValueError, "heads of q to be a multiple", "got 1 and 2", "repeat", heads=1, kv=2
    ),
    "attention-no-kv": attend(ValueError, "to be a multiple", "got 2 and 0", "repeat", kv=0),
    "attention-mask-shape": attend(
        ValueError, "a mask that broadcasts to scores", "mask (4, 3), scores (2, 3, 4)", "reshape",
        lambda make: make((4, 3)) != 0,
    ),
    "attention-mask-heads": attend(
        ValueError, "a mask that broadcasts to scores", "mask (1, 2, 3, 4), scores", "reshape",
        lambda make: make((1, 2, 3, 4)) != 0,
    ),
    "attention-mask-float": attend(
        TypeError, "mask to be a", "got float32", "compare", lambda make: make((3, 4))
    ),
    "attention-mask-bool": attend(TypeError, "mask to be a", "got bool", "compare", True),
    "attention-causal": attend(TypeError, "causal to be True or", "got int", "bool(", None, 1),
    "attention-scale-array": attend(
        TypeError, "scale to be a Python number", "got ", "float(scale)", None, False,
        lambda make: make(()),
    ),
    "attention-scale-nan": attend(
        ValueError, "scale to be a finite number", "nan", "finite one", None, False, float("nan")
    ),
    "attention-block-0": attend(
        ValueError, "block to be at least 1", "got 0", "pass 1 or more", None, False, None, 0
    ),
    "attention-block-float": attend(
        TypeError, "block to be an int", "got float", "pass int(block)", None, False, None, 2.0
    ),
    "attention-block-bool": attend(
        TypeError, "block to be an int", "got bool", "pass int(block)", None, False, None, True
    ),
    "fused-labels": Bad(
        "linear_cross_entropy", lambda make: (make((2, 3)), make((3, 4)), make((2,))),
        TypeError, "labels to be a", "got float32", "convert it",
    ),
    "fused-features": Bad(
        "linear_cross_entropy", lambda make: (make((2, 3)), make((4, 3)), make((2,), "int32")),
        ValueError, "x (..., d), w (d, c)", "w (4, 3)", "d is 3 in x and 4 in w",
    ),
    "fused-rows": Bad(
        "linear_cross_entropy", lambda make: (make((2, 3)), make((3, 4)), make((3,), "int32")),
        ValueError, "x (..., d), w (d, c), labels (...)", "labels (3,)", "reshape or transpose",
    ),
    "fused-dtypes": Bad(
        "linear_cross_entropy",
        lambda make: (make((2, 3)), make((3, 4), "float16"), make((2,), "int32")),
        TypeError, "of one dtype", "w float16", "convert them to one",
    ),
    "fused-block": Bad(
        "linear_cross_entropy",
        lambda make: (make((2, 3)), make((3, 4)), make((2,), "int32"), 0, 0, -1, "sum", 0),
        ValueError, "block to be at least 1", "got 0", "pass 1 or more",
    ),
    "sparse-mask": Bad(
        "sparsemax", lambda make: (make((2, 3)), make((2,)) > 0), ValueError,
        "a mask that broadcasts to x", "mask (2,), x (2, 3)", "are those of x or 1",
    ),
    "sparse-axis": Bad(
        "sparsemax", lambda make: (make((2, 3)), None, 2), ValueError,
        "an axis from -2 to 1", "got axis 2", "have 2 axes",
    ),
    "quantize-bits": Bad(
        "quantize", lambda make: (make((2,)), make(()), 1), ValueError,
        "bits to be from 2 to 16", "got 1", "pass 8",
    ),
    "quantize-bits-float": Bad(
        "quantize", lambda make: (make((2,)), make(()), 8.0), TypeError,
        "bits to be an int", "got float", "pass int(bits)",
    ),
    "quantize-shapes": shapes("quantize", (2, 3), (2,), came="x (2, 3), scale (2,)", **BROADCAST),
    "reversal-strength": Bad(
        "gradient_reversal", lambda make: (make((2,)), make(())), TypeError,
        "strength to be a Python number", "got", "settings are static",
    ),
    "gumbel-tau": Bad(
        "gumbel_softmax", lambda make: (make((2,)), make((2,), "uint32"), 0), ValueError,
        "tau to be a positive number", "got 0.0", "pass one above 0",
    ),
    "gumbel-no-axis": Bad(
        "gumbel_softmax", lambda make: (make(()), make((2,), "uint32")), ValueError,
        "with axes", "got axis -1", "have 0 axes",
    ),
    "sign-integer": Bad(
        "straight_through_sign", lambda make: (make((2,), "int32"),),
        TypeError, "of type", "int32", "convert it",
    ),
    "round-list": Bad(
        "straight_through_round", lambda _: ([1.0],), TypeError, "expected x", "list", "convert it"
    ),
    "bessel-integer": Bad(
        "bessel_j0", lambda make: (make((2,), "int32"),), TypeError, "of type", "int32", "convert"
    ),
}  # fmt: skip
each_bad = pytest.mark.parametrize("bad", BAD.values(), ids=BAD)


@each_bad
@each_framework
def test_message(framework: str, bad: Bad) -> None:
    message = complaint(framework, bad)
    assert message.startswith(f"{bad.layer}: expected ")
    for part in (bad.expected, bad.came, bad.to_do):
        assert part in message
    assert not re.search(r"\n|\w\. ", message)  # one sentence


@each_bad
def test_same_words(bad: Bad) -> None:
    ours = complaint("jax", bad)
    for word, theirs in IN_TORCH_WORDS.items():
        ours = ours.replace(word, theirs)
    assert ours == complaint("torch", bad)
