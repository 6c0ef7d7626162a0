// The tiles of copy_transposed. A block of 16 / sizeof(T) columns is read 16 bytes a row, the rows
// that a vector holds a quarter (half) of its length apart, so that transposing within 16 bytes is
// all it takes: what comes out are whole columns.
#include <cstring>
#include <utility>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "lydia/cpu/transpose_tile.cc"
#include "lydia/cpu/each_isa_inl.h"
#include "lydia/cpu/isa.h"
#include "lydia/cpu/transpose.h"
// after foreach_target.h
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace lydia::cpu {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

// out[c][r] = in[r][c], an element at a time; kRows: how many there are, 0 when that varies.
template <class T, int kRows = 0>
void plain_tile(const TransposeTile& t) {
  const int64_t rows = kRows ? kRows : t.rows;
  for (int64_t c = 0; c < t.columns; ++c) {
    const std::byte* from = t.in + c * static_cast<int64_t>(sizeof(T));
    std::byte* to = t.out + c * t.out_step;
    for (int64_t r = 0; r < rows; ++r)
      std::memcpy(to + r * static_cast<int64_t>(sizeof(T)), from + r * t.in_step, sizeof(T));
  }
}

#if HWY_TARGET != HWY_SCALAR

template <class T>
constexpr int kLane = 16 / sizeof(T);  // elements of 16 bytes

// 16 bytes of each of the rows 0, kLane, 2 kLane, ...
template <class D>
HWY_INLINE hn::Vec<D> load_rows(D d, const std::byte* in, int64_t step) {
  using T = hn::TFromD<D>;
  if constexpr (hn::MaxLanes(D()) == kLane<T>) {
    return hn::LoadU(d, reinterpret_cast<const T*>(in));
  } else {
    constexpr auto blocks = static_cast<int64_t>(hn::MaxLanes(D())) / kLane<T>;
    const hn::Half<D> half;
    return hn::Combine(d, load_rows(half, in + blocks / 2 * kLane<T> * step, step),
                       load_rows(half, in, step));
  }
}

// As many rows as a vector has lanes, kLane columns.
template <class D>
HWY_INLINE void block(D d, const std::byte* in, int64_t in_step, std::byte* out, int64_t out_step) {
  using T = hn::TFromD<D>;
  constexpr int n = kLane<T>;
  hn::Vec<D> a[n], b[n];
  for (int i = 0; i < n; ++i) a[i] = load_rows(d, in + i * in_step, in_step);
  for (int done = 1; done < n; done *= 2) {  // a perfect shuffle a round
    for (int i = 0; i < n / 2; ++i) {
      b[2 * i] = hn::InterleaveLower(d, a[i], a[i + n / 2]);
      b[2 * i + 1] = hn::InterleaveUpper(d, a[i], a[i + n / 2]);
    }
    std::swap(a, b);
  }
  for (int i = 0; i < n; ++i) hn::StoreU(a[i], d, reinterpret_cast<T*>(out + i * out_step));
}

// The rows from `row` on that fill vectors of D; returns the first row left.
template <class D>
int64_t whole_blocks(D d, const TransposeTile& t, int64_t row) {
  using T = hn::TFromD<D>;
  const auto size = static_cast<int64_t>(sizeof(T)), high = static_cast<int64_t>(hn::MaxLanes(d));
  for (; row + high <= t.rows; row += high)
    for (int64_t c = 0; c + kLane<T> <= t.columns; c += kLane<T>)
      block(d, t.in + row * t.in_step + c * size, t.in_step, t.out + c * t.out_step + row * size,
            t.out_step);
  return row;
}

template <class T>
void tile(const TransposeTile& t) {
  const auto size = static_cast<int64_t>(sizeof(T));
  int64_t row = whole_blocks(hn::ScalableTag<T>(), t, 0);
  row = whole_blocks(hn::FixedTag<T, kLane<T>>(), t, row);
  const int64_t column = t.columns / kLane<T> * kLane<T>;
  if (column < t.columns)
    plain_tile<T>({t.in + column * size, t.in_step, t.out + column * t.out_step, t.out_step, row,
                   t.columns - column});
  const TransposeTile rest = {t.in + row * t.in_step, t.in_step, t.out + row * size, t.out_step,
                              t.rows - row,           t.columns};
  switch (rest.rows) {
    case 0: return;
    case 1: return plain_tile<T, 1>(rest);
    case 2: return plain_tile<T, 2>(rest);
    case 3: return plain_tile<T, 3>(rest);
    default: return plain_tile<T>(rest);
  }
}

#else

template <class T>
void tile(const TransposeTile& t) {
  plain_tile<T>(t);
}

#endif

TransposeFn transpose_fn(size_t size) {
  switch (size) {
    case 1: return tile<uint8_t>;
    case 2: return tile<uint16_t>;
    case 4: return tile<uint32_t>;
    default: return tile<uint64_t>;
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace lydia::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lydia::cpu {
namespace {
HWY_EXPORT(transpose_fn);
}
TransposeFn transpose_fn(size_t size) {
  [[maybe_unused]] static const bool chosen = (choose_isa(), true);
  return HWY_DYNAMIC_DISPATCH(transpose_fn)(size);
}
}  // namespace lydia::cpu
#endif
