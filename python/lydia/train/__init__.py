"""Training: a module that knows its steps, and a trainer whose runs can be taken up again.

    class Digits(lydia.train.TrainModule):
        def __init__(self):
            super().__init__()
            self.net = nn.Linear(64, 10)

        def training_step(self, batch, batch_idx):
            x, y = batch
            return F.cross_entropy(self.net(x), y)

        def configure_optimizers(self):
            return lydia.optim.AdamW(self.parameters(), lr=1e-3)

    lydia.train.Trainer(max_epochs=3, default_root_dir="out").fit(Digits(), loader)

The checkpoints are those of `lydia train` (docs/training.md): folders that are whole or refused.
"""
from .callbacks import (Callback, EarlyStopping, EMAWeightAveraging, LambdaCallback,
                        ModelCheckpoint)
from .checkpoint import (list_checkpoints, load_checkpoint, load_newest_checkpoint,
                         prune_checkpoints, save_checkpoint, set_aside_checkpoints)
from .module import TrainModule
from .trainer import Trainer

__all__ = ["Callback", "EMAWeightAveraging", "EarlyStopping", "LambdaCallback", "ModelCheckpoint",
           "TrainModule", "Trainer", "list_checkpoints", "load_checkpoint", "load_newest_checkpoint",
           "prune_checkpoints", "save_checkpoint", "set_aside_checkpoints"]
