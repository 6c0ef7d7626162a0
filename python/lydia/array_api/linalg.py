"""The linalg extension. Matrices [..., m, n]; leading axes are a batch."""
from .. import _C, linalg as _own
from .data_types import finfo
from .linear_algebra import (check_vectors, matmul, matrix_transpose, numeric, tensordot,  # noqa: F401
                             vecdot)
from .statistical import sum as _sum

__all__ = ["cholesky", "cross", "det", "diagonal", "eigh", "eigvalsh", "inv", "matmul", "matrix_norm",
           "matrix_power", "matrix_rank", "matrix_transpose", "outer", "pinv", "qr", "slogdet", "solve", "svd",
           "svdvals", "tensordot", "trace", "vecdot", "vector_norm"]


def cholesky(x, /, *, upper=False):
    """L with x = L @ L.mT, or its transpose where upper=True."""
    lower = _own.cholesky(x)
    return lower.mT if upper else lower


def cross(x1, x2, /, *, axis=-1):
    """Cross products of 3-element vectors along an axis, counted from the end; the others
    broadcast."""
    x1, x2 = numeric("cross", x1, x2)
    check_vectors("cross", x1, x2, axis)
    if x1.shape[axis] != 3:
        raise ValueError(f"cross: expected axis {axis} of size 3, got {list(x1.shape)}")
    return _C.cross(x1, x2, axis)


def det(x, /):
    """Determinants."""
    return _own.det(x)


def diagonal(x, /, *, offset=0):
    """The diagonals of matrices."""
    return x.diagonal(offset, -2, -1)


def eigh(x, /):
    """Eigenvalues, ascending, and eigenvectors of symmetric matrices."""
    return _own.eigh(x)


def eigvalsh(x, /):
    """Eigenvalues of symmetric matrices, ascending."""
    return _own.eigvalsh(x)


def inv(x, /):
    """Inverses."""
    return _own.inv(x)


def matrix_norm(x, /, *, keepdims=False, ord="fro"):
    """Norms of matrices."""
    return _own.matrix_norm(x, ord, (-2, -1), keepdims)


def matrix_power(x, n, /):
    """x multiplied with itself n times; n may be negative."""
    return _own.matrix_power(x, n)


def _cutoff(x, s, rtol):
    """The size below which singular values s count as zero, as a column beside them."""
    if rtol is None:
        rtol = max(x.shape[-2:]) * finfo(x.dtype).eps
    if isinstance(rtol, _C.Tensor):
        rtol = rtol.unsqueeze(-1)
    return rtol * s.amax(-1, keepdim=True)


def matrix_rank(x, /, *, rtol=None):
    """How many singular values exceed rtol (a number or array) times the largest; int64."""
    if x.ndim < 2:
        raise ValueError(f"matrix_rank: expected at least 2 dimensions, got shape {list(x.shape)}")
    s = _own.svdvals(x)
    return _C.sum(s > _cutoff(x, s, rtol), (-1,)) if s.shape[-1] else _C.sum(s, (-1,)).to(_C.dtype.int64)


def outer(x1, x2, /):
    """The outer product of two vectors."""
    x1, x2 = numeric("outer", x1, x2)
    if x1.ndim != 1 or x2.ndim != 1:
        raise ValueError(f"outer: expected two vectors, got shapes {list(x1.shape)} and {list(x2.shape)}")
    return x1.unsqueeze(1) * x2.unsqueeze(0)


def pinv(x, /, *, rtol=None):
    """Pseudo-inverses; singular values up to rtol (a number or array) times the largest count as
    zero."""
    if not isinstance(rtol, _C.Tensor):
        return _own.pinv(x, rtol=rtol)
    if 0 in x.shape:
        return _C.zeros_like(x.mT)
    u, s, vh = _own.svd(x, full_matrices=False)
    inverse = _C.where(s > _cutoff(x, s, rtol), 1 / s, 0.0)
    return _C.matmul(vh.mT * inverse.unsqueeze(-2), u.mT)


def qr(x, /, *, mode="reduced"):
    """Q and R with x = Q @ R."""
    return _own.qr(x, mode)


def slogdet(x, /):
    """The sign and the logarithm of determinants."""
    return _own.slogdet(x)


def solve(x1, x2, /):
    """x with x1 @ x = x2; x2 is one vector if 1-d, else matrices."""
    if x2.ndim == 1:
        return _own.solve(x1, x2.unsqueeze(-1).expand(*x1.shape[:-1], 1)).squeeze(-1)
    # As many dimensions as x1, so that x2 is not taken for a batch of vectors.
    return _own.solve(x1, x2.reshape((1,) * (x1.ndim - x2.ndim) + tuple(x2.shape)))


def svd(x, /, *, full_matrices=True):
    """U, S and Vh with x = U @ diag(S) @ Vh."""
    return _own.svd(x, full_matrices)


def svdvals(x, /):
    """Singular values, descending."""
    return _own.svdvals(x)


def trace(x, /, *, offset=0, dtype=None):
    """Sums of the diagonals of matrices, in int64 or uint64 for integers unless `dtype` is given."""
    return _sum(x.diagonal(offset, -2, -1), axis=-1, dtype=dtype)


def vector_norm(x, /, *, axis=None, keepdims=False, ord=2):
    """Norms of vectors along an axis (all axes if None)."""
    if axis == ():
        return _own.vector_norm(x.unsqueeze(-1), ord, -1)
    return _own.vector_norm(x, ord, axis, keepdims)
