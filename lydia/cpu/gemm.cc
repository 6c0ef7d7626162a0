// The matrix product's planner: which operand plays which part, which form, which threads. All of
// it depends on shapes and strides only, so that results do not depend on the number of threads.
#include "lydia/cpu/gemm.h"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <memory>
#include <type_traits>
#include <vector>

#include "lydia/core/error.h"
#include "lydia/cpu/gemm_block.h"
#include "lydia/cpu/isa.h"
#include "lydia/cpu/parallel.h"

namespace lydia::cpu {
namespace {

// Pieces for threads start at multiples of these, which suit the tiles of every instruction set.
constexpr int64_t kRowStep = 8;
template <class T>
constexpr int64_t kLaneStep = 64 / sizeof(T);
// A product of fewer cycles than this stays on one thread: waking the others costs as much.
constexpr double kSerialCycles = 8192;
// With a small C and a large k, the k is cut into pieces of this depth that threads share.
constexpr int64_t kSplitDepth = 16384;
constexpr int64_t kSplitOutputs = 4096;

template <class In, class T>
struct Plan {
  GemmBlock<In, T> block;
  void (*form)(const GemmBlock<In, T>&);
  double (*cycles)(const GemmBlock<In, T>&);
};

template <class In, class T>
GemmBlock<In, T> broadcast_a(const Gemm<In, T>& g) {
  return {g.m,     g.n,      g.k,     g.a.data, g.a.row, g.a.col, g.b.data, g.b.col,
          g.b.row, g.c.data, g.c.row, 1,        g.beta,  nullptr, g.bias};
}

template <class In, class T>
GemmBlock<In, T> broadcast_b(const Gemm<In, T>& g) {
  return {g.n,     g.m,      g.k, g.b.data, g.b.col, g.b.row, g.a.data, g.a.row,
          g.a.col, g.c.data, 1,   g.c.row,  g.beta,  g.bias,  nullptr};
}

// Rough cycles of each form on a core with two vector multiply-adds a cycle; only the ratios
// matter. Measured: a packed element costs 1/8 where it is copied and 1/4 where it is turned.
template <class In, class T>
double tiles_cycles(const GemmBlock<In, T>& b) {
  const double lanes = round_up(b.nv, kLaneStep<T>), depth = b.k;
  const double multiply = lanes * b.ns * depth / (2 * kLaneStep<T>);
  const double pack_v = b.nv * depth * (b.v_row == 1 ? 0.125 : 0.25);
  const double pack_s = b.ns * depth * (b.s_k != 1 ? 0.25 : std::is_same_v<In, T> ? 0 : 0.125);
  const double store = b.ns * lanes * (b.c_v == 1 ? 0.125 : 0.5);
  return multiply + pack_v + pack_s + store;
}

template <class In, class T>
double dots_cycles(const GemmBlock<In, T>& b) {
  const double products = static_cast<double>(b.ns) * b.nv * b.k, outputs = b.ns * b.nv;
  return products * 0.7 / kLaneStep<T> + outputs * 7;
}

template <class In, class T>
double axpy_cycles(const GemmBlock<In, T>& b) {
  return static_cast<double>(b.nv) * b.k / kLaneStep<T>;
}

template <class In, class T>
Plan<In, T> make_plan(const Gemm<In, T>& g) {
  const GemmBlock<In, T> few = g.m <= g.n ? broadcast_a(g) : broadcast_b(g);
  if (few.ns == 1 && few.v_row == 1 && few.c_v == 1 && few.v_k != 1) {
    return {few, gemm_axpy, axpy_cycles};
  }
  const auto a = broadcast_a(g), b = broadcast_b(g);
  const Plan<In, T> tiles{tiles_cycles(a) <= tiles_cycles(b) ? a : b, gemm_tiles, tiles_cycles};
  if (few.v_k == 1 && dots_cycles(few) < tiles_cycles(tiles.block)) {
    return {few, gemm_dots, dots_cycles};
  }
  return tiles;
}

// The steps in which a block is cut for threads.
struct Grid {
  int64_t s_step, v_step;
};

template <class In, class T>
Grid make_grid(const Plan<In, T>& plan, int64_t threads) {
  const GemmBlock<In, T>& block = plan.block;
  Grid best{block.ns, block.nv};
  double least = std::numeric_limits<double>::infinity();
  for (int64_t s_pieces = 1; s_pieces <= threads; ++s_pieces) {
    if (s_pieces > 1 && plan.form != static_cast<decltype(plan.form)>(gemm_tiles)) break;
    GemmBlock<In, T> piece = block;
    piece.ns = even_step(block.ns, (block.ns + s_pieces - 1) / s_pieces, kRowStep);
    const int64_t v_pieces = threads / s_pieces;
    piece.nv = even_step(block.nv, (block.nv + v_pieces - 1) / v_pieces, kLaneStep<T>);
    if (const double cycles = plan.cycles(piece); cycles < least) {
      least = cycles;
      best = {piece.ns, piece.nv};
    }
  }
  return best;
}

template <class In, class T>
void run(const Gemm<In, T>& g) {
  const Plan<In, T> plan = make_plan(g);
  const GemmBlock<In, T>& whole = plan.block;
  const bool s_is_a = whole.s == g.a.data;
  const int64_t s_batch = s_is_a ? g.a.batch : g.b.batch, v_batch = s_is_a ? g.b.batch : g.a.batch;
  const int64_t threads = plan.cycles(whole) * g.batch < kSerialCycles
                              ? 1
                              : parallel_parts(std::numeric_limits<int64_t>::max(), 1);
  const bool whole_items = g.batch % threads == 0 || g.batch >= 8 * threads;
  const Grid grid = make_grid(plan, whole_items ? 1 : threads);
  const int64_t s_pieces = (whole.ns + grid.s_step - 1) / grid.s_step;
  const int64_t v_pieces = (whole.nv + grid.v_step - 1) / grid.v_step;
  const int64_t tasks = g.batch * s_pieces * v_pieces;
  parallel_for(0, tasks, threads == 1 ? tasks : 1, [&](int64_t first, int64_t last) {
    for (int64_t task = first; task < last; ++task) {
      const int64_t item = task / (s_pieces * v_pieces);
      const int64_t s = task / v_pieces % s_pieces * grid.s_step;
      const int64_t v = task % v_pieces * grid.v_step;
      GemmBlock<In, T> block = whole;
      block.ns = std::min(grid.s_step, whole.ns - s);
      block.nv = std::min(grid.v_step, whole.nv - v);
      block.s += item * s_batch + s * block.s_row;
      block.v += item * v_batch + v * block.v_row;
      block.c += item * g.c.batch + s * block.c_s + v * block.c_v;
      block.bias_s += block.bias_s ? s : 0;
      block.bias_v += block.bias_v ? v : 0;
      plan.form(block);
    }
  });
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
  run(piece);
  if (rest > 0) {
    piece.batch = 1;
    piece.k = rest;
    piece.a.data += full * piece.a.batch;
    piece.b.data += full * piece.b.batch;
    piece.c.data += full * piece.c.batch;
    run(piece);
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
    run(g);
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
