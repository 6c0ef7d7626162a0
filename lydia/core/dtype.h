// The element types of a tensor: names, sizes, categories and PyTorch's promotion rules.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string_view>

namespace lydia {

enum class DType : uint8_t { Bool, U8, U16, U32, U64, I8, I16, I32, I64, F16, BF16, F32, F64 };
inline constexpr int kDTypeCount = 13;

// bfloat16: the upper half of a float32. Rounds to nearest even; NaN stays NaN.
struct BFloat16 {
  uint16_t bits = 0;
  BFloat16() = default;
  BFloat16(float value) {
    const uint32_t u = std::bit_cast<uint32_t>(value);
    bits = (u & 0x7fffffffu) > 0x7f800000u
               ? static_cast<uint16_t>((u >> 16) | 0x40u)
               : static_cast<uint16_t>((u + 0x7fffu + ((u >> 16) & 1u)) >> 16);
  }
  operator float() const { return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16); }
};

// IEEE 754 binary16. Rounds to nearest even; overflow gives infinity, NaN stays NaN.
struct Half {
  uint16_t bits = 0;
  Half() = default;
  Half(float value);
  operator float() const;
};

size_t item_size(DType dtype);
// "float32", "int64", ... as in PyTorch and NumPy.
std::string_view dtype_name(DType dtype);
std::optional<DType> dtype_from_name(std::string_view name);
std::ostream& operator<<(std::ostream& out, DType dtype);

constexpr bool is_floating(DType t) { return t >= DType::F16; }
constexpr bool is_integral(DType t) { return t >= DType::U8 && t <= DType::I64; }
constexpr bool is_signed(DType t) { return t >= DType::I8; }

// The smallest dtype that holds both, by PyTorch's table; unsigned 16/32/64 promote as the array
// API standard says. Throws TypeError for uint64 with a signed integer, which no integer holds.
DType promote_types(DType a, DType b);
// True when `copy_` from `from` into `to` keeps the category (PyTorch's can_cast).
bool can_cast(DType from, DType to);

template <class T>
constexpr DType dtype_of();
// clang-format off
template <> constexpr DType dtype_of<bool>() { return DType::Bool; }
template <> constexpr DType dtype_of<uint8_t>() { return DType::U8; }
template <> constexpr DType dtype_of<uint16_t>() { return DType::U16; }
template <> constexpr DType dtype_of<uint32_t>() { return DType::U32; }
template <> constexpr DType dtype_of<uint64_t>() { return DType::U64; }
template <> constexpr DType dtype_of<int8_t>() { return DType::I8; }
template <> constexpr DType dtype_of<int16_t>() { return DType::I16; }
template <> constexpr DType dtype_of<int32_t>() { return DType::I32; }
template <> constexpr DType dtype_of<int64_t>() { return DType::I64; }
template <> constexpr DType dtype_of<Half>() { return DType::F16; }
template <> constexpr DType dtype_of<BFloat16>() { return DType::BF16; }
template <> constexpr DType dtype_of<float>() { return DType::F32; }
template <> constexpr DType dtype_of<double>() { return DType::F64; }
// clang-format on

// Calls `f(T{})` with the C++ type of `dtype`. Use at kernel entry, never in an inner loop.
template <class F>
decltype(auto) visit_dtype(DType dtype, F&& f) {
  switch (dtype) {
    case DType::Bool: return f(bool{});
    case DType::U8: return f(uint8_t{});
    case DType::U16: return f(uint16_t{});
    case DType::U32: return f(uint32_t{});
    case DType::U64: return f(uint64_t{});
    case DType::I8: return f(int8_t{});
    case DType::I16: return f(int16_t{});
    case DType::I32: return f(int32_t{});
    case DType::I64: return f(int64_t{});
    case DType::F16: return f(Half{});
    case DType::BF16: return f(BFloat16{});
    case DType::F32: return f(float{});
    default: return f(double{});
  }
}

}  // namespace lydia
