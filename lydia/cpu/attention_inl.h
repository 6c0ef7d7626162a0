// The parts that attention's forward and backward kernels share. Scores are kept turned: row j of
// a block holds key j against all queries of the block, so that a query is a lane and softmax needs
// no sums across lanes. Included once per instruction set.

#if defined(LYDIA_CPU_ATTENTION_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef LYDIA_CPU_ATTENTION_INL_H_
#undef LYDIA_CPU_ATTENTION_INL_H_
#else
#define LYDIA_CPU_ATTENTION_INL_H_
#endif

#include <algorithm>
#include <limits>

#include "lydia/cpu/attention.h"
#include "lydia/cpu/vec_math_inl.h"

HWY_BEFORE_NAMESPACE();
namespace lydia::cpu {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

inline constexpr double kLog2E = 1.4426950408889634074;
inline constexpr double kLn2 = 0.69314718055994530942;

// c[i, j] = sum over p of a[i, p] b[p, j], added to c where `add`.
template <class T>
struct BlockProduct {
  int64_t m, n, k;
  const T* a;
  int64_t a_row, a_col;
  const T* b;
  int64_t b_row;
  T* c;
  int64_t c_row;
  bool add;
};

// R rows by NV vectors of c, kept in registers. kPart: the last vector holds only `last` columns.
template <class T, int R, int NV, bool kPart>
HWY_NOINLINE void product_tile(const BlockProduct<T>& x, const T* HWY_RESTRICT a,
                               const T* HWY_RESTRICT b, T* HWY_RESTRICT c, int64_t last) {
  const hn::ScalableTag<T> d;
  constexpr int64_t kLanes = hn::MaxLanes(d);
  const auto load = [&](const T* from, int j) HWY_ATTR {
    if constexpr (kPart)
      if (j == NV - 1) return load_part(d, from + j * kLanes, last);
    return hn::LoadU(d, from + j * kLanes);
  };
  hn::Vec<decltype(d)> acc[R][NV];
  HWY_UNROLL(8)
  for (int i = 0; i < R; ++i) {
    HWY_UNROLL(4)
    for (int j = 0; j < NV; ++j) acc[i][j] = x.add ? load(c + i * x.c_row, j) : hn::Zero(d);
  }
  const int64_t a_row = x.a_row, a_col = x.a_col, b_row = x.b_row;
  for (int64_t p = 0; p < x.k; ++p, a += a_col, b += b_row) {
    hn::Vec<decltype(d)> row[NV];
    HWY_UNROLL(4)
    for (int j = 0; j < NV; ++j) row[j] = load(b, j);
    HWY_UNROLL(8)
    for (int i = 0; i < R; ++i) {
      const auto scalar = hn::Set(d, a[i * a_row]);
      HWY_UNROLL(4)
      for (int j = 0; j < NV; ++j) acc[i][j] = hn::MulAdd(scalar, row[j], acc[i][j]);
    }
  }
  HWY_UNROLL(8)
  for (int i = 0; i < R; ++i) {
    HWY_UNROLL(4)
    for (int j = 0; j < NV; ++j) {
      T* to = c + i * x.c_row + j * kLanes;
      if (kPart && j == NV - 1)
        store_part(acc[i][j], d, to, last);
      else
        hn::StoreU(acc[i][j], d, to);
    }
  }
}

// All rows of one panel of columns, in tiles of R, then of half as many.
template <class T, int R, int NV, bool kPart>
HWY_INLINE void product_rows(const BlockProduct<T>& x, int64_t i, int64_t column, int64_t last) {
  for (; i + R <= x.m; i += R)
    product_tile<T, R, NV, kPart>(x, x.a + i * x.a_row, x.b + column, x.c + i * x.c_row + column,
                                  last);
  if constexpr (R > 1) product_rows<T, R / 2, NV, kPart>(x, i, column, last);
}

// 6 x 4 accumulators suit 32 registers, 4 x 2 suit 16.
template <class T, int NV = HWY_TARGET == HWY_AVX3 ? 4 : 2>
HWY_INLINE void block_product(const BlockProduct<T>& x, int64_t column = 0) {
  constexpr int64_t kLanes = hn::MaxLanes(hn::ScalableTag<T>());
  constexpr int R = HWY_TARGET == HWY_AVX3 ? 6 : 4;
  for (; x.n - column >= NV * kLanes; column += NV * kLanes)
    product_rows<T, R, NV, false>(x, 0, column, kLanes);
  if (column == x.n) return;
  const int64_t last = (x.n - column) - (NV - 1) * kLanes;
  if (last > 0)
    product_rows<T, R, NV, true>(x, 0, column, last);
  else if constexpr (NV > 1)
    block_product<T, NV - 1>(x, column);
}

inline int64_t round_up(int64_t n, int64_t to) { return (n + to - 1) / to * to; }

// to[c, r] = factor * from[r, c], rows of `to` being `lanes` apart; lanes beyond `rows` are zeroed.
template <class T>
void transpose_scaled(const T* from, int64_t from_row, int64_t rows, int64_t columns, double factor,
                      T* to, int64_t lanes) {
  const T f = static_cast<T>(factor);
  int64_t c = 0;
#if HWY_TARGET != HWY_SCALAR
  if constexpr (sizeof(T) == 4) {
    // Squares of four by four; a last column or row that leaves none goes one by one below.
    const hn::FixedTag<T, 4> d;
    const hn::RepartitionToWide<decltype(d)> pair;
    const auto scale = hn::Set(d, f);
    for (; c + 4 <= columns; c += 4) {
      int64_t r = 0;
      for (; r + 4 <= rows; r += 4) {
        const T* at = from + r * from_row + c;
        const auto a0 = hn::LoadU(d, at), a1 = hn::LoadU(d, at + from_row);
        const auto a2 = hn::LoadU(d, at + 2 * from_row), a3 = hn::LoadU(d, at + 3 * from_row);
        const auto lo01 = hn::BitCast(pair, hn::InterleaveLower(d, a0, a1));
        const auto hi01 = hn::BitCast(pair, hn::InterleaveUpper(d, a0, a1));
        const auto lo23 = hn::BitCast(pair, hn::InterleaveLower(d, a2, a3));
        const auto hi23 = hn::BitCast(pair, hn::InterleaveUpper(d, a2, a3));
        const auto store = [&](auto v, int64_t i) HWY_ATTR {
          hn::StoreU(hn::Mul(hn::BitCast(d, v), scale), d, to + (c + i) * lanes + r);
        };
        store(hn::InterleaveLower(pair, lo01, lo23), 0);
        store(hn::InterleaveUpper(pair, lo01, lo23), 1);
        store(hn::InterleaveLower(pair, hi01, hi23), 2);
        store(hn::InterleaveUpper(pair, hi01, hi23), 3);
      }
      for (; r < rows; ++r)
        for (int64_t i = c; i < c + 4; ++i) to[i * lanes + r] = f * from[r * from_row + i];
    }
  }
#endif
  for (; c < columns; ++c)
    for (int64_t r = 0; r < rows; ++r) to[c * lanes + r] = f * from[r * from_row + c];
  for (c = 0; c < columns; ++c) std::fill(to + c * lanes + rows, to + (c + 1) * lanes, T{});
}

// A block of scores: keys [key, key + key_count) against queries [query, query + query_count).
struct ScoreBlock {
  int64_t batch, head, query, query_count, key, key_count, lanes;
};

// Masks the scores, which are in units of log 2.
template <class T>
void mask_scores(const AttentionCall<T>& call, const ScoreBlock& at, T* scores) {
  constexpr T kNone = -std::numeric_limits<T>::infinity();
  const ScoreMask& m = call.mask;
  if (m.data) {
    const int64_t start =
        at.batch * m.batch + at.head * m.head + at.query * m.row + at.key * m.column;
    for (int64_t j = 0; j < at.key_count; ++j)
      for (int64_t i = 0; i < at.query_count; ++i) {
        const int64_t offset = start + i * m.row + j * m.column;
        T& score = scores[j * at.lanes + i];
        if (!m.boolean)
          score += static_cast<const T*>(m.data)[offset] * static_cast<T>(kLog2E);
        else if (!static_cast<const bool*>(m.data)[offset])
          score = kNone;
      }
  }
  if (!call.causal) return;
  for (int64_t j = 0; j < at.key_count; ++j) {
    const int64_t hidden = std::min(at.key + j - at.query, at.lanes);  // queries before this key
    if (hidden > 0) std::fill_n(scores + j * at.lanes, hidden, kNone);
  }
}

// Keys that some query of the block may see.
template <class T>
int64_t visible_keys(const AttentionCall<T>& call, int64_t query, int64_t count) {
  return call.causal ? std::min(call.keys, query + count) : call.keys;
}

}  // namespace HWY_NAMESPACE
}  // namespace lydia::cpu
HWY_AFTER_NAMESPACE();

#endif  // LYDIA_CPU_ATTENTION_INL_H_
