"""The linalg extension."""
from .. import _C, linalg as _own
from .linear_algebra import matmul, matrix_transpose, tensordot, vecdot  # noqa: F401

__all__ = ["cholesky", "det", "diagonal", "eigh", "eigvalsh", "inv", "matmul", "matrix_norm",
           "matrix_power", "matrix_transpose", "outer", "pinv", "qr", "slogdet", "solve", "svd",
           "svdvals", "tensordot", "trace", "vecdot", "vector_norm"]


def cholesky(x, /, *, upper=False):
    """L with x = L @ L.mT, or its transpose where upper=True."""
    lower = _own.cholesky(x)
    return lower.mT if upper else lower


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


def outer(x1, x2, /):
    """The outer product of two vectors."""
    return x1.unsqueeze(1) * x2.unsqueeze(0)


def pinv(x, /):
    """Pseudo-inverses."""
    return _own.pinv(x)


def qr(x, /, *, mode="reduced"):
    """Q and R with x = Q @ R."""
    return _own.qr(x, mode)


def slogdet(x, /):
    """The sign and the logarithm of determinants."""
    return _own.slogdet(x)


def solve(x1, x2, /):
    """x with x1 @ x = x2."""
    return _own.solve(x1, x2)


def svd(x, /, *, full_matrices=True):
    """U, S and Vh with x = U @ diag(S) @ Vh."""
    return _own.svd(x, full_matrices)


def svdvals(x, /):
    """Singular values, descending."""
    return _own.svdvals(x)


def trace(x, /, *, offset=0, dtype=None):
    """Sums of the diagonals of matrices."""
    return _C.sum(x.diagonal(offset, -2, -1), (-1,), dtype=dtype)


def vector_norm(x, /, *, axis=None, keepdims=False, ord=2):
    """Norms of vectors along an axis (all axes if None)."""
    return _own.vector_norm(x, ord, axis, keepdims)
