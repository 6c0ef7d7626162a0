#include "lydia/audio/mel.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace lydia::audio {
namespace {

constexpr double kSlaneyStep = 200.0 / 3, kSlaneyBreak = 1000;
const double kSlaneyLog = std::log(6.4) / 27;

void check(const MelOptions& o) {
  LYDIA_CHECK(o.sample_rate > 0 && o.n_mels > 0 && o.stft.n_fft > 0, ValueError,
              "mel_filterbank: expected sample_rate, n_mels and n_fft above 0, got ", o.sample_rate,
              ", ", o.n_mels, " and ", o.stft.n_fft);
  const double f_max = o.f_max > 0 ? o.f_max : static_cast<double>(o.sample_rate) / 2;
  LYDIA_CHECK(o.f_min >= 0 && o.f_min < f_max, ValueError,
              "mel_filterbank: expected 0 <= f_min < f_max, got ", o.f_min, " and ", f_max);
}

}  // namespace

double hz_to_mel(double hz, MelScale scale) {
  if (scale == MelScale::Htk) return 2595 * std::log10(1 + hz / 700);
  if (hz < kSlaneyBreak) return hz / kSlaneyStep;
  return kSlaneyBreak / kSlaneyStep + std::log(hz / kSlaneyBreak) / kSlaneyLog;
}

double mel_to_hz(double mel, MelScale scale) {
  if (scale == MelScale::Htk) return 700 * (std::pow(10, mel / 2595) - 1);
  const double at_break = kSlaneyBreak / kSlaneyStep;
  if (mel < at_break) return mel * kSlaneyStep;
  return kSlaneyBreak * std::exp(kSlaneyLog * (mel - at_break));
}

Tensor mel_filterbank(const MelOptions& options, DType dtype) {
  check(options);
  const double half = static_cast<double>(options.sample_rate) / 2;
  const double low = hz_to_mel(options.f_min, options.scale);
  const double high = hz_to_mel(options.f_max > 0 ? options.f_max : half, options.scale);
  const int64_t bins = options.stft.n_fft / 2 + 1;
  std::vector<double> points;
  for (int64_t m = 0; m < options.n_mels + 2; ++m) {
    const double share = static_cast<double>(m) / static_cast<double>(options.n_mels + 1);
    points.push_back(mel_to_hz(low + (high - low) * share, options.scale));
  }
  const Tensor filters = empty({options.n_mels, bins}, DType::F64);
  double* to = filters.data<double>();
  for (size_t m = 0; m < static_cast<size_t>(options.n_mels); ++m) {
    const double left = points[m], top = points[m + 1], right = points[m + 2];
    const double height = options.slaney_norm ? 2 / (right - left) : 1;
    for (int64_t k = 0; k < bins; ++k) {
      const double f =
          half * static_cast<double>(k) / static_cast<double>(std::max<int64_t>(bins - 1, 1));
      *to++ =
          height * std::max(0.0, std::min((f - left) / (top - left), (right - f) / (right - top)));
    }
  }
  return filters.to(dtype);
}

MelSpectrogram::MelSpectrogram(const MelOptions& options)
    : options_(options), filters_(mel_filterbank(options, DType::F64)) {}

Tensor MelSpectrogram::operator()(const Tensor& x) const {
  const Tensor power = spectrogram(x, options_.stft, options_.power);
  return filters_.to(power.dtype()).matmul(power);
}

}  // namespace lydia::audio
