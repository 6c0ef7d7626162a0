"""lydia.nn.init writes into its tensor and gives it back."""
import math

import pytest

import lydia
from lydia import nn


@pytest.mark.parametrize("name,args", [
    ("uniform_", (-1, 1)), ("normal_", (0, 2)), ("trunc_normal_", ()), ("constant_", (3,)),
    ("ones_", ()), ("zeros_", ()), ("eye_", ()), ("xavier_uniform_", (2,)), ("xavier_normal_", ()),
    ("kaiming_uniform_", (1, "fan_out", "relu")), ("kaiming_normal_", ()), ("orthogonal_", ()),
    ("sparse_", (0.5,))])
def test_writes_and_returns_its_tensor(name, args):
    p = nn.Parameter(lydia.full((4, 3), 77.0))
    assert getattr(nn.init, name)(p, *args) is p
    assert p.max().item() < 77 and p.is_leaf and p.requires_grad


def test_seeds_bounds_and_errors():
    a, b = lydia.empty(50, 20), lydia.empty(50, 20)
    for t in (a, b):
        nn.init.kaiming_uniform_(t, a=math.sqrt(5), generator=lydia.Generator().manual_seed(4))
    assert a.tolist() == b.tolist() and a.abs().max().item() <= 1 / math.sqrt(20)
    assert nn.init.calculate_gain("relu") == math.sqrt(2)
    assert nn.init.dirac_(lydia.empty(2, 2, 3)).sum().item() == 2
    with pytest.raises(ValueError, match="fan_in"):
        nn.init.kaiming_uniform_(a, mode="in")
    with pytest.raises(ValueError, match="2 dimensions"):
        nn.init.xavier_uniform_(lydia.empty(3))
