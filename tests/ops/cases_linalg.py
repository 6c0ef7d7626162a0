"""Linear algebra and Fourier transforms. Decompositions are compared through what they make, since
signs and phases of their factors are free; gradients through functions that do not see that freedom.
"""
import numpy as np

import lydia
from case import Case, ErrorCase, given, normal

LA = lydia.linalg
FLOATS = ("float32",)


def spd(*shape):
    """Symmetric positive definite, well conditioned."""
    def make(rng):
        a = rng.standard_normal(shape)
        return a @ np.swapaxes(a, -1, -2) + shape[-1] * np.eye(shape[-1])
    return make


def shifted(*shape):
    """Far from singular."""
    return lambda rng: rng.standard_normal(shape) + 3 * np.eye(shape[-1])


def symmetric(x):
    return (x + np.swapaxes(x, -1, -2)) / 2


def sym(x):
    return (x + x.transpose(-1, -2)) * 0.5


def spread(*shape):
    """A matrix with well separated singular values."""
    def make(rng):
        u, _, vt = np.linalg.svd(rng.standard_normal(shape), full_matrices=False)
        return u * np.arange(1.0, u.shape[-1] + 1) @ vt
    return make


def to_pairs(z):
    return np.stack([z.real, z.imag], -1)


def from_pairs(x):
    return x[..., 0] + 1j * x[..., 1]


def qr_product(x):
    q, r = LA.qr(x)
    return q @ r, q.transpose(-1, -2) @ q, r * r


def qr_product_ref(x):
    q, r = np.linalg.qr(x)
    return x, np.broadcast_to(np.eye(q.shape[-1]), (*x.shape[:-2], q.shape[-1], q.shape[-1])), r * r


def svd_parts(x):
    u, s, vh = LA.svd(x, full_matrices=False)
    return u @ (s.unsqueeze(-1) * vh), s, (u * u), (vh * vh)


def svd_parts_ref(x):
    u, s, vh = np.linalg.svd(x, full_matrices=False)
    return x, s, u * u, vh * vh


def eigh_parts(x):
    w, v = LA.eigh(sym(x))
    return w, v * v


def eigh_parts_ref(x):
    w, v = np.linalg.eigh(symmetric(x))
    return w, v * v


def exp_series(x):
    """The series itself, of x / 2^20 to fall off at once, squared 20 times in long double."""
    small = x.astype(np.longdouble) / 2**20
    term = total = np.broadcast_to(np.eye(x.shape[-1], dtype=np.longdouble), x.shape)
    for k in range(1, 12):
        term = np.einsum("...ij,...jk->...ik", term, small) / k
        total = total + term
    for _ in range(20):
        total = np.einsum("...ij,...jk->...ik", total, total)
    return total.astype(np.float64)


def lstsq_ref(a, b):
    solution, residuals, rank, values = np.linalg.lstsq(a, b)
    return solution, residuals, np.array(rank), values


CASES = [
    Case("linalg_inv", LA.inv, np.linalg.inv, [shifted(2, 3, 3)], dtypes=FLOATS, rtol=10),
    Case("linalg_solve", LA.solve, np.linalg.solve, [shifted(3, 3), normal(3, 2)], dtypes=FLOATS, rtol=10),
    Case("linalg_solve", LA.solve, lambda a, b: np.stack([np.linalg.solve(m, b) for m in a]),
         [shifted(2, 3, 3), normal(3)], dtypes=FLOATS, label="batch-vector", rtol=10),
    Case("linalg_det", LA.det, np.linalg.det, [normal(2, 3, 3)], dtypes=FLOATS, rtol=10),
    Case("linalg_slogdet", lambda a: tuple(LA.slogdet(a)), lambda a: tuple(np.linalg.slogdet(a)),
         [shifted(2, 3, 3)], dtypes=FLOATS, rtol=10),
    Case("linalg_cholesky", lambda a: LA.cholesky(sym(a)), lambda a: np.linalg.cholesky(symmetric(a)),
         [spd(2, 3, 3)], dtypes=FLOATS, rtol=10),
    Case("linalg_cholesky", lambda a: LA.cholesky(a, upper=True), lambda a: np.linalg.cholesky(a).T,
         [spd(3, 3)], dtypes=FLOATS, rtol=10, label="upper", grad=False),
    Case("linalg_qr", qr_product, qr_product_ref, [shifted(4, 4)], dtypes=FLOATS, rtol=20),
    Case("linalg_qr", qr_product, qr_product_ref, [normal(2, 4, 2)], dtypes=FLOATS, rtol=20, label="tall"),
    Case("linalg_qr", qr_product, qr_product_ref, [normal(2, 4)], dtypes=FLOATS, rtol=20, label="wide"),
    Case("linalg_qr", lambda x: (LA.qr(x, mode="complete").Q @ LA.qr(x, mode="complete").R), lambda x: x,
         [normal(4, 2)], dtypes=FLOATS, rtol=20, label="complete", grad=False),
    Case("linalg_svd", svd_parts, svd_parts_ref, [spread(3, 3)], dtypes=FLOATS, rtol=40),
    Case("linalg_svd", svd_parts, svd_parts_ref, [spread(2, 4, 2)], dtypes=FLOATS, rtol=40, label="tall"),
    Case("linalg_svd", svd_parts, svd_parts_ref, [spread(2, 4)], dtypes=FLOATS, rtol=40, label="wide"),
    Case("linalg_svd", lambda x: LA.svdvals(x), lambda x: np.linalg.svd(x, compute_uv=False),
         [spread(3, 4)], dtypes=FLOATS, rtol=10, label="values"),
    Case("linalg_eigh", eigh_parts, eigh_parts_ref, [normal(3, 3)], dtypes=FLOATS, rtol=40),
    Case("linalg_pinv", LA.pinv, np.linalg.pinv, [normal(2, 4, 2)], dtypes=FLOATS, rtol=40),
    Case("linalg_pinv", LA.pinv, np.linalg.pinv, [normal(2, 3)], dtypes=FLOATS, rtol=40, label="wide"),
    *[Case("matrix_norm", lambda x, o=o: LA.matrix_norm(x, o), lambda x, o=o: np.linalg.norm(x, o, (-2, -1)),
           [spread(2, 3, 4)], dtypes=FLOATS, rtol=10, label=str(o))
      for o in ("fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf)],
    Case("matrix_power", lambda x: LA.matrix_power(x, 5), lambda x: np.linalg.matrix_power(x, 5),
         [normal(3, 3)], dtypes=FLOATS, rtol=100),
    Case("matrix_power", lambda x: LA.matrix_power(x, -2), lambda x: np.linalg.matrix_power(x, -2),
         [shifted(3, 3)], dtypes=FLOATS, rtol=100, label="negative"),
    Case("matrix_rank", LA.matrix_rank, np.linalg.matrix_rank,
         [given([[1.0, 2, 3], [2, 4, 6], [1, 0, 1]])], dtypes=FLOATS, grad=False),
    Case("matrix_exp", LA.matrix_exp, exp_series, [normal(2, 3, 3)], dtypes=FLOATS, rtol=20),
    Case("matrix_exp", LA.matrix_exp, exp_series, [lambda rng: np.stack([rng.standard_normal((4, 4)) * s for s in (1e-9, 8)])],
         dtypes=FLOATS, rtol=4e5, label="scaled", grad=False),
    Case("matrix_exp", LA.matrix_exp, lambda x: np.full((2, 2), np.nan), [given([[np.nan, 1.0], [0.0, 1.0]])],
         dtypes=FLOATS, label="nan", grad=False),
    Case("matrix_exp", LA.matrix_exp, lambda x: x, [normal(3, 0, 0)], dtypes=FLOATS, label="empty", grad=False),
    Case("lstsq", lambda a, b: LA.lstsq(a, b), lstsq_ref, [normal(5, 3), normal(5, 2)], dtypes=FLOATS, rtol=40),
    Case("lstsq", lambda a, b: LA.lstsq(a, b).solution, lambda a, b: np.stack([np.linalg.lstsq(*p)[0] for p in zip(a, b)]),
         [normal(2, 3, 4), normal(2, 3, 2)], dtypes=FLOATS, rtol=40, label="wide-batch"),
    Case("lstsq", lambda a, b: LA.lstsq(a, b).solution, lambda a, b: np.linalg.lstsq(a, b)[0],
         [normal(5, 3), normal(5)], dtypes=FLOATS, rtol=40, label="vector"),
    Case("lstsq", lambda a, b: LA.lstsq(a, b)[:3],
         lambda a, b: (np.linalg.lstsq(a, b)[0], np.zeros(0), np.array(1)), [given(np.ones((4, 3))), normal(4, 1)],
         dtypes=FLOATS, rtol=40, label="rank-1", grad=False),
    Case("fft", lambda x: lydia.fft.fft(x), lambda x: to_pairs(np.fft.fft(from_pairs(x))),
         [normal(3, 12, 2)], dtypes=FLOATS, rtol=10),
    Case("fft", lambda x: lydia.fft.fft(x, 7, 0, "ortho"),
         lambda x: to_pairs(np.fft.fft(from_pairs(x), 7, 0, "ortho")), [normal(5, 3, 2)], dtypes=FLOATS,
         rtol=10, label="padded"),
    Case("fft", lambda x: lydia.fft.fft(x), lambda x: to_pairs(np.fft.fft(from_pairs(x))),
         [normal(2, 1009, 2)], dtypes=FLOATS, rtol=100, label="prime", grad=False),
    Case("ifft", lambda x: lydia.fft.ifft(x, dim=0), lambda x: to_pairs(np.fft.ifft(from_pairs(x), axis=0)),
         [normal(6, 3, 2)], dtypes=FLOATS, rtol=10),
    Case("rfft", lambda x: lydia.fft.rfft(x), lambda x: to_pairs(np.fft.rfft(x)), [normal(3, 9)],
         dtypes=FLOATS, rtol=10),
    Case("rfft", lambda x: lydia.fft.rfft(x, 4, 0, "forward"),
         lambda x: to_pairs(np.fft.rfft(x, 4, 0, "forward")), [normal(6, 2)], dtypes=FLOATS, rtol=10,
         label="cut"),
    Case("irfft", lambda x: lydia.fft.irfft(x), lambda x: np.fft.irfft(from_pairs(x)), [normal(2, 5, 2)],
         dtypes=FLOATS, rtol=10),
    Case("irfft", lambda x: lydia.fft.irfft(x, 7), lambda x: np.fft.irfft(from_pairs(x), 7),
         [normal(2, 5, 2)], dtypes=FLOATS, rtol=10, label="odd"),
]

ERRORS = [
    ErrorCase("linalg_inv", lambda: LA.inv(lydia.zeros(2, 2)), ValueError, "is singular"),
    ErrorCase("linalg_inv", lambda: LA.inv(lydia.zeros(2, 3)), ValueError, "square"),
    ErrorCase("matrix_exp", lambda: LA.matrix_exp(lydia.zeros(2, 3)), ValueError, "square"),
    ErrorCase("lstsq", lambda: LA.lstsq(lydia.ones(3, 2), lydia.ones(2, 1)), ValueError, "expected B [..., 3, k]"),
    ErrorCase("lstsq", lambda: LA.lstsq(lydia.ones(3, 2), lydia.ones(3, 1), driver="best"), ValueError, "got 'best'"),
    ErrorCase("linalg_cholesky", lambda: LA.cholesky(-lydia.ones(2, 2)), ValueError, "positive definite"),
    ErrorCase("linalg_svd", lambda: LA.svd(lydia.ones(2, 2) / 0), ValueError, "NaN or infinity"),
    ErrorCase("linalg_solve", lambda: LA.solve(lydia.ones(2, 2), lydia.ones(3, 1)), ValueError, "2 rows"),
    ErrorCase("fft", lambda: lydia.fft.fft(lydia.ones(3)), ValueError, "last dimension of 2"),
    ErrorCase("rfft", lambda: lydia.fft.rfft(lydia.ones(3), 0), ValueError, "length of at least 1"),
]
