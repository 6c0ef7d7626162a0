"""Sound: WAV files, spectrograms with torchaudio's names and defaults, resampling."""
import os

from ._C import _audio
from ._C._audio import MelSpectrogram, amplitude_to_db, hann_window, mel_filterbank, resample, \
    spectrogram, stft

__all__ = ["MelSpectrogram", "amplitude_to_db", "hann_window", "log_mel", "mel_filterbank", "read_wav",
           "resample", "spectrogram", "stft", "write_wav"]


def read_wav(path):
    """(samples float32 [channels, frames] in [-1, 1], sample rate) of a WAV file."""
    return _audio.read_wav(os.fspath(path))


def write_wav(path, samples, sample_rate, *, as_float=False):
    """Writes floating samples [channels, frames] or [frames] as 16-bit integers, or 32-bit floats."""
    _audio.write_wav(os.fspath(path), samples, sample_rate, as_float)


def log_mel(waveform, mel, *, floor=1e-6):
    """The natural logarithm of a MelSpectrogram's output, which is at least `floor`."""
    return mel(waveform).clamp(min=floor).log()
