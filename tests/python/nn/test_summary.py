"""lydia.nn.summary counts parameters and multiplications per module."""
import pytest

import lydia
from lydia import nn


def test_counts_by_hand():
    net = nn.Sequential(nn.Conv2d(2, 3, 3), nn.Flatten(),
                        nn.Sequential(nn.Dropout(0.5), nn.Linear(48, 10)))
    net.freeze("0.*")
    s = nn.summary(net, lydia.ones(5, 2, 6, 6))
    assert [r.name for r in s.rows] == ["", "0", "1", "2", "2.0", "2.1"]
    assert s.rows[1].output == (5, 3, 4, 4) and s.rows[1].macs == 5 * 48 * 18
    assert s.rows[3].macs == 5 * 480 and s.rows[5].parameters == 490
    assert (s.parameters, s.trainable, s.macs) == (547, 490, 5 * 48 * 18 + 5 * 480)
    assert "multiply-adds: 6720, 13.4k FLOPs" in str(s) and "Conv2d" in str(s)
    assert net[2].training and not net[2][0]._forward_hooks


def test_modules_of_several_inputs_and_errors():
    m = nn.MultiheadAttention(4, 2)
    x = lydia.ones(3, 1, 4)
    s = nn.summary(m, x, x, x, need_weights=False)
    assert s.macs == 3 * 12 * 4 + 2 * 3 * 3 * 4 + 3 * 4 * 4
    assert nn.summary(nn.LSTM(3, 4), lydia.ones(5, 2, 3)).macs == 5 * 2 * 16 * 7
    broken = nn.Linear(3, 4)
    with pytest.raises(ValueError):
        nn.summary(broken, lydia.ones(2, 5))
    assert broken.training and not broken._forward_hooks
