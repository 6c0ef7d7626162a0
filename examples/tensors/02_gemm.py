"""Lesson 2: matrix products — three plain loops against the engine — and broadcasting."""
import lydia
from lesson import QUICK, error_of, fact, milliseconds, title


def plain_gemm(a, b):
    """c[i][j] = sum over p of a[i][p] b[p][j], on nested lists."""
    return [[sum(x * y for x, y in zip(row, column)) for column in zip(*b)] for row in a]


title("The same product, twice")
n = 48 if QUICK else 192
lydia.manual_seed(0)
a, b = lydia.randn(n, n), lydia.randn(n, n)
rows, columns = a.tolist(), b.tolist()
plain = lydia.tensor(plain_gemm(rows, columns))
fact((plain - a @ b).abs().max().item() < 1e-3, "both agree")
loops = milliseconds(lambda: plain_gemm(rows, columns), 1)
engine = milliseconds(lambda: a @ b)
gflop = 2e-6 * n ** 3
print(f"  measured at {n} x {n}: loops {loops:.1f} ms ({gflop / loops:.3f} GFLOP/s), "
      f"engine {engine:.3f} ms ({gflop / engine:.1f} GFLOP/s)")

title("Broadcasting")
fact((lydia.ones(3, 4) + lydia.arange(4)).shape == (3, 4), "[3, 4] + [4] adds the row to every row")
fact((lydia.ones(3, 1) * lydia.ones(4)).shape == (3, 4), "[3, 1] * [4] is an outer product")
fact(lydia.ones(3, 1).expand(3, 4).stride() == (1, 0), "the repeated dimension has stride 0: no copy")
fact((lydia.ones(5, 1, 2, 3) @ lydia.ones(4, 3, 2)).shape == (5, 4, 2, 2),
     "matmul broadcasts the leading dimensions as a batch")
message = error_of(lambda: lydia.ones(2, 3) + lydia.ones(2))
print(f"  {message}")
fact("[2, 3] and [2]" in message, "shapes that do not fit are an error that names the op and both shapes")
