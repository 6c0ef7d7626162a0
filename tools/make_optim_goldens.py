#!/usr/bin/env python3
"""Makes the goldens of tests/train with torch.

optimizer_goldens.txt: parameters after 10 and 50 steps in float64.

Per case one line `case <optimiser> <number>=<value> ...` and one line per recorded step,
`<step> <value> ...`: the parameters of SHAPES, flattened and joined. The gradient of element i at
step t (from 1) is sin(0.7 t + 1.3 i) (1 + (i mod 3)) / 2 + p_i / 10, its start value cos(i) / (1 +
i / 40). Lion, which torch does not have, is computed here from algorithm 2 of arXiv:2302.06675.

schedule_goldens.txt: per case of schedule_cases.py its name and three lines, the rates of two groups
and the momentum of the first at steps 0 to 60.
"""
import math
import pathlib
import sys
import warnings

import torch

SHAPES = [(3, 5), (2, 3, 4), (7,), ()]
RECORDED = (10, 50)
FOLDER = pathlib.Path(__file__).resolve().parent.parent / "tests/train"

CASES = [
    ("SGD", dict(lr=0.1)),
    ("SGD", dict(lr=0.05, momentum=0.9)),
    ("SGD", dict(lr=0.05, momentum=0.9, dampening=0.3, weight_decay=0.01)),
    ("SGD", dict(lr=0.02, momentum=0.8, nesterov=1, weight_decay=0.1)),
    ("SGD", dict(lr=0.02, momentum=0.5, maximize=1, weight_decay=0.1)),
    ("Adam", dict(lr=0.01)),
    ("Adam", dict(lr=0.02, beta1=0.8, beta2=0.99, eps=1e-6, weight_decay=0.1)),
    ("Adam", dict(lr=0.01, amsgrad=1, weight_decay=0.01)),
    ("Adam", dict(lr=0.01, maximize=1)),
    ("AdamW", dict(lr=0.01)),
    ("AdamW", dict(lr=0.02, beta1=0.7, beta2=0.95, weight_decay=0.3)),
    ("AdamW", dict(lr=0.01, amsgrad=1, maximize=1)),
    ("RMSprop", dict(lr=0.01)),
    ("RMSprop", dict(lr=0.005, alpha=0.9, eps=1e-6, weight_decay=0.1)),
    ("RMSprop", dict(lr=0.005, momentum=0.9)),
    ("RMSprop", dict(lr=0.005, alpha=0.95, centered=1, eps=1e-4)),
    ("RMSprop", dict(lr=0.005, alpha=0.95, centered=1, momentum=0.5, eps=1e-4, maximize=1)),
    ("Adagrad", dict(lr=0.1)),
    ("Adagrad", dict(lr=0.1, lr_decay=0.05, weight_decay=0.1, initial_accumulator_value=0.5)),
    ("Adagrad", dict(lr=0.05, eps=1e-6, maximize=1)),
    ("Adafactor", dict(lr=0.05, eps1=1e-10)),
    ("Adafactor", dict(lr=0.1, beta2_decay=-0.5, eps1=1e-6, eps2=1e-2, d=2.0, weight_decay=0.1)),
    ("Adafactor", dict(lr=0.02, eps1=1e-10, maximize=1)),
    ("Lion", dict(lr=0.003)),
    ("Lion", dict(lr=0.002, beta1=0.95, beta2=0.98, weight_decay=0.5)),
    ("Lion", dict(lr=0.003, weight_decay=0.1, maximize=1)),
]
PAIRS = {"betas": ("beta1", "beta2", 0.9, 0.999), "eps": ("eps1", "eps2", None, 1e-3)}
SWITCHES = {"nesterov", "amsgrad", "maximize", "centered"}


class Lion(torch.optim.Optimizer):
    def __init__(self, params, lr=1e-4, betas=(0.9, 0.99), weight_decay=0.0, maximize=False):
        super().__init__(params, dict(lr=lr, betas=betas, weight_decay=weight_decay,
                                      maximize=maximize))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            beta1, beta2 = group["betas"]
            for p in group["params"]:
                g = -p.grad if group["maximize"] else p.grad
                m = self.state[p].setdefault("exp_avg", torch.zeros_like(p))
                update = torch.sign(beta1 * m + (1 - beta1) * g)
                p -= group["lr"] * (update + group["weight_decay"] * p)
                m.copy_(beta2 * m + (1 - beta2) * g)


def torch_arguments(kind, numbers):
    out = {k: bool(v) if k in SWITCHES else v for k, v in numbers.items()}
    for name, (first, second, a, b) in PAIRS.items():
        if kind == "Lion" and name == "betas":
            b = 0.99
        if first in out or second in out:
            out[name] = (out.pop(first, a), out.pop(second, b))
    return out


def start():
    params, at = [], 0
    for shape in SHAPES:
        n = math.prod(shape)
        values = [math.cos(i) / (1 + i / 40) for i in range(at, at + n)]
        params.append(torch.tensor(values, dtype=torch.float64).reshape(shape).requires_grad_())
        at += n
    return params


def set_gradients(params, t):
    at = 0
    for p in params:
        i = torch.arange(at, at + p.numel(), dtype=torch.float64).reshape(p.shape)
        p.grad = torch.sin(0.7 * t + 1.3 * i) * (1 + i % 3) / 2 + p.detach() / 10
        at += p.numel()


def optimizer_goldens():
    lines = []
    for kind, numbers in CASES:
        params = start()
        make = Lion if kind == "Lion" else getattr(torch.optim, kind)
        optimizer = make(params, **torch_arguments(kind, numbers))
        lines.append(" ".join(["case", kind, *(f"{k}={v}" for k, v in numbers.items())]))
        for t in range(1, max(RECORDED) + 1):
            set_gradients(params, t)
            optimizer.step()
            if t in RECORDED:
                values = torch.cat([p.detach().flatten() for p in params]).tolist()
                lines.append(" ".join([str(t), *(f"{v:.17g}" for v in values)]))
    return lines


def schedule_goldens():
    sys.path.insert(0, str(FOLDER))
    import schedule_cases
    warnings.simplefilter("ignore")  # torch's advice on calling step(0)
    lines = []
    for name in schedule_cases.CASES:
        groups = [{"params": [torch.zeros(1)], "lr": lr} for lr in schedule_cases.RATES]
        optimizer = torch.optim.SGD(groups, lr=0.1, momentum=0.6)
        rows = schedule_cases.run(name, torch.optim.lr_scheduler, optimizer)
        lines.append(name)
        lines += [" ".join(f"{v:.17g}" for v in column) for column in zip(*rows)]
    return lines


def main():
    for name, make in (("optimizer", optimizer_goldens), ("schedule", schedule_goldens)):
        out = FOLDER / f"{name}_goldens.txt"
        head = f"# made by tools/make_optim_goldens.py with torch {torch.__version__}"
        out.write_text("\n".join([head, *make()]) + "\n")
        print(f"{out}: {out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
