// Short-time Fourier transform and power spectrogram; arguments and defaults as in torchaudio.
#pragma once

#include <cstdint>
#include <string>

#include "lydia/core/tensor.h"

namespace lydia::audio {

// w[i] = (1 - cos(2 pi i / m)) / 2 with m = size (periodic) or size - 1.
Tensor hann_window(int64_t size, bool periodic = true, DType dtype = DType::F32);

struct StftOptions {
  int64_t n_fft = 400;
  int64_t win_length = 0;  // 0: n_fft; a shorter window lies in the middle of the frame
  int64_t hop_length = 0;  // 0: win_length / 2
  bool center = true;      // frame t is centred on sample t * hop_length
  std::string pad_mode = "reflect";
};

// x [..., samples] -> [..., n_fft / 2 + 1, frames, 2] (real, imaginary), with a periodic Hann
// window: X[k, t] = sum_n w[n] x[t hop + n] exp(-2 pi i k n / n_fft). float32 and float64.
Tensor stft(const Tensor& x, const StftOptions& options);

// |X|^power: [..., n_fft / 2 + 1, frames].
Tensor spectrogram(const Tensor& x, const StftOptions& options, double power = 2);

// multiplier * log10(max(x, amin)), and nothing lower than top_db below the largest value of the
// spectrogram (the last two dimensions); top_db < 0 for no such limit.
Tensor amplitude_to_db(const Tensor& x, double multiplier = 10, double amin = 1e-10,
                       double top_db = -1);

}  // namespace lydia::audio
