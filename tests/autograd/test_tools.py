"""Checkpointing, saved-tensor hooks, anomaly mode, graph export, the profiler, memory."""
import gc
import json
import threading
import weakref

import pytest

import lydia
from lydia.autograd import Function, grad
from lydia.autograd.graph import saved_tensors_hooks, to_dot, to_mermaid
from lydia.utils.checkpoint import checkpoint


def leaf(*values):
    return lydia.tensor(values, dtype=lydia.float64, requires_grad=True)


# ---- checkpoint ---------------------------------------------------------------------------------

def test_checkpoint_gives_the_same_gradients_also_of_captured_tensors():
    x, w = leaf(0.3, -0.6), leaf(1.5, 0.5)
    runs = []

    def block(t, power, *, scale):
        runs.append(1)
        for _ in range(power):
            t = (t * w).tanh() * scale
        return t, t.square()

    plain = block(x, 3, scale=0.7)
    (plain[0] + plain[1]).sum().backward()
    expected = x.grad.tolist(), w.grad.tolist()
    x.grad = w.grad = None
    runs.clear()
    a, b = checkpoint(block, x, 3, scale=0.7, use_reentrant=False)
    assert len(runs) == 1
    (a + b).sum().backward()
    assert len(runs) == 2
    assert x.grad.tolist() == expected[0] and w.grad.tolist() == expected[1]


def test_checkpoint_has_second_derivatives():
    x = leaf(0.3, -0.6)
    first, = grad(checkpoint(lambda t: t * t * t, x).sum(), x, create_graph=True)
    second, = grad(first.sum(), x)
    assert second.tolist() == pytest.approx([1.8, -3.6])


def test_checkpoint_sees_the_same_random_numbers():
    x = leaf(*range(32))
    lydia.manual_seed(3)

    def noisy(t):
        return t * t * (lydia.rand(32, dtype=lydia.float64) > 0.5).to(lydia.float64)

    y = checkpoint(noisy, x)
    after = lydia.rand(4).tolist()
    y.sum().backward()
    assert lydia.rand(4).tolist() != after
    kept = [v != 0 for v in y.tolist()]
    assert [g != 0 for g in x.grad.tolist()] == kept


def test_checkpoint_notices_a_function_that_changes():
    calls = []

    def fickle(t):
        calls.append(1)
        return t * t * t if len(calls) == 1 else t * t

    with pytest.raises(ValueError, match="second run"):
        checkpoint(fickle, leaf(1.0)).sum().backward()


def test_checkpoint_notices_an_input_changed_in_place():
    x = leaf(1.0) * 1
    y = checkpoint(lambda t: t * t, x)
    x.add_(1)
    with pytest.raises(RuntimeError, match="changed in place"):
        y.sum().backward()


def test_checkpoint_uses_less_memory():
    def deep(t):
        for _ in range(20):
            t = (t * 1.01).tanh()
        return t

    def peak(run):
        x = lydia.ones(256, 256, requires_grad=True)
        lydia.reset_peak_memory_stats()
        before = lydia.memory_stats()["allocated"]
        y = run(x)
        held = lydia.memory_stats()["allocated"] - before
        y.sum().backward()
        return held

    assert peak(lambda x: checkpoint(deep, x)) * 5 < peak(deep)


def test_checkpoint_nested_and_with_a_custom_function():
    class Square(Function):
        @staticmethod
        def forward(ctx, t):
            ctx.save_for_backward(t)
            return t * t

        @staticmethod
        def backward(ctx, g):
            return g * 2 * ctx.saved_tensors[0]

    x = leaf(0.5, 2.0)
    y = checkpoint(lambda t: checkpoint(lambda u: Square.apply(u) * u, t).exp(), x)
    y.sum().backward()
    z = x.detach().requires_grad_()
    (z * z * z).exp().sum().backward()
    assert x.grad.tolist() == pytest.approx(z.grad.tolist())


def test_checkpoint_refuses_what_it_does_not_offer():
    with pytest.raises(NotImplementedError, match="use_reentrant"):
        checkpoint(lambda t: t, leaf(1.0), use_reentrant=True)


def test_saved_tensors_hooks():
    packed = []

    def pack(t):
        packed.append(t.tolist())
        return t.tolist()

    x = leaf(2.0)
    with saved_tensors_hooks(pack, lambda data: lydia.tensor(data, dtype=lydia.float64)):
        y = x * x
    z = y * y
    z.sum().backward()
    assert packed == [[2.0], [2.0]] and x.grad.tolist() == [32.0]


# ---- anomaly mode -------------------------------------------------------------------------------

def test_anomaly_names_the_op_and_the_line():
    x = leaf(0.0)
    with lydia.autograd.detect_anomaly():
        y = x.sqrt() * 0  # here
        with pytest.raises(RuntimeError, match=r"backward of sqrt .*test_tools.py:\d+"):
            y.sum().backward()
    assert not lydia.is_anomaly_enabled()
    y = (x.sqrt() * 0).sum()
    y.backward()
    assert x.grad.isnan().all() if hasattr(x, "isnan") else x.grad.item() != x.grad.item()


def test_set_detect_anomaly():
    with lydia.autograd.set_detect_anomaly(True):
        assert lydia.is_anomaly_enabled()
        with lydia.autograd.set_detect_anomaly(False):
            assert not lydia.is_anomaly_enabled()
        assert lydia.is_anomaly_enabled()
    assert not lydia.is_anomaly_enabled()


# ---- graph export -------------------------------------------------------------------------------

def test_graph_as_dot_and_mermaid():
    x, w = lydia.ones(2, 3, requires_grad=True), lydia.ones(3, requires_grad=True)
    y = (x * w).exp()
    dot = to_dot(y, {"x": x, 'w "quoted"': w})
    assert dot.startswith("digraph") and dot.rstrip().endswith("}")
    for text in ("exp", "mul", "float32[2, 3]", "x\\nfloat32[2, 3]", "w 'quoted'", "n1 -> n0"):
        assert text in dot
    assert dot.count("->") == 3
    chart = to_mermaid([y], {"x": x})
    assert chart.startswith("graph TD") and chart.count("-->") == 3 and '(["x<br/>' in chart
    with pytest.raises(ValueError, match="graph"):
        to_dot(lydia.ones(2))


# ---- profiler -----------------------------------------------------------------------------------

def test_profiler_counts_calls_and_bytes():
    x = lydia.ones(100, requires_grad=True)
    with lydia.profiler.profile() as p:
        for _ in range(3):
            (x * x).sum().backward()
    x * x
    rows = {row["name"]: row for row in p.key_averages()}
    assert rows["sum"]["calls"] == 3 and rows["mul"]["calls"] >= 9
    assert rows["sum"]["bytes_in"] == 3 * 400 and rows["sum"]["bytes_out"] == 3 * 4
    totals = [row["total_ns"] for row in p.key_averages()]
    assert totals == sorted(totals, reverse=True)
    assert "mul" in p.table() and len(p.table(row_limit=1).splitlines()) == 3


def test_profiler_trace_is_json(tmp_path):
    with lydia.profiler.profile() as p:
        with lydia.profiler.record_function('step "1"'):
            lydia.ones(10) + 1
    p.export_chrome_trace(tmp_path / "trace.json")
    trace = json.loads((tmp_path / "trace.json").read_text())
    names = {event["name"] for event in trace["traceEvents"]}
    assert {"add", 'step "1"', "memory"} <= names


def test_profilers_nest_and_see_all_threads():
    def work():
        for _ in range(50):
            lydia.ones(8).exp()

    with lydia.profiler.profile() as outer:
        work()
        with lydia.profiler.profile() as inner:
            threads = [threading.Thread(target=work) for _ in range(3)]
            for t in threads:
                t.start()
            for t in threads:
                t.join()
    count = [next(r["calls"] for r in p.key_averages() if r["name"] == "exp")
             for p in (outer, inner)]
    assert count == [200, 150]
    assert len({e["thread"] for e in inner.events()}) == 3


# ---- memory -------------------------------------------------------------------------------------

def test_training_steps_reach_a_steady_footprint():
    w = lydia.ones(64, 64, requires_grad=True)

    def step():
        h = w
        for _ in range(5):
            h = (h @ w).tanh()
        h.sum().backward()
        with lydia.no_grad():
            w.sub_(w.grad * 0.01)
        w.grad = None

    step()
    steady = lydia.memory_stats()["allocated"]
    for _ in range(10):
        step()
    assert lydia.memory_stats()["allocated"] == steady


def test_no_grad_holds_no_graph():
    w = lydia.ones(64, 64, requires_grad=True)
    before = lydia.memory_stats()["allocated"]
    for mode in (lydia.no_grad, lydia.inference_mode):
        with mode():
            y = w
            for _ in range(10):
                y = y.tanh()
            assert lydia.memory_stats()["allocated"] - before <= 2 * y.nbytes
            del y


def test_functions_do_not_leak():
    class Twice(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            refs.append(weakref.ref(ctx))
            return x * 2

        @staticmethod
        def backward(ctx, g):
            ctx.saved_tensors
            return g * 2

    refs = []
    x = leaf(1.0)
    gc.disable()
    try:
        for _ in range(5):
            Twice.apply(x).sum().backward()
        assert all(ref() is None for ref in refs)
    finally:
        gc.enable()


def test_backward_from_two_python_threads():
    x = lydia.ones(1000, requires_grad=True)

    def work():
        for _ in range(20):
            (x * 2).sum().backward()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert x.grad.tolist()[::500] == [120.0, 120.0]
