"""Recurrent layers and cells: RNN, LSTM, GRU. The recurrences run in C++ (lydia/nn/recurrent.h)."""
import math

from ... import _C
from ...nn import init
from ..parameter import Parameter
from ..utils.rnn import PackedSequence, packed_from_padded, padded_from_packed
from .module import Module

_GATES = {"RNN_TANH": 1, "RNN_RELU": 1, "LSTM": 4, "GRU": 3}


def _fill(module):
    """First values: uniform within 1 / sqrt(hidden_size)."""
    bound = 1 / math.sqrt(module.hidden_size) if module.hidden_size else 0
    for p in module.parameters():
        init.uniform_(p, -bound, bound)


class RNNBase(Module):
    """What RNN, LSTM and GRU share: weights per layer and direction, and running them."""

    def __init__(self, mode, input_size, hidden_size, num_layers=1, bias=True, batch_first=False,
                 dropout=0.0, bidirectional=False, proj_size=0, device=None, dtype=None):
        super().__init__()
        name = type(self).__name__
        if mode not in _GATES or hidden_size <= 0 or num_layers <= 0:
            raise ValueError(f"{name}: expected a known mode and positive sizes, got {mode!r}, "
                             f"hidden_size {hidden_size}, num_layers {num_layers}")
        if not 0 <= dropout <= 1:
            raise ValueError(f"{name}: expected dropout from 0 to 1, got {dropout}")
        if proj_size:
            raise NotImplementedError(f"{name}: proj_size is not offered")
        self.mode, self.input_size, self.hidden_size = mode, input_size, hidden_size
        self.num_layers, self.bias, self.batch_first = num_layers, bias, batch_first
        self.dropout, self.bidirectional = float(dropout), bidirectional
        self._flat_names = []
        rows = _GATES[mode] * hidden_size
        for layer in range(num_layers):
            width = input_size if layer == 0 else hidden_size * (1 + bidirectional)
            for suffix in ("", "_reverse") if bidirectional else ("",):
                shapes = {"weight_ih": (rows, width), "weight_hh": (rows, hidden_size)}
                if bias:
                    shapes.update(bias_ih=(rows,), bias_hh=(rows,))
                for kind, shape in shapes.items():
                    key = f"{kind}_l{layer}{suffix}"
                    self._flat_names.append(key)
                    setattr(self, key, Parameter(_C.empty(shape, device=device, dtype=dtype)))
        self.reset_parameters()

    def reset_parameters(self):
        """First values: uniform within 1 / sqrt(hidden_size)."""
        _fill(self)

    def flatten_parameters(self):
        """Nothing to do; for torch's programs."""

    @property
    def all_weights(self):
        """The weights of each layer and direction."""
        per = 4 if self.bias else 2
        flat = [getattr(self, name) for name in self._flat_names]
        return [flat[i:i + per] for i in range(0, len(flat), per)]

    def _first_states(self, hx, batch, like):
        shape = (self.num_layers * (1 + self.bidirectional), batch, self.hidden_size)
        count = 2 if self.mode == "LSTM" else 1
        if hx is None:
            return [_C.zeros(shape, dtype=like.dtype)] * count
        states = list(hx) if self.mode == "LSTM" else [hx]
        for s in states:
            if tuple(s.shape) != shape:
                raise ValueError(f"{type(self).__name__}: expected a state of shape {list(shape)}, "
                                 f"got {list(s.shape)}")
        return states

    def _run(self, x, states, rows):
        out, h, c = _C._nn_recurrent(
            self.mode, x, states[0], states[1] if len(states) == 2 else None,
            [getattr(self, name) for name in self._flat_names], self.num_layers, self.bidirectional,
            self.bias, self.dropout if self.training else 0.0, rows)
        return out, [h, c] if self.mode == "LSTM" else [h]

    def _result(self, out, states):
        return out, tuple(states) if self.mode == "LSTM" else states[0]

    def forward(self, input, hx=None):
        """(output, last state): input [T, N, I] (batch_first: [N, T, I]; N may be missing) or a
        PackedSequence; states [layers * directions, N, H], a pair for LSTM."""
        if isinstance(input, PackedSequence):
            return self._forward_packed(input, hx)
        if input.ndim not in (2, 3) or input.shape[-1] != self.input_size:
            raise ValueError(f"{type(self).__name__}: expected input of 2 or 3 dimensions, the last of "
                             f"{self.input_size}, got shape {list(input.shape)}")
        alone = input.ndim == 2
        if alone:
            input = input.unsqueeze(1)
            if hx is not None:
                hx = tuple(s.unsqueeze(1) for s in hx) if self.mode == "LSTM" else hx.unsqueeze(1)
        elif self.batch_first:
            input = input.transpose(0, 1)
        out, states = self._run(input, self._first_states(hx, input.shape[1], input), [])
        if alone:
            return self._result(out.squeeze(1), [s.squeeze(1) for s in states])
        return self._result(out.transpose(0, 1) if self.batch_first else out, states)

    def _forward_packed(self, packed, hx):
        rows = packed.batch_sizes.tolist()
        states = self._first_states(hx, rows[0], packed.data)
        if hx is not None and packed.sorted_indices is not None:
            states = [s.index_select(1, packed.sorted_indices) for s in states]
        out, states = self._run(padded_from_packed(packed.data, rows), states, rows)
        if packed.unsorted_indices is not None:
            states = [s.index_select(1, packed.unsorted_indices) for s in states]
        return self._result(packed._replace(data=packed_from_padded(out, rows)), states)

    def extra_repr(self):
        out = f"{self.input_size}, {self.hidden_size}"
        for name, usual in (("num_layers", 1), ("bias", True), ("batch_first", False),
                            ("dropout", 0.0), ("bidirectional", False)):
            if getattr(self, name) != usual:
                out += f", {name}={getattr(self, name)}"
        return out


class RNN(RNNBase):
    """h' = tanh(W_ih x + b_ih + W_hh h + b_hh), or relu."""

    def __init__(self, input_size, hidden_size, num_layers=1, nonlinearity="tanh", bias=True,
                 batch_first=False, dropout=0.0, bidirectional=False, device=None, dtype=None):
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(f"RNN: expected nonlinearity 'tanh' or 'relu', got {nonlinearity!r}")
        self.__dict__["nonlinearity"] = nonlinearity
        super().__init__(f"RNN_{nonlinearity.upper()}", input_size, hidden_size, num_layers, bias,
                         batch_first, dropout, bidirectional, 0, device, dtype)


class LSTM(RNNBase):
    """Long short-term memory (Hochreiter, Schmidhuber 1997)."""

    def __init__(self, input_size, hidden_size, num_layers=1, bias=True, batch_first=False,
                 dropout=0.0, bidirectional=False, proj_size=0, device=None, dtype=None):
        super().__init__("LSTM", input_size, hidden_size, num_layers, bias, batch_first, dropout,
                         bidirectional, proj_size, device, dtype)


class GRU(RNNBase):
    """Gated recurrent units (Cho et al. 2014)."""

    def __init__(self, input_size, hidden_size, num_layers=1, bias=True, batch_first=False,
                 dropout=0.0, bidirectional=False, device=None, dtype=None):
        super().__init__("GRU", input_size, hidden_size, num_layers, bias, batch_first, dropout,
                         bidirectional, 0, device, dtype)


class _Cell(Module):
    mode = ""

    def __init__(self, input_size, hidden_size, bias=True, device=None, dtype=None):
        super().__init__()
        self.input_size, self.hidden_size, self.bias = input_size, hidden_size, bias
        rows = _GATES[self.mode] * hidden_size
        for name, shape in (("weight_ih", (rows, input_size)), ("weight_hh", (rows, hidden_size)),
                            ("bias_ih", (rows,)), ("bias_hh", (rows,))):
            present = bias or name.startswith("weight")
            self.register_parameter(name, Parameter(
                _C.empty(shape, device=device, dtype=dtype)) if present else None)
        self.reset_parameters()

    def reset_parameters(self):
        """First values: uniform within 1 / sqrt(hidden_size)."""
        _fill(self)

    def _step(self, input, states):
        """The states after one step of [N, I] or [I]."""
        if input.ndim not in (1, 2):
            raise ValueError(f"{type(self).__name__}: expected input of 1 or 2 dimensions, got shape "
                             f"{list(input.shape)}")
        alone = input.ndim == 1
        x = input.reshape(1, -1, input.shape[-1])
        zero = None if states else _C.zeros(1, x.shape[1], self.hidden_size, dtype=input.dtype)
        first = [s.reshape(1, -1, self.hidden_size) for s in states] if states else [zero, zero]
        weights = [w for w in self._parameters.values() if w is not None]
        _, h, c = _C._nn_recurrent(self.mode, x, first[0],
                                   first[1] if self.mode == "LSTM" else None, weights, 1, False,
                                   self.bias, 0.0, [])
        return [s.squeeze(0).squeeze(0) if alone else s.squeeze(0)
                for s in ((h, c) if self.mode == "LSTM" else (h,))]

    def forward(self, input, hx=None):
        return self._step(input, None if hx is None else [hx])[0]

    def extra_repr(self):
        return f"{self.input_size}, {self.hidden_size}" + ("" if self.bias else ", bias=False")


class RNNCell(_Cell):
    """One step of RNN."""

    def __init__(self, input_size, hidden_size, bias=True, nonlinearity="tanh", device=None,
                 dtype=None):
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(f"RNNCell: expected nonlinearity 'tanh' or 'relu', got {nonlinearity!r}")
        self.__dict__.update(nonlinearity=nonlinearity, mode=f"RNN_{nonlinearity.upper()}")
        super().__init__(input_size, hidden_size, bias, device, dtype)


class LSTMCell(_Cell):
    """One step of LSTM: (h, c)."""
    mode = "LSTM"

    def forward(self, input, hx=None):
        return tuple(self._step(input, hx))


class GRUCell(_Cell):
    """One step of GRU."""
    mode = "GRU"
