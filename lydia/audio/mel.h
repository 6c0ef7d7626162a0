// Mel filter banks and mel spectrograms; arguments and defaults as in torchaudio.
//
// Mel scales: HTK, mel = 2595 log10(1 + f / 700) (Young et al., The HTK Book); Slaney, linear below
// 1000 Hz (200 / 3 Hz a mel), above it 27 mels for each factor of 6.4 (Slaney, Auditory Toolbox,
// 1998).
#pragma once

#include <cstdint>

#include "lydia/audio/spectrogram.h"

namespace lydia::audio {

enum class MelScale { Htk, Slaney };
double hz_to_mel(double hz, MelScale scale);
double mel_to_hz(double mel, MelScale scale);

struct MelOptions {
  int64_t sample_rate = 16000;
  StftOptions stft;
  int64_t n_mels = 128;
  double f_min = 0;
  double f_max = 0;  // 0: half the sample rate
  double power = 2;
  MelScale scale = MelScale::Htk;
  bool slaney_norm = false;  // each filter has area 1 (over Hz) instead of height 1
};

// [n_mels, n_fft / 2 + 1]: filter m is a triangle over the frequencies f[m], f[m + 1], f[m + 2],
// which are n_mels + 2 points from f_min to f_max, equally far apart on the mel scale.
Tensor mel_filterbank(const MelOptions& options, DType dtype = DType::F32);

class MelSpectrogram {
 public:
  explicit MelSpectrogram(const MelOptions& options);
  // x [..., samples] -> [..., n_mels, frames]. float32 and float64.
  Tensor operator()(const Tensor& x) const;
  const MelOptions& options() const { return options_; }

 private:
  MelOptions options_;
  Tensor filters_;  // float64
};

}  // namespace lydia::audio
