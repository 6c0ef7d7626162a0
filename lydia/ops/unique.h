// Distinct values. Every result is sorted; NaNs are each their own value.
#pragma once

#include <optional>

#include "lydia/core/tensor.h"

namespace lydia {

struct Unique {
  Tensor values;   // the distinct values, or slices along dim
  Tensor inverse;  // for every element (or slice), its place in values
  Tensor counts;   // how often each occurs
};

Unique unique(const Tensor& x, std::optional<int64_t> dim = std::nullopt);
// Only neighbours that are equal count as one; keeps x's order.
Unique unique_consecutive(const Tensor& x, std::optional<int64_t> dim = std::nullopt);

}  // namespace lydia
