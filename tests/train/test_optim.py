"""lydia.optim against torch's results, and everything around the numbers."""
import copy
import pickle

import numpy as np
import pytest

import lydia
from lydia import optim
from optim_goldens import arguments, gradients, read, start_values

CASES = read()
IDS = [f"{kind}-{'-'.join(f'{k}={v:g}' for k, v in numbers.items())}"
       for kind, numbers, _ in CASES]
KINDS = ["SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "Adafactor", "Lion"]
# Everything that keeps state, in one configuration each.
STATEFUL = {"SGD": dict(momentum=0.9), "Adam": dict(amsgrad=True), "AdamW": {},
            "RMSprop": dict(centered=True, momentum=0.5), "Adagrad": {}, "Adafactor": {},
            "Lion": {}}


def array(t):
    return t.detach().to(lydia.float64).numpy()


def parameters(dtype=lydia.float64):
    return [lydia.tensor(v).to(dtype).requires_grad_() for v in start_values()]


def set_gradients(params, t):
    for p, g in zip(params, gradients([array(p) for p in params], t)):
        p.grad = lydia.tensor(g).to(p.dtype)


def run(optimizer, params, first, last):
    for t in range(first, last + 1):
        set_gradients(params, t)
        optimizer.step()


def joined(params):
    return np.concatenate([array(p).reshape(-1) for p in params])


@pytest.mark.parametrize("kind,numbers,expected", CASES, ids=IDS)
@pytest.mark.parametrize("dtype,tolerance", [("float64", 1e-12), ("float32", 1e-6)])
def test_equals_torch(kind, numbers, expected, dtype, tolerance):
    params = parameters(getattr(lydia, dtype))
    optimizer = getattr(optim, kind)(params, **arguments(kind, numbers))
    at = 0
    for step, values in expected.items():
        run(optimizer, params, at + 1, step)
        np.testing.assert_allclose(joined(params), values, rtol=tolerance, atol=tolerance)
        at = step
    assert at == 50


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype,unit", [("float16", 2**-10), ("bfloat16", 2**-7)])
def test_half_steps_as_float32_rounded_once(kind, dtype, unit):
    dtype = getattr(lydia, dtype)
    half = [p.detach().to(dtype).requires_grad_() for p in parameters()]
    wide = [p.detach().to(lydia.float32).requires_grad_() for p in half]
    make = getattr(optim, kind)
    a, b = make(half, lr=0.1, **STATEFUL[kind]), make(wide, lr=0.1, **STATEFUL[kind])
    for t in range(1, 4):
        set_gradients(half, t)
        for p, q in zip(half, wide):
            q.data = p.detach().to(lydia.float32)
            q.grad = p.grad.to(lydia.float32)
        a.step()
        b.step()
        for p, q in zip(half, wide):
            assert lydia.equal(p.detach(), q.detach().to(dtype))
    for slots in a.state.values():
        assert all(s.dtype == lydia.float32 for s in slots.values())


@pytest.mark.parametrize("kind", KINDS)
def test_strided_parameters_step_as_contiguous_ones(kind):
    plain = lydia.randn(6, 4)
    strided = plain.t().contiguous().t()
    windows = lydia.zeros(6, 8)
    windows[:, ::2] = plain
    params = [plain.requires_grad_(), strided.requires_grad_(),
              windows[:, ::2].detach().requires_grad_()]
    assert not params[1].is_contiguous() and not params[2].is_contiguous()
    optimizer = getattr(optim, kind)(params, lr=0.1, **STATEFUL[kind])
    for _ in range(3):
        g = lydia.randn(6, 4)
        params[0].grad = g
        params[1].grad = g.t().contiguous().t()
        params[2].grad = g
        optimizer.step()
    assert lydia.equal(params[0].detach(), params[1].detach())
    assert lydia.equal(params[0].detach(), params[2].detach())
    assert not windows[:, 1::2].any()


def test_large_and_empty_parameters_do_not_depend_on_threads():
    results = []
    for threads in (1, 2):
        lydia.set_num_threads(threads)
        lydia.manual_seed(3)
        params = [lydia.randn(n, requires_grad=True) for n in (0, 70001, 1, 1023, 0, 40000, 1025)]
        optimizer = optim.AdamW(params, lr=0.1)
        for _ in range(2):
            for p in params:
                p.grad = lydia.randn(p.shape[0])
            optimizer.step()
        results.append(params)
    for p, q in zip(*results):
        assert lydia.equal(p.detach(), q.detach())


@pytest.mark.parametrize("kind", KINDS)
def test_parameters_without_gradient_rest(kind):
    a, b = lydia.ones(3, requires_grad=True), lydia.ones(3, requires_grad=True)
    optimizer = getattr(optim, kind)([a, b], lr=0.1, **STATEFUL[kind])
    a.grad = lydia.ones(3)
    optimizer.step()
    assert not (array(a) == 1).any() and (array(b) == 1).all()
    assert len(optimizer.state) == 1 and len(optimizer.state_dict()["state"]) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_non_finite_gradients_stay_where_they_are(kind):
    p = lydia.ones(40, requires_grad=True)
    g = lydia.ones(40)
    g[3], g[35] = float("nan"), float("inf")
    p.grad = g
    getattr(optim, kind)([p], lr=0.1).step()
    finite = np.isfinite(array(p))
    assert not finite[3] and finite[[i for i in range(40) if i not in (3, 35)]].all()


@pytest.mark.parametrize("kind", KINDS)
def test_state_dict_resumes_bitwise(kind):
    params = parameters(lydia.float32)
    optimizer = getattr(optim, kind)(params, lr=0.05, **STATEFUL[kind])
    run(optimizer, params, 1, 5)
    saved = copy.deepcopy(optimizer.state_dict())
    others = [p.detach().clone().requires_grad_() for p in params]
    run(optimizer, params, 6, 9)
    resumed = getattr(optim, kind)(others)
    resumed.load_state_dict(saved)
    assert resumed.param_groups[0]["lr"] == 0.05
    run(resumed, others, 6, 9)
    for p, q in zip(params, others):
        assert lydia.equal(p.detach(), q.detach())


@pytest.mark.parametrize("kind", KINDS)
def test_pickle_and_deepcopy(kind):
    params = parameters(lydia.float32)
    optimizer = getattr(optim, kind)(params, lr=0.05, **STATEFUL[kind])
    run(optimizer, params, 1, 3)
    for twin in (pickle.loads(pickle.dumps(optimizer)), copy.deepcopy(optimizer)):
        others = twin.param_groups[0]["params"]
        mine = [p.detach().clone().requires_grad_() for p in params]
        third = getattr(optim, kind)(mine, lr=0.05, **STATEFUL[kind])
        third.load_state_dict(optimizer.state_dict())
        run(twin, others, 4, 6)
        run(third, mine, 4, 6)
        for p, q in zip(mine, others):
            assert lydia.equal(p.detach(), q.detach())


def test_state_dict_has_torchs_layout():
    a, b = lydia.ones(2, requires_grad=True), lydia.ones(3, requires_grad=True)
    optimizer = optim.AdamW([{"params": [a], "lr": 0.1}, {"params": b}], weight_decay=0.2)
    a.grad, b.grad = lydia.ones(2), lydia.ones(3)
    optimizer.step()
    d = optimizer.state_dict()
    assert set(d) == {"state", "param_groups"}
    assert [g["params"] for g in d["param_groups"]] == [[0], [1]]
    assert d["param_groups"][0]["lr"] == 0.1 and d["param_groups"][1]["lr"] == 1e-3
    assert d["param_groups"][1]["betas"] == (0.9, 0.999)
    assert set(d["state"][1]) == {"step", "exp_avg", "exp_avg_sq"}
    assert d["state"][0]["step"].item() == 1 and d["state"][1]["exp_avg"].shape == (3,)


def test_groups_step_with_their_own_numbers():
    a, b, c = (lydia.ones(1, requires_grad=True) for _ in range(3))
    optimizer = optim.SGD([{"params": [a], "lr": 0.5}, {"params": [b]}], lr=0.1)
    optimizer.add_param_group({"params": [("third", c)], "lr": 0.25})
    assert optimizer.param_groups[2]["param_names"] == ["third"]
    for p in (a, b, c):
        p.grad = lydia.ones(1)
    optimizer.param_groups[1]["lr"] = 0.125
    optimizer.step()
    assert [p.item() for p in (a, b, c)] == [0.5, 0.875, 0.75]


def test_step_under_inference_mode_and_versions():
    p = lydia.ones(3, requires_grad=True)
    p.grad = lydia.ones(3)
    optimizer = optim.Adam([p], lr=0.1)
    with lydia.inference_mode():
        optimizer.step()
    before = p._version
    optimizer.step()
    assert p._version > before
    loss = (p * p).sum()
    optimizer.step()
    with pytest.raises(RuntimeError, match="changed in place"):
        loss.backward()


def test_zero_grad():
    p = lydia.ones(3, requires_grad=True)
    optimizer = optim.SGD([p])
    (p * 2).sum().backward()
    optimizer.zero_grad(set_to_none=False)
    assert (p.grad.numpy() == 0).all()
    optimizer.zero_grad()
    assert p.grad is None


def test_closure():
    p = lydia.ones(1, requires_grad=True)
    optimizer = optim.SGD([p], lr=0.1)

    def closure():
        optimizer.zero_grad()
        loss = (p * p).sum()
        loss.backward()
        return loss

    with lydia.no_grad():
        assert optimizer.step(closure).item() == 1
    assert p.item() == pytest.approx(0.8)


def test_an_optimiser_of_ones_own():
    class Half(optim.Optimizer):
        def __init__(self, params):
            super().__init__(params, {"lr": 0.5})

        def step(self):
            with lydia.no_grad():
                for group in self.param_groups:
                    for p in group["params"]:
                        self.state[p]["seen"] = self.state[p].get("seen", 0) + 1
                        p -= group["lr"] * p.grad

    p = lydia.ones(1, requires_grad=True)
    mine = Half([p])
    p.grad = lydia.ones(1)
    mine.step()
    assert p.item() == 0.5 and mine.state_dict()["state"][0] == {"seen": 1}
    other = Half([p])
    other.load_state_dict(mine.state_dict())
    assert other.state[p] == {"seen": 1}


def leaf(*shape):
    return lydia.ones(*shape, requires_grad=True)


ERRORS = [
    (lambda: optim.SGD([leaf(1)], lr=-1), ValueError, "lr"),
    (lambda: optim.Adam([leaf(1)], betas=(1.0, 0.9)), ValueError, "beta1"),
    (lambda: optim.Adam([leaf(1)], betas=(0.9,)), ValueError, "betas"),
    (lambda: optim.SGD([leaf(1)], lr=float("nan")), ValueError, "lr"),
    (lambda: optim.SGD([leaf(1)], nesterov=True), ValueError, "nesterov"),
    (lambda: optim.SGD([]), ValueError, "at least one"),
    (lambda: optim.SGD(leaf(1)), TypeError, "iterable"),
    (lambda: optim.SGD([1.0]), TypeError, "tensors"),
    (lambda: optim.SGD([leaf(1) * 2]), ValueError, "leaf"),
    (lambda: optim.SGD([lydia.ones(1, dtype=lydia.int64)]), TypeError, "floating"),
    (lambda: optim.SGD([leaf(1)] * 2 + [leaf(2)]), ValueError, "once"),
    (lambda: optim.Adam([leaf(1)], differentiable=True), NotImplementedError, "differentiable"),
    (lambda: optim.SGD([leaf(1)]).load_state_dict(optim.SGD([leaf(1), leaf(1)]).state_dict()),
     ValueError, "groups of"),
]


@pytest.mark.parametrize("make,error,words", ERRORS, ids=[words for _, _, words in ERRORS])
def test_errors(make, error, words):
    with pytest.raises(error, match=words):
        make()


def test_state_of_the_wrong_shape_changes_nothing():
    p = leaf(3)
    optimizer = optim.Adam([p])
    p.grad = lydia.ones(3)
    optimizer.step()
    d = copy.deepcopy(optimizer.state_dict())
    d["state"][0]["exp_avg"] = lydia.zeros(4)
    with pytest.raises(ValueError, match="exp_avg"):
        optimizer.load_state_dict(d)
    assert optimizer.state[p]["exp_avg"].shape == (3,)


def test_expanded_parameters_are_refused():
    p = lydia.ones(1).expand(4).detach().requires_grad_()
    p.grad = lydia.ones(4)
    with pytest.raises(RuntimeError, match="expanded"):
        optim.SGD([p]).step()
