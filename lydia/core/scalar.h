// One number with its kind, as Python's bool, int and float: what ops take beside tensors.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <type_traits>

#include "lydia/core/dtype.h"

namespace lydia {

class Scalar {
 public:
  enum class Kind : uint8_t { Bool, Int, UInt, Float };

  template <class T, class = std::enable_if_t<std::is_arithmetic_v<T>>>
  Scalar(T value) {
    if constexpr (std::is_same_v<T, bool>) {
      kind_ = Kind::Bool;
      int_ = value;
    } else if constexpr (std::is_floating_point_v<T>) {
      kind_ = Kind::Float;
      float_ = value;
    } else if constexpr (std::is_unsigned_v<T> && sizeof(T) == 8) {
      kind_ = value > static_cast<uint64_t>(INT64_MAX) ? Kind::UInt : Kind::Int;
      int_ = static_cast<int64_t>(value);
    } else {
      kind_ = Kind::Int;
      int_ = value;
    }
  }
  Scalar(Half value) : Scalar(static_cast<float>(value)) {}
  Scalar(BFloat16 value) : Scalar(static_cast<float>(value)) {}

  Kind kind() const { return kind_; }
  bool is_float() const { return kind_ == Kind::Float; }
  bool is_bool() const { return kind_ == Kind::Bool; }
  // The dtype whose category the scalar has: bool, int64, or float64.
  DType dtype() const {
    switch (kind_) {
      case Kind::Bool: return DType::Bool;
      case Kind::Int: return DType::I64;
      case Kind::UInt: return DType::U64;
      default: return DType::F64;
    }
  }

  template <class T>
  T to() const {
    if constexpr (std::is_same_v<T, bool>) {
      return kind_ == Kind::Float ? float_ != 0 : int_ != 0;
    } else if constexpr (std::is_integral_v<T>) {
      return static_cast<T>(kind_ == Kind::Float ? float_to_int(float_) : int_);
    } else {
      const double value = kind_ == Kind::Float  ? float_
                           : kind_ == Kind::UInt ? static_cast<double>(static_cast<uint64_t>(int_))
                                                 : static_cast<double>(int_);
      if constexpr (std::is_same_v<T, double>)
        return value;
      else
        return T(static_cast<float>(value));
    }
  }

 private:
  static int64_t float_to_int(double value) {
    if (!(value > -0x1p63)) return value != value ? 0 : INT64_MIN;
    return value < 0x1p63 ? static_cast<int64_t>(value) : INT64_MAX;
  }

  Kind kind_;
  union {
    int64_t int_;
    double float_;
  };
};

std::ostream& operator<<(std::ostream& out, const Scalar& value);

}  // namespace lydia
