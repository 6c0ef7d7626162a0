// The 8-bit product's planner: both operands as matrices of words (gemm_int8_block.h), then as
// gemm().
#include "lydia/cpu/gemm_int8.h"

#include <cstring>
#include <memory>

#include "lydia/core/allocator.h"
#include "lydia/cpu/gemm_int8_block.h"
#include "lydia/cpu/gemm_plan.h"
#include "lydia/cpu/isa.h"

namespace lydia::cpu {
namespace {

// `rows` rows of words; element (i, p) at data[i·row + p·k]. Owns its memory where it had to copy.
struct Words {
  const int32_t* data;
  int64_t row, k;
  struct Free {
    size_t bytes;
    void operator()(int32_t* memory) const { deallocate(memory, bytes); }
  };
  std::unique_ptr<int32_t, Free> copy;
};

Words make_words(int64_t row, int64_t k, int64_t count) {
  const size_t bytes = count * sizeof(int32_t);
  Words words{nullptr, row, k, {static_cast<int32_t*>(allocate(bytes)), {bytes}}};
  words.data = words.copy.get();
  return words;
}

// Rows that lie side by side, k by k: four of them are zipped to words, the last ones with zeros.
Words zipped_words(const uint8_t* data, int64_t k_stride, int64_t rows, int64_t k) {
  const int64_t depth = (k + 3) / 4;
  Words words = make_words(1, rows, rows * depth);
  const auto zeros = std::make_unique<uint8_t[]>(k % 4 ? rows : 0);
  parallel_for(0, depth, kGrain / 4 / rows, [&](int64_t first, int64_t last) {
    for (int64_t p = first; p < last; ++p) {
      const uint8_t* from[4];
      for (int64_t q = 0; q < 4; ++q) {
        from[q] = 4 * p + q < k ? data + (4 * p + q) * k_stride : zeros.get();
      }
      zip_bytes(from, rows, words.copy.get() + p * rows);
    }
  });
  return words;
}

// Any other layout, row by row, each filled up with zeros to whole words.
Words padded_words(const uint8_t* data, int64_t row_stride, int64_t k_stride, int64_t rows,
                   int64_t k) {
  const int64_t depth = (k + 3) / 4;
  Words words = make_words(depth, 1, rows * depth);
  parallel_for(0, rows, kGrain / depth, [&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i) {
      const uint8_t* from = data + i * row_stride;
      auto* to = reinterpret_cast<uint8_t*>(words.copy.get() + i * depth);
      if (k_stride == 1) {
        std::memcpy(to, from, k);
      } else {
        for (int64_t p = 0; p < k; ++p) to[p] = from[p * k_stride];
      }
      std::memset(to + k, 0, 4 * depth - k);
    }
  });
  return words;
}

Words words_of(const void* memory, int64_t row_stride, int64_t k_stride, int64_t rows, int64_t k) {
  const auto* data = static_cast<const uint8_t*>(memory);
  const bool aligned = reinterpret_cast<uintptr_t>(data) % 4 == 0 && row_stride % 4 == 0;
  if (k_stride == 1 && k % 4 == 0 && (aligned || rows == 1)) {
    return {reinterpret_cast<const int32_t*>(data), row_stride / 4, 1, {}};
  }
  if (row_stride == 1) return zipped_words(data, k_stride, rows, k);
  return padded_words(data, row_stride, k_stride, rows, k);
}

}  // namespace

void gemm(const GemmInt8& g) {
  choose_isa();
  if (g.m <= 0 || g.n <= 0) return;
  if (g.k <= 0) {
    for (int64_t i = 0; i < g.m; ++i) std::fill_n(g.c.data + i * g.c.row, g.n, 0);
    return;
  }
  const Words a = words_of(g.a.data, g.a.row, g.a.col, g.m, g.k);
  const Words b = words_of(g.b.data, g.b.col, g.b.row, g.n, g.k);
  const int64_t depth = (g.k + 3) / 4;
  const WordBlock s_is_a{g.m, g.n,      depth,   a.data, a.row, a.k,     b.data, b.row,
                         b.k, g.c.data, g.c.row, 1,      0,     nullptr, nullptr};
  const WordBlock s_is_b{g.n, g.m,      depth, b.data,  b.row, b.k,     a.data, a.row,
                         a.k, g.c.data, 1,     g.c.row, 0,     nullptr, nullptr};
  using Plan = GemmPlan<int32_t, int32_t>;
  run_plan(tiles_cycles(s_is_a) <= tiles_cycles(s_is_b) ? Plan{s_is_a, tiles_u8_s8, tiles_cycles}
                                                        : Plan{s_is_b, tiles_s8_u8, tiles_cycles});
}

}  // namespace lydia::cpu
