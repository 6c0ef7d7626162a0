"""Linear and logistic regression: from first principles, with autograd, and with nn.

Each is computed three times: by formulas written out, by gradients that autograd finds, and with nn and
lydia.optim; the three are held equal. The logistic part learns from the 600 training pictures of
Fashion-900 (a fifth held out; the test part is not touched), else from numbers made here. Writes
out/regression/report.html.
"""
import os
import pathlib

import lydia
from lesson import expect, options
from lydia import metrics, nn, report
from lydia.nn import functional as F

args = options(__doc__, "regression")


def descend(loss_of, parameters, rate, steps, gradients=None):
    """Plain gradient descent; `gradients()` gives them by formula, else autograd finds them. The losses."""
    losses = []
    for _ in range(steps):
        loss = loss_of()
        found = gradients() if gradients else lydia.autograd.grad(loss, parameters)
        with lydia.no_grad():
            for parameter, gradient in zip(parameters, found):
                parameter -= rate * gradient
        losses.append(loss.item())
    return losses


def train(model, loss_of, optimizer, steps):
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = loss_of(model)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def linear(page):
    """y = X w + b by least squares."""
    print("Linear regression: y = X w + b, least squares")
    lydia.manual_seed(0)
    X, truth, steps = lydia.randn(200, 3), lydia.tensor([2.0, -1.0, 0.5]), 300
    y = X @ truth + 3.0 + 0.1 * lydia.randn(200)

    ones = lydia.cat([X, lydia.ones(200, 1)], dim=1)  # the last weight is b
    exact = lydia.linalg.solve(ones.T @ ones, ones.T @ y)  # the normal equations
    residual = y - ones @ exact
    expect((ones.T @ residual).abs().max().item() < 1e-2, "the residual is orthogonal to every column")

    def loss_of(w):
        return ((ones @ w - y) ** 2).mean()

    # By hand: the gradient of mean (Xw - y)^2 is 2/n X'(Xw - y).
    by_hand = lydia.zeros(4)
    losses = {"by hand": descend(lambda: loss_of(by_hand), [by_hand], 0.1, steps,
                                 lambda: [2 / len(y) * (ones.T @ (ones @ by_hand - y))])}
    by_autograd = lydia.zeros(4, requires_grad=True)
    losses["autograd"] = descend(lambda: loss_of(by_autograd), [by_autograd], 0.1, steps)
    model = nn.Linear(3, 1)
    losses["nn.Linear, SGD"] = train(model, lambda m: F.mse_loss(m(X).squeeze(1), y),
                                     lydia.optim.SGD(model.parameters(), lr=0.1), steps)
    with_nn = lydia.cat([model.weight.detach().flatten(), model.bias.detach()])

    table = report.Table(["", "w1", "w2", "w3", "b"], "lrrrr").row("truth", 2, -1, 0.5, 3)
    for name, w in (("normal equations", exact), ("by hand", by_hand), ("autograd", by_autograd.detach()),
                    ("nn", with_nn)):
        table.row(name, *(f"{value:.5f}" for value in w.tolist()))
        expect((w - exact).abs().max().item() < 1e-4, f"{name}: the least-squares solution")
    explained = 1 - (residual.var() / y.var()).item()
    expect(explained > 0.99, f"the line explains {explained:.4f} of the variance")
    page.heading(2, "Linear regression").table(table).figure(report.line_plot(
        {name: (range(1, steps + 1), values) for name, values in losses.items()},
        x_label="step", y_label="mean squared error", log_y=True))


def pictures():
    """Rows of pixels, their labels, and the accuracy to expect."""
    folder = pathlib.Path(os.environ.get("LYDIA_DATA", "../shared/data")) / "classic/fashion900"
    if not folder.is_dir():
        print(f"(no {folder}: numbers made here take the place of the pictures)")
        labels = lydia.randint(0, 10, (600,))
        return lydia.randn(10, 784)[labels] + 3 * lydia.randn(600, 784), labels, 0.3
    images = lydia.io.read_idx(str(folder / "train-images-idx3-ubyte.gz")).float() / 255
    labels = lydia.io.read_idx(str(folder / "train-labels-idx1-ubyte.gz")).long()
    return images.reshape(len(images), -1), labels, 0.7


def logistic(page):
    """P(class | x) = softmax(x W + b), by cross-entropy with weight decay."""
    print("Logistic regression: softmax over classes, cross-entropy")
    X, y, enough = pictures()
    generator = lydia.Generator()
    generator.manual_seed(1)
    order = lydia.randperm(len(y), generator=generator)
    held, kept = order[:len(y) // 5], order[len(y) // 5:]
    mean = X[kept].mean(0)
    train_x, train_y, held_x, held_y = X[kept] - mean, y[kept], X[held] - mean, y[held]
    steps, rate, decay = (60 if args.quick else 400), 0.1, 1e-2
    target = F.one_hot(train_y, 10).float()

    def loss_of(W, b):
        """The mean of -log softmax at the class, and half the squared weights times decay."""
        scores = train_x @ W + b
        log_p = scores - scores.logsumexp(1, keepdim=True)
        return -(target * log_p).sum(1).mean() + decay / 2 * (W ** 2).sum()

    # By hand: the gradient of the mean cross-entropy is X'(softmax(XW + b) - onehot(y)) / n.
    W, b = lydia.zeros(784, 10), lydia.zeros(10)

    def gradients():
        scores = train_x @ W + b
        e = lydia.exp(scores - scores.amax(1, keepdim=True))  # softmax, without overflow
        error = (e / e.sum(1, keepdim=True) - target) / len(train_y)
        return train_x.T @ error + decay * W, error.sum(0)

    losses = {"by hand": descend(lambda: loss_of(W, b), [W, b], rate, steps, gradients)}
    V, c = lydia.zeros(784, 10, requires_grad=True), lydia.zeros(10, requires_grad=True)
    losses["autograd"] = descend(lambda: loss_of(V, c), [V, c], rate, steps)
    model = nn.Linear(784, 10)
    nn.init.zeros_(model.weight)
    nn.init.zeros_(model.bias)
    optimizer = lydia.optim.SGD([{"params": [model.weight], "weight_decay": decay},
                                 {"params": [model.bias]}], lr=rate)
    losses["nn.Linear, SGD (without the decay's part)"] = train(
        model, lambda m: F.cross_entropy(m(train_x), train_y), optimizer, steps)
    expect((V.detach() - W).abs().max().item() < 1e-4, "autograd finds the gradient of the formula")
    expect((model.weight.detach().T - W).abs().max().item() < 1e-4, "nn and SGD make the same steps")

    table = report.Table(["", "held-out accuracy", "calibration error"], "lrr")
    for name, scores in (("by hand", held_x @ W + b), ("autograd", (held_x @ V + c).detach()),
                         ("nn", model(held_x).detach())):
        p = lydia.softmax(scores, 1)
        accuracy = metrics.accuracy(p, held_y)
        table.row(name, f"{accuracy:.4f}", f"{metrics.calibration_error(p, held_y):.4f}")
        expect(accuracy > enough, f"{name}: {accuracy:.3f} of {len(held_y)} held-out pictures are right")
    page.heading(2, "Logistic regression").table(table).figure(report.line_plot(
        {name: (range(1, steps + 1), values) for name, values in losses.items()},
        x_label="step", y_label="loss"))
    print(table)


page = report.HtmlPage("Linear and logistic regression").paragraph(__doc__)
linear(page)
logistic(page)
report.save(page, args.out / "report.html")
