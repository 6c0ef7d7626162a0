#!/usr/bin/env python3
"""Fits the polynomials of lydia/cpu/math_coefs.h and prints that header.

Each one is the near-minimax polynomial that interpolates its function at Chebyshev nodes, computed
with 60 digits. Beside each stands the largest error found on a dense grid, before rounding to
float or double. Needs mpmath:  tools/fit_math.py | clang-format-14 > lydia/cpu/math_coefs.h
"""
import sys

from mpmath import mp, mpf

mp.dps = 60


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


def odd_tail(f, first=1):
    """(f(r) - first r) / r^3 as a function of z = r^2, for odd f with f'(0) = first."""
    def tail(z):
        r = mp.sqrt(z) if z > mpf("1e-20") else mpf("1e-10")
        return (f(r) - first * r) / r**3
    return tail


def cos_tail(z):
    """(cos(r) - 1 + r^2 / 2) / r^4 as a function of z = r^2"""
    r = mp.sqrt(z) if z > mpf("1e-16") else mpf("1e-8")
    return (mp.cos(r) - 1 + r * r / 2) / r**4


def exp_tail(x):
    """(exp(x) - 1 - x) / x^2"""
    return mp.nsum(lambda k: x**k / mp.factorial(k + 2), [0, 60])


def log_tail(x):
    """(log(1 + x) - x + x^2 / 2) / x^3"""
    if abs(x) < mpf("1e-8"):
        return mpf(1) / 3 - x / 4 + x**2 / 5
    return (mp.log1p(x) - x + x * x / 2) / x**3


ERFC_P = mpf("0.35")


def erfc_scaled(t):
    """exp(a^2) erfc(a) / t as a function of t = 1 / (1 + 0.35 a)"""
    a = (1 / t - 1) / ERFC_P
    return mp.exp(a * a) * mp.erfc(a) / t


PHI_P = mpf("0.25")


def phi_scaled(t):
    """exp(a^2 / 2) Phi(-a) / t as a function of t = 1 / (1 + 0.25 a), Phi the normal distribution"""
    a = (1 / t - 1) / PHI_P
    return mp.exp(a * a / 2) * mp.erfc(a / mp.sqrt(2)) / 2 / t


def number(x, ctype):
    text = mp.nstr(x, 10 if ctype == "float" else 19, min_fixed=0, max_fixed=0)
    return text + "f" if ctype == "float" else text


def show(name, what, ctype, fitted):
    coefs, error = fitted
    print(f"// {what}; error {mp.nstr(error, 2)}")
    print(f"inline constexpr {ctype} {name}[] = {{")
    print(", ".join(number(c, ctype) for c in coefs) + "};\n")


def show_exp_and_log():
    what = "(exp(r) - 1 - r) / r^2 on |r| <= ln(2)/2"
    half_ln2 = mp.log(2) / 2 * mpf("1.001")
    show("kExpF32", what, "float", fit(exp_tail, -half_ln2, half_ln2, 4))
    show("kExpF64", what, "double", fit(exp_tail, -half_ln2, half_ln2, 10))
    show("kLogF32", "(log(1+f) - f + f^2/2) / f^3 on [-1/4, 1/2]", "float",
         fit(log_tail, mpf(-1) / 4, mpf(1) / 2, 8))
    show("kLogF64", "(2 atanh(s) - 2s) / s^3 in s^2, s = f/(2+f), f in [-1/4, 1/2]", "double",
         fit(odd_tail(lambda s: 2 * mp.atanh(s), 2), 0, mpf(1) / 25 * mpf("1.001"), 7))
    show("kSinhF64", "(sinh(x) - x) / x^3 in x^2 on [0, 1]", "double",
         fit(odd_tail(mp.sinh), 0, 1, 7))


def show_trigonometry():
    limit = (mp.pi / 4) ** 2 * mpf("1.01")
    what = "(sin(r) - r) / r^3 in r^2 on |r| <= pi/4"
    show("kSinF32", what, "float", fit(odd_tail(mp.sin), 0, limit, 2))
    show("kSinF64", what, "double", fit(odd_tail(mp.sin), 0, limit, 5))
    what = "(cos(r) - 1 + r^2/2) / r^4 in r^2 on |r| <= pi/4"
    show("kCosF32", what, "float", fit(cos_tail, 0, limit, 2))
    show("kCosF64", what, "double", fit(cos_tail, 0, limit, 5))
    show("kAsinF64", "(asin(x) - x) / x^3 in x^2 on |x| <= 1/2", "double",
         fit(odd_tail(mp.asin), 0, mpf("0.25"), 13))
    limit = (mp.sqrt(2) - 1) ** 2 * mpf("1.001")
    show("kAtanF64", "(atan(x) - x) / x^3 in x^2 on |x| <= tan(pi/8)", "double",
         fit(odd_tail(mp.atan), 0, limit, 11))


def show_erf():
    slope = 2 / mp.sqrt(mp.pi)
    what = "(erf(x) - 2x/sqrt(pi)) / x^3 in x^2 on |x| <= 0.6"
    show("kErfF32", what, "float", fit(odd_tail(mp.erf, slope), 0, mpf("0.36"), 4))
    show("kErfF64", what, "double", fit(odd_tail(mp.erf, slope), 0, mpf("0.36"), 8))
    for ctype, name, a_max, degree in (("float", "F32", "10.1", 7), ("double", "F64", "27.3", 19)):
        show_scaled(f"kErfc{name}", "exp(a^2) erfc(a) / t in u", ctype, erfc_scaled, ERFC_P,
                    ("0.6", a_max), degree)
    for ctype, name, a_max, degree in (("float", "F32", "14.3", 8), ("double", "F64", "38.7", 21)):
        show_scaled(f"kPhi{name}", "exp(a^2 / 2) Phi(-a) / t in u", ctype, phi_scaled, PHI_P,
                    ("0", a_max), degree)


def show_scaled(name, what, ctype, f, p, a_range, degree):
    """f(t) for t = 1 / (1 + p a), as a polynomial in t moved to [-1, 1]."""
    t_max, t_min = (1 / (1 + p * mpf(a)) for a in a_range)
    mid, half = (t_max + t_min) / 2, (t_max - t_min) / 2
    scale, shift = (f"{name[:-3]}{part}{name[-3:]}" for part in ("Scale", "Shift"))
    print(f"// u = {scale} t - {shift} runs over [-1, 1]")
    print(f"// for {a_range[0]} <= a <= {a_range[1]}, where t = 1 / (1 + {mp.nstr(p)} a)")
    print(f"inline constexpr {ctype} {scale} = {number(1 / half, ctype)};")
    print(f"inline constexpr {ctype} {shift} = {number(mid / half, ctype)};")
    show(name, what, ctype, fit(lambda u: f(mid + half * u), -1, 1, degree))


def main():
    print("// Polynomial coefficients of the vector maths, lowest power first.")
    print("// Written by tools/fit_math.py; edit that, not this.")
    print("#pragma once\n\nnamespace lydia::cpu {\n")
    show_exp_and_log()
    show_trigonometry()
    show_erf()
    print("}  // namespace lydia::cpu")


if __name__ == "__main__":
    sys.exit(main())
