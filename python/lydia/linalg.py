"""Linear algebra on matrices [..., m, n], as torch.linalg: leading dimensions are a batch."""
from . import _C
from ._C import _linalg, _vector_norm, matmul
from ._C._linalg import (cholesky, det, eigvalsh, inv, matrix_exp, matrix_norm, matrix_power, matrix_rank, pinv,
                         solve, svdvals)
from .return_types import eigh as _Eigh, lstsq as _Lstsq, qr as _Qr, slogdet as _Slogdet, svd as _Svd

__all__ = ["LinAlgError", "cholesky", "cond", "cross", "det", "diagonal", "eigh", "eigvalsh", "inv", "lstsq", "matmul", "matrix_exp", "matrix_norm", "matrix_power", "matrix_rank",
           "multi_dot", "norm", "pinv", "qr", "slogdet", "solve", "svd", "svdvals", "vander", "vecdot",
           "vector_norm"]


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
    if dim is None and A.ndim != 2:
        raise ValueError(f"norm: expected 1 or 2 dimensions where ord is given without dim, got shape {list(A.shape)}")
    return matrix_norm(A, ord, (-2, -1) if dim is None else dim, keepdim)


def lstsq(A, B, rcond=None, *, driver=None):
    """The X of smallest norm that minimises |A X - B|, with residuals, rank and singular values.

    Singular values up to rcond times the largest count as zero. `driver` is one of torch's names;
    every name gives the same answer: rank and singular values always, residuals where A has more
    rows than columns and full rank, else empty."""
    if driver not in (None, "gels", "gelsy", "gelsd", "gelss"):
        raise ValueError(f"lstsq: expected driver None, 'gels', 'gelsy', 'gelsd' or 'gelss', got {driver!r}")
    return _Lstsq(*_linalg._lstsq(A, B, rcond))


LinAlgError = RuntimeError  # what a singular matrix raises


def cross(input, other, *, dim=-1):
    """Cross products of vectors of 3 elements along dim."""
    return _C.cross(input, other, dim)


def diagonal(A, *, offset=0, dim1=-2, dim2=-1):
    """The diagonals of matrices, as a view."""
    return A.diagonal(offset, dim1, dim2)


def vecdot(x, y, *, dim=-1):
    """Dot products of vectors along dim."""
    return (x * y).sum(dim)


def vander(x, *, N=None):
    """Vandermonde matrices: the powers 0 to N - 1 of the last dimension's elements, in columns."""
    return x.unsqueeze(-1) ** _C.arange(x.shape[-1] if N is None else N)


def cond(A, p=None):
    """The condition numbers |A| |A^-1| in the matrix norm p; None: the ratio of singular values."""
    if p is None or p in (2, -2):
        s = svdvals(A)
        return s[..., -1] / s[..., 0] if p == -2 else s[..., 0] / s[..., -1]
    return matrix_norm(A, p) * matrix_norm(inv(A), p)


def _best_order(sizes):
    """Where to split each stretch of a product of matrices: matrix i has the sizes i and i + 1."""
    n = len(sizes) - 1
    cost, cut = {(i, i): 0 for i in range(n)}, {}
    for length in range(1, n):
        for i in range(n - length):
            j = i + length
            cost[i, j], cut[i, j] = min((cost[i, k] + cost[k + 1, j] + sizes[i] * sizes[k + 1] * sizes[j + 1], k)
                                        for k in range(i, j))
    return cut


def multi_dot(tensors):
    """The product of two or more matrices in the order that needs the fewest operations; the first
    and the last may be vectors."""
    tensors = list(tensors)
    if len(tensors) < 2:
        raise ValueError(f"multi_dot: expected at least 2 tensors, got {len(tensors)}")
    first, last = tensors[0].ndim == 1, tensors[-1].ndim == 1
    if first:
        tensors[0] = tensors[0].unsqueeze(0)
    if last:
        tensors[-1] = tensors[-1].unsqueeze(1)
    if any(t.ndim != 2 for t in tensors):
        raise ValueError(f"multi_dot: expected matrices, got shapes {[list(t.shape) for t in tensors]}")
    cut = _best_order([t.shape[0] for t in tensors] + [tensors[-1].shape[1]])

    def product(i, j):
        return tensors[i] if i == j else matmul(product(i, cut[i, j]), product(cut[i, j] + 1, j))
    out = product(0, len(tensors) - 1)
    out = out.squeeze(0) if first else out
    return out.squeeze(-1) if last else out
