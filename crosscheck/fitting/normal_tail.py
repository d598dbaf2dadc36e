"""The coefficients in `normal_tail.py`: `python -m crosscheck.fitting.normal_tail` prints them.

The scaled tail of the normal distribution, exp(a²/2) Φ(-a), is 1/2 at a = 0 and falls like 1/a.
Times 1 + a it is smooth in v = a / (a + C), which maps a >= 0 to 0 <= v < 1. It is interpolated at
Chebyshev's points, in balls; each degree is printed with its worst relative error.
"""

from __future__ import annotations

from flint import arb, arb_poly, ctx

CENTRE = arb(3.5)
DEGREES = {"SINGLE": 12, "DOUBLE": 26}


def scaled_tail(a: arb) -> arb:
    return (a / arb(2).sqrt()).erfc() * (a * a / 2).exp() / 2


def target(v: arb) -> arb:
    a = CENTRE * v / (1 - v)
    return (1 + a) * scaled_tail(a)


def fit(degree: int) -> arb_poly:
    """The polynomial of that degree through the target at Chebyshev's points."""
    angles = [(2 * k + 1) * arb.pi() / (2 * degree + 2) for k in range(degree + 1)]
    values = [target((1 + angle.cos()) / 2) for angle in angles]
    q = arb_poly([-1, 2])  # from -1 to 1
    before, now, total = q, arb_poly([1]), arb_poly([0])  # T_-1 = T_1, and T_0
    for j in range(degree + 1):
        products = (v * (j * angle).cos() for v, angle in zip(values, angles, strict=True))
        total += now * (sum(products, arb(0)) * (2 if j else 1) / (degree + 1))
        before, now = now, 2 * q * now - before
    return total


def error(polynomial: arb_poly) -> float:
    """The worst relative error at a = 0, 1/32, 2/32, … 40."""
    worst = 0.0
    for i in range(1281):
        a = arb(i) / 32
        got = polynomial(a / (a + CENTRE)) / ((1 + a) * scaled_tail(a))
        worst = max(worst, abs(float((got - 1).mid())))
    return worst


def main() -> None:
    ctx.prec = 2000
    for name, degree in DEGREES.items():
        polynomial = fit(degree)
        print(f"# degree {degree}, relative error {error(polynomial):.1e}, highest power first")
        powers = range(degree, -1, -1)
        print(f"{name} = (")
        for k in powers:
            print(f"    {float(polynomial[k].mid())!r},")
        print(")")


if __name__ == "__main__":
    main()
