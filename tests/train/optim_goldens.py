"""Reads optimizer_goldens.txt; tools/make_optim_goldens.py says what stands in it."""
import math
import pathlib

import numpy as np

SHAPES = [(3, 5), (2, 3, 4), (7,), ()]
PAIRS = {"betas": ("beta1", "beta2"), "eps": ("eps1", "eps2")}
SWITCHES = {"nesterov", "amsgrad", "maximize", "centered"}


def read():
    """[(kind, numbers, {step: values})]"""
    cases = []
    path = pathlib.Path(__file__).parent / "optimizer_goldens.txt"
    for line in path.read_text().splitlines():
        words = line.split()
        if words[0] == "case":
            numbers = {k: float(v) for k, v in (word.split("=") for word in words[2:])}
            cases.append((words[1], numbers, {}))
        elif words[0] != "#":
            cases[-1][2][int(words[0])] = np.array(words[1:], dtype=np.float64)
    return cases


def arguments(kind, numbers):
    """The numbers as arguments of the Python class."""
    defaults = {"beta1": 0.9, "beta2": 0.99 if kind == "Lion" else 0.999, "eps1": None,
                "eps2": 1e-3}
    out = {k: bool(v) if k in SWITCHES else v for k, v in numbers.items()}
    for name, pair in PAIRS.items():
        if any(part in out for part in pair):
            out[name] = tuple(out.pop(part, defaults[part]) for part in pair)
    return out


def start_values():
    """One float64 array per parameter."""
    out, at = [], 0
    for shape in SHAPES:
        i = np.arange(at, at + math.prod(shape))
        out.append((np.cos(i) / (1 + i / 40)).reshape(shape))
        at += i.size
    return out


def gradients(params, t):
    """The gradients at step t of parameters given as float64 arrays."""
    out, at = [], 0
    for p in params:
        i = np.arange(at, at + p.size).reshape(p.shape)
        out.append(np.sin(0.7 * t + 1.3 * i) * (1 + i % 3) / 2 + p / 10)
        at += p.size
    return out
