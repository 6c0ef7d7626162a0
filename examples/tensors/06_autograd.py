"""Lesson 6: autograd — the graph, how gradients flow through it, and what it costs."""
import lydia
from lesson import QUICK, error_of, fact, milliseconds, title
from lydia.autograd.graph import to_dot

title("A graph of what was computed")
x = lydia.tensor([1.0, 2.0, 3.0], requires_grad=True)
w = lydia.tensor([0.5, -1.0, 2.0], requires_grad=True)
loss = (x * w).square().sum()
print(to_dot(loss, {"x": x, "w": w}))
fact(x.is_leaf and not loss.is_leaf, "x and w are leaves, loss was computed")

title("Gradients flow back to the leaves")
loss.backward()
fact(x.grad.tolist() == [0.5, 4.0, 24.0], "d loss / d x = 2 x w^2")
(x * w).square().sum().backward()
fact(x.grad.tolist() == [1.0, 8.0, 48.0], "a second backward adds to the first")
x.grad = None
(x * 3).sum().backward()
fact(x.grad.tolist() == [3.0, 3.0, 3.0], "clearing the gradient starts anew")

title("What must not be changed")
y = x.exp()
y.add_(1)
message = error_of(lambda: y.sum().backward())
print(f"  {message}")
fact(message.startswith("exp:"), "exp needs its result: changing it in place is an error that names exp")
z = x ** 2
z.add_(1)
x.grad = None
z.sum().backward()
fact(x.grad.tolist() == [2.0, 4.0, 6.0], "x ** 2 needs only its input: the same change is legal")

title("What the graph costs")
n, depth = (64 if QUICK else 512), 16
h0 = lydia.full((n, n), 0.01)
weight = lydia.full((n, n), 0.01, requires_grad=True)


def layers(h):
    for _ in range(depth):
        h = (h @ weight).tanh()
    return h


def peak(f):
    f()
    held = lydia.memory_stats()["allocated"]
    lydia.reset_peak_memory_stats()
    f()
    return (lydia.memory_stats()["peak_allocated"] - held) / 1e6


def without_graph():
    with lydia.no_grad():
        layers(h0)


def with_graph():
    layers(h0)


print(f"  recorded {milliseconds(with_graph):.1f} ms, {peak(with_graph):.1f} MB; "
      f"under no_grad {milliseconds(without_graph):.1f} ms, {peak(without_graph):.1f} MB")
fact(peak(without_graph) * 4 < peak(with_graph), "no_grad keeps no results for a backward that never comes")
