"""Runs every row of the case tables: value, strides, dtypes, gradients, errors, coverage."""
import importlib
import pathlib
import zlib

import numpy as np
import pytest

import lydia
from case import Case, ErrorCase

TABLES = [importlib.import_module(p.stem)
          for p in sorted(pathlib.Path(__file__).parent.glob("cases_*.py"))]
ROWS = [row for table in TABLES for row in table.CASES]
ERRORS = [row for table in TABLES for row in getattr(table, "ERRORS", [])]

# Relative and absolute tolerance per dtype, scaled by Case.rtol.
TOLERANCE = {"float64": (1e-10, 1e-10), "float32": (2e-5, 2e-5), "float16": (4e-3, 4e-3),
             "bfloat16": (3e-2, 3e-2)}


def ids(rows):
    return [row.id for row in rows]


def rng_for(case):
    return np.random.default_rng(zlib.crc32(case.id.encode()))


def make_inputs(case):
    rng = rng_for(case)
    return [make(rng) for make in case.inputs]


def to_tensors(arrays, dtype="float64"):
    """float64 arrays become `dtype`; integer and bool ones keep their own."""
    return [lydia.tensor(a).to(getattr(lydia, dtype)) if a.dtype == np.float64 else lydia.tensor(a)
            for a in arrays]


def as_list(value):
    return list(value) if isinstance(value, (tuple, list)) else [value]


def check(case, got, expected, dtype="float64"):
    got, expected = as_list(got), as_list(expected)
    assert len(got) == len(expected)
    rtol, atol = TOLERANCE.get(dtype, (0, 0))
    for g, e in zip(got, expected):
        e = np.asarray(e)
        assert tuple(g.shape) == e.shape, f"shape {g.shape}, expected {e.shape}"
        g = g.detach().to(lydia.float64).numpy() if g.is_floating_point() else g.numpy()
        np.testing.assert_allclose(g, e, rtol=rtol * case.rtol, atol=atol * case.rtol)


@pytest.mark.parametrize("case", ROWS, ids=ids(ROWS))
def test_value(case):
    arrays = make_inputs(case)
    check(case, case.run(*to_tensors(arrays)), case.ref(*arrays))


DTYPE_ROWS = [(c, d) for c in ROWS for d in c.dtypes if d != "float64"]


@pytest.mark.parametrize("case,dtype", DTYPE_ROWS, ids=[f"{c.id}-{d}" for c, d in DTYPE_ROWS])
def test_dtype(case, dtype):
    tensors = to_tensors(make_inputs(case), dtype)
    # The reference sees the values the dtype could hold.
    seen = [t.to(lydia.float64).numpy() if t.is_floating_point() else t.numpy() for t in tensors]
    check(case, case.run(*tensors), case.ref(*seen), dtype)


def strided_forms(t):
    """The same values behind other strides: transposed, every second element, reversed."""
    forms = []
    if t.ndim >= 2:
        forms.append(t.transpose(0, 1).contiguous().transpose(0, 1))
    if t.ndim >= 1:
        wide = lydia.zeros(*t.shape[:-1], t.shape[-1] * 2, dtype=t.dtype)
        window = wide._slice(-1, None, None, 2)
        window.copy_(t)
        forms.append(window)
        backwards = t._slice(-1, None, None, -1).contiguous()
        forms.append(backwards._slice(-1, None, None, -1))
    return forms or [t]


STRIDED_ROWS = [c for c in ROWS if c.strided]


@pytest.mark.parametrize("case", STRIDED_ROWS, ids=ids(STRIDED_ROWS))
def test_strided(case):
    arrays = make_inputs(case)
    forms = [strided_forms(t) for t in to_tensors(arrays)]
    expected = case.ref(*arrays)
    for i in range(max((len(f) for f in forms), default=0)):
        check(case, case.run(*[f[i % len(f)] for f in forms]), expected)


GRAD_ROWS = [c for c in ROWS if c.grad]


def grad_inputs(case):
    return [t.requires_grad_() if t.is_floating_point() else t
            for t in to_tensors(make_inputs(case))]


@pytest.mark.parametrize("case", GRAD_ROWS, ids=ids(GRAD_ROWS))
def test_gradient(case):
    assert lydia.autograd.gradcheck(case.run, grad_inputs(case))


@pytest.mark.parametrize("case", GRAD_ROWS, ids=ids(GRAD_ROWS))
def test_second_derivative(case):
    assert lydia.autograd.gradgradcheck(case.run, grad_inputs(case), atol=1e-4)


@pytest.mark.parametrize("case", ERRORS, ids=ids(ERRORS))
def test_error(case):
    with pytest.raises(case.error) as caught:
        case.run()
    message = str(caught.value)
    assert case.match in message and "\n" not in message


ALL_OPS = [name for kind in ("pointwise", "kernel", "view", "composite")
           for name in lydia._C._op_names(kind)]


def test_every_op_has_a_row():
    missing = sorted(set(ALL_OPS) - {row.op for row in ROWS})
    assert not missing, f"ops without a row in tests/ops/cases_*.py: {missing}"


def test_every_row_names_an_op():
    unknown = sorted({row.op for row in ROWS} - set(ALL_OPS))
    assert not unknown, f"rows whose op is not in lydia/ops/op_list.inc: {unknown}"


def takes_floats(case):
    return any(a.dtype == np.float64 for a in make_inputs(case))


def test_every_differentiable_op_has_a_gradient_row():
    checked = {row.op for row in ROWS if row.grad}
    missing = sorted(n for n in set(ALL_OPS) - checked if lydia._C._op_is_differentiable(n)
                     and any(row.op == n and takes_floats(row) for row in ROWS))
    # Zero gradient by definition; counts and places.
    allowed = {"allclose", "argsort", "bucketize", "count_nonzero", "equal", "fill", "isclose", "matrix_rank", "unique", "unique_consecutive"}
    assert set(missing) <= allowed, f"differentiable ops whose rows switch gradients off: {missing}"
