// The 8-bit product's kernels, once per instruction set: AVX512-VNNI multiplies four bytes and adds
// them to a word in one instruction, the others take a word apart.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "lydia/cpu/gemm_int8_tiles.cc"
#define HWY_BROKEN_EMU128 1  // as each_isa_inl.h
#define HWY_WANT_AVX3_DL
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4 | HWY_AVX3)
#include <hwy/foreach_target.h>

#include "lydia/cpu/gemm_int8_block.h"
#include "lydia/cpu/gemm_tiles_inl.h"

HWY_BEFORE_NAMESPACE();
namespace lydia::cpu {
namespace HWY_NAMESPACE {
namespace {

// sum + the four products of the bytes of u, unsigned, with those of s, signed.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V add_products([[maybe_unused]] D d, V u, V s, V sum) {
#if HWY_TARGET == HWY_AVX3_DL
  // Not the intrinsic: Highway's list of features for this target lacks the one g++ wants for it.
  asm("vpdpbusd %[s], %[u], %[sum]" : [sum] "+v"(sum.raw) : [u] "v"(u.raw), [s] "v"(s.raw));
  return sum;
#elif HWY_TARGET == HWY_AVX2
  // Bytes 0 and 2, then bytes 1 and 3, as 16-bit numbers, whose products in pairs do not overflow.
  const auto low = _mm256_madd_epi16(_mm256_and_si256(u.raw, _mm256_set1_epi16(255)),
                                     _mm256_srai_epi16(_mm256_slli_epi16(s.raw, 8), 8));
  const auto high = _mm256_madd_epi16(_mm256_srli_epi16(u.raw, 8), _mm256_srai_epi16(s.raw, 8));
  return V{_mm256_add_epi32(sum.raw, _mm256_add_epi32(low, high))};
#else
  const V byte = hn::Set(d, 255);
  const V p0 = hn::Mul(hn::And(u, byte), hn::ShiftRight<24>(hn::ShiftLeft<24>(s)));
  const V p1 =
      hn::Mul(hn::And(hn::ShiftRight<8>(u), byte), hn::ShiftRight<24>(hn::ShiftLeft<16>(s)));
  const V p2 =
      hn::Mul(hn::And(hn::ShiftRight<16>(u), byte), hn::ShiftRight<24>(hn::ShiftLeft<8>(s)));
  const V p3 = hn::Mul(hn::And(hn::ShiftRight<24>(u), byte), hn::ShiftRight<24>(s));
  return hn::Add(sum, hn::Add(hn::Add(p0, p1), hn::Add(p2, p3)));
#endif
}

struct UnsignedS {
  template <class D>
  HWY_INLINE hn::Vec<D> operator()(D d, hn::Vec<D> s, hn::Vec<D> v, hn::Vec<D> sum) const {
    return add_products(d, s, v, sum);
  }
};

struct SignedS {
  template <class D>
  HWY_INLINE hn::Vec<D> operator()(D d, hn::Vec<D> s, hn::Vec<D> v, hn::Vec<D> sum) const {
    return add_products(d, v, s, sum);
  }
};

void tiles_unsigned_s(const WordBlock& block) { tiles<UnsignedS>(block); }
void tiles_signed_s(const WordBlock& block) { tiles<SignedS>(block); }

void zip(const uint8_t* const from[4], int64_t count, int32_t* words) {
  int64_t j = 0;
#if HWY_TARGET != HWY_SCALAR
  const hn::FixedTag<uint8_t, 16> bytes;
  const hn::RepartitionToWide<decltype(bytes)> pairs;
  auto* to = reinterpret_cast<uint16_t*>(words);
  for (; j + 16 <= count; j += 16, to += 32) {
    const auto b0 = hn::LoadU(bytes, from[0] + j), b1 = hn::LoadU(bytes, from[1] + j);
    const auto b2 = hn::LoadU(bytes, from[2] + j), b3 = hn::LoadU(bytes, from[3] + j);
    const auto low01 = hn::BitCast(pairs, hn::InterleaveLower(bytes, b0, b1));
    const auto high01 = hn::BitCast(pairs, hn::InterleaveUpper(bytes, b0, b1));
    const auto low23 = hn::BitCast(pairs, hn::InterleaveLower(bytes, b2, b3));
    const auto high23 = hn::BitCast(pairs, hn::InterleaveUpper(bytes, b2, b3));
    hn::StoreU(hn::InterleaveLower(pairs, low01, low23), pairs, to);
    hn::StoreU(hn::InterleaveUpper(pairs, low01, low23), pairs, to + 8);
    hn::StoreU(hn::InterleaveLower(pairs, high01, high23), pairs, to + 16);
    hn::StoreU(hn::InterleaveUpper(pairs, high01, high23), pairs, to + 24);
  }
#endif
  for (; j < count; ++j) {
    const uint8_t word[4] = {from[0][j], from[1][j], from[2][j], from[3][j]};
    std::memcpy(words + j, word, 4);
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace lydia::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lydia::cpu {

HWY_EXPORT(tiles_unsigned_s);
HWY_EXPORT(tiles_signed_s);
HWY_EXPORT(zip);

void tiles_u8_s8(const WordBlock& block) { HWY_DYNAMIC_DISPATCH(tiles_unsigned_s)(block); }
void tiles_s8_u8(const WordBlock& block) { HWY_DYNAMIC_DISPATCH(tiles_signed_s)(block); }
void zip_bytes(const uint8_t* const from[4], int64_t count, int32_t* words) {
  HWY_DYNAMIC_DISPATCH(zip)(from, count, words);
}

}  // namespace lydia::cpu
#endif
