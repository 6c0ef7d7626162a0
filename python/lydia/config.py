"""Configuration composed from YAML files, as Hydra does: see docs/config.md.

    cfg = lydia.config.compose("conf", "train", ["model=mlp", "training.lr=0.1"])
    cfg.training.lr, cfg["training"]["lr"]
    model = lydia.config.instantiate(cfg.model)    # calls what `_target_` names
"""
import functools
import importlib
import os

from . import _C

__all__ = ["Config", "compose", "load", "sweeps", "to_yaml", "resolve", "instantiate", "save_run"]


class Config(dict):
    """A dict whose keys are attributes too; maps inside it are Configs."""

    def __init__(self, *args, **kwargs):
        super().__init__()
        self.update(*args, **kwargs)

    def __setitem__(self, key, value):
        super().__setitem__(key, _wrap(value))

    def __getitem__(self, key):
        value = super().__getitem__(key)
        if isinstance(value, str) and value == "???":
            raise ValueError(f"config: {key}: mandatory value is not given; give it as {key}=VALUE")
        return value

    def update(self, *args, **kwargs):
        for key, value in dict(*args, **kwargs).items():
            self[key] = value

    def setdefault(self, key, default=None):
        if key not in self:
            self[key] = default
        return self[key]

    def copy(self):
        return Config(self)

    def get(self, key, default=None):
        return self[key] if key in self else default

    def __getattr__(self, key):
        if key.startswith("__"):
            raise AttributeError(key)
        if key not in self:
            raise AttributeError(f"config: no key '{key}'; keys: {', '.join(map(str, self))}")
        return self[key]

    __setattr__ = __setitem__
    __delattr__ = dict.__delitem__

    def to_dict(self):
        """Plain dicts and lists."""
        return _plain(self)


def _wrap(value):
    if isinstance(value, dict):
        return Config(value)
    if isinstance(value, (list, tuple)):
        return [_wrap(item) for item in value]
    return value


def _plain(value):
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


def _folders(config_dir):
    if isinstance(config_dir, (str, os.PathLike)):
        config_dir = [config_dir]
    return [os.fspath(folder) for folder in config_dir]


def compose(config_dir, config_name, overrides=(), *, resolve=True):
    """The configuration `config_name` of a folder (or of several, searched in turn).

    With resolve=False interpolations stay as they are written.
    """
    return Config(_C._config_compose(_folders(config_dir), config_name, list(overrides), resolve))


def sweeps(config_dir, config_name, overrides):
    """The override lists of the runs that `a=1,2 b=range(3)` and the like stand for."""
    return _C._config_sweeps(_folders(config_dir), config_name, list(overrides))


def load(path):
    """One YAML file without composition, such as the config.yaml of a run's folder."""
    with open(path, "rb") as file:
        text = file.read()
    try:
        text = text.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"config: {os.fspath(path)}: not UTF-8 at byte {error.start}") from None
    return _wrap(_C._config_parse_yaml(text, os.fspath(path)))


def resolve(config):
    """`config` with its interpolations replaced."""
    return _wrap(_C._config_resolve(_plain(config)))


def to_yaml(config):
    """The configuration as YAML text."""
    return _C._config_to_yaml(_plain(config))


def save_run(folder, config, overrides=()):
    """Makes `folder` and writes config.yaml and overrides.yaml in it."""
    _C._config_save_run(os.fspath(folder), _plain(config), list(overrides))


_SETTINGS = ("_target_", "_args_", "_partial_", "_recursive_", "_convert_")


def instantiate(config, *args, **kwargs):
    """Calls what `_target_` names with the other keys as arguments, from the inside out.

    `_args_` is a list of positional arguments, replaced by `args`; `kwargs` are merged over the
    config; `_partial_: true` gives functools.partial; `_recursive_: false` leaves inner configs
    alone. What has no `_target_` stays as it is. Imports what it is told to: for your own files.
    """
    if config is None:
        return None
    if isinstance(config, dict):
        config = _merged(config, kwargs)
    elif kwargs:
        raise TypeError("instantiate: expected a dict for keyword arguments, got "
                        f"{type(config).__name__}")
    elif not isinstance(config, list):
        raise TypeError(f"instantiate: expected a dict or a list, got {type(config).__name__}")
    return _instantiate(_plain(config), args, True, "")


def _merged(config, kwargs):
    out = dict(config)
    for key, value in kwargs.items():
        both = isinstance(out.get(key), dict) and isinstance(value, dict)
        out[key] = _merged(out[key], value) if both else value
    return out


def _instantiate(node, args, recursive, path):
    if isinstance(node, list):
        return [_instantiate(item, (), recursive, f"{path}[{i}]") for i, item in enumerate(node)]
    if not isinstance(node, dict):
        return node
    recursive = _flag(node, "_recursive_", recursive, path)
    partial = _flag(node, "_partial_", False, path)
    values = {}
    for key, value in node.items():
        if key in _SETTINGS and key != "_args_":
            continue
        if isinstance(value, str) and value == "???":
            if partial:
                continue
            raise ValueError(f"instantiate: {_join(path, key)}: mandatory value is not given")
        values[key] = _instantiate(value, (), recursive, _join(path, key)) if recursive else _wrap(value)
    if "_target_" not in node:
        return Config(values)
    positional = args or values.pop("_args_", ())
    values.pop("_args_", None)
    if isinstance(positional, str) or not isinstance(positional, (list, tuple)):
        raise TypeError(f"instantiate: {_join(path, '_args_')}: expected a list, got {positional!r}")
    target = _locate(node["_target_"], path)
    if partial:
        return functools.partial(target, *positional, **values)
    try:
        return target(*positional, **values)
    except Exception as error:
        if hasattr(error, "add_note"):  # Python 3.11
            error.add_note(f"while instantiating {node['_target_']}" + (f" at '{path}'" if path else ""))
        raise


def _flag(node, key, default, path):
    value = node.get(key, default)
    if not isinstance(value, bool):
        raise TypeError(f"instantiate: {_join(path, key)}: expected true or false, got {value!r}")
    return value


def _join(path, key):
    return f"{path}.{key}" if path else key


def _locate(target, path):
    """The object with the dotted name `target`."""
    if callable(target):
        return target
    if not isinstance(target, str) or not target or ".." in f".{target}.".replace(" ", "."):
        raise TypeError(f"instantiate: {_join(path, '_target_')}: expected a dotted name, got {target!r}")
    parts = target.split(".")
    for split in range(len(parts), 0, -1):
        module = ".".join(parts[:split])
        try:
            found = importlib.import_module(module)
        except ModuleNotFoundError as error:
            if error.name and (module == error.name or module.startswith(error.name + ".")):
                continue  # this much of the name is no module; what the module imports is not there
            raise
        try:
            for part in parts[split:]:
                found = getattr(found, part)
        except AttributeError:
            break
        if not callable(found):
            raise TypeError(f"instantiate: {target}: expected something to call, got "
                            f"{type(found).__name__}")
        return found
    raise ValueError(f"instantiate: {_join(path, '_target_')}: no such name: {target}")
