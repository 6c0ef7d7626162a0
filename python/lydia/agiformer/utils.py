"""Counting parameters, and numbers for people."""

__all__ = ["count_parameters", "format_number"]


def count_parameters(model):
    """{"total", "trainable", "non_trainable"}: how many numbers the parameters of `model` hold."""
    total = trainable = 0
    for p in model.parameters():
        total += p.numel()
        trainable += p.numel() if p.requires_grad else 0
    return {"total": total, "trainable": trainable, "non_trainable": total - trainable}


def format_number(number):
    """1234 -> "1.23K", 5300000 -> "5.30M"; below a thousand as it is."""
    for limit, unit in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K")):
        if abs(number) >= limit:
            return f"{number / limit:.2f}{unit}"
    return str(number)
