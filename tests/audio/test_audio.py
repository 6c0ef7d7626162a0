"""Spectrograms and resampling against float64 references written from the formulas with NumPy."""
import math
import sys
from pathlib import Path

import numpy as np
import pytest

import lydia
from lydia import audio, io

sys.path.insert(0, str(Path(__file__).parents[1] / "io"))
from data_root import real  # noqa: E402


def hann(n):
    return 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n) / n)


def stft_reference(x, n_fft, win, hop, center):
    """[bins, frames] complex, by the definition: a sum over n for each k and t."""
    window = np.zeros(n_fft)
    before = (n_fft - win) // 2
    window[before:before + win] = hann(win)
    if center:
        x = np.pad(x, n_fft // 2, mode="reflect")
    frames = 1 + (len(x) - n_fft) // hop
    k, n = np.arange(n_fft // 2 + 1)[:, None], np.arange(n_fft)[None]
    waves = np.exp(-2j * np.pi * k * n / n_fft)
    return np.stack([waves @ (window * x[t * hop:t * hop + n_fft]) for t in range(frames)], axis=1)


def to_mel(f, scale):
    if scale == "htk":
        return 2595 * np.log10(1 + f / 700)
    return np.where(f < 1000, f * 3 / 200, 15 + 27 * np.log(np.maximum(f, 1e-9) / 1000) / np.log(6.4))


def filters_reference(rate, n_fft, n_mels, low, high, scale, norm):
    """[n_mels, bins]; the corners come from a search on the mel scale, not from its inverse."""
    def to_hz(mel):
        a, b = 0.0, float(rate)
        for _ in range(200):
            middle = (a + b) / 2
            a, b = (middle, b) if to_mel(np.array(middle), scale) < mel else (a, middle)
        return a
    corners = [to_hz(m) for m in np.linspace(to_mel(np.array(low), scale), to_mel(np.array(high), scale),
                                             n_mels + 2)]
    f = np.linspace(0, rate / 2, n_fft // 2 + 1)
    rows = [np.interp(f, corners[m:m + 3], [0, 1, 0], left=0, right=0) for m in range(n_mels)]
    if norm:
        rows = [r * 2 / (corners[m + 2] - corners[m]) for m, r in enumerate(rows)]
    return np.stack(rows)


def noise(n, seed=0):
    return np.random.default_rng(seed).standard_normal(n)


@pytest.mark.parametrize("n_fft,win,hop,center", [(64, 64, 32, True), (64, 50, 20, True), (63, 63, 10, True),
                                                  (64, 40, 16, False), (400, 400, 160, True)])
def test_stft(n_fft, win, hop, center):
    x = noise(1000)
    z = audio.stft(lydia.tensor(x), n_fft, hop, win, center=center).numpy()
    expected = stft_reference(x, n_fft, win, hop, center)
    np.testing.assert_allclose(z[..., 0] + 1j * z[..., 1], expected, atol=1e-10)
    power = audio.spectrogram(lydia.tensor(x), n_fft, hop, win, power=1.0, center=center)
    np.testing.assert_allclose(power.numpy(), abs(expected), atol=1e-10)


@pytest.mark.parametrize("scale", ["htk", "slaney"])
@pytest.mark.parametrize("norm", [None, "slaney"])
@pytest.mark.parametrize("low,high", [(0.0, None), (60.0, 3800.0)])
def test_log_mel(scale, norm, low, high):
    x = noise(4000)
    mel = audio.MelSpectrogram(8000, n_fft=256, win_length=200, hop_length=80, n_mels=20, f_min=low,
                               f_max=high, norm=norm, mel_scale=scale)
    filters = filters_reference(8000, 256, 20, low, high or 4000.0, scale, norm)
    expected = filters @ abs(stft_reference(x, 256, 200, 80, True)) ** 2
    np.testing.assert_allclose(mel(lydia.tensor(x)).numpy(), expected, rtol=1e-8, atol=1e-9)
    logs = audio.log_mel(lydia.tensor(x).float(), mel)
    np.testing.assert_allclose(logs.numpy(), np.log(np.maximum(expected, 1e-6)), rtol=1e-4, atol=1e-4)
    batch = mel(lydia.tensor(np.stack([x, x[::-1]])[None]))
    assert batch.shape == (1, 2, 20, expected.shape[1])
    np.testing.assert_allclose(batch[0, 0].numpy(), expected, rtol=1e-8, atol=1e-9)


def test_the_slaney_scale_at_known_points():
    # 1000 Hz is mel 15 and 6400 Hz mel 42, so filter 14 of 41 has its top at 1000 Hz, in bin 100.
    bank = audio.mel_filterbank(16000, 1600, 41, 0.0, 6400.0, mel_scale="slaney").numpy()
    assert bank.shape == (41, 801)
    assert bank[14].argmax() == 100 and bank[14].max() == pytest.approx(1)


def test_decibels():
    x = lydia.tensor([[1.0, 10.0], [0.0, 1e-3]], dtype=lydia.float64)
    assert np.allclose(audio.amplitude_to_db(x).numpy(), [[0, 10], [-100, -30]])
    assert np.allclose(audio.amplitude_to_db(x, top_db=25.0).numpy(), [[0, 10], [-15, -15]])


def resample_reference(x, old, new, zeros=6, rolloff=0.99):
    cut = rolloff * min(1, new / old)
    out = np.zeros(math.ceil(len(x) * new / old))
    n = np.arange(len(x))
    for j in range(len(out)):
        t = cut * (j * old / new - n)
        window = np.where(abs(t) < zeros, np.cos(np.pi * t / 2 / zeros) ** 2, 0)
        out[j] = np.sum(x * cut * np.sinc(t) * window)
    return out


@pytest.mark.parametrize("old,new", [(8000, 16000), (16000, 8000), (44100, 16000), (8000, 11025), (5, 3)])
def test_resample(old, new):
    x = noise(700)
    y = audio.resample(lydia.tensor(np.stack([x, 2 * x])), old, new).numpy()
    expected = resample_reference(x, old, new)
    np.testing.assert_allclose(y[0], expected, atol=1e-10)
    np.testing.assert_allclose(y[1], 2 * expected, atol=1e-10)


def test_resample_keeps_a_tone():
    time = np.arange(8000) / 8000
    y = audio.resample(lydia.tensor(np.sin(2 * np.pi * 440 * time)), 8000, 16000).numpy()
    expected = np.sin(2 * np.pi * 440 * np.arange(16000) / 16000)
    assert abs(y - expected)[200:-200].max() < 5e-3
    x = lydia.ones(10)
    assert audio.resample(x, 8000, 8000).tolist() == x.tolist()


def test_gradient():
    x = lydia.tensor(noise(120), requires_grad=True)
    mel = audio.MelSpectrogram(8000, n_fft=32, n_mels=4)
    assert lydia.autograd.gradcheck(lambda v: mel(audio.resample(v, 3, 2)), (x,))


def test_errors(tmp_path):
    x = lydia.ones(100)
    for bad in (lambda: audio.stft(x, 300), lambda: audio.stft(x, 64, 0), lambda: audio.stft(x, 64, 10, 65),
                lambda: audio.MelSpectrogram(8000, f_min=5000.0), lambda: audio.MelSpectrogram(mel_scale="bark"),
                lambda: audio.resample(x, 0, 8000), lambda: audio.hann_window(0)):
        with pytest.raises(ValueError):
            bad()
    with pytest.raises(TypeError):
        audio.stft(lydia.arange(1000))
    (tmp_path / "a.wav").write_bytes(b"RIFFxxxxWAVEfmt ")
    with pytest.raises(io.CorruptRecord, match="a.wav:byte"):
        audio.read_wav(tmp_path / "a.wav")
    audio.write_wav(tmp_path / "b.wav", x / 2, 8000)
    samples, rate = audio.read_wav(tmp_path / "b.wav")
    assert rate == 8000 and samples.shape == (1, 100) and samples[0, 3].item() == 0.5


def test_real_speech():
    import wave
    files = sorted(real("audio/fsdd").glob("*.wav"))
    assert len(files) == 900
    for path in files[::60]:
        with wave.open(str(path)) as file:
            raw = np.frombuffer(file.readframes(file.getnframes()), np.int16)
        samples, rate = audio.read_wav(path)
        assert rate == 8000
        np.testing.assert_array_equal(samples[0].numpy(), raw.astype(np.float32) / 32768)


@pytest.mark.parametrize("masking,dim", [(audio.TimeMasking, 2), (audio.FrequencyMasking, 1)])
def test_masking_hides_one_stretch(masking, dim):
    lydia.manual_seed(0)
    x = lydia.ones(512, 20, 30)
    hidden = masking(8, iid_masks=True)(x).numpy() == 0
    other = 3 - dim
    assert (hidden.all(axis=other) == hidden.any(axis=other)).all()  # whole lines
    lines = hidden.any(axis=other)  # [512, size]
    lengths = lines.sum(1)
    assert set(lengths) == set(range(9))
    assert (np.abs(np.diff(lines.astype(int), axis=1)).sum(1) <= 2).all()  # in a row
    assert lines.any(0).all()  # every place is hidden at times
    one = masking(8)(x).numpy()
    assert (one == one[:1]).all()  # the same in all
    assert (masking(0)(x).numpy() == 1).all() and (masking(100, fill=2.0)(x).numpy() > 0).all()
    assert (x.numpy() == 1).all()
    generators = [lydia.Generator() for _ in range(2)]
    for generator in generators:
        generator.manual_seed(5)
    first, second = (masking(8, generator=g)(x).numpy() for g in generators)
    assert (first == second).all()
    with pytest.raises(ValueError, match="mask_param"):
        masking(-1)
