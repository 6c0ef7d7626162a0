"""Checkpointing: memory for time."""
from .. import _C


def checkpoint(function, *args, use_reentrant=False, preserve_rng_state=True, **kwargs):
    """function(*args, **kwargs), without keeping what lies between its inputs and outputs.

    Backward runs `function` again to get it back, so `function` must do the same both times;
    random ops see the same numbers. Gradients flow to the arguments and to everything else that
    `function` uses. `use_reentrant=True` and `preserve_rng_state=False` are not offered.
    """
    if use_reentrant:
        raise NotImplementedError("checkpoint: expected use_reentrant=False, got True")
    if not preserve_rng_state:
        raise NotImplementedError("checkpoint: expected preserve_rng_state=True, got False")
    at = [i for i, a in enumerate(args) if isinstance(a, _C.Tensor)]

    def run(*tensors):
        full = list(args)
        for i, t in zip(at, tensors):
            full[i] = t
        return function(*full, **kwargs)

    return _C._checkpoint(run, [args[i] for i in at])


def checkpoint_sequential(functions, segments, input, use_reentrant=False, preserve_rng_state=True):
    """The modules or functions one after another, in `segments` pieces of about the same length, each
    but the last under checkpoint()."""
    functions = list(functions)
    if not 1 <= segments <= len(functions):
        raise ValueError(f"checkpoint_sequential: expected segments from 1 to {len(functions)}, got {segments}")
    size = len(functions) // segments

    def run(first, last):
        def piece(x):
            for function in functions[first:last]:
                x = function(x)
            return x
        return piece

    for i in range(segments - 1):
        input = checkpoint(run(i * size, (i + 1) * size), input, use_reentrant=use_reentrant,
                           preserve_rng_state=preserve_rng_state)
    return run((segments - 1) * size, len(functions))(input)
