"""Linear algebra on matrices [..., m, n], as torch.linalg: leading dimensions are a batch."""
from ._C import _linalg, _vector_norm
from ._C._linalg import (cholesky, det, eigvalsh, inv, matrix_norm, matrix_power, matrix_rank, pinv,
                         solve, svdvals)
from .return_types import eigh as _Eigh, qr as _Qr, slogdet as _Slogdet, svd as _Svd

__all__ = ["cholesky", "det", "eigh", "eigvalsh", "inv", "matrix_norm", "matrix_power", "matrix_rank",
           "norm", "pinv", "qr", "slogdet", "solve", "svd", "svdvals", "vector_norm"]


def slogdet(A):
    """(sign, logabsdet) of each matrix; a singular one gives (0, -inf)."""
    return _Slogdet(*_linalg._slogdet(A))


def qr(A, mode="reduced"):
    """(Q, R) with A = Q R; Q is empty for mode 'r'."""
    q, r = _linalg._qr(A, mode)
    return _Qr(q if q is not None else A.new_empty((0,)), r)


def svd(A, full_matrices=True):
    """(U, S, Vh) with A = U diag(S) Vh and S descending."""
    return _Svd(*_linalg._svd(A, full_matrices))


def eigh(A, UPLO="L"):
    """(eigenvalues ascending, eigenvectors in columns) of symmetric matrices."""
    return _Eigh(*_linalg._eigh(A, UPLO))


def vector_norm(x, ord=2, dim=None, keepdim=False, *, dtype=None):
    """(sum |x|^ord)^(1/ord) over dim, or over all elements."""
    return _vector_norm(x if dtype is None else x.to(dtype), float(ord), dim, keepdim)


def norm(A, ord=None, dim=None, keepdim=False, *, dtype=None):
    """vector_norm for one dim (or all, flattened, where ord is None), matrix_norm for two."""
    A = A if dtype is None else A.to(dtype)
    if ord is None or isinstance(dim, int) or (dim is None and A.ndim == 1):
        return vector_norm(A, 2 if ord is None else ord, dim, keepdim)
    return matrix_norm(A, ord, (-2, -1) if dim is None else dim, keepdim)
