"""Linear and logistic regression: from first principles, with autograd, and with nn.

The logistic part learns from the 600 training pictures of Fashion-900 where LYDIA_DATA has them (a
fifth held out; the test part is not touched), else from numbers made here.
"""
import argparse
import os
import pathlib

import lydia
from lydia import nn
from lydia.nn import functional as F

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--quick", action="store_true", help="fewer steps")
QUICK = parser.parse_args().quick


def fact(holds, statement):
    print(("  ok  " if holds else "  NO  ") + statement)
    if not holds:
        raise SystemExit(1)


print("Linear regression: y = X w + b, least squares")
lydia.manual_seed(0)
X = lydia.randn(200, 3)
truth = lydia.tensor([2.0, -1.0, 0.5])
y = X @ truth + 3.0 + 0.1 * lydia.randn(200)

ones = lydia.cat([X, lydia.ones(200, 1)], dim=1)
exact = lydia.linalg.solve(ones.T @ ones, ones.T @ y)  # the normal equations

w = lydia.zeros(4)
for _ in range(300):  # the gradient of mean (Xw - y)^2 is 2/n X'(Xw - y)
    w -= 0.1 * 2 / len(y) * (ones.T @ (ones @ w - y))
fact((w - exact).abs().max().item() < 1e-4, "gradient descent by hand reaches the exact solution")

model = nn.Linear(3, 1)
optimizer = lydia.optim.SGD(model.parameters(), lr=0.1)
for _ in range(300):
    optimizer.zero_grad()
    F.mse_loss(model(X).squeeze(1), y).backward()
    optimizer.step()
learned = lydia.cat([model.weight.detach().flatten(), model.bias.detach()])
fact((learned - exact).abs().max().item() < 1e-4, "nn.Linear and SGD reach the same")


print("Logistic regression: softmax over classes, cross-entropy")


def pictures():
    """Training rows scaled to mean 0, their labels, and a name."""
    folder = pathlib.Path(os.environ.get("LYDIA_DATA", "../shared/data")) / "classic/fashion900"
    if not folder.is_dir():
        print(f"  (no {folder}: numbers made here take the place of the pictures)")
        labels = lydia.randint(0, 10, (600,))
        return lydia.randn(10, 784)[labels] + 3 * lydia.randn(600, 784), labels, 0.3
    images = lydia.io.read_idx(str(folder / "train-images-idx3-ubyte.gz")).float() / 255
    labels = lydia.io.read_idx(str(folder / "train-labels-idx1-ubyte.gz")).long()
    return images.reshape(len(images), -1), labels, 0.7


X, y, enough = pictures()
generator = lydia.Generator()
generator.manual_seed(1)
order = lydia.randperm(len(y), generator=generator)
held, kept = order[:len(y) // 5], order[len(y) // 5:]
mean = X[kept].mean(0)
train_x, train_y, held_x, held_y = X[kept] - mean, y[kept], X[held] - mean, y[held]
steps, rate, decay = (60 if QUICK else 400), 0.1, 1e-2

# By hand: the gradient of the mean cross-entropy is X'(softmax(XW + b) - onehot(y)) / n.
W, b = lydia.zeros(784, 10), lydia.zeros(10)
target = F.one_hot(train_y, 10).float()
for _ in range(steps):
    error = (lydia.softmax(train_x @ W + b, dim=1) - target) / len(train_y)
    W, b = W - rate * (train_x.T @ error + decay * W), b - rate * error.sum(0)
by_hand = ((held_x @ W + b).argmax(1) == held_y).float().mean().item()

model = nn.Linear(784, 10)
nn.init.zeros_(model.weight)
nn.init.zeros_(model.bias)
optimizer = lydia.optim.SGD([{"params": [model.weight], "weight_decay": decay},
                             {"params": [model.bias]}], lr=rate)
for _ in range(steps):
    optimizer.zero_grad()
    F.cross_entropy(model(train_x), train_y).backward()
    optimizer.step()
fact((model.weight.detach().T - W).abs().max().item() < 1e-4, "nn and SGD make the same steps")
with_nn = lydia.metrics.accuracy(model(held_x).detach(), held_y)
print(f"  held-out accuracy: by hand {by_hand:.3f}, with nn {with_nn:.3f}")
fact(abs(by_hand - with_nn) < 0.02 and with_nn > enough, "and classify alike")
