// Random tensors. Numbers come from a counter-based generator (core/rng.h): element i depends only
// on the generator's state and i, so results are the same for every thread count.
#pragma once

#include <optional>

#include "lydia/core/rng.h"
#include "lydia/core/tensor.h"

namespace lydia {

// `generator` may be nullptr: the default one.
using GeneratorPtr = Generator*;

Tensor rand(const Dims& sizes, DType dtype = default_dtype(), GeneratorPtr generator = nullptr);
Tensor randn(const Dims& sizes, DType dtype = default_dtype(), GeneratorPtr generator = nullptr);
// Integers in [low, high).
Tensor randint(int64_t low, int64_t high, const Dims& sizes, DType dtype = DType::I64,
               GeneratorPtr generator = nullptr);
Tensor randperm(int64_t n, DType dtype = DType::I64, GeneratorPtr generator = nullptr);
// Normal numbers with a mean and a standard deviation per element; both broadcast.
Tensor normal(const Tensor& mean, const Tensor& std, GeneratorPtr generator = nullptr);
// 1 with probability p[i], else 0, in p's dtype.
Tensor bernoulli(const Tensor& p, GeneratorPtr generator = nullptr);
// Indices drawn by the weights of each row (1-d or 2-d, need not sum to 1): int64 [.., count].
Tensor multinomial(const Tensor& weights, int64_t count, bool replacement = false,
                   GeneratorPtr generator = nullptr);

// In place: uniform in [low, high), normal, exponential with rate lambda, integers in [low, high),
// 0 or 1 with probability p.
const Tensor& uniform_(const Tensor& self, double low = 0, double high = 1,
                       GeneratorPtr generator = nullptr);
const Tensor& normal_(const Tensor& self, double mean = 0, double std = 1,
                      GeneratorPtr generator = nullptr);
const Tensor& exponential_(const Tensor& self, double lambda = 1, GeneratorPtr generator = nullptr);
const Tensor& random_(const Tensor& self, int64_t low, int64_t high,
                      GeneratorPtr generator = nullptr);
const Tensor& bernoulli_(const Tensor& self, double p = 0.5, GeneratorPtr generator = nullptr);

// Each element is kept with probability 1 - p and then scaled by 1 / (1 - p); x itself unless
// training. The mask is saved for backward as bools.
Tensor dropout(const Tensor& x, double p = 0.5, bool training = true,
               GeneratorPtr generator = nullptr);

struct RandomAttrs {
  Generator::State from;  // the first block is the op's own
  double a = 0, b = 0;    // low, high | mean, std | rate | kept share, scale
  int64_t low = 0;
  uint64_t range = 0;  // randint: how many values, 0 for 2^64
};
// One block per this many elements, at least, whatever the dtype: 64-bit numbers take two words.
inline constexpr int64_t kElementsPerBlock = 2;

}  // namespace lydia
