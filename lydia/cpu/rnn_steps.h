// What the kernels of the recurrences share: the product of a step, and rows over threads.
#pragma once

#include <algorithm>
#include <cstring>

#include "lydia/cpu/gemm.h"
#include "lydia/cpu/parallel.h"
#include "lydia/ops/rnn.h"

namespace lydia::cpu {

// c [rows, n] = a [rows, k] b [k, n] + beta c + bias; everything contiguous.
template <class T>
void step_product(int64_t rows, int64_t n, int64_t k, const T* a, const T* b, T* c, T beta,
                  const T* bias = nullptr) {
  if (rows == 0) return;
  Gemm<T, T> g{rows, n, k, {a, k, 1}, {b, n, 1}, {c, n, 1}};
  g.beta = beta;
  g.bias = bias;
  gemm(g);
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
