"""Demos, each printing a page to learn from, and drawing it with `--plot FILE.png`.

The derivatives of any catalog layer, in both frameworks and in truth:

    python -m crosscheck.demos.jacobian elu
    python -m crosscheck.demos.hessian sigmoid --at 0,2,-2 --ones --plot hessian.png
    python -m crosscheck.demos.transformer

What the source documents show, in both frameworks (their parts are in `in_jax` and `in_torch`):

    python -m crosscheck.demos.stochastic_gradient     000
    python -m crosscheck.demos.memory                  001
    python -m crosscheck.demos.regression              001
    python -m crosscheck.demos.matmul_ladder           004
    python -m crosscheck.demos.backprop_by_hand        004
"""
