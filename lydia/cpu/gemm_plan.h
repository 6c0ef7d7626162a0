// How a product is cut into blocks for threads. The cuts depend on shapes and the number of
// threads; the sums inside a block do not.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "lydia/cpu/gemm_block.h"
#include "lydia/cpu/parallel.h"

namespace lydia::cpu {

// Pieces for threads start at multiples of these, which suit the tiles of every instruction set.
constexpr int64_t kRowStep = 8;
template <class T>
constexpr int64_t kLaneStep = 64 / sizeof(T);
// A product of fewer cycles than this stays on one thread: waking the others costs as much.
constexpr double kSerialCycles = 8192;

// A product: its whole C as one block, the form that computes it, and what a block costs in it.
template <class In, class T>
struct GemmPlan {
  GemmBlock<In, T> whole;
  void (*form)(const GemmBlock<In, T>&);
  double (*cycles)(const GemmBlock<In, T>&);
  bool cut_rows = true;  // whether threads may share S
  int64_t batch = 1, s_batch = 0, v_batch = 0, c_batch = 0;
};

// Rough cycles of the tile form on a core with two vector multiply-adds a cycle; only ratios
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

// The steps in rows and lanes that give `threads` threads blocks of the least cost.
struct GemmGrid {
  int64_t s_step, v_step;
};

template <class In, class T>
GemmGrid make_grid(const GemmPlan<In, T>& plan, int64_t threads) {
  const int64_t ns = plan.whole.ns, nv = plan.whole.nv;
  GemmGrid best{ns, nv};
  double least = std::numeric_limits<double>::infinity();
  for (int64_t s_pieces = 1; s_pieces <= (plan.cut_rows ? threads : 1); ++s_pieces) {
    const int64_t v_pieces = threads / s_pieces;
    GemmBlock<In, T> piece = plan.whole;
    piece.ns = round_up((ns + s_pieces - 1) / s_pieces, kRowStep);
    piece.nv = round_up((nv + v_pieces - 1) / v_pieces, kLaneStep<T>);
    if (const double cycles = plan.cycles(piece); cycles < least) {
      least = cycles;
      best = {piece.ns, piece.nv};
    }
  }
  return best;
}

template <class In, class T>
void run_plan(const GemmPlan<In, T>& plan) {
  const GemmBlock<In, T>& whole = plan.whole;
  const bool small = plan.cycles(whole) * plan.batch < kSerialCycles;
  const int64_t threads = small ? 1 : parallel_parts(std::numeric_limits<int64_t>::max(), 1);
  const bool keep_items = plan.batch % threads == 0 || plan.batch >= 8 * threads;
  const GemmGrid grid = make_grid(plan, keep_items ? 1 : threads);
  const int64_t s_pieces = (whole.ns + grid.s_step - 1) / grid.s_step;
  const int64_t v_pieces = (whole.nv + grid.v_step - 1) / grid.v_step;
  const int64_t tasks = plan.batch * s_pieces * v_pieces;
  parallel_for(0, tasks, threads == 1 ? tasks : 1, [&](int64_t first, int64_t last) {
    for (int64_t task = first; task < last; ++task) {
      const int64_t item = task / (s_pieces * v_pieces);
      const int64_t s = task / v_pieces % s_pieces * grid.s_step;
      const int64_t v = task % v_pieces * grid.v_step;
      GemmBlock<In, T> block = whole;
      block.ns = std::min(grid.s_step, whole.ns - s);
      block.nv = std::min(grid.v_step, whole.nv - v);
      block.s += item * plan.s_batch + s * block.s_row;
      block.v += item * plan.v_batch + v * block.v_row;
      block.c += item * plan.c_batch + s * block.c_s + v * block.c_v;
      block.bias_s += block.bias_s ? s : 0;
      block.bias_v += block.bias_v ? v : 0;
      plan.form(block);
    }
  });
}

}  // namespace lydia::cpu
