"""How tensors print: as PyTorch prints them."""
import math

from . import _C

_NAMES = ("precision", "threshold", "edgeitems", "linewidth", "sci_mode")
_DEFAULT = dict(precision=4, threshold=1000, edgeitems=3, linewidth=80, sci_mode=None)
_PROFILES = {"default": _DEFAULT, "short": dict(_DEFAULT, precision=2, edgeitems=2),
             "full": dict(_DEFAULT, threshold=math.inf)}
_options = dict(_DEFAULT)


def set_printoptions(precision=None, threshold=None, edgeitems=None, linewidth=None, profile=None,
                     sci_mode=None):
    """Sets how tensors print.

    precision: digits after the point; threshold: elements above which a tensor is summarised;
    edgeitems: elements shown at each end then; linewidth: characters per line; sci_mode: True or
    False to force scientific notation on or off; profile: "default", "short" or "full".
    """
    if profile is not None:
        if profile not in _PROFILES:
            raise ValueError(f"set_printoptions: expected profile default, short or full, got {profile!r}")
        _options.update(_PROFILES[profile])
    for name, value in zip(_NAMES, (precision, threshold, edgeitems, linewidth, sci_mode)):
        if value is not None:
            _options[name] = value


def get_printoptions():
    """The options set by set_printoptions, as a dict."""
    return dict(_options)


class _Format:
    """One format for all numbers of a tensor, so that columns line up."""

    def __init__(self, values, kind):
        self.kind = kind
        self.width = 1
        self.exponent = self.whole = False
        if kind == "float":
            self._choose(values)
        self.width = max([len(self.text(v)) for v in values], default=1)

    def _choose(self, values):
        finite = [abs(v) for v in values if math.isfinite(v) and v != 0]
        if not finite:
            self.whole = all(math.isfinite(v) for v in values) or not values
            return
        high, low = max(finite), min(finite)
        self.whole = all(v == math.ceil(v) for v in finite)
        wide = high / low > 1000 or high > 1e8
        self.exponent = wide if self.whole else wide or low < 1e-4
        if _options["sci_mode"] is not None:
            self.exponent = _options["sci_mode"]

    def text(self, v):
        if self.kind != "float":
            return str(v)
        if not math.isfinite(v):
            return str(v)
        if self.exponent:
            return f"{v:.{_options['precision']}e}"
        if self.whole:
            return f"{v:.0f}."
        return f"{v:.{_options['precision']}f}"

    def padded(self, v):
        return self.text(v).rjust(self.width)


def _edges(t):
    """t without what is left out when it is summarised, to choose the format by."""
    edge = _options["edgeitems"]
    for d in range(t.ndim):
        if t.shape[d] > 2 * edge:
            t = _C.cat([t.narrow(d, 0, edge), t.narrow(d, t.shape[d] - edge, edge)], d) \
                if hasattr(_C, "cat") else t.narrow(d, 0, edge)
    return t


def _flat(values):
    if not isinstance(values, list):
        return [values]
    return [x for v in values for x in _flat(v)]


def _row(t, fmt, summarise, indent):
    edge, n = _options["edgeitems"], t.shape[0]
    per_line = max(1, (_options["linewidth"] - indent) // (fmt.width + 2))
    if summarise and n > 2 * edge:
        cells = [fmt.padded(v) for v in t.narrow(0, 0, edge).tolist()] + [" ..."]
        cells += [fmt.padded(v) for v in t.narrow(0, n - edge, edge).tolist()]
    else:
        cells = [fmt.padded(v) for v in t.tolist()]
    lines = [", ".join(cells[i:i + per_line]) for i in range(0, len(cells), per_line)]
    return "[" + (",\n" + " " * (indent + 1)).join(lines) + "]"


def _body(t, fmt, summarise, indent):
    if t.ndim == 0:
        return fmt.padded(t.item())
    if t.ndim == 1:
        return _row(t, fmt, summarise, indent)
    edge, n = _options["edgeitems"], t.shape[0]
    if summarise and n > 2 * edge:
        at = list(range(edge)) + [None] + list(range(n - edge, n))
    else:
        at = range(n)
    parts = ["..." if i is None else _body(t.select(0, i), fmt, summarise, indent + 1) for i in at]
    gap = "," + "\n" * (t.ndim - 1) + " " * (indent + 1)
    return "[" + gap.join(parts) + "]"


def _kind(t):
    if t.dtype == _C.dtype.bool:
        return "bool"
    return "float" if t.is_floating_point() else "int"


def tensor_text(t, prefix="tensor("):
    """repr(t)."""
    shown = t.detach()
    extra = []
    if t.numel() == 0:
        body = "[]"
        if t.ndim != 1:
            extra.append(f"size={tuple(t.shape)}")
    else:
        summarise = t.numel() > _options["threshold"]
        fmt = _Format(_flat((_edges(shown) if summarise else shown).tolist()), _kind(t))
        body = _body(shown, fmt, summarise, len(prefix))
    usual = (_C.get_default_dtype(), _C.dtype.int64, _C.dtype.bool)
    if t.dtype not in usual or (t.numel() == 0 and t.dtype != usual[0]):
        extra.append(f"dtype={t.dtype}")
    if t.grad_fn is not None:
        extra.append(f"grad_fn={t.grad_fn}")
    elif t.requires_grad:
        extra.append("requires_grad=True")
    out = prefix + body
    for part in extra:
        last = out.rsplit("\n", 1)[-1]
        fits = len(last) + len(part) + 3 <= _options["linewidth"]
        out += (", " if fits else ",\n" + " " * len(prefix)) + part
    return out + ")"


def _format(self, spec):
    if self.ndim == 0 and spec:
        return format(self.item(), spec)
    return object.__format__(self, spec)


_C.Tensor.__repr__ = lambda self: tensor_text(self)
_C.Tensor.__str__ = lambda self: tensor_text(self)
_C.Tensor.__format__ = _format
