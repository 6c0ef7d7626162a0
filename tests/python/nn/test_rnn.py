"""Packed sequences, cells beside layers, and errors of the recurrent and attention layers."""
import pytest

import lydia
from lydia import nn
from lydia.nn.utils import parameters_to_vector, rnn, vector_to_parameters


def close(a, b):
    assert lydia.allclose(a, b, rtol=1e-4, atol=1e-5)


def sequences(lengths=(2, 4, 3), width=3):
    lydia.manual_seed(1)
    return [lydia.randn(n, width) for n in lengths]


@pytest.mark.parametrize("make", [
    lambda **k: nn.LSTM(3, 4, num_layers=2, bidirectional=True, **k), lambda **k: nn.GRU(3, 4, **k),
    lambda **k: nn.GRU(3, 4, bidirectional=True, **k), lambda **k: nn.RNN(3, 4, 2, **k)])
def test_packed_sequences_run_as_if_each_were_alone(make):
    m, alone = make(), sequences()
    packed = rnn.pack_sequence(alone, enforce_sorted=False)
    out, state = m(packed)
    padded, lengths = rnn.pad_packed_sequence(out)
    assert lengths.tolist() == [2, 4, 3] and padded.shape[:2] == (4, 3)
    last = state[0] if isinstance(state, tuple) else state
    for i, s in enumerate(alone):
        single, single_state = m(s)
        close(padded[:len(s), i], single)
        assert not padded[len(s):, i].any()
        close(last[:, i], single_state[0] if isinstance(single_state, tuple) else single_state)
    padded.sum().backward()
    got = m.weight_hh_l0.grad.clone()
    m.zero_grad()
    sum(m(s)[0].sum() for s in alone).backward()
    close(got, m.weight_hh_l0.grad)


def test_packing_and_padding():
    alone = sequences()
    padded = rnn.pad_sequence(alone, batch_first=True, padding_value=-1)
    assert padded.shape == (3, 4, 3) and (padded[0, 2:] == -1).all()
    assert rnn.pad_sequence(alone, padding_side="left")[0, 0].tolist() == [0, 0, 0]
    packed = rnn.pack_padded_sequence(padded, [2, 4, 3], batch_first=True, enforce_sorted=False)
    assert packed.batch_sizes.tolist() == [3, 3, 2, 1] and packed.sorted_indices.tolist() == [1, 2, 0]
    assert packed.data[:3].tolist() == [alone[i][0].tolist() for i in (1, 2, 0)]
    back, lengths = rnn.pad_packed_sequence(packed, batch_first=True, padding_value=-1, total_length=5)
    assert back[:, :4].tolist() == padded.tolist() and back.shape[1] == 5
    for a, b in zip(rnn.unpad_sequence(back, lengths, batch_first=True), alone):
        assert a.tolist() == b.tolist()
    with pytest.raises(ValueError, match="enforce_sorted"):
        rnn.pack_padded_sequence(padded, [2, 4, 3], batch_first=True)
    with pytest.raises(ValueError, match="lengths from 1 to 4"):
        rnn.pack_padded_sequence(padded, [5, 1, 1], batch_first=True)


@pytest.mark.parametrize("layer,cell", [(nn.LSTM, nn.LSTMCell), (nn.GRU, nn.GRUCell), (nn.RNN, nn.RNNCell)])
def test_a_layer_is_its_cell_step_by_step(layer, cell):
    m, c = layer(3, 5), cell(3, 5)
    c.load_state_dict({k[:-3]: v for k, v in m.state_dict().items()})
    x, state = lydia.randn(4, 2, 3), None
    out, _ = m(x)
    for t in range(4):
        state = c(x[t], state)
        close(out[t], state[0] if isinstance(state, tuple) else state)
    single = c(x[0, 0])
    assert (single[0] if isinstance(single, tuple) else single).shape == (5,)


def test_dropout_between_layers_only_in_training():
    m, x = nn.LSTM(3, 4, num_layers=2, dropout=0.5), lydia.randn(5, 2, 3)
    assert m(x)[0].tolist() != m(x)[0].tolist()
    m.eval()
    assert m(x)[0].tolist() == m(x)[0].tolist()


def test_half_precision_and_errors():
    m = nn.GRU(3, 4).bfloat16()
    assert m(lydia.randn(5, 2, 3).bfloat16())[0].dtype == lydia.bfloat16
    with pytest.raises(NotImplementedError, match="proj_size"):
        nn.LSTM(3, 4, proj_size=2)
    with pytest.raises(ValueError, match="last of 3"):
        nn.LSTM(3, 4)(lydia.ones(2, 2, 4))
    with pytest.raises(ValueError, match=r"state of shape \[1, 2, 4\]"):
        nn.GRU(3, 4)(lydia.ones(5, 2, 3), lydia.zeros(1, 2, 5))
    with pytest.raises(ValueError, match="heads that divide"):
        nn.MultiheadAttention(5, 2)


def test_attention_with_and_without_weights_agree():
    m, x = nn.MultiheadAttention(8, 2, batch_first=True), lydia.randn(3, 5, 8)
    padding = lydia.zeros(3, 5, dtype=lydia.bool)
    padding[0, 3:] = True
    for masks in ({}, {"key_padding_mask": padding}, {"is_causal": True},
                  {"is_causal": True, "key_padding_mask": padding},
                  {"attn_mask": lydia.randn(6, 5, 5), "key_padding_mask": padding}):
        fast, nothing = m(x, x, x, need_weights=False, **masks)
        slow, weights = m(x, x, x, **masks)
        close(fast, slow)
        assert nothing is None and weights.shape == (3, 5, 5)
        close(weights.sum(-1), lydia.ones(3, 5))
    single, _ = m(x[0], x[0], x[0])
    close(single, m(x, x, x)[0][0])


def test_transformer_layers_start_as_copies():
    stack = nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2, 6), 2)
    a, b = stack.layers[0].linear1.weight, stack.layers[1].linear1.weight
    assert a is not b and a.tolist() == b.tolist()


def test_parameters_as_a_vector():
    m = nn.Linear(2, 3)
    flat = parameters_to_vector(m.parameters())
    assert flat.shape == (9,) and flat.requires_grad
    vector_to_parameters(lydia.arange(9, dtype=lydia.float32), m.parameters())
    assert m.weight.tolist() == [[0, 1], [2, 3], [4, 5]] and m.bias.tolist() == [6, 7, 8]
    with pytest.raises(ValueError, match="vector of 9"):
        vector_to_parameters(lydia.ones(8), m.parameters())
