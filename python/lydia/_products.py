"""Products, distances and old names of linear algebra, written with other ops; functions and, where
torch has them, methods. `out` takes the result where it is given and has the result's shape."""
from . import _C, linalg
from ._C import Tensor


def into(op, out, result):
    """`result`, written into `out` where that is given."""
    if out is None:
        return result
    if out.shape != result.shape:
        raise ValueError(f"{op}: expected out of shape {list(result.shape)}, got {list(out.shape)}")
    return out.copy_(result)


def _check_dims(op, **expected):
    for name, (t, ndim) in expected.items():
        if t.ndim != ndim:
            raise ValueError(f"{op}: expected {name} with {ndim} dimensions, got shape {list(t.shape)}")


def mm(input, mat2, *, out=None):
    """The product of two matrices: [n, k] @ [k, m]."""
    _check_dims("mm", input=(input, 2), mat2=(mat2, 2))
    return into("mm", out, _C.matmul(input, mat2))


def mv(input, vec, *, out=None):
    """The product of a matrix and a vector: [n, k] @ [k]."""
    _check_dims("mv", input=(input, 2), vec=(vec, 1))
    return into("mv", out, _C.matmul(input, vec))


def bmm(input, mat2, *, out=None):
    """The products of two batches of matrices of the same length: [b, n, k] @ [b, k, m]."""
    _check_dims("bmm", input=(input, 3), mat2=(mat2, 3))
    if input.shape[0] != mat2.shape[0]:
        raise ValueError(f"bmm: expected batches of one size, got {list(input.shape)} and {list(mat2.shape)}")
    return into("bmm", out, _C.matmul(input, mat2))


def _plus(input, product, beta, alpha):
    product = product if alpha == 1 else product * alpha
    if beta == 0:  # not even NaN of `input` counts
        return product
    return product + (input if beta == 1 else input * beta)


def addmm(input, mat1, mat2, *, beta=1, alpha=1, out=None):
    """beta input + alpha (mat1 @ mat2)."""
    return into("addmm", out, _plus(input, mm(mat1, mat2), beta, alpha))


def addmv(input, mat, vec, *, beta=1, alpha=1, out=None):
    """beta input + alpha (mat @ vec)."""
    return into("addmv", out, _plus(input, mv(mat, vec), beta, alpha))


def addr(input, vec1, vec2, *, beta=1, alpha=1, out=None):
    """beta input + alpha (the outer product of vec1 and vec2)."""
    return into("addr", out, _plus(input, _C.outer(vec1, vec2), beta, alpha))


def baddbmm(input, batch1, batch2, *, beta=1, alpha=1, out=None):
    """beta input + alpha bmm(batch1, batch2)."""
    return into("baddbmm", out, _plus(input, bmm(batch1, batch2), beta, alpha))


def addbmm(input, batch1, batch2, *, beta=1, alpha=1, out=None):
    """beta input + alpha (the sum of bmm(batch1, batch2) over the batch)."""
    return into("addbmm", out, _plus(input, bmm(batch1, batch2).sum(0), beta, alpha))


def vdot(input, other, *, out=None):
    """The dot product of two vectors."""
    return into("vdot", out, _C.dot(input, other))


def chain_matmul(*matrices, out=None):
    """The product of several matrices in the order that needs the fewest operations."""
    return into("chain_matmul", out, linalg.multi_dot(matrices))


def rsub(input, other, *, alpha=1):
    """other - alpha input."""
    return other - (input if alpha == 1 else input * alpha)


def dist(input, other, p=2):
    """The p-norm of input - other, over all elements."""
    return linalg.vector_norm(input - other, p)


def cdist(x1, x2, p=2.0, compute_mode=None):
    """The p-norms of the differences of all rows: [..., n, k] and [..., m, k] give [..., n, m]."""
    return linalg.vector_norm(x1.unsqueeze(-2) - x2.unsqueeze(-3), p, -1)


def cosine_similarity(x1, x2, dim=1, eps=1e-8):
    """x1 . x2 / (|x1| |x2|) along dim; norms below eps count as eps."""
    norms = [linalg.vector_norm(x, 2, dim).clamp_min(eps) for x in (x1, x2)]
    return (x1 * x2).sum(dim) / (norms[0] * norms[1])


def pairwise_distance(x1, x2, p=2.0, eps=1e-6, keepdim=False):
    """The p-norm of x1 - x2 + eps over the last dimension."""
    return linalg.vector_norm(x1 - x2 + eps, p, -1, keepdim)


def det(input):
    """The determinants of matrices."""
    return linalg.det(input)


def slogdet(input):
    """(sign, logabsdet) of matrices."""
    return linalg.slogdet(input)


def logdet(input):
    """The logarithms of determinants; NaN where negative."""
    sign, logabsdet = linalg.slogdet(input)
    return _C.where(sign < 0, float("nan"), logabsdet)


def inverse(input, *, out=None):
    """The inverses of matrices."""
    return into("inverse", out, linalg.inv(input))


def pinverse(input, rcond=1e-15):
    """Pseudo-inverses; singular values up to rcond times the largest count as zero."""
    return linalg.pinv(input, rtol=rcond)


def cholesky(input, upper=False, *, out=None):
    """The Cholesky factors of positive definite matrices."""
    return into("cholesky", out, linalg.cholesky(input, upper=upper))


def qr(input, some=True):
    """(Q, R); reduced unless some=False."""
    return linalg.qr(input, "reduced" if some else "complete")


def svd(input, some=True, compute_uv=True):
    """(U, S, V), V not transposed as in linalg.svd; zeros for U and V where compute_uv=False."""
    u, s, vh = linalg.svd(input, full_matrices=not some)
    v = vh.mT
    return (u, s, v) if compute_uv else (_C.zeros_like(u), s, _C.zeros_like(v))


def matrix_power(input, n, *, out=None):
    """Matrices multiplied with themselves n times; n may be negative."""
    return into("matrix_power", out, linalg.matrix_power(input, n))


def matrix_exp(input):
    """e to the power of square matrices."""
    return linalg.matrix_exp(input)


_METHODS = [mm, mv, bmm, addmm, addmv, addr, baddbmm, addbmm, vdot, dist, det, slogdet, logdet, inverse,
            pinverse, cholesky, qr, svd, matrix_power, matrix_exp]
NAMES = [f.__name__ for f in _METHODS] + ["chain_matmul", "rsub", "cdist", "cosine_similarity",
                                          "pairwise_distance"]


def _in_place(f):
    def method(self, *args, **kwargs):
        return self.copy_(f(self, *args, **kwargs))
    method.__name__ = f.__name__ + "_"
    method.__doc__ = f"{f.__name__} written into this tensor."
    return method


for _f in _METHODS:
    setattr(Tensor, _f.__name__, _f)
for _f in (addmm, addmv, addr, baddbmm, addbmm):
    setattr(Tensor, _f.__name__ + "_", _in_place(_f))
