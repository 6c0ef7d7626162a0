#!/usr/bin/env python3
"""Fits the polynomials of lydia/cpu/math_coefs.h and prints that header.

Each one is the near-minimax polynomial that interpolates its function at Chebyshev nodes, computed
with 60 digits. Beside each stands the largest error found on a dense grid, before rounding to
float or double. Needs mpmath:  tools/fit_math.py | clang-format-14 > lydia/cpu/math_coefs.h
"""
import sys

from mpmath import mp, mpf

mp.dps = 60
LN2 = mp.log(2)


def near_zero(f, series, radius):
    """f, with its Taylor series in place of the cancelling formula close to 0."""
    return lambda x: mp.polyval(series[::-1], x) if abs(x) < radius else f(x)


def fit(f, lo, hi, degree):
    """Ascending coefficients of the interpolant of f on [lo, hi], and its largest error."""
    n = degree + 1
    mid, half = (mpf(lo) + hi) / 2, (mpf(hi) - lo) / 2
    nodes = [mid + half * mp.cos(mp.pi * (2 * k + 1) / (2 * n)) for k in range(n)]
    matrix = mp.matrix(n, n)
    for i, x in enumerate(nodes):
        for j in range(n):
            matrix[i, j] = x**j
    coefs = list(mp.lu_solve(matrix, mp.matrix([f(x) for x in nodes])))
    grid = [mid + half * (mpf(2 * k) / 400 - 1) for k in range(401)]
    error = max(abs(mp.polyval(coefs[::-1], x) - f(x)) for x in grid)
    return coefs, error


def exp_tail(x):
    """(exp(x) - 1 - x) / x^2"""
    return mp.nsum(lambda k: x**k / mp.factorial(k + 2), [0, 60])


def log_tail(x):
    """(log(1 + x) - x + x^2 / 2) / x^3"""
    if abs(x) < mpf("1e-8"):
        return mpf(1) / 3 - x / 4 + x**2 / 5
    return (mp.log1p(x) - x + x * x / 2) / x**3


def atanh_tail(z):
    """(2 atanh(s) - 2 s) / s^3 as a function of z = s^2"""
    if z < mpf("1e-16"):
        return mpf(2) / 3 + z * 2 / 5
    s = mp.sqrt(z)
    return (2 * mp.atanh(s) - 2 * s) / s**3


def sin_tail(z):
    """(sin(r) - r) / r^3 as a function of z = r^2"""
    if z < mpf("1e-16"):
        return mpf(-1) / 6 + z / 120
    r = mp.sqrt(z)
    return (mp.sin(r) - r) / r**3


def show(name, what, ctype, fitted):
    coefs, error = fitted
    suffix = "f" if ctype == "float" else ""
    digits = 10 if ctype == "float" else 19
    print(f"// {what}; error {mp.nstr(error, 2)}")
    print(f"inline constexpr {ctype} {name}[] = {{")
    print(",\n".join(f"    {mp.nstr(c, digits, min_fixed=0, max_fixed=0)}{suffix}" for c in coefs))
    print("};\n")


def main():
    print("// Polynomial coefficients of the vector maths, lowest power first.")
    print("// Written by tools/fit_math.py; edit that, not this.")
    print("#pragma once\n\nnamespace lydia::cpu {\n")
    half_ln2 = LN2 / 2 * mpf("1.001")
    what = "(exp(r) - 1 - r) / r^2 on |r| <= ln(2)/2"
    show("kExpF32", what, "float", fit(exp_tail, -half_ln2, half_ln2, 4))
    show("kExpF64", what, "double", fit(exp_tail, -half_ln2, half_ln2, 10))
    show("kLogF32", "(log(1+f) - f + f^2/2) / f^3 on [-1/4, 1/2]", "float",
         fit(log_tail, mpf(-1) / 4, mpf(1) / 2, 8))
    limit = (mpf(1) / 5) ** 2 * mpf("1.001")
    show("kLogF64", "(2 atanh(s) - 2s) / s^3 in s^2, s = f/(2+f), f in [-1/4, 1/2]", "double",
         fit(atanh_tail, 0, limit, 7))
    limit = (mp.pi / 2) ** 2 * mpf("1.001")
    what = "(sin(r) - r) / r^3 in r^2 on |r| <= pi/2"
    show("kSinF32", what, "float", fit(sin_tail, 0, limit, 3))
    show("kSinF64", what, "double", fit(sin_tail, 0, limit, 8))
    print("}  // namespace lydia::cpu")


if __name__ == "__main__":
    sys.exit(main())
