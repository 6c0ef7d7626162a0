// uniform, normal, exponential, randint, dropout: element i is made from word i (32-bit dtypes) or
// words 2i, 2i + 1 of the op's stream, in groups that any thread may take.
#include "lydia/ops/random.h"

#include <cmath>

#include "lydia/cpu/kernels.h"
#include "lydia/cpu/parallel.h"
#include "lydia/cpu/rows.h"
#include "lydia/ops/copy.h"

namespace lydia::cpu {
namespace {

constexpr int64_t kGroup = 1024;  // elements; a multiple of the words in a block

// Calls f(words, group's first element, its element count) with `per_element` words for each.
template <class F>
void over_groups(const RandomAttrs& a, int64_t n, int per_element, F f) {
  const int64_t groups = (n + kGroup - 1) / kGroup;
  parallel_for(0, groups, 8, [&](int64_t begin, int64_t end) {
    alignas(64) uint32_t words[2 * kGroup];
    for (int64_t g = begin; g < end; ++g) {
      const int64_t blocks = kGroup * per_element / 4;
      philox_fill(a.from.seed, a.from.used + static_cast<uint64_t>(g * blocks), blocks, words);
      f(words, g * kGroup, std::min(kGroup, n - g * kGroup));
    }
  });
}

uint64_t wide(const uint32_t* words, int64_t i) {
  return uint64_t{words[2 * i + 1]} << 32 | words[2 * i];
}

// [0, 1) with as many bits as the dtype holds exactly there.
template <class T>
T unit(const uint32_t* words, int64_t i) {
  if constexpr (std::is_same_v<T, double>)
    return static_cast<double>(wide(words, i) >> 11) * 0x1p-53;
  else if constexpr (std::is_same_v<T, float>)
    return static_cast<float>(static_cast<int32_t>(words[i] >> 8)) * 0x1p-24f;
  else if constexpr (std::is_same_v<T, Half>)
    return Half(static_cast<float>(words[i] >> 21) * 0x1p-11f);
  else
    return BFloat16(static_cast<float>(words[i] >> 24) * 0x1p-8f);
}

template <class T>
constexpr int words_of() {
  return std::is_same_v<T, double> ? 2 : 1;
}

// Half types are computed in float32.
template <class T>
using Wide = std::conditional_t<std::is_same_v<T, double>, double, float>;

template <class F>
void visit_float(DType t, F f) {
  switch (t) {
    case DType::F16: return f(Half{});
    case DType::BF16: return f(BFloat16{});
    case DType::F32: return f(float{});
    default: return f(double{});
  }
}

void apply(RowOp op, DType dtype, const void* a, const void* b, void* out, int64_t n) {
  const void* in[] = {a, b};
  row_fn(op, dtype)(in, out, n, nullptr);
}

// Box-Muller on a whole group: z = sqrt(-2 log u) (cos 2 pi v, sin 2 pi v), u in (0, 1], v in [0,
// 1).
template <class W>
void normal_group(const uint32_t* words, W* z) {
  constexpr int64_t half = kGroup / 2;
  constexpr DType dtype = dtype_of<W>();
  alignas(64) W radius[half], angle[half], wave[half];
  constexpr W smallest =
      std::is_same_v<W, double> ? static_cast<W>(0x1p-53) : static_cast<W>(0x1p-24);
  for (int64_t i = 0; i < half; ++i) {
    radius[i] = unit<W>(words, i) + smallest;
    angle[i] = unit<W>(words, half + i) * static_cast<W>(2 * M_PI);
  }
  apply(RowOp::log, dtype, radius, nullptr, radius, half);
  for (int64_t i = 0; i < half; ++i) radius[i] *= -2;
  apply(RowOp::sqrt, dtype, radius, nullptr, radius, half);
  apply(RowOp::cos, dtype, angle, nullptr, wave, half);
  apply(RowOp::mul, dtype, radius, wave, z, half);
  apply(RowOp::sin, dtype, angle, nullptr, wave, half);
  apply(RowOp::mul, dtype, radius, wave, z + half, half);
}

}  // namespace

void uniform(const KernelCall& call) {
  const auto& a = call.attrs<RandomAttrs>();
  const Tensor& out = call.out();
  visit_float(out.dtype(), [&](auto tag) {
    using T = decltype(tag);
    using W = Wide<T>;
    T* to = static_cast<T*>(out.data_ptr());
    const W low = static_cast<W>(a.a), high = static_cast<W>(a.b), range = high - low;
    const bool plain = low == 0 && range == 1;
    over_groups(a, out.numel(), words_of<T>(), [&](const uint32_t* words, int64_t at, int64_t n) {
      if (plain) {
        for (int64_t i = 0; i < n; ++i) to[at + i] = unit<T>(words, i);
        return;
      }
      for (int64_t i = 0; i < n; ++i) {
        const T v = static_cast<T>(static_cast<W>(unit<T>(words, i)) * range + low);
        to[at + i] = static_cast<W>(v) >= high ? static_cast<T>(low) : v;  // rounded up to high
      }
    });
  });
}

void normal(const KernelCall& call) {
  const auto& a = call.attrs<RandomAttrs>();
  const Tensor& out = call.out();
  visit_float(out.dtype(), [&](auto tag) {
    using T = decltype(tag);
    using W = Wide<T>;
    T* to = static_cast<T*>(out.data_ptr());
    const W mean = static_cast<W>(a.a), deviation = static_cast<W>(a.b);
    over_groups(a, out.numel(), words_of<T>(), [&](const uint32_t* words, int64_t at, int64_t n) {
      alignas(64) W z[kGroup];
      normal_group(words, z);
      for (int64_t i = 0; i < n; ++i) to[at + i] = static_cast<T>(z[i] * deviation + mean);
    });
  });
}

void exponential(const KernelCall& call) {
  const auto& a = call.attrs<RandomAttrs>();
  const Tensor& out = call.out();
  visit_float(out.dtype(), [&](auto tag) {
    using T = decltype(tag);
    using W = Wide<T>;
    T* to = static_cast<T*>(out.data_ptr());
    const W scale = static_cast<W>(-1 / a.a);
    over_groups(a, out.numel(), words_of<T>(), [&](const uint32_t* words, int64_t at, int64_t n) {
      alignas(64) W u[kGroup];
      constexpr W smallest =
          std::is_same_v<W, double> ? static_cast<W>(0x1p-53) : static_cast<W>(0x1p-24);
      for (int64_t i = 0; i < n; ++i) u[i] = unit<W>(words, i) + smallest;
      apply(RowOp::log, dtype_of<W>(), u, nullptr, u, n);
      for (int64_t i = 0; i < n; ++i) to[at + i] = static_cast<T>(u[i] * scale);
    });
  });
}

// low + floor(range * word / 2^64): the bias is below range / 2^64.
void randint(const KernelCall& call) {
  const auto& a = call.attrs<RandomAttrs>();
  const Tensor& out = call.out();
  visit_dtype(out.dtype(), [&](auto tag) {
    using T = decltype(tag);
    T* to = static_cast<T*>(out.data_ptr());
    over_groups(a, out.numel(), 2, [&](const uint32_t* words, int64_t at, int64_t n) {
      for (int64_t i = 0; i < n; ++i) {
        const auto scaled = static_cast<unsigned __int128>(wide(words, i)) * a.range;
        const auto value = static_cast<uint64_t>(a.low) + static_cast<uint64_t>(scaled >> 64);
        to[at + i] = Scalar(static_cast<int64_t>(value)).to<T>();
      }
    });
  });
}

// y = mask ? scale * x : 0, mask true with probability 1 - p.
void dropout(const KernelCall& call) {
  const auto& a = call.attrs<RandomAttrs>();
  const Tensor& out = call.out(0);
  const Tensor x = call.in(0).is_contiguous() ? call.in(0) : contiguous(call.in(0).detach());
  bool* mask = static_cast<bool*>(call.out(1).data_ptr());
  // p = 1 drops all: no word is below 2^32.
  const auto threshold = static_cast<uint64_t>(std::llround(a.a * 0x1p32));
  visit_float(out.dtype(), [&](auto tag) {
    using T = decltype(tag);
    using W = Wide<T>;
    const T* from = static_cast<const T*>(x.data_ptr());
    T* to = static_cast<T*>(out.data_ptr());
    const W scale = static_cast<W>(a.b);
    over_groups(a, out.numel(), 1, [&](const uint32_t* words, int64_t at, int64_t n) {
      for (int64_t i = 0; i < n; ++i) mask[at + i] = words[i] >= threshold;
      for (int64_t i = 0; i < n; ++i)
        to[at + i] = mask[at + i] ? static_cast<T>(static_cast<W>(from[at + i]) * scale) : T{};
    });
  });
}

}  // namespace lydia::cpu
