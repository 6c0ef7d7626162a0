"""Contractions, against NumPy's own."""
import numpy as np

import lydia
from case import Case, ErrorCase, normal


def einsum(equation, *shapes, reference=None):
    return Case("einsum", lambda *t: lydia.einsum(equation, *t),
                lambda *a: np.einsum(reference or equation, *a), [normal(*s) for s in shapes],
                label=equation, rtol=6)


CASES = [
    einsum("ij,jk->ik", (2, 3), (3, 4)), einsum("ij,jk", (2, 3), (3, 4)), einsum("ba", (2, 3)),
    einsum("ii->i", (3, 3)), einsum("ii", (3, 3)), einsum("iji->j", (3, 2, 3)), einsum("ij->", (2, 3)),
    einsum("i,j->ij", (3,), (2,)), einsum("i,i", (3,), (3,)), einsum("bij,bjk->bik", (2, 3, 4), (2, 4, 2)),
    einsum("bhid,bhjd->bhij", (2, 2, 3, 4), (2, 2, 5, 4)), einsum("...ij,...jk->...ik", (2, 1, 3, 4), (5, 4, 2)),
    einsum("...i,...i", (2, 3), (3,)), einsum("i...->...", (2, 3, 4)), einsum("ij,ij->ij", (2, 3), (2, 3)),
    einsum("ij,jk,kl->il", (2, 3), (3, 4), (4, 2)), einsum("ijk,ilm,njm,nlk,abc->", (2, 3, 2), (2, 2, 3), (3, 3, 3), (3, 2, 2), (1, 2, 1)),
    einsum("ij,k->i", (2, 3), (4,)), einsum("i j , j -> i", (2, 3), (3,)), einsum("Ab,bA", (2, 3), (3, 2)),
    einsum("ij,j->ij", (2, 1), (3,), reference="ik,j->ij"), einsum("aab,b->ba", (2, 2, 3), (3,)),
    einsum(",i->i", (), (3,)), einsum("ij,jk->ik", (2, 0), (0, 3)),
    Case("tensordot", lambda a, b: lydia.tensordot(a, b, 2), lambda a, b: np.tensordot(a, b, 2),
         [normal(2, 3, 4), normal(3, 4, 2)], rtol=4),
    Case("tensordot", lambda a, b: lydia.tensordot(a, b, ([2, 0], [0, 1])),
         lambda a, b: np.tensordot(a, b, ([2, 0], [0, 1])), [normal(2, 3, 4), normal(4, 2)], label="dims", rtol=4),
    Case("tensordot", lambda a, b: lydia.tensordot(a, b, 0), lambda a, b: np.tensordot(a, b, 0),
         [normal(2), normal(3)], label="outer"),
    Case("outer", lambda a, b: a.outer(b), np.outer, [normal(2), normal(3)]),
    Case("dot", lambda a, b: a.dot(b), np.dot, [normal(5), normal(5)], rtol=4),
    Case("inner", lambda a, b: a.inner(b), np.inner, [normal(2, 3), normal(4, 3)], rtol=4),
    Case("inner", lambda a, b: a.inner(b), np.inner, [normal(), normal(3)], label="0d"),
    Case("kron", lambda a, b: a.kron(b), np.kron, [normal(2, 3), normal(3, 2)]),
    Case("kron", lambda a, b: a.kron(b), np.kron, [normal(2), normal(3, 2)], label="dims"),
    Case("cross", lambda a, b: a.cross(b, 1), np.cross, [normal(4, 3), normal(4, 3)]),
    Case("cross", lambda a, b: a.cross(b), lambda a, b: np.cross(a, b, axis=0), [normal(3, 4), normal(3, 1)],
         label="broadcast"),
]
# No element, no gradient to compare.
CASES[23].grad = False

ones = lydia.ones
ERRORS = [
    ErrorCase("einsum", lambda: lydia.einsum("ij,jk", ones(2, 3)), ValueError, "names 2 operands, got 1"),
    ErrorCase("einsum", lambda: lydia.einsum("ij", ones(2)), ValueError, "names 2 dimensions, got"),
    ErrorCase("einsum", lambda: lydia.einsum("i,i", ones(2), ones(3)), ValueError, "'i' has sizes 2 and 3"),
    ErrorCase("einsum", lambda: lydia.einsum("i->j", ones(2)), ValueError, "each letter of the output"),
    ErrorCase("einsum", lambda: lydia.einsum("i->ii", ones(2)), ValueError, "once", label="twice"),
    ErrorCase("einsum", lambda: lydia.einsum("i1", ones(2, 2)), ValueError, "expected letters"),
    ErrorCase("einsum", lambda: lydia.einsum("ii", ones(2, 3)), ValueError, "repeats a letter"),
    ErrorCase("tensordot", lambda: lydia.tensordot(ones(2, 3), ones(2, 3), 1), ValueError, "equal sizes"),
    ErrorCase("tensordot", lambda: lydia.tensordot(ones(2), ones(2), 2), ValueError, "dims in [0, 1]"),
    ErrorCase("outer", lambda: ones(2, 2).outer(ones(2)), ValueError, "1-d tensors"),
    ErrorCase("dot", lambda: ones(2).dot(ones(3)), ValueError, "one size"),
    ErrorCase("cross", lambda: ones(2).cross(ones(2)), ValueError, "dimension of size 3"),
]
