"""The schedules that tests/train/schedule_goldens.txt holds: name -> make(S, optimizer), where S is
torch.optim.lr_scheduler or lydia.optim.lr_scheduler. The optimiser has rates 0.5 and 0.02."""
STEPS = 60
RATES = (0.5, 0.02)


def metric(step):
    """What ReduceLROnPlateau sees: falls, stays, rises, falls again."""
    return [1.0 - 0.03 * step, 0.4 + 1e-6 * step, 0.5 + 0.01 * (step % 7), 0.3][step // 15 % 4]


CASES = {
    "constant": lambda S, o: S.ConstantLR(o, factor=0.25, total_iters=7),
    "constant-default": lambda S, o: S.ConstantLR(o),
    "linear": lambda S, o: S.LinearLR(o, start_factor=0.1, end_factor=0.9, total_iters=20),
    "linear-default": lambda S, o: S.LinearLR(o),
    "exponential": lambda S, o: S.ExponentialLR(o, gamma=0.93),
    "step": lambda S, o: S.StepLR(o, step_size=9, gamma=0.3),
    "multi-step": lambda S, o: S.MultiStepLR(o, [30, 10, 10, 47], gamma=0.5),
    "polynomial": lambda S, o: S.PolynomialLR(o, total_iters=40, power=1.7),
    "polynomial-default": lambda S, o: S.PolynomialLR(o),
    "lambda": lambda S, o: S.LambdaLR(o, [lambda t: 0.95 ** t, lambda t: 1 / (1 + t)]),
    "cosine": lambda S, o: S.CosineAnnealingLR(o, T_max=60, eta_min=0.001),
    "cosine-periodic": lambda S, o: S.CosineAnnealingLR(o, T_max=13),
    "restarts": lambda S, o: S.CosineAnnealingWarmRestarts(o, T_0=7, T_mult=2, eta_min=0.01),
    "restarts-equal": lambda S, o: S.CosineAnnealingWarmRestarts(o, T_0=11),
    "one-cycle": lambda S, o: S.OneCycleLR(o, max_lr=[1.0, 0.1], total_steps=STEPS + 1),
    "one-cycle-linear": lambda S, o: S.OneCycleLR(
        o, max_lr=0.7, epochs=8, steps_per_epoch=8, pct_start=0.22, anneal_strategy="linear",
        base_momentum=0.8, max_momentum=0.9, div_factor=10, final_div_factor=100),
    "one-cycle-three-phase": lambda S, o: S.OneCycleLR(
        o, max_lr=0.7, total_steps=STEPS + 5, three_phase=True, cycle_momentum=False),
    "plateau": lambda S, o: S.ReduceLROnPlateau(o, patience=3, factor=0.5, cooldown=4),
    "plateau-max-abs": lambda S, o: S.ReduceLROnPlateau(
        o, mode="max", patience=2, threshold=0.02, threshold_mode="abs", min_lr=[0.1, 0.001]),
    "warm-up-cosine": lambda S, o: S.SequentialLR(
        o, [S.LinearLR(o, 0.01, total_iters=10), S.CosineAnnealingLR(o, 50, eta_min=1e-4)], [10]),
    "three-parts": lambda S, o: S.SequentialLR(
        o, [S.ConstantLR(o, 0.1, 5), S.ExponentialLR(o, 0.9), S.StepLR(o, 4, 0.7)], [12, 33]),
    "chained": lambda S, o: S.ChainedScheduler(
        [S.ConstantLR(o, 0.3, 8), S.ExponentialLR(o, 0.95), S.MultiStepLR(o, [20, 41], 0.4)]),
    "chained-cosine": lambda S, o: S.ChainedScheduler(
        [S.LinearLR(o, 0.2, total_iters=15), S.CosineAnnealingLR(o, 70, eta_min=0.002)]),
    "two-at-once": lambda S, o: Both([S.LinearLR(o, 0.5, 0.1, 30), S.StepLR(o, 11, 0.5)]),
}


class Both:
    """Two schedulers that a training loop steps itself."""

    def __init__(self, schedulers):
        self.schedulers = schedulers

    def step(self):
        for scheduler in self.schedulers:
            scheduler.step()


def run(name, S, optimizer):
    """[[rate of group 0, rate of group 1, momentum of group 0] at steps 0 .. STEPS]"""
    scheduler = CASES[name](S, optimizer)

    def now():
        first, second = optimizer.param_groups
        return [first["lr"], second["lr"], first["momentum"]]

    rows = [now()]
    for step in range(STEPS):
        optimizer.step()
        if name.startswith("plateau"):
            scheduler.step(metric(step))
        else:
            scheduler.step()
        rows.append(now())
    return rows
