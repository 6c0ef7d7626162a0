"""Checkpoints: folders that appear whole or not at all (lydia/train/checkpoint.h has the layout)."""
import json
import os
import pathlib

from .. import _serialization
from .._C import _train

__all__ = ["list_checkpoints", "load_checkpoint", "load_newest_checkpoint", "prune_checkpoints",
           "save_checkpoint", "set_aside_checkpoints"]


def save_checkpoint(folder, step, model, training, state=None):
    """Writes `folder`/step-<step> and returns its path.

    model: dict of tensors; training: whatever lydia.save takes; state: dict that JSON can hold.
    OSError when the system refuses; what was there before is untouched then.
    """
    pairs, strings = _serialization.take_apart(training)
    model = [(name, tensor.detach()) for name, tensor in model.items()]
    state = json.dumps(state or {}, allow_nan=False)
    return pathlib.Path(_train.save_checkpoint(os.fspath(folder), step, model, pairs, strings, state))


def _whole(path, loaded):
    step, model, training, strings, state = loaded
    try:
        training = _serialization.put_together(dict(training), strings, str(path))
    except ValueError as error:
        raise OSError(f'checkpoint "{path}": expected a whole checkpoint, got: {error}') from error
    return {"step": step, "model": dict(model), "training": training, "state": json.loads(state)}


def load_checkpoint(path):
    """{"step", "model", "training", "state"}. OSError for a folder that is not a whole checkpoint."""
    return _whole(path, _train.load_checkpoint(os.fspath(path)))


def list_checkpoints(folder):
    """Paths by ascending step; not looked into."""
    return [pathlib.Path(path) for _, path in _train.list_checkpoints(os.fspath(folder))]


def load_newest_checkpoint(folder, refused=None):
    """The newest one that is whole; `refused(message)` is told of each that is not. OSError when none is."""
    tell = refused or (lambda message: None)
    return _whole(folder, _train.load_newest_checkpoint(os.fspath(folder), tell))


def prune_checkpoints(folder, keep, also=()):
    """Removes all but the newest `keep` and the paths `also`, and what killed writers left."""
    also = {os.fspath(path) for path in also}
    steps = [step for step, path in _train.list_checkpoints(os.fspath(folder)) if path in also]
    _train.prune_checkpoints(os.fspath(folder), keep, steps)


def set_aside_checkpoints(folder):
    """Moves what an earlier run left in `folder` to `folder`.old, in place of what is there."""
    _train.set_aside_checkpoints(os.fspath(folder))
