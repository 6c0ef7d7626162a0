// What metrics take, checked once: scores as doubles, labels as 64-bit integers, in plain rows.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "lydia/core/tensor.h"

namespace lydia::train {

// Scores [N] or [N, C]; `columns` is 1 for a vector.
struct ScoreRows {
  Tensor keep;  // owns the values
  std::span<const double> values;
  int64_t rows = 0, columns = 0;
  std::span<const double> row(int64_t i) const {
    return values.subspan(static_cast<size_t>(i * columns), static_cast<size_t>(columns));
  }
};

struct Labels {
  Tensor keep;
  std::span<const int64_t> values;
  int64_t size() const { return static_cast<int64_t>(values.size()); }
};

// Floating or integer scores with `dims` (1 or 2) dimensions; 0: either. Throws TypeError for bool
// and ValueError for another shape or a NaN. `metric` begins the message.
ScoreRows score_rows(const Tensor& scores, int dims, std::string_view metric);
// Integers (or bool) of any shape, read flat. Throws TypeError for floats.
Labels labels_of(const Tensor& labels, std::string_view metric);
// Throws ValueError unless there are as many labels as rows, and at least one.
void check_same_count(int64_t rows, int64_t labels, std::string_view metric);
// Throws ValueError unless every label is in [0, classes).
void check_classes(std::span<const int64_t> labels, int64_t classes, std::string_view metric);

}  // namespace lydia::train
