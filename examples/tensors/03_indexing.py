"""Lesson 3: masks, lists of indices, and which of them copy."""
import lydia
import numpy as np
from lesson import error_of, fact, title

x = lydia.arange(20).view(4, 5)
a = np.arange(20).reshape(4, 5)

title("Basic indices give views")
corner = x[1:3, ::2]
fact(corner.data_ptr() == x.data_ptr() + 5 * 8 and corner.shape == (2, 3), "x[1:3, ::2] shares x's memory")
fact(x[-1, 0].item() == 15, "negative ints count from the end")
fact(x[:, None, ::-1].shape == (4, 1, 5), "None adds a dimension, a step may be negative")

title("Masks and lists of indices copy, as in NumPy")
fact(x[x > 12].tolist() == a[a > 12].tolist(), "x[x > 12]")
fact(x[[0, 1, 2, 3], [4, 3, 2, 1]].tolist() == a[[0, 1, 2, 3], [4, 3, 2, 1]].tolist(),
     "x[[0, 1, 2, 3], [4, 3, 2, 1]] takes one element per pair")
fact(x[[0, 2]][:, [1, 3]].tolist() == a[np.ix_([0, 2], [1, 3])].tolist(), "rows, then columns")
picked = x[[0, 1]]
picked.zero_()
fact(x[1, 4].item() == 9, "changing the copy leaves x alone")

title("Writing")
y = x.clone()
y[y > 12] = 0
fact(y.max().item() == 12, "y[y > 12] = 0 writes in place")
y[0:2] = lydia.full((5,), 7)
fact(y[:2].tolist() == [[7] * 5] * 2, "y[0:2] = row broadcasts the row")
y.index_put_((lydia.tensor([0, 0]),), lydia.ones(2, 5, dtype=lydia.int64), accumulate=True)
fact(y[0].tolist() == [9] * 5, "accumulating at the same index twice adds twice")
message = error_of(lambda: x[4])
print(f"  {message}")
fact(message != "", "an index outside is an error")
