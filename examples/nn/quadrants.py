"""A small network, defined, trained, saved and loaded: docs/nn.md shows this program."""
import os
import tempfile

import lydia
from lydia import nn


# [docs]
class Mlp(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.Linear(2, 16)
        self.outer = nn.Linear(16, 2)

    def forward(self, x):
        return self.outer(nn.functional.relu(self.inner(x)))
# [/docs]


def quadrants(count):
    """Points, and 1 where both coordinates have one sign."""
    x = lydia.rand(count, 2) * 2 - 1
    return x, (x[:, 0] * x[:, 1] > 0).long()


def accuracy(model, x, y):
    with lydia.no_grad():
        return (model(x).argmax(1) == y).float().mean().item()


def main():
    lydia.manual_seed(0)
    model, loss = Mlp(), nn.CrossEntropyLoss()
    optimizer = lydia.optim.AdamW(model.parameters(), lr=0.02)
    x, y = quadrants(256)
    for _ in range(200):
        optimizer.zero_grad()
        loss(model(x), y).backward()
        optimizer.step()
    x, y = quadrants(256)
    reached = accuracy(model, x, y)
    print(model, nn.summary(model, x), f"accuracy: {reached:.3f}", sep="\n")

    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "quadrants.safetensors")
        nn.save_model(model, path)
        again = Mlp()
        nn.load_model(again, path)
    assert reached > 0.9 and accuracy(again, x, y) == reached


if __name__ == "__main__":
    main()
