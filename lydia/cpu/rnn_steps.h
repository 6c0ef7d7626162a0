// What the kernels of the recurrences share: the products of the steps, and rows over threads.
#pragma once

#include <algorithm>
#include <cstring>

#include "lydia/cpu/gemm_packed.h"
#include "lydia/cpu/parallel.h"
#include "lydia/ops/rnn.h"

namespace lydia::cpu {

// w [n, k] as the right side of h wᵀ, and w [k, n] as that of d w.
template <class T>
PackedProduct<T> times_turned(const Tensor& w) {
  return {w.size(1), w.size(0), {w.data<T>(), 1, w.size(1)}};
}
template <class T>
PackedProduct<T> times(const Tensor& w) {
  return {w.size(0), w.size(1), {w.data<T>(), w.size(1), 1}};
}

// f(row) for the rows [0, rows) of `hidden` units each.
template <class F>
void for_units(int64_t rows, int64_t hidden, F f) {
  const int64_t grain = std::max<int64_t>(1, kGrain / 8 / std::max<int64_t>(hidden, 1));
  parallel_for(0, rows, grain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) f(i);
  });
}

template <class T>
void copy_rows(T* to, const T* from, int64_t first, int64_t last, int64_t width) {
  if (first < last)
    std::memcpy(to + first * width, from + first * width,
                static_cast<size_t>((last - first) * width) * sizeof(T));
}

template <class T>
void zero_rows(T* to, int64_t first, int64_t last, int64_t width) {
  std::fill(to + first * width, to + last * width, T{0});
}

}  // namespace lydia::cpu
