#include "lydia/audio/spectrogram.h"

#include <cmath>
#include <numbers>

#include "lydia/ops/copy.h"
#include "lydia/ops/fft.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/reduce.h"
#include "lydia/ops/shape_ops.h"
#include "lydia/ops/view.h"

namespace lydia::audio {
namespace {

// The window in the middle of n_fft zeros.
Tensor frame_window(int64_t win_length, int64_t n_fft, DType dtype) {
  const int64_t before = (n_fft - win_length) / 2;
  return pad(hann_window(win_length, true, dtype), {before, n_fft - win_length - before});
}

// x [..., samples] as [rows, samples], padded so that frames are centred.
Tensor padded_rows(const Tensor& x, const StftOptions& o) {
  const int64_t samples = x.size(-1);
  Tensor rows = x.reshape({samples ? x.numel() / samples : 0, samples});
  if (!o.center) return rows;
  const int64_t half = o.n_fft / 2;
  LYDIA_CHECK(o.pad_mode != "reflect" || half < samples, ValueError,
              "stft: expected more than n_fft / 2 = ", half, " samples to reflect, got ", samples);
  return pad(rows, {half, half}, o.pad_mode);
}

}  // namespace

Tensor hann_window(int64_t size, bool periodic, DType dtype) {
  LYDIA_CHECK(size > 0, ValueError, "hann_window: expected a size above 0, got ", size);
  const Tensor window = empty({size}, DType::F64);
  const double m = static_cast<double>(periodic || size == 1 ? size : size - 1);
  for (int64_t i = 0; i < size; ++i) {
    const double turn = 2 * std::numbers::pi * static_cast<double>(i) / m;
    window.data<double>()[i] = size == 1 ? 1 : 0.5 - 0.5 * std::cos(turn);
  }
  return window.to(dtype);
}

Tensor stft(const Tensor& x, const StftOptions& options) {
  StftOptions o = options;
  if (o.win_length == 0) o.win_length = o.n_fft;
  if (o.hop_length == 0) o.hop_length = std::max<int64_t>(o.win_length / 2, 1);
  LYDIA_CHECK(x.dtype() == DType::F32 || x.dtype() == DType::F64, TypeError,
              "stft: expected float32 or float64 samples, got ", x.dtype());
  LYDIA_CHECK(x.ndim() > 0 && o.n_fft > 0 && o.win_length > 0 && o.win_length <= o.n_fft &&
                  o.hop_length > 0,
              ValueError,
              "stft: expected samples and 0 < win_length <= n_fft, 0 < hop_length, got ", "n_fft ",
              o.n_fft, ", win_length ", o.win_length, ", hop_length ", o.hop_length);
  const Tensor rows = padded_rows(x, o);
  LYDIA_CHECK(rows.size(-1) >= o.n_fft, ValueError, "stft: expected at least n_fft = ", o.n_fft,
              " samples, got ", rows.size(-1));
  const Tensor frames = unfold(rows, -1, o.n_fft, o.hop_length);  // [rows, frames, n_fft]
  const Tensor windowed = mul(frames, frame_window(o.win_length, o.n_fft, x.dtype()));
  const Tensor spectrum = fft::rfft(windowed).transpose(1, 2);
  Dims sizes = x.sizes();
  sizes.back() = spectrum.size(1);
  sizes.push_back(spectrum.size(2));
  sizes.push_back(2);
  return spectrum.reshape(sizes);
}

Tensor spectrogram(const Tensor& x, const StftOptions& options, double power) {
  LYDIA_CHECK(power > 0, ValueError, "spectrogram: expected a power above 0, got ", power);
  const Tensor z = stft(x, options);
  const Tensor square = mul(z, z).sum({-1});
  return power == 2 ? square : pow(square, Scalar(power / 2));
}

Tensor amplitude_to_db(const Tensor& x, double multiplier, double amin, double top_db) {
  LYDIA_CHECK(amin > 0, ValueError, "amplitude_to_db: expected an amin above 0, got ", amin);
  const Tensor db = mul(log10(clamp(x, Scalar(amin), std::nullopt)), Scalar(multiplier));
  if (top_db < 0) return db;
  const Tensor peak = db.ndim() >= 2 ? db.amax({-2, -1}, true) : db.amax({}, true);
  return maximum(db, sub(peak, Scalar(top_db)));
}

}  // namespace lydia::audio
