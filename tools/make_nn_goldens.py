#!/usr/bin/env python3
"""Makes tests/python/nn/goldens.safetensors with torch: for each case of tests/python/nn/cases.py its
state, inputs, outputs, and the gradients of sum(output * cos(0, 1, 2, ...)).

    python tools/make_nn_goldens.py      (needs torch 2.13 and NumPy)
"""
import json
import struct
import sys
import zlib
from pathlib import Path

import torch
from torch import nn

HERE = Path(__file__).resolve().parent.parent / "tests" / "python" / "nn"
sys.path.insert(0, str(HERE))
from cases import CASES, flat_outputs  # noqa: E402


def make_input(spec):
    kind = spec[0] if isinstance(spec[0], str) else "normal"
    if kind == "int":
        return torch.randint(spec[1], spec[2:])
    if kind == "unit":
        return torch.rand(spec[1:]) * 0.9 + 0.05
    if kind == "sign":
        return torch.randint(2, spec[1:]) * 2 - 1
    return torch.randn(spec)


def objective(outputs):
    return sum((o * torch.cos(torch.arange(o.numel(), dtype=torch.float32)).reshape(o.shape)).sum()
               for o in outputs)


def run(name, expression, *specs):
    torch.manual_seed(zlib.crc32(name.encode()))
    names = {"nn": nn, "t": torch}
    module = eval(expression, names)
    keywords = specs[-1] if specs and isinstance(specs[-1], dict) else {}
    specs = specs[:-1] if keywords else specs
    with torch.no_grad():  # what starts as 0 or 1 would hide mistakes
        for p in module.parameters():
            p.add_(torch.randn(p.shape) * 0.1)
    inputs = [make_input(spec) for spec in specs]
    state = {f"state/{k}": v.clone() for k, v in module.state_dict().items()}
    leaves = [x.requires_grad_() if x.is_floating_point() and isinstance(s[0], int) else x
              for x, s in zip(inputs, specs)]
    if specs and specs[0][0] == "unit":
        leaves[0].requires_grad_()
    outputs = flat_outputs(module(*leaves, **{k: eval(v, names) for k, v in keywords.items()}))
    objective([o for o in outputs if o.requires_grad]).backward()
    out = dict(state)
    out.update({f"in/{i}": x.detach() for i, x in enumerate(inputs)})
    out.update({f"out/{i}": o.detach() for i, o in enumerate(outputs)})
    out.update({f"grad_in/{i}": x.grad for i, x in enumerate(inputs) if x.grad is not None})
    out.update({f"grad/{k}": p.grad for k, p in module.named_parameters() if p.grad is not None})
    out.update({f"after/{k}": b for k, b in module.named_buffers()})
    return {f"{name}/{k}": v.detach().contiguous().clone() for k, v in out.items()}


NAMES = {torch.float32: "F32", torch.int64: "I64", torch.bool: "BOOL"}


def save_file(tensors, path, metadata):
    """The safetensors format: header length, JSON header, data."""
    header, data = {"__metadata__": metadata}, b""
    for name in sorted(tensors, key=lambda n: (-tensors[n].element_size(), n)):
        t = tensors[name]
        content = t.numpy().tobytes()
        header[name] = {"dtype": NAMES[t.dtype], "shape": list(t.shape),
                        "data_offsets": [len(data), len(data) + len(content)]}
        data += content
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def main():
    goldens = {}
    for name, case in CASES.items():
        goldens.update(run(name, *case))
    path = HERE / "goldens.safetensors"
    save_file(goldens, path, {"made_with": f"torch {torch.__version__}"})
    print(f"{path}: {len(CASES)} cases, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
