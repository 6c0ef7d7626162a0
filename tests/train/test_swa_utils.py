"""AveragedModel, and optimisers over the parameters of a module."""
import numpy as np
import pytest

import lydia
from lydia import nn, optim
from lydia.nn import functional as F
from lydia.optim import swa_utils


def make_model():
    lydia.manual_seed(4)
    return nn.Sequential(nn.Linear(5, 8), nn.BatchNorm1d(8), nn.Linear(8, 1))


def train(model, averaged=None, steps=6, **autocast):
    optimizer = optim.AdamW(model.parameters(), lr=0.05)
    lydia.manual_seed(9)
    history, losses = [], []
    for _ in range(steps):
        x = lydia.randn(16, 5)
        with lydia.autocast("cpu", **(autocast or {"enabled": False})):
            loss = F.mse_loss(model(x), x.sum(1, keepdim=True))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        history.append([p.detach().to(lydia.float64).numpy().copy() for p in model.parameters()])
        if averaged is not None:
            averaged.update_parameters(model)
    return history, losses


def check(averaged, expected):
    for p, e in zip(averaged.module.parameters(), expected):
        np.testing.assert_allclose(p.detach().numpy(), e, rtol=1e-5, atol=1e-6)


def ema(history, decay):
    average = history[0]
    for weights in history[1:]:
        average = [decay * a + (1 - decay) * w for a, w in zip(average, weights)]
    return average


@pytest.mark.parametrize("kind", ["multi", "single"])
def test_exponential_average(kind):
    model = make_model()
    averaged = swa_utils.AveragedModel(
        model, **({"multi_avg_fn": swa_utils.get_ema_multi_avg_fn(0.8)} if kind == "multi"
                  else {"avg_fn": swa_utils.get_ema_avg_fn(0.8)}))
    history, _ = train(model, averaged)
    check(averaged, ema(history, 0.8))
    assert averaged.n_averaged.item() == 6


@pytest.mark.parametrize("avg_fn", [None, swa_utils.get_swa_avg_fn()])
def test_mean(avg_fn):
    model = make_model()
    averaged = swa_utils.AveragedModel(model, avg_fn=avg_fn)
    history, _ = train(model, averaged)
    check(averaged, [np.mean(w, axis=0) for w in zip(*history)])


def test_buffers():
    model = make_model()
    plain = swa_utils.AveragedModel(model)
    mixed = swa_utils.AveragedModel(model, use_buffers=True)
    for _ in range(2):
        train(model, plain, steps=1)
        mixed.update_parameters(model)
    assert lydia.equal(plain.module[1].running_mean, model[1].running_mean)
    assert not lydia.equal(mixed.module[1].running_mean, model[1].running_mean)


def test_the_average_is_a_module_of_its_own():
    model = make_model()
    averaged = swa_utils.AveragedModel(model)
    train(model, averaged)
    model.eval(), averaged.eval()
    x = lydia.randn(3, 5)
    assert not lydia.allclose(averaged(x), model(x))
    other = swa_utils.AveragedModel(make_model())
    other.load_state_dict(averaged.state_dict())
    other.eval()
    assert lydia.equal(other(x), averaged(x)) and other.n_averaged.item() == 6


def test_autocast_trains_a_module():
    _, exact = train(make_model(), steps=60)
    model = make_model()
    _, low = train(model, steps=60, dtype=lydia.bfloat16)
    assert all(p.dtype == p.grad.dtype == lydia.float32 for p in model.parameters())
    assert low[-1] < low[0] / 4 and abs(low[-1] - exact[-1]) < 0.1 * exact[0]


def test_optimizer_state_is_found_by_parameter():
    model = make_model()
    optimizer = optim.Adam(model.named_parameters())
    assert optimizer.param_groups[0]["param_names"][0] == "0.weight"
    model(lydia.randn(4, 5)).sum().backward()
    optimizer.step()
    assert optimizer.state[model[0].weight]["exp_avg"].shape == (8, 5)


def test_update_bn_takes_the_mean_of_all_batches():
    model, averaged = make_model(), None
    averaged = swa_utils.AveragedModel(model)
    train(model, averaged)
    lydia.manual_seed(2)
    batches = [lydia.randn(n, 5) * 2 + 1 for n in (16, 16, 7)]
    averaged.eval()
    swa_utils.update_bn([(x, None) for x in batches], averaged)
    norm, first = averaged.module[1], averaged.module[0]
    seen = [first(x).detach().numpy().astype(np.float64) for x in batches]
    np.testing.assert_allclose(norm.running_mean.numpy(), np.mean([x.mean(0) for x in seen], 0),
                               rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(norm.running_var.numpy(), np.mean([x.var(0, ddof=1) for x in seen], 0),
                               rtol=1e-4)
    assert norm.momentum == 0.1 and not averaged.training and norm.num_batches_tracked.item() == 3
    plain = nn.Sequential(nn.Linear(5, 1))
    swa_utils.update_bn(iter(()), plain)  # nothing to count


@pytest.mark.parametrize("strategy", ["cos", "linear"])
def test_swalr_goes_to_the_rate_and_stays(strategy):
    params = [lydia.ones(1, requires_grad=True)], [lydia.ones(1, requires_grad=True)]
    optimizer = optim.SGD([{"params": params[0], "lr": 1.0}, {"params": params[1], "lr": 0.5}], lr=1.0)
    schedule = swa_utils.SWALR(optimizer, swa_lr=[0.1, 0.2], anneal_epochs=4,
                               anneal_strategy=strategy)
    seen = []
    for step in range(7):
        t = min(step / 4, 1)
        share = (1 - np.cos(np.pi * t)) / 2 if strategy == "cos" else t
        assert schedule.get_last_lr() == pytest.approx(
            [1.0 + (0.1 - 1.0) * share, 0.5 + (0.2 - 0.5) * share])
        seen.append(schedule.get_last_lr())
        if step == 2:  # a scheduler that is taken up again goes on alike
            kept = schedule.state_dict()
            schedule = swa_utils.SWALR(optimizer, [0.1, 0.2], 4, strategy)
            schedule.load_state_dict(kept)
            for group, lr in zip(optimizer.param_groups, seen[-1]):
                group["lr"] = lr
        optimizer.step()
        schedule.step()
    at_once = swa_utils.SWALR(optimizer, 0.7, anneal_epochs=0)
    assert at_once.get_last_lr() == [0.7, 0.7]
    for wrong in ({"swa_lr": [0.1]}, {"swa_lr": 0.1, "anneal_strategy": "x"},
                  {"swa_lr": 0.1, "anneal_epochs": -1}):
        with pytest.raises(ValueError, match="SWALR"):
            swa_utils.SWALR(optimizer, **wrong)


def test_errors():
    with pytest.raises(ValueError, match="both"):
        swa_utils.AveragedModel(make_model(), avg_fn=swa_utils.get_swa_avg_fn(),
                                multi_avg_fn=swa_utils.get_swa_multi_avg_fn())
    with pytest.raises(ValueError, match="decay"):
        swa_utils.get_ema_multi_avg_fn(1.5)
