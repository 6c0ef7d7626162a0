"""Parameters as one vector."""
from ... import _C


def parameters_to_vector(parameters):
    """The elements of all parameters in a row, as part of the graph."""
    return _C.cat([p.reshape(-1) for p in parameters])


def vector_to_parameters(vec, parameters):
    """Writes the elements of `vec` into the parameters, in order."""
    parameters = list(parameters)
    count = sum(p.numel() for p in parameters)
    if vec.ndim != 1 or vec.numel() != count:
        raise ValueError(f"vector_to_parameters: expected a vector of {count}, got shape "
                         f"{list(vec.shape)}")
    start = 0
    for p in parameters:
        p.data = vec.detach()[start:start + p.numel()].reshape(p.shape).clone()
        start += p.numel()
