"""What people hand to a trainer: other shapes of the same thing, and mistakes that must be said."""
import math

import lydia
import lydia.nn.functional as F
import pytest
from lydia import nn
from lydia.optim import lr_scheduler as schedules
from lydia.train import Callback, EarlyStopping, ModelCheckpoint, Trainer, TrainModule
from lydia.utils.data import DataLoader, TensorDataset


def loader(batch_size=8, count=50):
    generator = lydia.Generator().manual_seed(0)
    x = lydia.randn(count, 4, generator=generator)
    return DataLoader(TensorDataset(x, (x.sum(1) > 0).long()), batch_size=batch_size)


class Net(TrainModule):
    def __init__(self, configure=lambda opt: opt, result=lambda loss: loss):
        super().__init__()
        lydia.manual_seed(0)
        self.net = nn.Linear(4, 2)
        self.configure, self.result = configure, result

    def training_step(self, batch, batch_idx):
        return self.result(F.cross_entropy(self.net(batch[0]), batch[1]))

    def validation_step(self, batch, batch_idx):
        self.log("val_loss", F.cross_entropy(self.net(batch[0]), batch[1]))

    def configure_optimizers(self):
        return self.configure(lydia.optim.SGD(self.parameters(), lr=0.1))


def fit(model, data=None, validation=None, resume=False, **options):
    trainer = Trainer(**{"max_steps": 4, "enable_progress_bar": False, **options})
    trainer.fit(model, data or loader(), validation, resume=resume)
    return trainer


class Steps(Callback):
    def __init__(self):
        self.losses = []

    def on_train_batch_end(self, trainer, module, figures):
        self.losses.append(figures["loss"])


def test_logged_means_count_examples_not_batches():
    model = Net()
    whole = Trainer().validate(model, loader(50))["val_loss"]
    assert Trainer().validate(model, loader(48))["val_loss"] == pytest.approx(whole, rel=1e-6)


def test_accumulated_batches_of_unequal_sizes_are_one_big_batch():
    one, many = Net(), Net()
    fit(one, loader(50), max_steps=3)
    fit(many, loader(15), max_steps=3, accumulate_grad_batches=4)
    assert many.net.weight.flatten().tolist() == pytest.approx(one.net.weight.flatten().tolist(), rel=1e-5)


@pytest.mark.parametrize("configure", [
    lambda opt: None, lambda opt: [opt], lambda opt: {"optimizer": opt}, lambda opt: ([opt], []),
    lambda opt: (opt, schedules.ReduceLROnPlateau(opt)), lambda opt: (opt, None, None)])
def test_other_things_than_an_optimizer_are_told_apart(configure):
    with pytest.raises(TypeError, match="Net.configure_optimizers: expected"):
        fit(Net(configure))


@pytest.mark.parametrize("result", [
    lambda loss: None, lambda loss: 1.0, lambda loss: {"los": loss}, lambda loss: lydia.ones(2) * loss])
def test_other_things_than_a_loss_are_told_apart(result):
    with pytest.raises(TypeError, match="Net.training_step: expected a tensor of one element"):
        fit(Net(result=result))
    assert fit(Net(result=lambda loss: {"loss": loss})).global_step == 4


def test_a_module_without_steps_is_told_apart():
    with pytest.raises(TypeError, match="expected a TrainModule, got Linear"):
        fit(nn.Linear(4, 2))


@pytest.mark.parametrize("options, message", [
    ({"max_steps": "3"}, "max_steps"), ({"max_steps": -2}, "max_steps"), ({"max_epochs": 1.5}, "max_epochs"),
    ({"val_check_interval": 0.5}, "val_check_interval"), ({"val_check_interval": 0}, "val_check_interval"),
    ({"gradient_clip_val": -1}, "gradient_clip_val"), ({"gradient_clip_val": math.nan}, "gradient_clip_val"),
    ({"callbacks": [print]}, "callbacks"), ({"callbacks": [ModelCheckpoint()]}, "default_root_dir")])
def test_wrong_options(options, message):
    with pytest.raises((TypeError, ValueError), match=message):
        Trainer(**options)


def test_validation_changes_no_loss():
    def losses(validation, **options):
        steps = Steps()
        model = Net()
        data = loader()
        fit(model, DataLoader(data.dataset, batch_size=8, shuffle=True), validation, callbacks=steps,
            max_steps=20, **options)
        return steps.losses

    assert losses(None) == losses(loader()) == losses(loader(), val_check_interval=3)


def test_the_middle_of_an_epoch_belongs_to_its_batches():
    begun = loader(8)
    next(iter(begun))
    with pytest.raises(ValueError, match="batch_size 3, got one with 8"):
        loader(3).load_state_dict(begun.state_dict())
    list(begun)
    loader(3).load_state_dict(begun.state_dict())  # between epochs


def test_an_example_that_is_none_is_named():
    with pytest.raises(TypeError, match="expected examples of one kind, got tuple and NoneType"):
        list(DataLoader([(1, 2), None], batch_size=2))


def test_one_callback_and_no_bound_on_epochs():
    steps = Steps()
    assert fit(Net(), callbacks=steps, max_epochs=-1, max_steps=20).global_step == 20
    assert len(steps.losses) == 20


def test_a_monitor_needs_validation():
    with pytest.raises(ValueError, match="EarlyStopping: expected validation data for 'val_loss'"):
        fit(Net(), callbacks=[EarlyStopping()])


def test_methods_that_nobody_would_call_are_refused():
    with pytest.raises(TypeError, match="'on_train_start' would never be called; expected on_fit_start"):
        type("Mine", (Callback,), {"on_train_start": lambda self, trainer, module: None})
    with pytest.raises(TypeError, match="'on_train_epoch_end' would never be called.*Callback"):
        type("Mine", (TrainModule,), {"on_train_epoch_end": lambda self: None})


def test_a_run_that_starts_anew_sets_the_earlier_one_aside(tmp_path):
    def steps(name):
        return [path.name for path in lydia.train.list_checkpoints(tmp_path / name)]

    fit(Net(), default_root_dir=tmp_path, max_steps=9)
    trainer = fit(Net(), default_root_dir=tmp_path, max_steps=2)
    assert steps("checkpoints") == ["step-00000002"] and steps("checkpoints.old") == ["step-00000009"]
    assert fit(Net(), default_root_dir=tmp_path, max_steps=3, resume=True).global_step == 3
    trainer.max_steps = 6  # the same trainer goes on
    trainer.fit(Net(), loader())
    assert "step-00000006" in steps("checkpoints") and steps("checkpoints.old") == ["step-00000009"]


def test_callbacks_may_change_between_runs(tmp_path):
    stopping = EarlyStopping(patience=100)
    fit(Net(), validation=loader(), default_root_dir=tmp_path, val_check_interval=2, callbacks=[stopping])
    for callbacks in ([], [Steps(), EarlyStopping("val_loss", patience=100)]):
        trainer = fit(Net(), validation=loader(), default_root_dir=tmp_path, resume=True, callbacks=callbacks)
        assert trainer.global_step == 4
    assert callbacks[1].best == stopping.best is not None


def test_an_optimizer_of_ones_own_that_extends_another():
    class Loud(lydia.optim.AdamW):
        calls = 0

        def step(self, closure=None):
            Loud.calls += 1
            return super().step(closure)

    model = Net()
    model.configure_optimizers = lambda: Loud(model.parameters(), lr=1e-2)
    fit(model)
    assert Loud.calls == 4


def test_a_loader_that_can_be_walked_only_once_is_refused_before_the_first_step(tmp_path):
    def batches():
        yield from loader()

    for options in ({}, {"max_epochs": 2}, {"max_steps": -1, "max_epochs": 3}):
        model, trainer = Net(), Trainer(**{"max_steps": 4, "default_root_dir": tmp_path / "run", **options})
        with pytest.raises(TypeError, match="train_dataloaders that can be walked again.*got generator"):
            trainer.fit(model, batches())
        with pytest.raises(TypeError, match="val_dataloaders that can be walked again.*got generator"):
            trainer.fit(model, loader(), batches())
        assert trainer.global_step == 0 and not (tmp_path / "run").exists()
    with pytest.raises(TypeError, match="val_dataloaders"):
        fit(Net(), validation=batches(), max_epochs=1, val_check_interval=2)


def test_a_generator_serves_for_one_epoch():
    trainer = Trainer(max_epochs=1, enable_progress_bar=False)
    trainer.fit(Net(), (batch for batch in loader()), (batch for batch in loader()))
    assert trainer.global_step == 7 and trainer.callback_metrics["val_loss"] > 0
