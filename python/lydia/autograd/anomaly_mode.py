"""Anomaly mode: errors of backward name the forward op and the line of Python that ran it."""
from .. import _C


class set_detect_anomaly:
    """Turns anomaly mode on or off: at once, and back at the end of a `with` block.

    In anomaly mode a gradient with NaN is a RuntimeError that says which op's backward gave it and
    where its forward was run. Slow; for debugging.
    """

    def __init__(self, mode=True):
        self._before = _C.is_anomaly_enabled()
        _C._set_detect_anomaly(mode)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        _C._set_detect_anomaly(self._before)


class detect_anomaly(set_detect_anomaly):
    """Anomaly mode for a `with` block."""

    def __init__(self):
        self._before = _C.is_anomaly_enabled()

    def __enter__(self):
        self._before = _C.is_anomaly_enabled()
        _C._set_detect_anomaly(True)
        return self
