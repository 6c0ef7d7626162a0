#include "lydia/core/dtype.h"

#include <array>
#include <cmath>
#include <ostream>

#include "lydia/core/error.h"

namespace lydia {
namespace {

struct Row {
  std::string_view name;
  size_t size;
};

constexpr std::array<Row, kDTypeCount> kRows = {{{"bool", 1},
                                                 {"uint8", 1},
                                                 {"uint16", 2},
                                                 {"uint32", 4},
                                                 {"uint64", 8},
                                                 {"int8", 1},
                                                 {"int16", 2},
                                                 {"int32", 4},
                                                 {"int64", 8},
                                                 {"float16", 2},
                                                 {"bfloat16", 2},
                                                 {"float32", 4},
                                                 {"float64", 8}}};

DType promote_floats(DType a, DType b) {
  if (a == b) return a;
  if (a == DType::F64 || b == DType::F64) return DType::F64;
  return DType::F32;  // also for f16 with bf16: neither holds the other
}

DType promote_integers(DType a, DType b) {
  const size_t wide = item_size(a) > item_size(b) ? item_size(a) : item_size(b);
  if (is_signed(a) == is_signed(b)) return item_size(a) >= item_size(b) ? a : b;
  const DType s = is_signed(a) ? a : b;
  const DType u = is_signed(a) ? b : a;
  if (item_size(s) > item_size(u)) return s;
  LYDIA_CHECK(wide < 8, TypeError, "promote_types: no integer dtype holds both ", a, " and ", b,
              "; convert one operand with .to() first");
  return item_size(u) == 1 ? DType::I16 : item_size(u) == 2 ? DType::I32 : DType::I64;
}

}  // namespace

size_t item_size(DType dtype) { return kRows[static_cast<size_t>(dtype)].size; }

std::string_view dtype_name(DType dtype) { return kRows[static_cast<size_t>(dtype)].name; }

std::optional<DType> dtype_from_name(std::string_view name) {
  for (int i = 0; i < kDTypeCount; ++i)
    if (kRows[i].name == name) return static_cast<DType>(i);
  return std::nullopt;
}

std::ostream& operator<<(std::ostream& out, DType dtype) { return out << dtype_name(dtype); }

DType promote_types(DType a, DType b) {
  if (a == b) return a;
  if (is_floating(a) && is_floating(b)) return promote_floats(a, b);
  if (is_floating(a)) return a;
  if (is_floating(b)) return b;
  if (a == DType::Bool) return b;
  if (b == DType::Bool) return a;
  return promote_integers(a, b);
}

bool can_cast(DType from, DType to) {
  if (is_floating(from)) return is_floating(to);
  if (is_integral(from)) return to != DType::Bool;
  return true;
}

// Scales by powers of two so that the hardware's float32 rounding does the work.
Half::Half(float value) {
  const uint32_t u = std::bit_cast<uint32_t>(value);
  const uint16_t sign = static_cast<uint16_t>((u >> 16) & 0x8000u);
  const float magnitude = std::fabs(value);
  if (std::isnan(value)) {
    bits = static_cast<uint16_t>(sign | 0x7e00u);
  } else if (magnitude >= 65520.0f) {
    bits = static_cast<uint16_t>(sign | 0x7c00u);
  } else if (magnitude < 6.103515625e-05f) {  // subnormal: units of 2^-24
    bits = static_cast<uint16_t>(sign | static_cast<uint16_t>(std::nearbyint(magnitude * 0x1p24f)));
  } else {
    const uint32_t m = u & 0x7fffffffu;
    const uint32_t rounded = m + 0xfffu + ((m >> 13) & 1u);
    bits = static_cast<uint16_t>(sign | ((rounded - 0x38000000u) >> 13));
  }
}

Half::operator float() const {
  const uint32_t sign = static_cast<uint32_t>(bits & 0x8000u) << 16;
  const uint32_t exponent = (bits >> 10) & 0x1fu;
  const uint32_t mantissa = bits & 0x3ffu;
  if (exponent == 0) {
    const float value = static_cast<float>(mantissa) * 0x1p-24f;
    return std::bit_cast<float>(sign | std::bit_cast<uint32_t>(value));
  }
  const uint32_t e = exponent == 31 ? 255u : exponent + 112u;
  return std::bit_cast<float>(sign | (e << 23) | (mantissa << 13));
}

}  // namespace lydia
