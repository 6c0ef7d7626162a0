"""Checkpoints: folders that appear whole or not at all, in the layout of lydia/train/checkpoint.h."""
import ctypes
import hashlib
import json
import os
import pathlib
import re
import shutil

from .. import _serialization, safetensors

__all__ = ["list_checkpoints", "load_checkpoint", "load_newest_checkpoint", "prune_checkpoints",
           "save_checkpoint"]

_FILES = ("model.safetensors", "training.safetensors", "state.json")
_NAME = re.compile(r"step-(\d{8,})")
_TEMPORARY = ".writing-"


def _sync(path):
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())


def _digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _put_in_place(temporary, path):
    """Renames; a folder that is there changes places with the new one, in one step."""
    if not os.path.exists(path):
        os.rename(temporary, path)
        return
    at_cwd, exchange = -100, 2
    done = ctypes.CDLL(None, use_errno=True).renameat2(
        at_cwd, os.fsencode(temporary), at_cwd, os.fsencode(path), exchange)
    if done != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), str(path))
    shutil.rmtree(temporary, ignore_errors=True)


def save_checkpoint(folder, step, model, training, state=None):
    """Writes `folder`/step-<step> and returns its path.

    model: dict of tensors; training: whatever lydia.save takes; state: dict that JSON can hold.
    OSError when the system refuses; what was there before is untouched then.
    """
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"step-{step:08d}"
    temporary = folder / f"{_TEMPORARY}{path.name}-{os.getpid()}"
    shutil.rmtree(temporary, ignore_errors=True)
    try:
        temporary.mkdir()
        safetensors.save_file(model, temporary / _FILES[0])
        _serialization.save(training, temporary / _FILES[1])
        _write(temporary / _FILES[2], json.dumps({"step": step, **(state or {})}, allow_nan=False))
        files = {name: {"bytes": (temporary / name).stat().st_size,
                        "sha256": _digest(temporary / name)} for name in _FILES}
        _write(temporary / "manifest.json",
               json.dumps({"format": "lydia checkpoint", "version": 1, "files": files}))
        _sync(temporary)
        _put_in_place(temporary, path)
        _sync(folder)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    return path


def _check(path):
    manifest = json.loads((path / "manifest.json").read_text(encoding="utf-8"))
    if manifest["version"] != 1:
        raise OSError(f'checkpoint "{path}": expected version 1, got {manifest["version"]}')
    for name in _FILES:
        entry = manifest["files"][name]
        if (path / name).stat().st_size != entry["bytes"] or _digest(path / name) != entry["sha256"]:
            raise OSError(f'checkpoint "{path}": expected {name} as it was written, got altered bytes')


def load_checkpoint(path):
    """{"step", "model", "training", "state"}. OSError for a folder that is not a whole checkpoint."""
    path = pathlib.Path(path)
    try:
        _check(path)
        state = json.loads((path / _FILES[2]).read_text(encoding="utf-8"))
        return {"step": state.pop("step"), "model": safetensors.load_file(path / _FILES[0]),
                "training": _serialization.load(path / _FILES[1]), "state": state}
    except OSError:
        raise
    except Exception as error:
        raise OSError(f'checkpoint "{path}": expected a whole checkpoint, got: {error}') from error


def list_checkpoints(folder):
    """Paths by ascending step; not looked into."""
    try:
        names = os.listdir(folder)
    except FileNotFoundError:
        return []
    found = [(int(match[1]), name) for name in names if (match := _NAME.fullmatch(name))]
    return [pathlib.Path(folder) / name for _, name in sorted(found)]


def step_of(path):
    """The step in the name of a checkpoint."""
    return int(_NAME.fullmatch(pathlib.Path(path).name)[1])


def load_newest_checkpoint(folder, refused=None):
    """The newest one that is whole; `refused(message)` is told of each that is not."""
    paths = list_checkpoints(folder)
    for path in reversed(paths):
        try:
            return load_checkpoint(path)
        except OSError as error:
            if refused:
                refused(str(error))
    raise FileNotFoundError(f'resume: expected a checkpoint in "{folder}", got '
                            + ("none that is whole" if paths else "none"))


def prune_checkpoints(folder, keep, also=()):
    """Removes all but the newest `keep` and the paths `also`, and what killed writers left."""
    paths = list_checkpoints(folder)
    for path in paths[:max(len(paths) - keep, 0)]:
        if path not in {pathlib.Path(p) for p in also}:
            shutil.rmtree(path, ignore_errors=True)
    for left in pathlib.Path(folder).glob(_TEMPORARY + "*"):
        shutil.rmtree(left, ignore_errors=True)
