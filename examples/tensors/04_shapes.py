"""Lesson 4: view, reshape, permute, transpose — and the view that can't be had."""
import lydia
from lesson import error_of, fact, title

x = lydia.arange(12).view(3, 4)

title("view and reshape")
fact(x.view(2, -1).shape == (2, 6), "view(2, -1) works out the 6")
fact(x.reshape(6, 2).data_ptr() == x.data_ptr(), "reshape copies nothing where a view exists")
message = error_of(lambda: x.t().view(12))
print(f"  x.t().view(12): {message}")
fact("without copying" in message, "no stride walks the transpose in order, so view refuses")
fact(x.t().reshape(12).tolist()[:4] == [0, 4, 8, 1], "reshape copies then")
fact(x.t().contiguous().stride() == (3, 1), "contiguous() makes the copy by itself")

title("permute and transpose")
image = lydia.zeros(2, 3, 8, 9)
last = image.permute(0, 2, 3, 1)
fact(last.shape == (2, 8, 9, 3) and last.data_ptr() == image.data_ptr(),
     "permute(0, 2, 3, 1) turns NCHW to NHWC without moving a byte")
fact(last.transpose(1, -1).shape == (2, 3, 9, 8), "transpose swaps two dimensions")
fact(image.flatten(1).shape == (2, 216), "flatten(1) keeps the batch")
fact(lydia.ones(1, 3).squeeze().unsqueeze(1).shape == (3, 1), "squeeze and unsqueeze move ones about")
windows = lydia.arange(10).unfold(0, 4, 2)
fact(windows.shape == (4, 4) and windows.stride() == (2, 1), "unfold sees overlapping windows of one memory")
