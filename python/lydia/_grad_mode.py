"""Context managers and decorators that switch what is recorded for backward."""
import functools

from . import _C


class _Switch:
    def __enter__(self):
        self._stack = getattr(self, "_stack", [])
        self._stack.append(_C._set_grad_state(*self._state()))
        return self

    def __exit__(self, *_):
        _C._set_grad_state(*self._stack.pop())

    def __call__(self, function):
        @functools.wraps(function)
        def wrapped(*args, **kwargs):
            with type(self)(*self._arguments()):
                return function(*args, **kwargs)
        return wrapped

    def _arguments(self):
        return ()


class no_grad(_Switch):
    """Nothing inside is recorded for backward."""

    def _state(self):
        return False, _C.is_inference_mode_enabled()


class enable_grad(_Switch):
    """Records inside a no_grad() block."""

    def _state(self):
        return True, _C.is_inference_mode_enabled()


class inference_mode(_Switch):
    """Like no_grad, and what is made inside can never join a graph."""

    def __init__(self, mode=True):
        self.mode = mode

    def _state(self):
        return not self.mode, self.mode

    def _arguments(self):
        return (self.mode,)


class set_grad_enabled(_Switch):
    """Switches recording on or off: at once, and back at the end of a `with` block."""

    def __init__(self, mode):
        self.mode = mode
        self._before = _C._set_grad_state(mode, _C.is_inference_mode_enabled())

    def _state(self):
        return self.mode, _C.is_inference_mode_enabled()

    def __exit__(self, *args):
        super().__exit__(*args)
        _C._set_grad_state(*self._before)

    def _arguments(self):
        return (self.mode,)
