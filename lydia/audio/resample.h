// Another sample rate, by windowed sinc interpolation (J. O. Smith, "Digital Audio Resampling Home
// Page", ccrma.stanford.edu/~jos/resample), computed as one filter for each phase.
#pragma once

#include <cstdint>

#include "lydia/core/tensor.h"

namespace lydia::audio {

struct ResampleOptions {
  int64_t zeros = 6;      // zero crossings of the sinc on each side: more is sharper and slower
  double rolloff = 0.99;  // where the low-pass filter cuts, as a share of the lower Nyquist rate
};

// x [..., samples] at from_rate -> [..., ceil(samples * to_rate / from_rate)] at to_rate, float32
// or float64:
//
//   y[j] = sum_n x[n] c sinc(c t) cos^2(pi c t / (2 zeros)) for |c t| < zeros,
//
// t = j from / to - n in input samples, c = rolloff * min(1, to / from).
Tensor resample(const Tensor& x, int64_t from_rate, int64_t to_rate,
                const ResampleOptions& options = {});

}  // namespace lydia::audio
