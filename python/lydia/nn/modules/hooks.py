"""Hooks of modules: around forward, and on the gradients that pass through a call."""
import itertools

from ..._C import Tensor, is_grad_enabled
from ...autograd import Function

_ids = itertools.count()


class RemovableHandle:
    """Undoes one registration; as a context manager, at the end of the block."""

    def __init__(self, hooks):
        self.id = next(_ids)
        self._hooks = hooks

    def remove(self):
        """Takes the hook away; again does nothing."""
        self._hooks.pop(self.id, None)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.remove()


def add_hook(hooks, entry, prepend=False):
    """Registers `entry` in the dict `hooks`, first of all with `prepend`."""
    handle = RemovableHandle(hooks)
    others = dict(hooks) if prepend else {}
    if prepend:
        hooks.clear()
    hooks[handle.id] = entry
    hooks.update(others)
    return handle


class _Gate(Function):
    """The same tensors behind a node of their own; on_grads(grads) may give others."""

    @staticmethod
    def forward(ctx, on_grads, *tensors):
        ctx.on_grads = on_grads
        ctx.set_materialize_grads(False)
        return tuple(t.view(t.shape) for t in tensors)

    @staticmethod
    def backward(ctx, *grads):
        changed = ctx.on_grads(grads)
        return (None, *(grads if changed is None else changed))


def _as_tuple(value):
    return value if isinstance(value, tuple) else (value,)


class _BackwardCall:
    """One call of a module that has backward hooks."""

    def __init__(self, module):
        self.module = module
        self.grad_output = None
        self.inputs_gated = False

    def gate(self, values, on_grads):
        """`values` with the tensors that need a gradient behind a gate, and where they are."""
        at = [i for i, v in enumerate(values) if isinstance(v, Tensor) and v.requires_grad]
        if not at:
            return values, at
        out = list(values)
        for i, v in zip(at, _Gate.apply(on_grads, *(values[i] for i in at))):
            out[i] = v
        return tuple(out), at

    def gate_inputs(self, args):
        count = len(args)

        def on_grads(grads):
            full = [None] * count
            for i, g in zip(at, grads):
                full[i] = g
            full = self.run(tuple(full))
            return tuple(full[i] for i in at)

        args, at = self.gate(args, on_grads)
        self.inputs_gated = bool(at)
        return args

    def gate_outputs(self, result):
        values = _as_tuple(result)
        count = len(values)

        def on_grads(grads):
            full = [None] * count
            for i, g in zip(at, grads):
                full[i] = g
            self.grad_output = self.run_before(tuple(full))
            if not self.inputs_gated:
                self.run((None,))
            return tuple(self.grad_output[i] for i in at)

        values, at = self.gate(values, on_grads)
        return values if isinstance(result, tuple) else values[0]

    def run_before(self, grad_output):
        for hook in list(self.module._backward_pre_hooks.values()):
            changed = hook(self.module, grad_output)
            if changed is not None:
                changed = _as_tuple(changed)
                if len(changed) != len(grad_output):
                    raise RuntimeError(f"backward pre-hook: expected {len(grad_output)} gradients, "
                                       f"got {len(changed)}")
                grad_output = changed
        return grad_output

    def run(self, grad_input):
        for hook in list(self.module._backward_hooks.values()):
            changed = hook(self.module, grad_input, self.grad_output)
            if changed is not None:
                changed = _as_tuple(changed)
                if len(changed) != len(grad_input):
                    raise RuntimeError(f"backward hook: expected {len(grad_input)} gradients, "
                                       f"got {len(changed)}")
                grad_input = changed
        return grad_input


def call_with_hooks(module, args, kwargs):
    """module.forward(*args, **kwargs) between the module's hooks."""
    for hook, with_kwargs in list(module._forward_pre_hooks.values()):
        if with_kwargs:
            changed = hook(module, args, kwargs)
            if changed is not None:
                args, kwargs = changed
        else:
            changed = hook(module, args)
            if changed is not None:
                args = _as_tuple(changed)
    hooked = module._backward_hooks or module._backward_pre_hooks
    backward = _BackwardCall(module) if hooked and is_grad_enabled() else None
    if backward:
        args = backward.gate_inputs(args)
    ran = set()
    try:
        result = module._forward_or_checkpoint(args, kwargs)
        for key, entry in list(module._forward_hooks.items()):
            ran.add(key)
            result = _run_forward_hook(module, entry, args, kwargs, result)
    except Exception:
        for key, entry in list(module._forward_hooks.items()):
            if entry[2] and key not in ran:  # always_call
                _run_forward_hook(module, entry, args, kwargs, None)
        raise
    return backward.gate_outputs(result) if backward else result


def _run_forward_hook(module, entry, args, kwargs, result):
    hook, with_kwargs, _ = entry
    changed = hook(module, args, kwargs, result) if with_kwargs else hook(module, args, result)
    return result if changed is None else changed
