"""Gradient clipping with torch's names. Each is one pass over all gradients."""
from ... import _C


def _listed(tensors):
    return [tensors] if isinstance(tensors, _C.Tensor) else list(tensors)


def get_total_norm(tensors, norm_type=2.0, error_if_nonfinite=False, foreach=None):
    """The norm of all elements of all tensors together."""
    return _C._get_total_norm(_listed(tensors), float(norm_type), error_if_nonfinite)


def clip_grads_with_norm_(parameters, max_norm, total_norm, foreach=None):
    """Scales the gradients by max_norm / (total_norm + 1e-6) where that is less than 1."""
    _C._clip_grads_with_norm(_listed(parameters), float(max_norm), total_norm)


def clip_grad_norm_(parameters, max_norm, norm_type=2.0, error_if_nonfinite=False, foreach=None):
    """Scales the gradients so that their norm is at most max_norm; returns the norm they had."""
    return _C._clip_grad_norm(_listed(parameters), float(max_norm), float(norm_type),
                              error_if_nonfinite)


def clip_grad_value_(parameters, clip_value, foreach=None):
    """Brings every element of the gradients into [-clip_value, clip_value]."""
    _C._clip_grad_value(_listed(parameters), float(clip_value))
