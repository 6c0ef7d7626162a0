"""summary: layers, shapes, parameters and multiplications of a model."""
from .. import _C
from .._grad_mode import no_grad


class SummaryRow:
    """A module and all below it; `output` is None for modules that were not called."""

    def __init__(self, name, module):
        self.name, self.type, self.output, self.macs = name, type(module).__name__, None, 0
        self.parameters = sum(p.numel() for p in module.parameters())
        self.trainable = sum(p.numel() for p in module.parameters() if p.requires_grad)


class Summary:
    """`rows` (parents first) and totals; tied weights count once. str() is a table."""

    def __init__(self, rows):
        self.rows = rows
        self.parameters, self.trainable, self.macs = (
            rows[0].parameters, rows[0].trainable, rows[0].macs)

    def __str__(self):
        cells = [(r.name, r.type, -1 if r.output is None else 0, list(r.output or ()),
                  r.parameters, r.trainable, r.macs) for r in self.rows]
        return _C._nn_summary_text(cells)

    __repr__ = __str__


def _shape(output):
    while isinstance(output, (tuple, list)) and output:
        output = output[0]
    return tuple(output.shape) if isinstance(output, _C.Tensor) else None


def summary(model, *inputs, **keywords):
    """Runs model(*inputs) once, in evaluation mode and without recording, and gives a Summary:
    output shapes, parameters and multiply-adds of each module (FLOPs are twice as many)."""
    modes = [(m, m.training) for m in model.modules()]
    rows = {m: SummaryRow(name, m) for name, m in model.named_modules()}
    handles = []
    counter = _C._MacCounter()

    def before(module, args):
        rows[module].macs -= counter.count()

    def after(module, args, output):
        rows[module].macs += counter.count()
        rows[module].output = _shape(output)

    try:
        model.eval()
        for module in rows:
            handles += [module.register_forward_pre_hook(before), module.register_forward_hook(after)]
        with no_grad():
            model(*inputs, **keywords)
    finally:
        counter.close()
        for handle in handles:
            handle.remove()
        for module, mode in modes:
            module.training = mode
    return Summary(list(rows.values()))
