"""Small print of torch that its users rely on without knowing."""
import pickle

import numpy as np
import pytest

import lydia
import lydia.nn.functional as F


def test_old_constructors():
    x = lydia.Tensor([[1, 2], [3, 4]])
    assert x.dtype == lydia.float32 and x.tolist() == [[1, 2], [3, 4]] and not x.requires_grad
    assert lydia.Tensor(2, 3).shape == (2, 3) and lydia.Tensor(4).shape == (4,) and lydia.Tensor().shape == (0,)
    assert lydia.Tensor(x.shape).shape == (2, 2) and lydia.Tensor((2, 3)).tolist() == [2, 3]
    assert lydia.Tensor(np.arange(3)).tolist() == [0, 1, 2]
    assert lydia.Tensor(x).data_ptr() == x.data_ptr()
    assert lydia.Tensor([1], device="cpu").dtype == lydia.float32
    for bad in (3.5, "12", None, lydia.dtype.float32):
        with pytest.raises(TypeError):
            lydia.Tensor(bad)
    with pytest.raises(TypeError):
        lydia.Tensor([1], dtype=lydia.int64)


def test_typed_constructors():
    assert lydia.FloatTensor([1, 0]).dtype == lydia.float32 and lydia.LongTensor([1, 0]).tolist() == [1, 0]
    assert lydia.LongTensor([1.5]).tolist() == [1] and lydia.BoolTensor([0, 2]).tolist() == [False, True]
    assert lydia.ByteTensor(3, 2).shape == (3, 2) and lydia.ByteTensor(3, 2).dtype == lydia.uint8
    x = lydia.DoubleTensor([1.0])
    assert isinstance(x, lydia.DoubleTensor) and not isinstance(x, lydia.FloatTensor)
    assert isinstance(x, lydia.Tensor) and not isinstance(3, lydia.LongTensor)
    with pytest.raises(TypeError, match="expected a tensor of lydia.float32, got lydia.int64"):
        lydia.FloatTensor(lydia.tensor([1]))


def test_type():
    x = lydia.tensor([1.0, 2.0])
    assert x.type() == "lydia.FloatTensor"
    assert x.type("lydia.LongTensor").dtype == x.type(lydia.LongTensor).dtype == lydia.int64
    assert x.type("torch.HalfTensor").dtype == lydia.float16 and x.type(lydia.int8).dtype == lydia.int8
    with pytest.raises(ValueError, match="got 'float33'"):
        x.type("float33")


@pytest.mark.parametrize("call", [lambda: lydia.ones(2).to("gpu"), lambda: lydia.zeros(2, device="gpu"),
                                  lambda: lydia.rand(2, device="gpu"), lambda: lydia.tensor([1], device="gpu"),
                                  lambda: lydia.device("gpu"), lambda: lydia.ones(1).new_zeros(2, device="gpu")])
def test_an_unknown_device_is_named(call):
    with pytest.raises(ValueError, match="expected 'cpu', 'cuda' or 'cuda:<number>', got 'gpu'"):
        call()


def test_a_target_out_of_range_is_named_with_its_place():
    logits = lydia.zeros(3, 4)
    with pytest.raises(IndexError, match=r"cross_entropy: expected targets in \[0, 3\] or ignore_index, got 9 at \[1\]"):
        F.cross_entropy(logits, lydia.tensor([0, 9, -2]))
    with pytest.raises(IndexError, match=r"nll_loss: .*got -2 at \[2\]"):
        F.nll_loss(logits, lydia.tensor([0, -100, -2]))
    with pytest.raises(IndexError, match=r"got 5 at \[0, 1, 0\]"):
        F.cross_entropy(lydia.zeros(1, 2, 2, 2), lydia.tensor([[[0, 1], [5, 0]]]))
    with pytest.raises(IndexError, match=r"got 7 at \[\]"):
        F.cross_entropy(lydia.zeros(4), lydia.tensor(7))


INTEGERS = [lydia.int64, lydia.int32, lydia.int8, lydia.uint8]


@pytest.mark.parametrize("dtype", INTEGERS)
def test_activations_of_integers(dtype):
    x = lydia.tensor([0, 2, 7]).to(dtype)
    assert F.relu6(x).dtype == dtype and F.relu6(x).tolist() == [0, 2, 6]
    assert F.hardtanh(x, 1, 3).dtype == dtype and F.hardtanh(x, 1, 3).tolist() == [1, 2, 3]
    assert F.threshold(x, 1, 5).dtype == dtype and F.threshold(x, 1, 5).tolist() == [5, 2, 7]
    assert lydia.allclose(F.softsign(x), lydia.tensor([0, 2 / 3, 7 / 8]))
    assert lydia.allclose(F.tanhshrink(x), lydia.tensor([0.0, 2 - np.tanh(2), 7 - np.tanh(7)], dtype=lydia.float32))
    y = x.clone()
    assert F.relu6(y, inplace=True) is y and y.tolist() == [0, 2, 6]
    assert F.threshold_(y, 3, 4).tolist() == [4, 4, 6] and y.dtype == dtype


def test_activations_of_integers_that_have_no_answer():
    with pytest.raises(ValueError, match="min_val of at least 0 for uint8"):
        F.hardtanh(lydia.tensor([1], dtype=lydia.uint8))
    for f in (F.relu6, F.softsign, F.tanhshrink, F.hardtanh):
        with pytest.raises(TypeError, match="got bool"):
            f(lydia.tensor([True]))
    assert F.hardtanh(lydia.tensor([-5, 5]), -1.5, 2.5).tolist() == [-1, 2]


def test_any_and_all_of_bytes_are_bytes():
    x = lydia.tensor([[1, 2, 0]], dtype=lydia.uint8)
    assert x.any().dtype == x.all(1).dtype == lydia.uint8 and x.any().item() == 1 and x.all(1).tolist() == [0]
    assert x.int().any().dtype == lydia.bool and x.sum(dtype=lydia.bool).dtype == lydia.bool
    assert lydia.array_api.any(x).dtype == lydia.bool


def test_sign_of_nan():
    x = lydia.tensor([float("nan"), -0.0, 2.0, -3.0])
    assert x.sign().tolist() == x.sgn().tolist() == [0, 0, 1, -1]
    assert np.isnan(lydia.array_api.sign(x)[0].item())  # the standard wants NaN


def test_bools_of_a_pickle_are_bools():
    good = pickle.dumps(lydia.tensor([True, False, True, True]))
    at = good.index(b"\x01\x00\x01\x01")
    bad = good[:at] + b"\x02\x00\xff\x01" + good[at + 4:]
    x = pickle.loads(bad)
    assert x.tolist() == [True, False, True, True] and x.sum().item() == 3 and x.numpy().view(np.uint8).max() == 1


def test_lstsq_and_matrix_exp_by_name():
    a, b = lydia.randn(5, 3), lydia.randn(5, 1)
    out = lydia.linalg.lstsq(a, b, driver="gelsd")
    assert out.solution.shape == (3, 1) and out.rank.item() == 3 and out.singular_values.shape == (3,)
    assert lydia.allclose(lydia.matrix_exp(lydia.zeros(2, 2)), lydia.eye(2))
    assert lydia.allclose(lydia.zeros(2, 2).matrix_exp(), lydia.eye(2))


def numpy_stft(x, n_fft, hop, window):
    return np.stack([np.fft.rfft(x[s:s + n_fft] * window) for s in range(0, len(x) - n_fft + 1, hop)], 1)


def test_stft():
    x, window = np.random.default_rng(0).normal(size=(2, 50)), np.hanning(9)[:8] + 0.1
    got = lydia.stft(lydia.tensor(x), 8, 3, window=lydia.tensor(window), center=False)
    for row, spectrum in zip(x, got.numpy()):
        np.testing.assert_allclose(spectrum[..., 0] + 1j * spectrum[..., 1], numpy_stft(row, 8, 3, window), atol=1e-12)
    padded = np.pad(x[0], 4, mode="reflect")
    got = lydia.tensor(x[0]).stft(8, normalized=True).numpy()
    np.testing.assert_allclose(got[..., 0] + 1j * got[..., 1], numpy_stft(padded, 8, 2, np.ones(8)) / 8**0.5, atol=1e-12)
    whole = lydia.stft(lydia.tensor(x), 8, onesided=False).numpy()
    assert whole.shape[1] == 8
    np.testing.assert_allclose(whole[:, :5], lydia.stft(lydia.tensor(x), 8).numpy(), atol=1e-12)


@pytest.mark.parametrize("onesided", [True, False])
def test_istft_undoes_stft(onesided):
    x, window = lydia.randn(2, 50, dtype=lydia.float64), lydia.audio.hann_window(6).double()
    options = dict(hop_length=2, win_length=6, window=window, onesided=onesided, normalized=True)
    assert lydia.allclose(lydia.istft(lydia.stft(x, 8, **options), 8, length=50, **options), x)
    assert lydia.istft(lydia.stft(x[0], 8, **options), 8, **options).shape == (50,)


def test_stft_refuses():
    x = lydia.ones(20)
    for call, error, text in [(lambda: lydia.stft(x, 8, return_complex=True), NotImplementedError, "complex"),
                              (lambda: lydia.stft(x, 8, win_length=9), ValueError, "win_length <= n_fft"),
                              (lambda: lydia.stft(x, 8, window=lydia.ones(7)), ValueError, "window of shape"),
                              (lambda: lydia.stft(x[:3], 8, center=False), ValueError, "at least n_fft = 8"),
                              (lambda: lydia.istft(lydia.ones(4, 3, 2), 8), ValueError, "expected [N, 5, frames, 2]"),
                              (lambda: lydia.istft(lydia.ones(5, 3, 2), 8, window=lydia.zeros(8)), ValueError,
                               "overlap everywhere")]:
        with pytest.raises(error) as caught:
            call()
        assert text in str(caught.value)


def test_ctc_module():
    logs = lydia.randn(6, 2, 4).log_softmax(-1)
    targets, steps, lengths = lydia.tensor([[1, 2], [3, 3]]), lydia.tensor([6, 5]), lydia.tensor([2, 2])
    loss = lydia.nn.CTCLoss(reduction="none")(logs, targets, steps, lengths)
    assert lydia.allclose(loss, F.ctc_loss(logs, targets, steps, lengths, reduction="none")) and loss.shape == (2,)
