"""Views and copies. References use NumPy's own views."""
import numpy as np

import lydia
from case import Case, ErrorCase, normal

CASES = [
    Case("as_strided", lambda x: lydia.as_strided(x.contiguous(), (2, 2, 2), (3, 1, 1), 1),
         lambda x: np.lib.stride_tricks.as_strided(
             np.ascontiguousarray(x).ravel()[1:], (2, 2, 2), (24, 8, 8)), [normal(3, 3)]),
    Case("as_strided_scatter", lambda x, y: lydia._C._as_strided_scatter(x, y, (2,), (4,), 1),
         lambda x, y: np.concatenate([x.flat[:1], y[:1], x.flat[2:5], y[1:]]).reshape(2, 3),
         [normal(2, 3), normal(2)]),
    Case("view", lambda x: x.contiguous().view(2, -1), lambda x: x.reshape(2, -1), [normal(2, 3, 4)]),
    Case("reshape", lambda x: x.reshape(6, 4), lambda x: x.reshape(6, 4), [normal(2, 3, 4)]),
    Case("permute", lambda x: x.permute(2, 0, 1), lambda x: x.transpose(2, 0, 1), [normal(2, 3, 4)]),
    Case("expand", lambda x: x.expand(2, 3, 4), lambda x: np.broadcast_to(x, (2, 3, 4)),
         [normal(3, 1)]),
    Case("slice", lambda x: x._slice(0, None, None, 2), lambda x: x[::2], [normal(5, 3)]),
    Case("slice", lambda x: x._slice(1, 3, None, -2), lambda x: x[:, 3::-2], [normal(2, 5)],
         label="negative-step"),
    Case("slice", lambda x: x._slice(0, 4, 2, 1), lambda x: x[4:2], [normal(5, 3)], label="empty",
         grad=False),
    Case("select", lambda x: x.select(1, -1), lambda x: x[:, -1], [normal(2, 3, 4)]),
    Case("diagonal", lambda x: x.diagonal(1, 0, 2), lambda x: x.diagonal(1, 0, 2), [normal(3, 2, 4)]),
    Case("unfold", lambda x: x.unfold(0, 3, 1), lambda x: np.lib.stride_tricks.sliding_window_view(
        x, 3, axis=0), [normal(6, 2)]),
    Case("transpose", lambda x: x.transpose(0, 2), lambda x: x.swapaxes(0, 2), [normal(2, 3, 4)]),
    Case("squeeze", lambda x: x.squeeze(), lambda x: x.squeeze(), [normal(2, 1, 3, 1)]),
    Case("unsqueeze", lambda x: x.unsqueeze(-2), lambda x: np.expand_dims(x, -2), [normal(2, 3)]),
    Case("broadcast_to", lambda x: lydia.broadcast_to(x, (2, 3)), lambda x: np.broadcast_to(x, (2, 3)),
         [normal(3)]),
    Case("narrow", lambda x: x.narrow(0, 1, 2), lambda x: x[1:3], [normal(4, 2)]),
    Case("split", lambda x: x.split(2), lambda x: (x[:2], x[2:4], x[4:]), [normal(5, 2)]),
    Case("chunk", lambda x: x.chunk(2, 1), lambda x: (x[:, :3], x[:, 3:]), [normal(2, 5)]),
    Case("unbind", lambda x: x.unbind(1), lambda x: (x[:, 0], x[:, 1]), [normal(3, 2)]),
    Case("flatten", lambda x: x.flatten(1), lambda x: x.reshape(2, -1), [normal(2, 3, 4)]),
    Case("unflatten", lambda x: x.unflatten(1, (2, -1)), lambda x: x.reshape(3, 2, 2), [normal(3, 4)]),
    Case("movedim", lambda x: x.movedim((0, 1), (-1, 0)), lambda x: np.moveaxis(x, (0, 1), (-1, 0)),
         [normal(2, 3, 4)]),
    Case("cast", lambda x: x.clone(), lambda x: x, [normal(3, 4)]),
    Case("fill", lambda x: x.clone().fill_(2), lambda x: np.full_like(x, 2), [normal(3, 4)],
         grad=False),
]

ERRORS = [
    ErrorCase("view", lambda: lydia.ones(3, 4).t().view(12), ValueError, "without copying"),
    ErrorCase("view", lambda: lydia.ones(3, 4).view(5, -1), ValueError, "does not fit the 12 elements"),
    ErrorCase("select", lambda: lydia.ones(3).select(0, 3), IndexError, "out of range"),
    ErrorCase("expand", lambda: lydia.ones(3).expand(2, 4), ValueError, "can't be expanded"),
    ErrorCase("as_strided", lambda: lydia.ones(3).as_strided((4,), (1,)), ValueError,
              "reaches outside a storage of 3 elements"),
]
