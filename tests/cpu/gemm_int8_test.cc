// The 8-bit product against 64-bit sums.
#include "lydia/cpu/gemm_int8.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <random>
#include <vector>

#include "lydia/core/threads.h"

namespace lydia::cpu {
namespace {

// Bytes that are any value, or always the one that makes the largest sums.
enum class Fill { Random, Highest, Lowest };

struct Case {
  int64_t m, n, k;
  bool trans_a = false, trans_b = false;
  int64_t gap = 0, offset = 0;  // elements between rows, before the first
  Fill fill = Fill::Random;
};

bool right(const Case& c) {
  std::mt19937 random(11);
  const int64_t lda = (c.trans_a ? c.m : c.k) + c.gap, ldb = (c.trans_b ? c.k : c.n) + c.gap;
  std::vector<uint8_t> a((c.trans_a ? c.k : c.m) * lda + c.offset);
  std::vector<int8_t> b((c.trans_b ? c.n : c.k) * ldb + c.offset);
  for (auto& x : a) x = c.fill == Fill::Random ? static_cast<uint8_t>(random()) : 255;
  for (auto& x : b) {
    x = c.fill == Fill::Random    ? static_cast<int8_t>(random())
        : c.fill == Fill::Highest ? 127
                                  : -128;
  }
  const int64_t ldc = c.n + c.gap;
  std::vector<int32_t> out(c.m * ldc, -7), expected = out;
  const GemmInt8 g{c.m,
                   c.n,
                   c.k,
                   {a.data() + c.offset, c.trans_a ? 1 : lda, c.trans_a ? lda : 1},
                   {b.data() + c.offset, c.trans_b ? 1 : ldb, c.trans_b ? ldb : 1},
                   {out.data(), ldc, 1}};
  for (int64_t i = 0; i < c.m; ++i) {
    for (int64_t j = 0; j < c.n; ++j) {
      int64_t sum = 0;
      for (int64_t p = 0; p < c.k; ++p) {
        sum += int64_t{g.a.data[i * g.a.row + p * g.a.col]} * g.b.data[p * g.b.row + j * g.b.col];
      }
      expected[i * ldc + j] = static_cast<int32_t>(sum);
    }
  }
  gemm(g);
  return out == expected;
}

TEST_CASE("gemm int8: sizes around every edge, all transposes") {
  const int64_t sizes[] = {1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 31, 33, 48, 65, 129};
  std::mt19937 random(3);
  const auto pick = [&] { return sizes[random() % std::size(sizes)]; };
  for (int64_t size : sizes) {
    for (int form = 0; form < 4; ++form) {
      for (int turn = 0; turn < 3; ++turn) {
        Case c{turn == 0 ? size : pick(), turn == 1 ? size : pick(), turn == 2 ? size : pick(),
               form % 2 == 1, form >= 2};
        c.gap = random() % 3 == 0 ? 4 : random() % 3;
        c.offset = random() % 2;
        CAPTURE(c.m);
        CAPTURE(c.n);
        CAPTURE(c.k);
        CAPTURE(form);
        CHECK(right(c));
      }
    }
  }
}

TEST_CASE("gemm int8: the largest sums are exact") {
  for (Fill fill : {Fill::Highest, Fill::Lowest}) {
    for (bool trans_b : {false, true}) {
      CHECK(right({.m = 3, .n = 20, .k = 65792, .trans_b = trans_b, .fill = fill}));
      CHECK(right({.m = 20, .n = 3, .k = 1001, .trans_b = trans_b, .fill = fill}));
    }
  }
}

TEST_CASE("gemm int8: more than one block in every direction, any number of threads") {
  const int before = get_num_threads();
  for (int threads : {1, 2, 5}) {
    set_num_threads(threads);
    for (bool trans_b : {false, true}) {
      CHECK(right({.m = 70, .n = 401, .k = 4000, .trans_b = trans_b}));
      CHECK(right({.m = 301, .n = 50, .k = 3333, .trans_a = true, .trans_b = trans_b}));
    }
  }
  set_num_threads(before);
}

TEST_CASE("gemm int8: sizes of zero") {
  CHECK(right({.m = 0, .n = 3, .k = 2}));
  CHECK(right({.m = 3, .n = 0, .k = 2}));
  CHECK(right({.m = 3, .n = 2, .k = 0, .gap = 1}));
}

}  // namespace
}  // namespace lydia::cpu
