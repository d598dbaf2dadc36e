"""The numbers that the source documents print, and the gradients that they derive by hand.

Printed tensors stand here as the documents print them, so that the last digit tells the precision.
The hand derivations are NumPy in float64: an authority that shares no code with either framework.

001  a seminar on PyTorch: the sigmoid, its gradient, Jacobian and Hessian
002  a notebook: f = tr(zᵀz), z = relu(xW) - y, differentiated by hand
003  homework: ELU with a manual backward pass
004  a chapter that builds a two-layer network, its initialisation and its gradients from nothing
"""

import re
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]
NUMBER = re.compile(r"-?\d+\.(\d*)(?:e([+-]\d+))?")


class Printed(NamedTuple):
    """A printed tensor: its values, and half a unit of each value's last printed digit."""

    values: Array
    half_unit: Array


def printed(text: str, *shape: int) -> Printed:
    """Read a tensor as torch prints it; without a shape, as one flat row of numbers."""
    numbers = list(NUMBER.finditer(text))
    values = [float(number[0]) for number in numbers]
    halves = [0.5 * 10.0 ** (int(number[2] or 0) - len(number[1])) for number in numbers]
    return Printed(*(np.array(part).reshape(shape or -1) for part in (values, halves)))


# ---- 001: the inputs of the example at its end. The document kept no output; these numbers follow
# ---- from its formulas, and the test works them out again in ball arithmetic.
SIGMOID_X = np.array([0.0, 2.0, -2.0])
SIGMOID_LEVELS = np.array(
    [
        [0.5, 0.8807970779778824, 0.11920292202211756],  # σ
        [0.25, 0.10499358540350652, 0.10499358540350652],  # σ'
        [0.0, -0.07996250105615306, 0.07996250105615306],  # σ''
    ]
)

# ---- 002: torch.manual_seed(0); x, W, y = randn(10, 4), randn(4, 4), randn(10, 4), in this order.
# ---- Their 96 float32 numbers to the last bit: a printed digit may hang on it, and the last bit of
# ---- what torch draws on the processor. A test draws them again.
TRACE_DRAWS = """
    851b90bf8a8093bfd64b80be5d25debe1545593f8327313f6dcca1bec15f07c03801a53ef4b4a1bfff30b33e
    bbc39d3e776ff53d936b9e3f8ef28e3f7c367dbec223adbf4614d9bf0410113f5d234b3f8b4d193f5b0dc7bf
    cac6aebe4e2fed3f420b5dbea3173ebf820e103fe2ed843ed52232be50c22dbfdb31703f254dfa3e3c039a3f
    8720ad3d2b9e99bfaed19cbb8da004bf55089dbe025ecabf4a73da3f5275523e9f91e6be2eb512bff82b0ebf
    8e25183f605ec53fabe0013ff34d17bf48a4a9bf3014413efb758dbddb66fdbe247abfbf3d7d46be2c1ae43e
    9ba2a93fe82ac13fc23e05408775da3ff1571840b71390bf934da2be00d68bbf597aaebd10bda73eb5bd42bf
    b8aeccbf5a71973cf91b40bf97db3d3eec021f3fde5f233fca8558bb1bd108bf9097953f44fcc93ed481f83f
    9e9f4a3f29e7a5bcb0d4dfbef01560be1cd81bc0555495bd55350bbd9967763f2ec6b23eefe46bbf812c66bd
    2b691fbffe6cedbef7fcf53f731acebe95c0fd3da017953f35626c3fe492b13f"""
TRACE_X, TRACE_W, TRACE_Y = (
    part.reshape(-1, 4).astype(np.float64)
    for part in np.split(np.frombuffer(bytes.fromhex(TRACE_DRAWS), "<f4"), [40, 56])
)
TRACE = printed("99.9048", 1)
TRACE_DW = printed(
    """
    [[ 18.2980,   2.7573,   2.3914,  -0.1974],
     [ 11.0817,   6.6428,   2.5163, -20.3225],
     [ -8.6662,   3.4506,  -1.8979,  -3.3608],
     [-21.1681,  -6.6739,  -1.0693,  27.0278]]""",
    *(4, 4),
)
TRACE_DX = printed(
    """
    [[  1.1002,   0.0860,   5.3377,   0.2788],
     [  0.9583,  10.4633, -13.5234, -16.3639],
     [ -0.8712,  -0.9272,  -0.7764,   2.0790],
     [ -1.4504,   5.6914,   0.7613,  -0.9693],
     [ -1.2892,  -3.4714,  -1.9788,   4.8091],
     [ -4.0523,  -4.3127,  -3.6114,   9.6703],
     [ -0.7312,  -0.7782,  -0.6516,   1.7449],
     [ -0.8191,  -0.8718,  -0.7300,   1.9547],
     [  1.0350,   2.9930,  -6.6743,  -7.5333],
     [ -2.4616,  -2.4243,  -2.1164,   5.7128]]""",
    *(10, 4),
)
# The document breaks off inside the fifth row, after the "-4" of its fourth number.
TRACE_DY_START = printed(
    """
    [[ 2.8885e+00,  4.1639e+00,  3.4134e+00,  3.0501e+00],
     [-1.0589e+01, -2.7045e+00, -2.1849e+00, -1.7039e-01],
     [ 6.5523e-01, -1.5214e+00, -3.1982e+00, -1.5687e+00],
     [-1.5009e+00, -3.8551e+00,  4.9843e-01,  1.2764e+00],
     [-6.6077e-03, -1.0689e+00,  1.8791e+00, -4"""
)
TRACE_MASK = printed(
    """
    [[1., 0., 0., 1.],
     [1., 1., 0., 0.],
     [0., 0., 0., 1.],
     [0., 1., 1., 0.],
     [0., 0., 1., 1.],
     [0., 0., 0., 1.],
     [0., 0., 0., 1.],
     [0., 0., 0., 1.],
     [1., 0., 0., 0.],
     [0., 0., 1., 1.]]""",
    *(10, 4),
).values

# ---- 003: y = elu(x), and dx for the loss 0.5 y². Only y is printed; it belongs to x = -4, …, 4.
ELU_X = np.arange(-4.0, 5.0).reshape(3, 3)
ELU_Y = printed(
    """
    [[ -0.9817, -0.9502, -0.8647],
     [-0.6321,  0.0000,  1.0000],
     [ 2.0000,  3.0000,  4.0000]]""",
    *(3, 3),
)
ELU_DX = printed(
    """
    [[ -0.0180, -0.0473, -0.1170],
     [-0.2325,  0.0000,  1.0000],
     [ 2.0000,  3.0000,  4.0000]]""",
    *(3, 3),
)

# ---- 004: what unseeded draws gave: mean and std of activations, and blocks of x after 50 layers.
INITIAL_L1_UNSCALED = printed("0.0019 10.1058").values
INITIAL_L1_XAVIER = printed("-0.0050 1.0000").values
INITIAL_L2_XAVIER = printed("0.3961 0.5783").values
INITIAL_L2_KAIMING = printed("0.5661 0.8339").values
DEEP_LINEAR_XAVIER_STD = 0.7042  # of all of x; of the next two it prints x[0:5, 0:5]
DEEP_RELU_XAVIER = printed(
    """
    [[0.0000e+00, 1.9689e-08, 4.2820e-08, 0.0000e+00, 0.0000e+00],
     [0.0000e+00, 1.6701e-08, 4.3501e-08, 0.0000e+00, 0.0000e+00],
     [0.0000e+00, 1.0976e-08, 3.0411e-08, 0.0000e+00, 0.0000e+00],
     [0.0000e+00, 1.8457e-08, 4.9469e-08, 0.0000e+00, 0.0000e+00],
     [0.0000e+00, 1.9949e-08, 4.1643e-08, 0.0000e+00, 0.0000e+00]]"""
).values
DEEP_RELU_KAIMING = printed(
    """
    [[0.2871, 0.0000, 0.0000, 0.0000, 0.0026],
     [0.4546, 0.0000, 0.0000, 0.0000, 0.0015],
     [0.6178, 0.0000, 0.0000, 0.0180, 0.0079],
     [0.3333, 0.0000, 0.0000, 0.0545, 0.0000],
     [0.1940, 0.0000, 0.0000, 0.0000, 0.0096]]"""
).values


# ---- The derivations


def elu_backward_manual(x: Array, g: Array, alpha: float) -> Array:
    """003's backward pass: the cotangent where x > 0, times alpha * exp(x) elsewhere."""
    return np.where(x > 0, g, g * alpha * np.exp(x))


def trace_by_hand(x: Array, w: Array, y: Array, mask: Array) -> tuple[Array, ...]:
    """002's tr(zᵀz), dx, dW and dy, where mask is its d_relu(xW)."""
    z = mask * (x @ w) - y
    dz = 2 * z * mask
    return np.trace(z.T @ z), dz @ w.T, x.T @ dz, -2 * z


def network_by_hand(
    x: Array, w1: Array, b1: Array, w2: Array, b2: Array, y: Array, mask: Array
) -> tuple[Array, ...]:
    """004's loss, then dx, dw1, db1, dw2, db2: its mse_grad, relu_grad and lin_grad in a row.

    And dy, which the document does not need: minus mse_grad.
    """
    l2 = mask * (x @ w1 + b1)
    out = l2 @ w2 + b2
    d_out = 2.0 * (out[:, 0] - y)[:, None] / len(out)  # mse_grad
    d_l2, dw2, db2 = d_out @ w2.T, l2.T @ d_out, d_out.sum(0)  # lin_grad
    d_l1 = mask * d_l2  # relu_grad
    dx, dw1, db1 = d_l1 @ w1.T, x.T @ d_l1, d_l1.sum(0)  # lin_grad
    return np.mean((out[:, 0] - y) ** 2), dx, dw1, db1, dw2, db2, -d_out[:, 0]
