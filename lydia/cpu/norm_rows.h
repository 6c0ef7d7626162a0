// What the normalisations share: row sums of a term, and sums over rows for the gradients of weight
// and bias, in an order that does not depend on the number of threads.
#pragma once

#include <vector>

#include "lydia/cpu/float_rows.h"
#include "lydia/cpu/parallel.h"

namespace lydia::cpu {

template <class W, class Term>
W row_total(int64_t n, Term term) {
  W lanes[16] = {};
  int64_t i = 0;
  for (; i + 16 <= n; i += 16)
    for (int j = 0; j < 16; ++j) lanes[j] += term(i + j);
  for (; i < n; ++i) lanes[i % 16] += term(i);
  for (int step = 8; step; step /= 2)
    for (int j = 0; j < step; ++j) lanes[j] += lanes[j + step];
  return lanes[0];
}

// Up to two sums over rows, [width] each, gathered per fixed block of rows.
template <class W>
class ParameterSums {
 public:
  ParameterSums(int64_t rows, int64_t width, bool weight, bool bias)
      : rows_(rows), width_(width), blocks_(std::max<int64_t>(1, std::min<int64_t>(16, rows / 8))) {
    if (weight) weight_.assign(static_cast<size_t>(blocks_ * width), W{});
    if (bias) bias_.assign(static_cast<size_t>(blocks_ * width), W{});
  }

  // body(first row, last row, weight sums or nullptr, bias sums or nullptr)
  template <class Body>
  void for_blocks(Body&& body) {
    const int64_t grain =
        std::max<int64_t>(1, kGrain * blocks_ / std::max<int64_t>(1, rows_ * width_));
    parallel_for(0, blocks_, grain, [&](int64_t first, int64_t last) {
      for (int64_t b = first; b < last; ++b)
        body(rows_ * b / blocks_, rows_ * (b + 1) / blocks_, at(weight_, b), at(bias_, b));
    });
  }

  // Adds the blocks up in order and stores them in the outputs' dtype.
  void write(const Tensor& weight, const Tensor& bias) {
    store(weight_, weight);
    store(bias_, bias);
  }

 private:
  W* at(std::vector<W>& sums, int64_t b) {
    return sums.empty() ? nullptr : sums.data() + b * width_;
  }
  void store(std::vector<W>& sums, const Tensor& out) {
    if (sums.empty()) return;
    for (int64_t b = 1; b < blocks_; ++b)
      for (int64_t j = 0; j < width_; ++j) sums[j] += sums[static_cast<size_t>(b * width_ + j)];
    RowWriter<W> to(out, width_);
    std::copy_n(sums.data(), width_, to.row(0));
    to.store(0);
  }

  int64_t rows_, width_, blocks_;
  std::vector<W> weight_, bias_;
};

}  // namespace lydia::cpu
