"""lydia.optim.lr_scheduler against torch's rates (schedule_goldens.txt)."""
import pathlib

import pytest

import lydia
import schedule_cases
from lydia import optim
from lydia.optim import lr_scheduler as S


def read():
    path = pathlib.Path(__file__).parent / "schedule_goldens.txt"
    lines = path.read_text().splitlines()[1:]
    return {lines[i]: [[float(v) for v in line.split()] for line in lines[i + 1:i + 4]]
            for i in range(0, len(lines), 4)}


GOLDENS = read()


def make_optimizer():
    groups = [{"params": [lydia.zeros(1, requires_grad=True)], "lr": lr}
              for lr in schedule_cases.RATES]
    return optim.SGD(groups, lr=0.1, momentum=0.6)


def test_every_case_has_a_golden():
    assert set(GOLDENS) == set(schedule_cases.CASES)


@pytest.mark.parametrize("name", schedule_cases.CASES)
def test_equals_torch(name):
    rows = schedule_cases.run(name, S, make_optimizer())
    for got, expected in zip(zip(*rows), GOLDENS[name]):
        assert got == pytest.approx(expected, rel=1e-12, abs=1e-15)


def test_inverse_square_root():
    optimizer = make_optimizer()
    scheduler = S.InverseSquareRootLR(optimizer, warmup_steps=4)
    rates = [scheduler.get_last_lr()[0]]
    for _ in range(15):
        scheduler.step()
        rates.append(scheduler.get_last_lr()[0])
    assert rates[:4] == pytest.approx([0.125, 0.25, 0.375, 0.5])
    assert rates[15] == pytest.approx(0.25) and rates[8] == pytest.approx(0.5 * (4 / 9) ** 0.5)


@pytest.mark.parametrize("name", [n for n in schedule_cases.CASES if n != "two-at-once"])
def test_state_dict_resumes(name):
    def steps(scheduler, first, last):
        for t in range(first, last):
            scheduler.step(*([schedule_cases.metric(t)] if name.startswith("plateau") else []))

    optimizer = make_optimizer()
    scheduler = schedule_cases.CASES[name](S, optimizer)
    steps(scheduler, 0, 23)
    saved, groups = scheduler.state_dict(), optimizer.state_dict()
    other = make_optimizer()
    resumed = schedule_cases.CASES[name](S, other)
    other.load_state_dict(groups)
    resumed.load_state_dict(saved)
    steps(scheduler, 23, 50)
    steps(resumed, 23, 50)
    assert [g["lr"] for g in other.param_groups] == [g["lr"] for g in optimizer.param_groups]
    assert resumed.get_last_lr() == scheduler.get_last_lr()


def test_rates_reach_the_parameters():
    p = lydia.zeros(1, requires_grad=True)
    optimizer = optim.SGD([p], lr=1.0)
    scheduler = S.StepLR(optimizer, 1, gamma=0.5)
    for _ in range(3):
        p.grad = lydia.ones(1)
        optimizer.step()
        scheduler.step()
    assert p.item() == -1.75


def test_a_scheduler_of_ones_own():
    class Halve(S.LRScheduler):
        def get_lr(self):
            if self.last_epoch == 0:
                return [g["lr"] for g in self.optimizer.param_groups]
            return [g["lr"] / 2 for g in self.optimizer.param_groups]

    optimizer = make_optimizer()
    scheduler = Halve(optimizer)
    scheduler.step()
    assert scheduler.get_last_lr() == [0.25, 0.01]


def test_beta1_cycles_too():
    optimizer = optim.Adam([lydia.zeros(1, requires_grad=True)])
    scheduler = S.OneCycleLR(optimizer, max_lr=0.1, total_steps=11, pct_start=0.5)
    assert optimizer.param_groups[0]["betas"] == (0.95, 0.999)
    seen = []
    for _ in range(10):
        scheduler.step()
        seen.append(optimizer.param_groups[0]["betas"][0])
    assert min(seen) == pytest.approx(0.85, abs=0.01) and seen[-1] == pytest.approx(0.95)


def two():
    return make_optimizer(), make_optimizer()


ERRORS = [
    (lambda: S.StepLR([1], 2), TypeError, "Optimizer"),
    (lambda: S.StepLR(make_optimizer(), 0), ValueError, "step_size"),
    (lambda: S.LinearLR(make_optimizer(), start_factor=0), ValueError, "start_factor"),
    (lambda: S.OneCycleLR(make_optimizer(), 0.1), ValueError, "total_steps"),
    (lambda: S.OneCycleLR(make_optimizer(), [0.1], 5), ValueError, "values"),
    (lambda: S.LambdaLR(make_optimizer(), [lambda t: t]), ValueError, "functions"),
    (lambda: S.ReduceLROnPlateau(make_optimizer(), factor=1.0), ValueError, "factor"),
    (lambda: S.SequentialLR(o := make_optimizer(), [S.StepLR(o, 2)], [3]), ValueError,
     "milestones"),
    (lambda: S.ChainedScheduler([S.StepLR(o, 2) for o in two()]), ValueError, "one optimizer"),
    (lambda: S.StepLR(make_optimizer(), 2, last_epoch=3), KeyError, "initial_lr"),
]


@pytest.mark.parametrize("make,error,words", ERRORS, ids=[words for _, _, words in ERRORS])
def test_errors(make, error, words):
    with pytest.raises(error, match=words):
        make()


def test_one_cycle_ends():
    scheduler = S.OneCycleLR(make_optimizer(), 0.1, total_steps=3)
    with pytest.raises(ValueError, match="at most 3"):
        for _ in range(4):
            scheduler.step()
