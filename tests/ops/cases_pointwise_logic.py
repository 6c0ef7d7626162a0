"""Divisions and powers, comparisons, logic, bits, choosing."""
import numpy as np

import lydia
from case import FLOATS, Case, ErrorCase, away_from, booleans, distinct, given, integers, normal
from case import positive

A, B = (3, 4), (2, 3, 1)


def ints(*shape, dtype=np.int64):
    return integers(-9, 9, *shape, dtype=dtype)


def nonzero_ints(*shape):
    return lambda rng: rng.integers(1, 9, shape) * rng.choice([-1, 1], shape)


def plain(op, run, ref, inputs, label=""):
    """No gradient and one dtype."""
    return Case(op, run, ref, inputs, label=label, dtypes=(), grad=False)


def logical(name, ref):
    run = lambda a, b: getattr(lydia, name)(a, b)
    return [Case(name, run, ref, [given([0., 1, np.nan, -2]), given([[0.], [3]])], grad=False),
            plain(name, run, ref, [ints(9), booleans(9)], label="mixed")]


def bits(name, ref, python):
    run = lambda a, b: getattr(lydia, name)(a, b)
    return [plain(name, run, ref, [ints(9), ints(9)]),
            plain(name, python, ref, [booleans(9), booleans(9)], label="bool")]


def predicate(name, ref):
    return Case(name, lambda x: getattr(x, name)(), ref,
                [given([np.nan, np.inf, -np.inf, 0., -0., 1, -3])], dtypes=FLOATS, grad=False)


def clip(x, lo, hi):
    return np.minimum(np.maximum(x, lo), hi)


CASES = [
    Case("floor_divide", lambda a, b: a // b, np.floor_divide, [normal(*A), away_from([0], 4)],
         dtypes=("float32",), rtol=1),
    plain("floor_divide", lambda a, b: a // b, np.floor_divide, [ints(20), nonzero_ints(20)], "int"),
    plain("floor_divide", lambda a: a // 3, lambda a: a // 3, [ints(20, dtype=np.int8)], "number"),
    plain("floor_divide", lambda b: 20 // b, lambda b: 20 // b, [nonzero_ints(20)], "reversed"),
    Case("remainder", lambda a, b: a % b, np.mod, [normal(*A), positive(4)], dtypes=()),
    plain("remainder", lambda a, b: a % b, np.mod, [ints(20), nonzero_ints(20)], "int"),
    Case("fmod", lambda a, b: lydia.fmod(a, b), np.fmod, [normal(*A), positive(4)], dtypes=()),
    plain("fmod", lambda a, b: lydia.fmod(a, b), np.fmod, [ints(20), nonzero_ints(20)], "int"),
    plain("fmod", lambda a: divmod(a, 3), lambda a: divmod(a, 3), [ints(9)], "divmod"),
    Case("div", lambda a, b: lydia.div(a, b, rounding_mode="trunc"), lambda a, b: np.trunc(a / b),
         [normal(*A, scale=4), positive(4)], label="trunc", dtypes=()),
    Case("div", lambda a, b: a.div(b, rounding_mode="floor"), np.floor_divide,
         [normal(*A, scale=4), positive(4)], label="floor", dtypes=()),
    plain("div", lambda a, b: lydia.div(a, b, rounding_mode="trunc"),
          lambda a, b: np.trunc(a / b).astype(np.int64), [ints(20), nonzero_ints(20)], "trunc_int"),
    Case("pow", lambda a, b: a ** b, np.power, [positive(*A), normal(4)]),
    Case("pow", lambda x: x ** 3, lambda x: x ** 3, [normal(*A)], label="cube"),
    Case("pow", lambda x: x ** 2, lambda x: x ** 2, [normal(*A)], label="square"),
    Case("pow", lambda x: x ** -1.5, lambda x: x ** -1.5, [positive(*A)], label="number"),
    Case("pow", lambda x: x ** .5 + x ** -.5 + x ** -1, lambda x: x ** .5 + x ** -.5 + 1 / x,
         [positive(*A)], label="easy"),
    Case("pow", lambda x: 2 ** x, lambda x: 2 ** x, [normal(*A)], label="reversed"),
    Case("pow", lambda x: x ** 4, lambda x: x ** 4, [given([-1.5, 0., 2])], label="fourth"),
    plain("pow", lambda a, b: a ** b, np.power, [ints(9), integers(0, 12, 9)], "int"),
    plain("float_power", lambda a: lydia.float_power(a, -2), lambda a: a ** -2.0, [nonzero_ints(9)]),
    Case("float_power", lambda a, b: lydia.float_power(a, b), np.power, [positive(*A), normal(4)],
         dtypes=("float32",), label="float"),
    Case("addcmul", lambda a, b, c: lydia.addcmul(a, b, c, value=.5), lambda a, b, c: a + .5 * b * c,
         [normal(*A), normal(*A), normal(4)], rtol=2),
    plain("addcmul", lambda a, b, c: a.addcmul(b, c, value=-2), lambda a, b, c: a - 2 * b * c,
          [ints(9), ints(9), ints(9)], "int"),
    Case("addcdiv", lambda a, b, c: lydia.addcdiv(a, b, c, value=.5), lambda a, b, c: a + .5 * b / c,
         [normal(*A), normal(*A), positive(4)]),
    Case("lerp", lambda a, b, w: lydia.lerp(a, b, w), lambda a, b, w: a + w * (b - a),
         [normal(*A), normal(*A), normal(4)]),
    Case("lerp", lambda a, b: a.lerp(b, .25), lambda a, b: a + .25 * (b - a), [normal(*A), normal(4)],
         label="number"),
    *logical("logical_and", np.logical_and),
    *logical("logical_or", np.logical_or),
    *logical("logical_xor", np.logical_xor),
    Case("logical_not", lambda x: x.logical_not(), np.logical_not, [given([0., 1, np.nan])], grad=False),
    *[predicate(name, getattr(np, name)) for name in
      ("isnan", "isinf", "isfinite", "isposinf", "isneginf", "signbit")],
    plain("isfinite", lambda x: x.isfinite(), np.isfinite, [ints(4)], "int"),
    *bits("bitwise_and", np.bitwise_and, lambda a, b: a & b),
    *bits("bitwise_or", np.bitwise_or, lambda a, b: a | b),
    *bits("bitwise_xor", np.bitwise_xor, lambda a, b: a ^ b),
    plain("bitwise_and", lambda a: 6 & a, lambda a: 6 & a, [ints(9)], "reversed"),
    plain("bitwise_not", lambda x: ~x, np.invert, [ints(9)]),
    plain("bitwise_not", lambda x: ~x, np.invert, [booleans(9)], "bool"),
    plain("left_shift", lambda a, b: a << b, np.left_shift, [ints(9), integers(0, 9, 9)]),
    plain("right_shift", lambda a, b: a >> b, np.right_shift, [ints(9), integers(0, 9, 9)]),
    plain("left_shift", lambda a: 1 << a, lambda a: 1 << a, [integers(0, 20, 9)], "reversed"),
    plain("isclose", lambda a, b: lydia.isclose(a, b), np.isclose,
          [given([1., 1, np.inf, np.nan, 0]), given([1.000001, 1.1, np.inf, np.nan, 1e-9])]),
    plain("isclose", lambda a, b: lydia.isclose(a, b, rtol=.2, equal_nan=True),
          lambda a, b: np.isclose(a, b, rtol=.2, equal_nan=True),
          [given([1., 1, np.inf, np.nan, -np.inf]), given([1.1, 1.5, 1, np.nan, np.inf])], "options"),
    plain("allclose", lambda a: lydia.tensor([lydia.allclose(a, a + 1e-9), lydia.allclose(a, a + 1)]),
          lambda a: np.array([True, False]), [normal(4)]),
    plain("equal", lambda a: lydia.tensor([lydia.equal(a, a), lydia.equal(a, a + 1),
                                           lydia.equal(a, a.reshape(2, 2))]),
          lambda a: np.array([True, False, False]), [normal(4)]),
    Case("maximum", lambda a, b: lydia.maximum(a, b), np.maximum, [distinct(*A), distinct(*B)]),
    Case("minimum", lambda a, b: lydia.minimum(a, b), np.minimum, [distinct(*A), distinct(*B)]),
    Case("maximum", lambda a: lydia.maximum(a, a), lambda a: a, [normal(*A)], label="repeated"),
    plain("maximum", lambda a, b: lydia.maximum(a, b), np.maximum, [booleans(9), booleans(9)], "bool"),
    plain("minimum", lambda a, b: lydia.minimum(a, b), np.minimum,
          [given([np.nan, 1, np.inf]), given([1., np.nan, -np.inf])], "nan"),
    Case("fmax", lambda a, b: lydia.fmax(a, b), np.fmax, [normal(*A), normal(4)]),
    Case("fmin", lambda a, b: lydia.fmin(a, b), np.fmin, [normal(*A), normal(4)]),
    plain("fmax", lambda a, b: lydia.fmax(a, b), np.fmax,
          [given([np.nan, 1, np.nan]), given([1., np.nan, np.nan])], "nan"),
    Case("where", lambda m, a, b: lydia.where(m, a, b), np.where, [booleans(*A), normal(*B), normal(4)]),
    Case("where", lambda m, a: lydia.where(m, a, 2.0), lambda m, a: np.where(m, a, 2),
         [booleans(*A), normal(*A)], label="number"),
    Case("where", lambda m, a: lydia.where(m, -1, a), lambda m, a: np.where(m, -1, a),
         [booleans(*A), normal(*A)], label="first_number"),
    plain("where", lambda m: lydia.where(m, 1, 2), lambda m: np.where(m, 1, 2), [booleans(*A)], "two_numbers"),
    plain("where", lambda m, a, b: a.where(m, b), np.where, [booleans(9), ints(9), ints(9)], "int"),
    Case("masked_fill", lambda x, m: x.masked_fill(m, -3), lambda x, m: np.where(m, -3, x),
         [normal(*A), booleans(4)]),
    Case("masked_fill", lambda x, m, v: x.masked_fill(m, v), lambda x, m, v: np.where(m, v, x),
         [normal(*A), booleans(4), normal()], label="tensor"),
    Case("clamp", lambda x: x.clamp(-.5, .7), lambda x: clip(x, -.5, .7), [away_from([-.5, .7], *A)]),
    Case("clamp", lambda x: x.clamp(min=0.25), lambda x: np.maximum(x, .25), [away_from([.25], *A)],
         label="min"),
    Case("clamp", lambda x: lydia.clip(x, max=0.25), lambda x: np.minimum(x, .25),
         [away_from([.25], *A)], label="max"),
    plain("clamp", lambda x: x.clamp(-3, 4), lambda x: clip(x, -3, 4), [ints(20)], "int"),
    plain("clamp", lambda x: x.clamp(max=2**60 + 1), lambda x: np.minimum(x, 2**60 + 1),
          [given([2**60, 2**60 + 1, 2**60 + 2])], "beyond_double"),
    Case("clamp_tensor", lambda x, lo, hi: x.clamp(lo, hi), clip, [distinct(*A), given([-1., -.7, 0, .1]),
                                                                  given([1., .75, .5, .2])]),
    Case("clamp_tensor", lambda x, lo: x.clamp(min=lo), np.maximum, [distinct(*A), given([-1., -.7, 0, .1])],
         label="min"),
    plain("clamp_tensor", lambda x, lo: x.clamp(lo, 5), lambda x, lo: clip(x, lo, 5), [ints(9), ints(9)],
          "int"),
    Case("nan_to_num", lambda x: x.nan_to_num(), np.nan_to_num,
         [given([np.nan, np.inf, -np.inf, 1, -2])], grad=False, dtypes=()),
    Case("nan_to_num", lambda x: lydia.nan_to_num(x, 1, 2, 3), lambda x: np.nan_to_num(x, nan=1, posinf=2, neginf=3),
         [given([np.nan, np.inf, -np.inf, 1, -2])], grad=False, label="given"),
    Case("nan_to_num", lambda x: x.nan_to_num(), lambda x: x, [normal(*A)], label="finite"),
    Case("threshold", lambda x: lydia.nn.functional.threshold(x, .1, 20.),
         lambda x: np.where(x > .1, x, 20), [away_from([.1], *A)]),
]

i2, f2, b2 = lydia.ones(2, dtype=lydia.int64), lydia.ones(2), lydia.ones(2, dtype=lydia.bool)
ERRORS = [
    ErrorCase("floor_divide", lambda: i2 // 0, RuntimeError, "floor_divide: integer division by zero"),
    ErrorCase("remainder", lambda: i2 % (i2 - 1), RuntimeError, "remainder: integer division by zero"),
    ErrorCase("floor_divide", lambda: b2 // b2, TypeError, "floor_divide: expected a numeric dtype"),
    ErrorCase("div", lambda: lydia.div(f2, f2, rounding_mode="up"), ValueError,
              "rounding_mode None, 'trunc' or 'floor', got 'up'"),
    ErrorCase("div", lambda: i2.clone().div_(2), TypeError,
              "div_: a result of float32 can't be stored in a tensor of int64", label="in_place"),
    ErrorCase("pow", lambda: i2 ** -1, ValueError, "non-negative exponent for integers, got -1"),
    ErrorCase("bitwise_and", lambda: f2 & f2, TypeError, "bitwise_and: expected an integer or bool"),
    ErrorCase("left_shift", lambda: b2 << b2, TypeError, "left_shift: expected an integer dtype"),
    ErrorCase("where", lambda: lydia.where(i2, f2, f2), TypeError, "where: expected a bool mask, got int64"),
    ErrorCase("where", lambda: lydia.where(b2, f2, lydia.ones(3)), ValueError,
              "where: expected shapes that broadcast together"),
    ErrorCase("masked_fill", lambda: i2.masked_fill(b2, 1.5), TypeError, "a value of 1.5 can't be stored"),
    ErrorCase("masked_fill", lambda: f2.masked_fill(b2, f2), ValueError, "a 0-d tensor as value"),
    ErrorCase("masked_fill", lambda: lydia.ones(2).masked_fill_(lydia.ones(3, 2, dtype=lydia.bool), 1),
              ValueError, "expected an operand that broadcasts to [2], got [3, 2]", label="in_place"),
    ErrorCase("clamp", lambda: f2.clamp(), ValueError, "clamp: expected min, max or both"),
    ErrorCase("addcmul", lambda: lydia.addcmul(i2, i2, i2, value=.5), TypeError, "an integer value"),
    ErrorCase("addcdiv", lambda: lydia.addcdiv(i2, i2, i2), TypeError, "expected a floating-point dtype"),
    ErrorCase("isclose", lambda: lydia.isclose(f2, f2, rtol=-1), ValueError, "at least 0, got rtol=-1"),
    ErrorCase("maximum", lambda: lydia.maximum(f2, lydia.ones(3)), ValueError, "maximum: expected shapes"),
]
