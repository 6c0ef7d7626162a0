// The matrix product's planner: which operand plays which part, which form, which threads. All of
// it depends on shapes and strides only, so that results do not depend on the number of threads.
#include "lydia/cpu/gemm.h"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <vector>

#include "lydia/core/error.h"
#include "lydia/cpu/gemm_block.h"
#include "lydia/cpu/gemm_plan.h"
#include "lydia/cpu/isa.h"

namespace lydia::cpu {
namespace {

// With a small C and a large k, the k is cut into pieces of this depth that threads share.
constexpr int64_t kSplitDepth = 16384;
constexpr int64_t kSplitOutputs = 4096;

// The product by tiles, with the rows of A broadcast.
template <class In, class T>
GemmPlan<In, T> broadcast_a(const Gemm<In, T>& g) {
  return {{g.m, g.n, g.k, g.a.data, g.a.row, g.a.col, g.b.data, g.b.col, g.b.row, g.c.data, g.c.row,
           1, g.beta, nullptr, g.bias},
          gemm_tiles,
          tiles_cycles,
          true,
          g.batch,
          g.a.batch,
          g.b.batch,
          g.c.batch};
}

// The same with the columns of B broadcast.
template <class In, class T>
GemmPlan<In, T> broadcast_b(const Gemm<In, T>& g) {
  return {{g.n, g.m, g.k, g.b.data, g.b.col, g.b.row, g.a.data, g.a.row, g.a.col, g.c.data, 1,
           g.c.row, g.beta, g.bias, nullptr},
          gemm_tiles,
          tiles_cycles,
          true,
          g.batch,
          g.b.batch,
          g.a.batch,
          g.c.batch};
}

// Cycles of the other forms, in the measure of tiles_cycles.
template <class In, class T>
double dots_cycles(const GemmBlock<In, T>& b) {
  const double outputs = static_cast<double>(b.ns) * b.nv;
  return outputs * b.k * 0.7 / kLaneStep<T> + outputs * 7;
}

template <class In, class T>
double axpy_cycles(const GemmBlock<In, T>& b) {
  return static_cast<double>(b.nv) * b.k / kLaneStep<T> * (0.5 + 0.6 * b.ns);
}

template <class In, class T>
GemmPlan<In, T> make_plan(const Gemm<In, T>& g) {
  const GemmPlan<In, T> a = broadcast_a(g), b = broadcast_b(g);
  GemmPlan<In, T> best = tiles_cycles(a.whole) <= tiles_cycles(b.whole) ? a : b;
  GemmPlan<In, T> few = g.m <= g.n ? a : b;
  few.cut_rows = false;
  const auto consider = [&](auto form, auto cycles) {
    if (cycles(few.whole) >= best.cycles(best.whole)) return;
    best = few;
    best.form = form;
    best.cycles = cycles;
  };
  const GemmBlock<In, T>& block = few.whole;
  if (block.v_k == 1) consider(static_cast<decltype(few.form)>(gemm_dots), dots_cycles<In, T>);
  if (block.v_row == 1 && block.c_v == 1 && block.ns <= kAxpyRows) {
    consider(static_cast<decltype(few.form)>(gemm_axpy), axpy_cycles<In, T>);
  }
  return best;
}

// c = sum over `pieces` of parts[piece][i][j] + beta·c + bias, always in this order.
template <class In, class T>
void add_parts(const Gemm<In, T>& g, const std::vector<T>& parts, int64_t pieces) {
  for (int64_t i = 0; i < g.m; ++i) {
    for (int64_t j = 0; j < g.n; ++j) {
      T value = 0;
      for (int64_t p = 0; p < pieces; ++p) value += parts[(p * g.m + i) * g.n + j];
      if (g.bias) value += g.bias[j];
      T& c = g.c.data[i * g.c.row + j];
      c = g.beta != 0 ? value + g.beta * c : value;
    }
  }
}

template <class In, class T>
void run_split(const Gemm<In, T>& g) {
  const int64_t full = g.k / kSplitDepth, rest = g.k % kSplitDepth;
  std::vector<T> parts((full + 1) * g.m * g.n);
  Gemm<In, T> piece{g.m, g.n, kSplitDepth, g.a, g.b, {parts.data(), g.n, 1, g.m * g.n}};
  piece.batch = full;
  piece.a.batch = kSplitDepth * g.a.col;
  piece.b.batch = kSplitDepth * g.b.row;
  run_plan(make_plan(piece));
  if (rest > 0) {
    piece.batch = 1;
    piece.k = rest;
    piece.a.data += full * piece.a.batch;
    piece.b.data += full * piece.b.batch;
    piece.c.data += full * piece.c.batch;
    run_plan(make_plan(piece));
  }
  add_parts(g, parts, full + 1);
}

template <class In, class T>
void product(Gemm<In, T> g) {
  choose_isa();
  if (g.m <= 0 || g.n <= 0 || g.batch <= 0) return;
  if (g.k <= 0) {
    for (int64_t item = 0; item < g.batch; ++item, g.c.data += g.c.batch) add_parts(g, {}, 0);
    return;
  }
  // One B for rows of A that follow each other is one product.
  if (g.b.batch == 0 && g.a.batch == g.m * g.a.row && g.c.batch == g.m * g.c.row) {
    g.m *= g.batch;
    g.batch = 1;
  }
  if (g.batch == 1 && g.m <= kSplitOutputs / g.n && g.k >= 2 * kSplitDepth) {
    run_split(g);
  } else {
    run_plan(make_plan(g));
  }
}

}  // namespace

void gemm(const Gemm<float, float>& problem) { product(problem); }
void gemm(const Gemm<double, double>& problem) { product(problem); }
void gemm(const Gemm<Half, float>& problem) { product(problem); }
void gemm(const Gemm<BFloat16, float>& problem) { product(problem); }

void* gemm_scratch(size_t bytes) {
  struct Free {
    void operator()(void* memory) const { std::free(memory); }
  };
  thread_local std::unique_ptr<void, Free> memory;
  thread_local size_t capacity = 0;
  if (bytes > capacity) {
    const size_t rounded = (bytes + 4095) / 4096 * 4096;
    capacity = 0;
    memory.reset(std::aligned_alloc(4096, rounded));
    LYDIA_CHECK(memory, OutOfMemoryError, "matmul: expected ", rounded,
                " bytes for packed operands, got none");
    capacity = rounded;
  }
  return memory.get();
}

}  // namespace lydia::cpu
