// What several kernels add to Highway: loads that convert, loads and stores of part of a vector,
// transposition of small blocks. Included once per instruction set.
#if defined(LYDIA_CPU_SIMD_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef LYDIA_CPU_SIMD_INL_H_
#undef LYDIA_CPU_SIMD_INL_H_
#else
#define LYDIA_CPU_SIMD_INL_H_
#endif

#include <hwy/highway.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "lydia/core/dtype.h"

HWY_BEFORE_NAMESPACE();
namespace lydia::cpu {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

template <class D>
constexpr int kLanesOf = static_cast<int>(hn::MaxLanes(D()));

// Shuffles of most instruction sets stay inside blocks of 128 bits: so many lanes are a block.
template <class D>
constexpr int kBlockLanes = std::min<int>(kLanesOf<D>, 16 / sizeof(hn::TFromD<D>));

// Elements of memory as a vector of D's lane type.
template <class D>
HWY_INLINE hn::Vec<D> load_as(D d, const hn::TFromD<D>* from) {
  return hn::LoadU(d, from);
}

template <class D>
HWY_INLINE hn::Vec<D> load_as(D d, const BFloat16* from) {
  const hn::Rebind<uint16_t, D> narrow;
  const hn::Rebind<uint32_t, D> wide;
  const auto bits = hn::LoadU(narrow, reinterpret_cast<const uint16_t*>(from));
  return hn::BitCast(d, hn::ShiftLeft<16>(hn::PromoteTo(wide, bits)));
}

template <class D>
HWY_INLINE hn::Vec<D> load_as(D d, const Half* from) {
  const hn::Rebind<hwy::float16_t, D> narrow;
  return hn::PromoteTo(d, hn::LoadU(narrow, reinterpret_cast<const hwy::float16_t*>(from)));
}

// The first `count` elements, zeros after them; reads no further.
template <class D, class In>
HWY_INLINE hn::Vec<D> load_part(D d, const In* from, size_t count) {
  if constexpr (HWY_TARGET <= HWY_AVX2 && sizeof(In) >= 4) {  // masked loads do not fault there
    return hn::MaskedLoad(hn::FirstN(d, count), d, from);
  } else {
    In buffer[kLanesOf<D>] = {};
    std::memcpy(static_cast<void*>(buffer), from, count * sizeof(In));
    return load_as(d, buffer);
  }
}

// Writes the first `count` lanes and nothing after them.
template <class D>
HWY_INLINE void store_part(hn::Vec<D> value, D d, hn::TFromD<D>* to, size_t count) {
  if constexpr (HWY_TARGET <= HWY_AVX2) {
    hn::BlendedStore(value, hn::FirstN(d, count), d, to);
  } else {
    hn::TFromD<D> buffer[kLanesOf<D>];
    hn::StoreU(value, d, buffer);
    std::memcpy(to, buffer, count * sizeof(*to));
  }
}

#if HWY_TARGET == HWY_SCALAR  // one lane is one block

template <class D, class In>
HWY_INLINE hn::Vec<D> load_blocks(D d, const In* from, int64_t) {
  return load_as(d, from);
}

template <class D>
HWY_INLINE void store_blocks(D d, hn::Vec<D> value, hn::TFromD<D>* to, int64_t) {
  hn::StoreU(value, d, to);
}

template <class D>
HWY_INLINE void transpose_blocks(D, hn::Vec<D>*) {}

template <class D>
HWY_INLINE void store_block_sum(D d, hn::Vec<D> value, hn::TFromD<D>* to) {
  hn::StoreU(value, d, to);
}

#else

// A vector whose block b comes from from + b·stride.
template <class D, class In>
HWY_INLINE hn::Vec<D> load_blocks(D d, const In* from, int64_t stride) {
  if constexpr (kLanesOf<D> == kBlockLanes<D>) {
    return load_as(d, from);
  } else {
    const hn::Half<D> half;
    const int64_t skip = stride * (kLanesOf<decltype(half)> / kBlockLanes<D>);
    return hn::Combine(d, load_blocks(half, from + skip, stride), load_blocks(half, from, stride));
  }
}

// Block b of `value` goes to to + b·stride.
template <class D>
HWY_INLINE void store_blocks(D d, hn::Vec<D> value, hn::TFromD<D>* to, int64_t stride) {
  if constexpr (kLanesOf<D> == kBlockLanes<D>) {
    hn::StoreU(value, d, to);
  } else {
    const hn::Half<D> half;
    const int64_t skip = stride * (kLanesOf<decltype(half)> / kBlockLanes<D>);
    store_blocks(half, hn::LowerHalf(half, value), to, stride);
    store_blocks(half, hn::UpperHalf(half, value), to + skip, stride);
  }
}

// Transposes the square that block b of the kBlockLanes vectors makes, for every b.
template <class D>
HWY_INLINE void transpose_blocks(D d, hn::Vec<D>* rows) {
  if constexpr (kBlockLanes<D> == 2) {
    const auto lower = hn::InterleaveLower(d, rows[0], rows[1]);
    rows[1] = hn::InterleaveUpper(d, rows[0], rows[1]);
    rows[0] = lower;
  } else if constexpr (kBlockLanes<D> == 4) {
    const hn::RepartitionToWide<D> pairs;
    const auto low01 = hn::BitCast(pairs, hn::InterleaveLower(d, rows[0], rows[1]));
    const auto high01 = hn::BitCast(pairs, hn::InterleaveUpper(d, rows[0], rows[1]));
    const auto low23 = hn::BitCast(pairs, hn::InterleaveLower(d, rows[2], rows[3]));
    const auto high23 = hn::BitCast(pairs, hn::InterleaveUpper(d, rows[2], rows[3]));
    rows[0] = hn::BitCast(d, hn::InterleaveLower(pairs, low01, low23));
    rows[1] = hn::BitCast(d, hn::InterleaveUpper(pairs, low01, low23));
    rows[2] = hn::BitCast(d, hn::InterleaveLower(pairs, high01, high23));
    rows[3] = hn::BitCast(d, hn::InterleaveUpper(pairs, high01, high23));
  }
}

// The sum of all blocks of `value`, one block, goes to `to`.
template <class D>
HWY_INLINE void store_block_sum(D d, hn::Vec<D> value, hn::TFromD<D>* to) {
  if constexpr (kLanesOf<D> == kBlockLanes<D>) {
    hn::StoreU(value, d, to);
  } else {
    const hn::Half<D> half;
    store_block_sum(half, hn::Add(hn::LowerHalf(half, value), hn::UpperHalf(half, value)), to);
  }
}

#endif  // HWY_SCALAR

}  // namespace HWY_NAMESPACE
}  // namespace lydia::cpu
HWY_AFTER_NAMESPACE();

#endif  // LYDIA_CPU_SIMD_INL_H_
