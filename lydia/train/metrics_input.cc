#include "lydia/train/metrics_input.h"

#include <cmath>

#include "lydia/ops/copy.h"

namespace lydia::train {

ScoreRows score_rows(const Tensor& scores, int dims, std::string_view metric) {
  const bool fits = dims == 0 ? scores.ndim() == 1 || scores.ndim() == 2 : scores.ndim() == dims;
  LYDIA_CHECK(fits, ValueError, metric, ": expected scores of shape ",
              dims == 1   ? "[N]"
              : dims == 2 ? "[N, C]"
                          : "[N] or [N, C]",
              ", got ", scores.ndim(), " dimensions");
  LYDIA_CHECK(scores.dtype() != DType::Bool, TypeError, metric, ": expected numbers, got ",
              scores.dtype());
  ScoreRows out;
  out.keep = contiguous(to(scores.detach(), DType::F64));
  out.values = {out.keep.data<double>(), static_cast<size_t>(out.keep.numel())};
  out.rows = scores.size(0);
  out.columns = scores.ndim() == 2 ? scores.size(1) : 1;
  for (size_t i = 0; i < out.values.size(); ++i) {
    LYDIA_CHECK(!std::isnan(out.values[i]), ValueError, metric, ": the score of row ",
                static_cast<int64_t>(i) / out.columns, " is NaN");
  }
  return out;
}

Labels labels_of(const Tensor& labels, std::string_view metric) {
  LYDIA_CHECK(!is_floating(labels.dtype()), TypeError, metric, ": expected integer labels, got ",
              labels.dtype());
  Labels out;
  out.keep = contiguous(to(labels.detach(), DType::I64));
  out.values = {out.keep.data<int64_t>(), static_cast<size_t>(out.keep.numel())};
  return out;
}

void check_same_count(int64_t rows, int64_t labels, std::string_view metric) {
  LYDIA_CHECK(rows == labels, ValueError, metric, ": expected as many labels as rows, got ", labels,
              " labels for ", rows, " rows");
  LYDIA_CHECK(rows > 0, ValueError, metric, ": expected at least one row, got none");
}

void check_classes(std::span<const int64_t> labels, int64_t classes, std::string_view metric) {
  for (const int64_t label : labels) {
    LYDIA_CHECK(label >= 0 && label < classes, ValueError, metric, ": expected labels from 0 to ",
                classes - 1, ", got ", label);
  }
}

}  // namespace lydia::train
