"""torch's short-time Fourier transform and its inverse, written with lydia.fft. Complex values are a
last dimension of 2, as everywhere in lydia."""
from . import _C, fft
from ._C import Tensor


def _window(op, window, win_length, n_fft, dtype):
    """The window (ones where there is none) in the middle of n_fft zeros."""
    if not 0 < win_length <= n_fft:
        raise ValueError(f"{op}: expected 0 < win_length <= n_fft, got {win_length} and {n_fft}")
    if window is None:
        window = _C.ones(win_length, dtype=dtype)
    if tuple(window.shape) != (win_length,):
        raise ValueError(f"{op}: expected a window of shape [{win_length}], got {list(window.shape)}")
    before = (n_fft - win_length) // 2
    return _C.pad(window, (before, n_fft - win_length - before))


def _lengths(op, n_fft, hop_length, win_length):
    hop = n_fft // 4 if hop_length is None else hop_length
    if n_fft <= 0 or hop <= 0:
        raise ValueError(f"{op}: expected n_fft and hop_length above 0, got {n_fft} and {hop}")
    return hop, n_fft if win_length is None else win_length


def stft(input, n_fft, hop_length=None, win_length=None, window=None, center=True, pad_mode="reflect",
         normalized=False, onesided=None, return_complex=False):
    """The Fourier transforms of windows of [N, samples] or [samples]: [N, frequencies, frames, 2].

    hop_length is n_fft // 4 and win_length n_fft unless given; without a window every sample counts
    the same. normalized divides by sqrt(n_fft). There are no complex dtypes: return_complex=True is
    a NotImplementedError. lydia.audio.stft has a Hann window by default."""
    if return_complex:
        raise NotImplementedError("stft: return_complex=True needs complex dtypes; leave it away for a last dimension of 2")
    if not input.is_floating_point() or input.ndim not in (1, 2):
        raise ValueError(f"stft: expected floating samples [N, samples] or [samples], got {input.dtype} {list(input.shape)}")
    hop, win_length = _lengths("stft", n_fft, hop_length, win_length)
    rows = input if input.ndim == 2 else input.unsqueeze(0)
    if center:
        rows = _C.pad(rows, (n_fft // 2, n_fft // 2), pad_mode)
    if rows.shape[1] < n_fft:
        raise ValueError(f"stft: expected at least n_fft = {n_fft} samples, got {rows.shape[1]}")
    frames = rows.unfold(1, n_fft, hop) * _window("stft", window, win_length, n_fft, input.dtype)
    norm = "ortho" if normalized else None
    if onesided is None or onesided:
        spectrum = fft.rfft(frames, norm=norm)
    else:
        spectrum = fft.fft(_C.stack((frames, _C.zeros_like(frames)), -1), dim=-1, norm=norm)
    spectrum = spectrum.transpose(1, 2)
    return spectrum if input.ndim == 2 else spectrum.squeeze(0)


def _overlapped(frames, hop):
    """Frames [N, frames, n] added up where they lie: [N, n + (frames - 1) hop]."""
    n, count, size = frames.shape
    length = size + (count - 1) * hop
    return _C.col2im(frames.transpose(1, 2), (1, length), (1, size), 1, 0, (1, hop)).reshape(n, length)


def istft(input, n_fft, hop_length=None, win_length=None, window=None, center=True, normalized=False,
          onesided=None, length=None, return_complex=False):
    """The samples whose stft is `input` [N, frequencies, frames, 2]: frames are windowed again, added
    up and divided by the sum of the squared windows. `length` cuts or pads the result."""
    if return_complex:
        raise NotImplementedError("istft: return_complex=True needs complex dtypes")
    hop, win_length = _lengths("istft", n_fft, hop_length, win_length)
    one = onesided is None or onesided
    wanted = n_fft // 2 + 1 if one else n_fft
    if input.ndim not in (3, 4) or input.shape[-1] != 2 or input.shape[-3] != wanted:
        raise ValueError(f"istft: expected [N, {wanted}, frames, 2] or [{wanted}, frames, 2], got {list(input.shape)}")
    spectrum = (input if input.ndim == 4 else input.unsqueeze(0)).transpose(1, 2)
    norm = "ortho" if normalized else None
    frames = fft.irfft(spectrum, n_fft, norm=norm) if one else fft.ifft(spectrum, norm=norm)[..., 0]
    window = _window("istft", window, win_length, n_fft, frames.dtype)
    total = _overlapped(frames * window, hop)
    weight = _overlapped((window * window).expand(1, frames.shape[1], n_fft), hop)
    start = n_fft // 2 if center else 0
    stop = total.shape[1] - start if length is None else min(start + length, total.shape[1])
    weight = weight[:, start:stop]
    if weight.numel() and weight.abs().min().item() < 1e-11:
        raise ValueError("istft: expected windows that overlap everywhere, got a sample that none of them sees")
    samples = total[:, start:stop] / weight
    if length is not None and samples.shape[1] < length:
        samples = _C.pad(samples, (0, length - samples.shape[1]))
    return samples if input.ndim == 4 else samples.squeeze(0)


NAMES = ["stft", "istft"]
Tensor.stft, Tensor.istft = stft, istft
