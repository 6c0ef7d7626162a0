"""Matrix products."""
from case import Case, ErrorCase, normal

import lydia

CASES = [
    Case("matmul", lambda a, b: a @ b, lambda a, b: a @ b, [normal(3, 4), normal(4, 5)]),
    Case("matmul", lambda a, b: a @ b, lambda a, b: a @ b, [normal(2, 1, 3, 4), normal(5, 4, 2)],
         label="batch"),
    Case("matmul", lambda a, b: a @ b, lambda a, b: a @ b, [normal(4), normal(4)], label="dot"),
    Case("matmul", lambda a, b: a @ b, lambda a, b: a @ b, [normal(2, 3, 4), normal(4)],
         label="matrix-vector"),
]

ERRORS = [
    ErrorCase("matmul", lambda: lydia.ones(2, 3) @ lydia.ones(2, 3), ValueError,
              "expected inner sizes to agree, got [2, 3] and [2, 3] (3 and 2)"),
]
