"""What a trainer is given, checked before the first step."""
from collections.abc import Iterator

from .. import Tensor
from ..optim import Optimizer
from ..optim.lr_scheduler import LRScheduler, ReduceLROnPlateau
from .callbacks import Callback
from .module import TrainModule


def whole_numbers(**bounds):
    """name=(value, least): each an int of at least `least`."""
    for name, (value, least) in bounds.items():
        if isinstance(value, bool) or not isinstance(value, int):
            raise TypeError(f"Trainer: expected {name} to be an integer, got {value!r}")
        if value < least:
            raise ValueError(f"Trainer: expected {name} of at least {least}, got {value}")


def callback_list(callbacks):
    """The callbacks of a sequence, or the only one."""
    callbacks = [callbacks] if isinstance(callbacks, Callback) else list(callbacks or ())
    for callback in callbacks:
        if not isinstance(callback, Callback):
            raise TypeError(f"Trainer: expected callbacks, got {type(callback).__name__}")
    return callbacks


def optimizer_and_scheduler(module):
    """What module.configure_optimizers gives, the scheduler None where there is none."""
    if not isinstance(module, TrainModule):
        raise TypeError(f"Trainer.fit: expected a TrainModule, got {type(module).__name__}")
    configured = module.configure_optimizers()
    pair = configured if isinstance(configured, tuple) else (configured, None)
    if (len(pair) != 2 or not isinstance(pair[0], Optimizer)
            or not (pair[1] is None or isinstance(pair[1], LRScheduler))):
        shown = ", ".join(type(part).__name__ for part in pair if part is not None)
        raise TypeError(f"{type(module).__name__}.configure_optimizers: expected an optimizer, or a "
                        f"tuple (optimizer, scheduler), got {shown or None}")
    if isinstance(pair[1], ReduceLROnPlateau):
        raise TypeError(f"{type(module).__name__}.configure_optimizers: expected a scheduler that is "
                        "stepped with the optimizer, got ReduceLROnPlateau; step it in a callback's "
                        "on_validation_end")
    return pair


def loaders(train, validation, max_epochs, between):
    """Generators and other iterators give their batches once: enough for one epoch, not for more.

    `between`: validation runs between the steps of an epoch too.
    """
    for name, loader, once in (("train_dataloaders", train, max_epochs == 1),
                               ("val_dataloaders", validation, max_epochs == 1 and not between)):
        if isinstance(loader, Iterator) and not once:
            raise TypeError(f"Trainer.fit: expected {name} that can be walked again for every epoch or "
                            f"validation, such as a DataLoader or a list, got {type(loader).__name__}, which "
                            "gives its batches once; with max_epochs=1, validated at its end, it serves")


def loss_of(result, module):
    """The loss in what training_step returned."""
    loss = result.get("loss") if isinstance(result, dict) else result
    if not isinstance(loss, Tensor) or loss.numel() != 1:
        got = f"shape {list(loss.shape)}" if isinstance(loss, Tensor) else type(loss).__name__
        raise TypeError(f"{type(module).__name__}.training_step: expected a tensor of one element, or a "
                        f"dict with one as \"loss\", got {got}")
    return loss
