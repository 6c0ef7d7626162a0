"""Matrix products."""
import numpy as np

import lydia
import lydia.nn.functional as F
from case import Case, ErrorCase, integers, normal


def integer_product(a, b):
    return (a.astype(np.int64) @ b.astype(np.int64)).astype(np.int32)


def linear(x, w, b):
    return x @ w.T + b


CASES = [
    Case("matmul", lambda a, b: a @ b, lambda a, b: a @ b, [normal(3, 4), normal(4, 5)]),
    Case("matmul", lambda a, b: a @ b, lambda a, b: a @ b, [normal(2, 1, 3, 4), normal(5, 4, 2)],
         label="batch"),
    Case("matmul", lambda a, b: a @ b, lambda a, b: a @ b, [normal(4), normal(4)], label="dot"),
    Case("matmul", lambda a, b: a @ b, lambda a, b: a @ b, [normal(2, 3, 4), normal(4)],
         label="matrix-vector"),
    Case("matmul", lambda a, b: a @ b, lambda a, b: a @ b, [normal(2, 3, 4), normal(5, 1, 4, 3)],
         label="batch on both sides"),
    Case("matmul", lambda a, b: a @ b, lambda a, b: a @ b, [normal(0, 3), normal(3, 2)],
         label="no rows"),
    Case("matmul", lambda a, b: a @ b, lambda a, b: a @ b, [normal(2, 0), normal(0, 3)],
         label="nothing to sum"),
    Case("matmul", lambda a, b: a @ b, lambda a, b: a @ b,
         [integers(-9, 9, 2, 3, 4), integers(-9, 9, 4, 5)], dtypes=(), grad=False,
         label="integers"),
    Case("matmul", lambda a: a @ a, lambda a: a @ a, [normal(4, 4)], label="same operand twice"),
    Case("matmul", lambda a: a @ a.transpose(-1, -2), lambda a: a @ a.swapaxes(-1, -2),
         [normal(9, 6)], label="with its transpose", rtol=4.0),
    Case("linear", F.linear, lambda x, w: x @ w.T, [normal(3, 4), normal(5, 4)]),
    Case("linear", F.linear, linear, [normal(3, 4), normal(5, 4), normal(5)], label="bias"),
    Case("linear", F.linear, linear, [normal(2, 3, 4), normal(5, 4), normal(5)],
         label="leading dimensions"),
    Case("linear", F.linear, linear, [normal(4), normal(5, 4), normal(5)], label="one row"),
    Case("linear", F.linear, lambda x, w: x @ w, [normal(3, 4), normal(4)], label="one output"),
    Case("linear", F.linear, linear, [normal(2, 0), normal(3, 0), normal(3)],
         label="nothing to sum"),
    Case("linear", F.linear, linear, [normal(0, 2), normal(3, 2), normal(3)], label="no rows"),
    Case("linear", F.linear, linear,
         [integers(-9, 9, 3, 4), integers(-9, 9, 5, 4), integers(-9, 9, 5)], dtypes=(), grad=False,
         label="integers"),
    Case("linear", lambda x: F.linear(x, x), lambda x: x @ x.T, [normal(4, 4)],
         label="same operand twice"),
    *[Case("matmul_integer", lydia.matmul_integer, integer_product,
           [integers(0, 256, *a, dtype=np.uint8), integers(-128, 128, *b, dtype=np.int8)],
           grad=False, label=label)
      for label, a, b in [("", (3, 8), (8, 5)), ("batch", (2, 3, 7), (7, 4)), ("row", (9,), (9, 1)),
                          ("empty k", (2, 0), (0, 3)), ("no rows", (0, 4), (4, 3)),
                          ("large", (130, 259), (259, 67))]],
]

ERRORS = [
    ErrorCase("matmul_integer", lambda: lydia.matmul_integer(lydia.ones(2, 3), lydia.ones(3, 2)),
              TypeError, "expected uint8 and int8 operands, got float32 and float32"),
    ErrorCase("matmul_integer", lambda: lydia.matmul_integer(
        lydia.ones(2, 3, dtype=lydia.uint8), lydia.ones(2, 2, dtype=lydia.int8)),
        ValueError, "expected inner sizes to agree"),
    ErrorCase("matmul_integer", lambda: lydia.matmul_integer(
        lydia.ones(2, 3, dtype=lydia.uint8), lydia.ones(3, dtype=lydia.int8)),
        ValueError, "expected shapes [..., k] and [k, n], got [2, 3] and [3]"),
    ErrorCase("matmul", lambda: lydia.ones(2, 3) @ lydia.ones(2, 3), ValueError,
              "expected inner sizes to agree, got [2, 3] and [2, 3] (3 and 2)"),
    ErrorCase("matmul", lambda: lydia.ones(2, 3) @ lydia.ones(3, 2, dtype=lydia.float64), TypeError,
              "expected operands of one dtype, got float32 and float64"),
    ErrorCase("matmul", lambda: lydia.ones(2, 2) @ lydia.tensor(1.0), ValueError,
              "expected operands with at least one dimension"),
    ErrorCase("matmul", lambda: lydia.ones(2, 2, 3) @ lydia.ones(3, 3, 2), ValueError, "matmul: "),
    ErrorCase("linear", lambda: F.linear(lydia.ones(2, 3), lydia.ones(2, 4)), ValueError,
              "expected input [..., in] and weight [out, in], got [2, 3] and [2, 4]"),
    ErrorCase("linear", lambda: F.linear(lydia.ones(2, 3), lydia.ones(2, 3, dtype=lydia.float64)),
              TypeError, "expected one dtype, got input float32 and weight float64"),
    ErrorCase("linear", lambda: F.linear(lydia.ones(2, 3), lydia.ones(2, 3), lydia.ones(3)),
              ValueError, "expected bias of shape [2], got [3]"),
    ErrorCase("linear", lambda: F.linear(lydia.tensor(1.0), lydia.ones(2, 3)), ValueError,
              "expected input [..., in]"),
]
