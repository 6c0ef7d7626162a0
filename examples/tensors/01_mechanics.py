"""Lesson 1: a tensor is a window on storage — offset, sizes and strides, as in NumPy."""
import lydia
import numpy as np
from lesson import QUICK, fact, milliseconds, title

title("One storage, many windows")
x = lydia.arange(12).view(3, 4)
fact(x.stride() == (4, 1), "a step down a column skips 4 elements, a step right skips 1")
fact(x[1].storage_offset() == 4 and x[1].data_ptr() == x.data_ptr() + 4 * 8, "row 1 starts 4 elements in")
fact(x.t().stride() == (1, 4) and not x.t().is_contiguous(), "the transpose only swaps the strides")
fact(x[:, ::-1].stride() == (4, -1), "a reversed slice has a negative stride")
x[1].fill_(-1)
fact(x[1, 2].item() == -1, "writing through a view is writing to x")

title("The same words in NumPy")
a = np.arange(12, dtype=np.float32).reshape(3, 4)
shared = lydia.from_numpy(a)
fact(tuple(s * 4 for s in shared.stride()) == a.strides, "NumPy counts strides in bytes, lydia in elements")
a[2, 1] = 100
fact(shared[2, 1].item() == 100, "from_numpy shares memory: NumPy's write is seen at once")
shared[0, 0] = 7
fact(a[0, 0] == 7, "and the other way round")
fact(np.shares_memory(shared.t().numpy(), a), "a transposed view goes back to NumPy without a copy")

title("View against clone")
n = 256 if QUICK else 4096
big = lydia.zeros(n, n)
lydia.reset_peak_memory_stats()
held = lydia.memory_stats()["allocated"]
view = milliseconds(big.t)
fact(lydia.memory_stats()["peak_allocated"] == held, "a view allocates no element")
clone = milliseconds(big.clone)
fact(lydia.memory_stats()["peak_allocated"] >= held + big.nbytes, "a clone allocates all of them")
print(f"  measured on [{n}, {n}]: view {view * 1e3:.2f} us, clone {clone * 1e3:.0f} us")
