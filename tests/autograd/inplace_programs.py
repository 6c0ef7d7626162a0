"""Random programs of views and in-place changes, for any library with PyTorch's names.

A program is a list of steps over a growing list of tensors.
"""
import random

VIEWS = {
    "select": lambda t, r: t.select(r % t.ndim, r % t.shape[r % t.ndim]),
    "narrow": lambda t, r: t.narrow(r % t.ndim, 0, max(1, t.shape[r % t.ndim] - r % 2)),
    "transpose": lambda t, r: t.transpose(0, -1),
    "diagonal": lambda t, r: t.diagonal(r % 2, 0, 1) if t.ndim >= 2 else t.narrow(0, 0, 1),
    "unsqueeze": lambda t, r: t.unsqueeze(0),
    "flat": lambda t, r: t.contiguous().view(-1),
    "unbind": lambda t, r: t.unbind(0)[r % t.shape[0]],
    "split": lambda t, r: t.split(1, 0)[r % t.shape[0]],
    "chunk": lambda t, r: t.chunk(2, -1)[0],
    "expand": lambda t, r: t.unsqueeze(0).expand(2, *t.shape),
    "unfold": lambda t, r: t.unfold(-1, 1, 1),
}
UNARY = {
    "half": lambda t: t * 0.5,
    "plus": lambda t: t + 0.25,
    "tanh": lambda t: t.tanh(),
    "square": lambda t: t.square(),
    "sigmoid": lambda t: t.sigmoid(),
    "clone": lambda t: t.contiguous().clone(),
    "itself": lambda t: t * t,
}
IN_PLACE = {
    "add_number": lambda t, o: t.add_(0.3),
    "mul_number": lambda t, o: t.mul_(0.7),
    "zero": lambda t, o: t.zero_(),
    "fill": lambda t, o: t.fill_(0.6),
    "add": lambda t, o: t.add_(o),
    "mul": lambda t, o: t.mul_(o),
    "sub": lambda t, o: t.sub_(o),
    "div": lambda t, o: t.div_(o + 3),
    # Not a part of t itself: PyTorch leaves open what that gives.
    "copy": lambda t, o: t.copy_(o if o.is_leaf and o.requires_grad else o * 1),
    "add_itself": lambda t, o: t.add_(t),
    "mul_itself": lambda t, o: t.mul_(t),
    "tanh": lambda t, o: t.tanh_(),
    "sigmoid": lambda t, o: t.sigmoid_(),
}


def make_program(seed, steps, silent):
    """`silent` adds what gradients do not see: no_grad blocks and detach."""
    rng = random.Random(seed)
    kinds = ["view"] * 4 + ["unary"] * 2 + ["binary"] + ["in_place"] * 4
    kinds += ["no_grad", "detach", "no_grad_view"] if silent else []
    program = []
    for at in range(steps):
        kind = rng.choice(kinds)
        table = {"view": VIEWS, "no_grad_view": VIEWS, "unary": UNARY, "in_place": IN_PLACE,
                 "no_grad": IN_PLACE}.get(kind, {"": None})
        program.append((kind, rng.choice(sorted(table)), rng.randrange(1000), rng.randrange(1000),
                        rng.randrange(4)))
    return program


def fits(a, b):
    """Does b broadcast to a?"""
    return b.ndim <= a.ndim and all(m in (1, n) for m, n in zip(b.shape[::-1], a.shape[::-1]))


def pick(tensors, number):
    """One of the latest tensors mostly, so that programs go deep."""
    recent = tensors[-4:] if number % 3 else tensors
    return recent[number % len(recent)]


def step(lib, tensors, kind, name, first, second, r):
    t = pick(tensors, first)
    partners = [o for o in tensors if fits(t, o)]
    other = partners[second % len(partners)]
    if kind == "view" and t.ndim:
        return VIEWS[name](t, r)
    if kind == "no_grad_view" and t.ndim:
        with lib.no_grad():
            return VIEWS[name](t, r)
    if kind == "unary":
        return UNARY[name](t)
    if kind == "binary":
        return t * other
    if kind == "detach":
        return t.detach()
    if kind == "in_place":
        IN_PLACE[name](t, other)
    if kind == "no_grad":
        with lib.no_grad():
            IN_PLACE[name](t, other)
    return None


def run(lib, program, leaves):
    """All tensors the program made over `leaves`, and a weighted sum of them (0 without gradients)."""
    tensors = list(leaves) + [leaves[0] * 1.5]
    for line in program:
        made = step(lib, tensors, *line)
        if made is not None and made.numel() <= 64:
            tensors.append(made)
    loss = 0
    for i, t in enumerate(tensors):
        if t.requires_grad and not t.is_leaf:
            loss = loss + (t * (0.3 + 0.1 * i)).sum()
    return tensors, loss
