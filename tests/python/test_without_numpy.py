"""lydia without NumPy: the import, tensors from Python's data and buffers, printing, comparing."""
import os
import subprocess
import sys

import pytest


def run(code):
    out = subprocess.run([sys.executable, "-c", code], env=os.environ, capture_output=True, text=True,
                         timeout=120)
    assert out.returncode == 0, out.stderr
    return out.stdout


def test_import_leaves_numpy_alone():
    assert run("import sys, lydia; print('numpy' in sys.modules)").strip() == "False"


BLOCKED = "import sys; sys.modules['numpy'] = None; import array, copy, pickle, lydia\n"


@pytest.mark.parametrize("code", [
    "x = lydia.tensor([[1, 2], [3, 4]]); assert x.dtype == lydia.int64 and x.sum().item() == 10",
    "assert lydia.tensor([True, 2.5]).tolist() == [1.0, 2.5]",
    "assert lydia.tensor(range(3)).tolist() == [0, 1, 2]",
    "assert lydia.tensor(array.array('f', [1.5, 2])).dtype == lydia.float32",
    "assert lydia.as_tensor([1, 2], dtype=lydia.int8).tolist() == [1, 2]",
    "assert lydia.array_api.asarray(memoryview(b'ab')).tolist() == [97, 98]",
    "x = lydia.arange(6); x[[0, 2]] = [7, 8]; assert x[[2, 0]].tolist() == [8, 7]",
    "assert '[1., 2.]' in repr(lydia.tensor([1.0, 2.0]))",
    "lydia.testing.assert_close([1.0, 2.0], lydia.tensor([1.0, 2.0]))",
    "x = pickle.loads(pickle.dumps(copy.deepcopy(lydia.ones(2)))); assert x.tolist() == [1, 1]",
    "x = lydia.ones(2, requires_grad=True); (x * x).sum().backward(); assert x.grad.tolist() == [2, 2]",
    "assert lydia.array_api.mean(lydia.ones(3)).item() == 1",
    "d = lydia.utils.data; l = d.DataLoader(d.TensorDataset(lydia.arange(4)), 2, num_workers=1); "
    "assert [b[0].tolist() for b in l] == [[0, 1], [2, 3]]",
    "try:\n  lydia.ones(1).numpy()\nexcept ImportError: pass\nelse: raise AssertionError",
    "try:\n  lydia.from_numpy([1])\nexcept TypeError: pass\nelse: raise AssertionError"])
def test_works_where_numpy_is_missing(code):
    run(BLOCKED + code)
