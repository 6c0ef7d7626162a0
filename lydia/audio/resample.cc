#include "lydia/audio/resample.h"

#include <cmath>
#include <numbers>
#include <numeric>

#include "lydia/ops/conv.h"
#include "lydia/ops/shape_ops.h"
#include "lydia/ops/view.h"

namespace lydia::audio {
namespace {

// [phases, 1, taps]: phase p is output j = p (mod phases); tap k meets the input sample
// k - width from the start of the block.
Tensor phase_filters(int64_t block, int64_t phases, int64_t width, double cut, double zeros) {
  const int64_t taps = 2 * width + block;
  const Tensor filters = empty({phases, 1, taps}, DType::F64);
  double* to = filters.data<double>();
  for (int64_t p = 0; p < phases; ++p) {
    for (int64_t k = 0; k < taps; ++k) {
      const double at = static_cast<double>(p * block) / static_cast<double>(phases);
      const double t = cut * (at - static_cast<double>(k - width));
      const double angle = std::numbers::pi * t;
      const double sinc = t == 0 ? 1 : std::sin(angle) / angle;
      const double window = std::cos(angle / (2 * zeros));
      *to++ = std::abs(t) < zeros ? cut * sinc * window * window : 0;
    }
  }
  return filters;
}

}  // namespace

Tensor resample(const Tensor& x, int64_t from_rate, int64_t to_rate,
                const ResampleOptions& options) {
  LYDIA_CHECK(x.ndim() > 0 && (x.dtype() == DType::F32 || x.dtype() == DType::F64), TypeError,
              "resample: expected float32 or float64 samples, got ", x.dtype(), " of shape ",
              x.sizes());
  LYDIA_CHECK(from_rate > 0 && to_rate > 0, ValueError, "resample: expected rates above 0, got ",
              from_rate, " and ", to_rate);
  LYDIA_CHECK(options.zeros > 0 && options.rolloff > 0 && options.rolloff <= 1, ValueError,
              "resample: expected zeros above 0 and a rolloff in (0, 1], got ", options.zeros,
              " and ", options.rolloff);
  const int64_t common = std::gcd(from_rate, to_rate);
  const int64_t block = from_rate / common, phases = to_rate / common;
  if (block == phases) return x;
  LYDIA_CHECK(block <= 100'000 && phases <= 100'000, ValueError, "resample: the rates ", from_rate,
              " and ", to_rate, " have too small a common divisor");
  const double ratio = static_cast<double>(phases) / static_cast<double>(block);
  const double cut = options.rolloff * std::min(1.0, ratio);
  const auto width = static_cast<int64_t>(std::ceil(static_cast<double>(options.zeros) / cut));
  const Tensor filters =
      phase_filters(block, phases, width, cut, static_cast<double>(options.zeros));

  const int64_t samples = x.size(-1), length = (samples * phases + block - 1) / block;
  const int64_t rows = samples ? x.numel() / samples : 0;
  const Tensor padded = pad(x.reshape({rows, 1, samples}), {width, width + block});
  const Tensor blocks = conv1d(padded, filters.to(x.dtype()), {}, {.stride = {block}});
  Dims sizes = x.sizes();
  sizes.back() = length;
  return blocks.transpose(1, 2).reshape({rows, -1}).narrow(1, 0, length).reshape(sizes);
}

}  // namespace lydia::audio
