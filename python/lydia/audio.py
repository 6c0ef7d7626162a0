"""Sound: WAV files, spectrograms with torchaudio's names and defaults, resampling."""
import os

from . import _C
from ._C import _audio
from ._C._audio import MelSpectrogram, amplitude_to_db, hann_window, mel_filterbank, resample, \
    spectrogram, stft

__all__ = ["FrequencyMasking", "MelSpectrogram", "TimeMasking", "amplitude_to_db", "hann_window",
           "log_mel", "mel_filterbank", "read_wav", "resample", "spectrogram", "stft", "write_wav"]


def read_wav(path):
    """(samples float32 [channels, frames] in [-1, 1], sample rate) of a WAV file."""
    return _audio.read_wav(os.fspath(path))


def write_wav(path, samples, sample_rate, *, as_float=False):
    """Writes floating samples [channels, frames] or [frames] as 16-bit integers, or 32-bit floats."""
    _audio.write_wav(os.fspath(path), samples, sample_rate, as_float)


def log_mel(waveform, mel, *, floor=1e-6):
    """The natural logarithm of a MelSpectrogram's output, which is at least `floor`."""
    return mel(waveform).clamp(min=floor).log()


class _Masking:
    """A stretch along one dimension of spectrograms [..., frequency, time], filled with `fill`."""

    def __init__(self, mask_param, iid_masks, fill, generator):
        if mask_param < 0:
            raise ValueError(f"{type(self).__name__}: expected a mask_param of at least 0, got {mask_param}")
        self.mask_param, self.iid_masks = mask_param, iid_masks
        self.fill, self.generator = fill, generator

    def __call__(self, spectrogram):
        size = spectrogram.shape[self._dim]
        others = spectrogram.shape[:-2] if self.iid_masks else (1,) * (spectrogram.ndim - 2)
        draw = _C.rand(2, *others, 1, 1, generator=self.generator)
        length = (draw[0] * (min(self.mask_param, size) + 1)).floor()
        first = (draw[1] * (size - length + 1)).floor()
        place = _C.arange(size).reshape((-1, 1) if self._dim == -2 else (1, -1))
        return spectrogram.masked_fill((place >= first) & (place < first + length), self.fill)


class TimeMasking(_Masking):
    """Hides up to `time_mask_param` frames in a row; with iid_masks others in each spectrogram.

    (Park et al., "SpecAugment", arXiv 1904.08779; the length is uniform, and so is the place.)
    """

    _dim = -1

    def __init__(self, time_mask_param, iid_masks=False, fill=0.0, generator=None):
        super().__init__(time_mask_param, iid_masks, fill, generator)


class FrequencyMasking(_Masking):
    """Hides up to `freq_mask_param` bins in a row; with iid_masks others in each spectrogram."""

    _dim = -2

    def __init__(self, freq_mask_param, iid_masks=False, fill=0.0, generator=None):
        super().__init__(freq_mask_param, iid_masks, fill, generator)
