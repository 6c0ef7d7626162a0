"""Module: the base of all layers and models, as torch.nn.Module.

Attributes that are Parameters or Modules are registered as they are assigned; tensors that are
state but no parameters go through register_buffer.
"""
from ... import _C
from ..._C import Tensor, dtype as _dtype
from ..._grad_mode import no_grad
from ..parameter import Parameter
from . import state
from .hooks import add_hook, call_with_hooks


def _indented(text):
    return text.replace("\n", "\n  ")


class Module:
    """The base of layers and models. Subclasses call super().__init__(), assign their parts to
    attributes, and define forward."""

    def __init__(self):
        own = self.__dict__
        own["training"] = True
        own["_parameters"], own["_buffers"], own["_modules"] = {}, {}, {}
        own["_non_persistent_buffers_set"] = set()
        own["_forward_pre_hooks"], own["_forward_hooks"], own["_backward_hooks"] = {}, {}, {}
        own["_backward_pre_hooks"] = {}

    def forward(self, *args, **kwargs):
        """What the module computes; defined by the subclass."""
        raise NotImplementedError(f"{type(self).__name__}: has no forward")

    def __call__(self, *args, **kwargs):
        if (self._forward_pre_hooks or self._forward_hooks or self._backward_hooks
                or self._backward_pre_hooks):
            return call_with_hooks(self, args, kwargs)
        return self._forward_or_checkpoint(args, kwargs)

    _checkpointing = False

    def _forward_or_checkpoint(self, args, kwargs):
        if self._checkpointing and self.training and _C.is_grad_enabled():
            from ...utils.checkpoint import checkpoint
            return checkpoint(self.forward, *args, **kwargs)
        return self.forward(*args, **kwargs)

    def set_checkpointing(self, pattern, on=True):
        """Modules whose names match `pattern` (* any text, ? one character) keep, in training, nothing
        of what lies between their inputs and outputs: backward runs them again. Returns how many.
        Batch statistics then see each batch twice."""
        matched = [m for name, m in self.named_modules() if _C._glob_match(pattern, name)]
        if not matched:
            raise ValueError(f"{type(self).__name__}: no module matches {pattern!r}")
        for module in matched:
            module._checkpointing = on
        return len(matched)

    def summary(self, *args, **kwargs):
        """lydia.nn.summary of this module for these inputs."""
        from .._summary import summary
        return summary(self, *args, **kwargs)

    # ---- registration

    def _stores(self):
        own = self.__dict__
        if "_parameters" not in own:
            raise AttributeError(f"{type(self).__name__}: call super().__init__() before assigning "
                                 "parameters, buffers or modules")
        return own["_parameters"], own["_buffers"], own["_modules"]

    def _check_new(self, name, store, what):
        if not isinstance(name, str):
            raise TypeError(f"{what}: expected a name as str, got {type(name).__name__}")
        if name == "" or "." in name:
            raise KeyError(f"{what}: expected a name without dots, got {name!r}")
        if hasattr(self, name) and name not in store:
            raise KeyError(f"{what}: {type(self).__name__} has an attribute {name!r} already")

    def register_parameter(self, name, param):
        """Adds a Parameter, or None for one that is absent, under `name`."""
        self._check_new(name, self._stores()[0], "register_parameter")
        if param is not None and not isinstance(param, Parameter):
            raise TypeError(f"register_parameter: {name!r}: expected a Parameter or None, got "
                            f"{type(param).__name__}")
        if param is not None and param.grad_fn is not None:
            raise ValueError(f"register_parameter: {name!r}: expected a leaf")
        self._parameters[name] = param

    def register_buffer(self, name, tensor, persistent=True):
        """Adds a tensor that is state but no parameter; kept out of state_dict unless persistent."""
        self._check_new(name, self._stores()[1], "register_buffer")
        if tensor is not None and not isinstance(tensor, Tensor):
            raise TypeError(f"register_buffer: {name!r}: expected a tensor or None, got "
                            f"{type(tensor).__name__}")
        self._buffers[name] = tensor
        (self._non_persistent_buffers_set.discard if persistent
         else self._non_persistent_buffers_set.add)(name)

    def add_module(self, name, module):
        """Adds a child, or None for one that is absent, under `name`."""
        self._check_new(name, self._stores()[2], "add_module")
        if module is not None and not isinstance(module, Module):
            raise TypeError(f"add_module: {name!r}: expected a Module or None, got "
                            f"{type(module).__name__}")
        self._modules[name] = module

    register_module = add_module

    def __setattr__(self, name, value):
        own = self.__dict__
        if isinstance(value, (Parameter, Module)):
            parameters, buffers, modules = self._stores()
            target = parameters if isinstance(value, Parameter) else modules
            for store in (own, parameters, buffers, modules):
                if store is not target:
                    store.pop(name, None)
            self._non_persistent_buffers_set.discard(name)
            if target is parameters:
                self.register_parameter(name, value)
            else:
                self.add_module(name, value)
            return
        for store, kind in (("_parameters", "Parameter"), ("_modules", "Module"),
                            ("_buffers", "tensor")):
            if name in own.get(store, ()):
                if value is not None and not (kind == "tensor" and isinstance(value, Tensor)):
                    raise TypeError(f"{type(self).__name__}.{name}: expected a {kind} or None, got "
                                    f"{type(value).__name__}")
                own[store][name] = value
                return
        object.__setattr__(self, name, value)

    def __getattr__(self, name):
        own = self.__dict__
        for store in ("_parameters", "_buffers", "_modules"):
            found = own.get(store, {})
            if name in found:
                return found[name]
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __delattr__(self, name):
        for store in self._stores():
            if name in store:
                del store[name]
                self._non_persistent_buffers_set.discard(name)
                return
        object.__delattr__(self, name)

    def __dir__(self):
        names = set(super().__dir__())
        return sorted(names.union(*self._stores()))

    # ---- walking

    def named_modules(self, memo=None, prefix="", remove_duplicate=True):
        """(name, module) of itself and all below, parents first."""
        memo = set() if memo is None else memo
        if self in memo:
            return
        if remove_duplicate:
            memo.add(self)
        yield prefix, self
        for name, child in self._modules.items():
            if child is not None:
                yield from child.named_modules(memo, f"{prefix}.{name}" if prefix else name,
                                               remove_duplicate)

    def modules(self):
        """Itself and all modules below."""
        for _, module in self.named_modules():
            yield module

    def named_children(self):
        """(name, module) of its own children."""
        seen = set()
        for name, child in self._modules.items():
            if child is not None and child not in seen:
                seen.add(child)
                yield name, child

    def children(self):
        """Its own children."""
        for _, child in self.named_children():
            yield child

    def _named_tensors(self, store, prefix, recurse, remove_duplicate):
        seen = set()
        walk = self.named_modules(prefix=prefix, remove_duplicate=remove_duplicate)
        for path, module in walk if recurse else [(prefix, self)]:
            for name, value in getattr(module, store).items():
                if value is None or id(value) in seen:
                    continue
                if remove_duplicate:
                    seen.add(id(value))
                yield f"{path}.{name}" if path else name, value

    def named_parameters(self, prefix="", recurse=True, remove_duplicate=True):
        """(name, parameter) of its own and, with recurse, those below; each once."""
        yield from self._named_tensors("_parameters", prefix, recurse, remove_duplicate)

    def parameters(self, recurse=True):
        """The parameters, each once."""
        for _, value in self.named_parameters(recurse=recurse):
            yield value

    def named_buffers(self, prefix="", recurse=True, remove_duplicate=True):
        """(name, buffer) of its own and, with recurse, those below; each once."""
        yield from self._named_tensors("_buffers", prefix, recurse, remove_duplicate)

    def buffers(self, recurse=True):
        """The buffers, each once."""
        for _, value in self.named_buffers(recurse=recurse):
            yield value

    def get_submodule(self, target):
        """The module of the dotted name `target`; itself for ""."""
        module = self
        for part in target.split(".") if target else ():
            if not isinstance(module, Module) or module._modules.get(part) is None:
                raise AttributeError(f"{type(self).__name__}: has no submodule {target!r}")
            module = module._modules[part]
        return module

    def _get_tensor(self, target, store, what):
        path, _, name = target.rpartition(".")
        found = getattr(self.get_submodule(path), store).get(name)
        if found is None:
            raise AttributeError(f"{type(self).__name__}: has no {what} {target!r}")
        return found

    def get_parameter(self, target):
        """The parameter of the dotted name `target`."""
        return self._get_tensor(target, "_parameters", "parameter")

    def get_buffer(self, target):
        """The buffer of the dotted name `target`."""
        return self._get_tensor(target, "_buffers", "buffer")

    # ---- modes and values

    def apply(self, fn):
        """fn(module) on each module below, then on this one."""
        for child in self.children():
            child.apply(fn)
        fn(self)
        return self

    def train(self, mode=True):
        """Switches this module and those below to training, or to evaluation."""
        if not isinstance(mode, bool):
            raise ValueError(f"train: expected a bool, got {mode!r}")
        self.training = mode
        for child in self.children():
            child.train(mode)
        return self

    def eval(self):
        """train(False)"""
        return self.train(False)

    def _apply(self, fn, recurse=True):
        """Every parameter, its gradient, and every buffer become fn(tensor); parameters stay the
        same objects."""
        for child in self.children() if recurse else ():
            child._apply(fn)
        with no_grad():
            for param in self._parameters.values():
                if param is not None:
                    grad, param.grad = param.grad, None
                    param.data = fn(param.data)
                    if grad is not None:
                        param.grad = fn(grad)
            for name, value in self._buffers.items():
                if value is not None:
                    self._buffers[name] = fn(value)
        return self

    def to(self, *args, dtype=None, device=None, non_blocking=False):
        """Floating parameters and buffers in another dtype, all of them on another device:
        to(dtype), to(device), to(device, dtype), to(tensor)."""
        for arg in args:
            if isinstance(arg, _dtype):
                dtype = arg
            elif isinstance(arg, Tensor):
                dtype, device = arg.dtype, arg.device
            elif not isinstance(arg, bool):
                device = arg
        if dtype is not None and not _C.empty(0, dtype=dtype).is_floating_point():
            raise TypeError(f"Module.to: expected a floating-point dtype, got {dtype}")
        return self._apply(
            lambda t: t.to(device=device, dtype=dtype if t.is_floating_point() else None))

    def type(self, dst_type):
        """All parameters and buffers as `dst_type`."""
        return self._apply(lambda t: t.to(dst_type))

    def float(self):
        """to(float32)"""
        return self.to(_dtype.float32)

    def double(self):
        """to(float64)"""
        return self.to(_dtype.float64)

    def half(self):
        """to(float16)"""
        return self.to(_dtype.float16)

    def bfloat16(self):
        """to(bfloat16)"""
        return self.to(_dtype.bfloat16)

    def cpu(self):
        """to("cpu")"""
        return self.to("cpu")

    def cuda(self, device=None):
        """On a GPU; NotImplementedError, with the reason, where there is none."""
        return self.to("cuda" if device is None else device)

    def state_dict(self, *, destination=None, prefix="", keep_vars=False):
        """Parameters and persistent buffers by name, on the same memory; without history unless
        keep_vars."""
        out = {} if destination is None else destination
        for key, store, name in state.entries(self, prefix):
            out[key] = store[name] if keep_vars else store[name].detach()
        return out

    def load_state_dict(self, state_dict, strict=True, assign=False):
        """Copies the values in (with assign, takes the tensors themselves). RuntimeError, and
        nothing is changed, where shapes differ or, if strict, keys are missing or unexpected."""
        return state.load_state(self, state_dict, strict, assign)

    # ---- gradients

    def requires_grad_(self, requires_grad=True):
        """Switches requires_grad of all parameters."""
        for param in self.parameters():
            param.requires_grad_(requires_grad)
        return self

    def _switch_by_pattern(self, pattern, value):
        matched = {id(p): p for name, p in self.named_parameters(remove_duplicate=False)
                   if _C._glob_match(pattern, name)}
        if not matched:
            raise ValueError(f"{type(self).__name__}: no parameter matches {pattern!r}")
        for param in matched.values():
            param.requires_grad_(value)
        return len(matched)

    def freeze(self, pattern):
        """Parameters whose names match `pattern` (* any text, ? one character) need no gradient any
        more. Returns how many."""
        return self._switch_by_pattern(pattern, False)

    def unfreeze(self, pattern):
        """The opposite of freeze."""
        return self._switch_by_pattern(pattern, True)

    def zero_grad(self, set_to_none=True):
        """Drops the gradients of all parameters, or sets them to zero."""
        for param in self.parameters():
            if param.grad is not None:
                param.grad = None if set_to_none else _C.zeros_like(param.grad.detach())

    # ---- hooks

    def register_forward_pre_hook(self, hook, *, prepend=False, with_kwargs=False):
        """hook(module, args) before forward; a result takes the place of the arguments."""
        return add_hook(self._forward_pre_hooks, (hook, with_kwargs), prepend)

    def register_forward_hook(self, hook, *, prepend=False, with_kwargs=False, always_call=False):
        """hook(module, args, output) after forward; a result takes the place of the output."""
        return add_hook(self._forward_hooks, (hook, with_kwargs, always_call), prepend)

    def register_full_backward_hook(self, hook, prepend=False):
        """hook(module, grad_input, grad_output) in backward; a result takes the place of
        grad_input. Gradients are those of positional tensor arguments of one call."""
        return add_hook(self._backward_hooks, hook, prepend)

    def register_full_backward_pre_hook(self, hook, prepend=False):
        """hook(module, grad_output) in backward, before the module's own; a result takes the place of
        grad_output."""
        return add_hook(self._backward_pre_hooks, hook, prepend)

    # ---- printing

    def _get_name(self):
        return type(self).__name__

    def extra_repr(self):
        """What repr shows of this module itself."""
        return ""

    def __repr__(self):
        lines = self.extra_repr().split("\n") if self.extra_repr() else []
        children = [f"({name}): {_indented(repr(child))}" for name, child in self._modules.items()]
        if len(lines) == 1 and not children:
            return f"{self._get_name()}({lines[0]})"
        body = "".join(f"\n  {line}" for line in lines + children)
        return f"{self._get_name()}({body}\n)" if body else f"{self._get_name()}()"
