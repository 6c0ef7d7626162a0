// Row kernels of integers and bool: plain scalar formulas that the compiler vectorises for each
// instruction set. Arithmetic wraps; nothing here is undefined, whatever the operands.
#include <limits>
#include <type_traits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "lydia/cpu/rows_int.cc"
#include "lydia/cpu/each_isa_inl.h"
#include "lydia/cpu/row_families.h"
#include "lydia/cpu/rows_inl.h"

HWY_BEFORE_NAMESPACE();
namespace lydia::cpu {
namespace HWY_NAMESPACE {
namespace {  // the files of the rows share names such as Add

// The unsigned type to compute in: wide enough that promotion to int cannot overflow.
template <class T>
using Wrap = std::conditional_t<sizeof(T) < 4, uint32_t, std::make_unsigned_t<T>>;

template <class T>
constexpr int kBits = 8 * sizeof(T);

#define LYDIA_INT1(Name, expr)            \
  struct Name : NoAttrs {                 \
    using NoAttrs::NoAttrs;               \
    template <class T>                    \
    HWY_INLINE T operator()(T x) const {  \
      using W = Wrap<T>;                  \
      [[maybe_unused]] const W ux = W(x); \
      return static_cast<T>(expr);        \
    }                                     \
  };
#define LYDIA_INT2(Name, expr)                                                  \
  struct Name : NoAttrs {                                                       \
    using NoAttrs::NoAttrs;                                                     \
    template <class T>                                                          \
    HWY_INLINE T operator()([[maybe_unused]] T a, [[maybe_unused]] T b) const { \
      using W = Wrap<T>;                                                        \
      [[maybe_unused]] const W ua = W(a), ub = W(b);                            \
      return static_cast<T>(expr);                                              \
    }                                                                           \
  };

LYDIA_INT2(Add, ua + ub)
LYDIA_INT2(Sub, ua - ub)
LYDIA_INT2(Mul, ua* ub)
LYDIA_INT2(BitAnd, a& b)
LYDIA_INT2(BitOr, a | b)
LYDIA_INT2(BitXor, a ^ b)
LYDIA_INT2(Maximum, a < b ? b : a)
LYDIA_INT2(Minimum, b < a ? b : a)
LYDIA_INT1(BitNot, ~ux)
LYDIA_INT1(BoolNot, x ^ T{1})
LYDIA_INT1(Neg, W{0} - ux)
LYDIA_INT1(Abs, x < T{0} ? W{0} - ux : ux)
LYDIA_INT1(Sign, T(x > T{0}) - T(x < T{0}))
LYDIA_INT1(Positive, x)
LYDIA_INT1(Square, ux* ux)
LYDIA_INT1(Relu, x < T{0} ? T{0} : x)
LYDIA_INT2(Heaviside, a < T{0} ? T{0} : a == T{0} ? b : T{1})
LYDIA_INT1(IsNegative, x < T{0})
LYDIA_INT1(Never, 0)
LYDIA_INT1(Always, 1)

// Shifts by the width or more, or by a negative count, push every bit out.
template <class T>
HWY_INLINE bool in_width(T count) {
  return static_cast<std::make_unsigned_t<T>>(count) < kBits<T>;
}
LYDIA_INT2(LeftShift, in_width(b) ? ua << (ub & (kBits<T> - 1)) : W{0})
struct RightShift : NoAttrs {
  using NoAttrs::NoAttrs;
  template <class T>
  HWY_INLINE T operator()(T a, T b) const {
    const bool inside = in_width(b);
    if constexpr (std::is_signed_v<T>) return static_cast<T>(a >> (inside ? b : kBits<T> - 1));
    return inside ? static_cast<T>(a >> (b & (kBits<T> - 1))) : T{0};
  }
};

// Division by zero gives 0 (the op says so before it comes here); MIN / -1 wraps to MIN.
template <class T>
HWY_INLINE bool divides(T a, T b) {
  if constexpr (std::is_signed_v<T>)
    return b != 0 && !(b == -1 && a == std::numeric_limits<T>::min());
  return b != 0;
}
struct FloorDivide : NoAttrs {
  using NoAttrs::NoAttrs;
  template <class T>
  HWY_INLINE T operator()(T a, T b) const {
    if (!divides(a, b)) return b == 0 ? T{0} : a;
    const T quotient = static_cast<T>(a / b);
    const bool below = (a % b != 0) && ((a < T{0}) != (b < T{0}));
    return static_cast<T>(quotient - T(below));
  }
};
struct Fmod : NoAttrs {  // sign of the dividend
  using NoAttrs::NoAttrs;
  template <class T>
  HWY_INLINE T operator()(T a, T b) const {
    return divides(a, b) ? static_cast<T>(a % b) : T{0};
  }
};
struct Remainder : NoAttrs {  // sign of the divisor
  using NoAttrs::NoAttrs;
  template <class T>
  HWY_INLINE T operator()(T a, T b) const {
    const T rest = Fmod(nullptr)(a, b);
    return rest != 0 && ((rest < T{0}) != (b < T{0})) ? static_cast<T>(rest + b) : rest;
  }
};

// a^b by squaring, wrapping; a negative b gives the truncated 1 / a^|b|: 0 unless |a| = 1.
struct Pow : NoAttrs {
  using NoAttrs::NoAttrs;
  template <class T>
  T operator()(T a, T b) const {
    using W = Wrap<T>;
    if constexpr (std::is_signed_v<T>) {
      if (b < 0) return a == 1 ? T{1} : a == -1 ? (b & 1 ? T{-1} : T{1}) : T{0};
    }
    W result = 1;
    W base = static_cast<W>(a);
    for (W e = static_cast<W>(b); e != 0; e >>= 1) {
      if (e & 1) result *= base;
      base *= base;
    }
    return static_cast<T>(result);
  }
};

// The greatest common divisor of the magnitudes; gcd(0, 0) = 0.
template <class T>
Wrap<T> gcd_of(T a, T b) {
  using W = Wrap<T>;
  W m = a < T{0} ? W{0} - W(a) : W(a);
  W n = b < T{0} ? W{0} - W(b) : W(b);
  while (n != 0) {
    const W rest = m % n;
    m = n;
    n = rest;
  }
  return m;
}
LYDIA_INT2(Gcd, gcd_of(a, b))
LYDIA_INT2(Lcm, ua == 0 || ub == 0
                    ? W{0}
                    : (a < T{0} ? W{0} - ua : ua) / gcd_of(a, b) * (b < T{0} ? W{0} - ub : ub))

// The nearest value of T; NaN gives 0.
template <class T>
T saturate(double value) {
  using Limits = std::numeric_limits<T>;
  if (!(value > static_cast<double>(Limits::min()))) return value != value ? T{0} : Limits::min();
  if (value >= static_cast<double>(Limits::max())) return Limits::max();
  return static_cast<T>(value);
}

template <class T>
void add_scaled_row(const void* const* in, void* out, int64_t n, const double* attrs) {
  const auto scale = static_cast<Wrap<T>>(saturate<int64_t>(attrs[0]));
  const T* a = static_cast<const T*>(in[0]);
  const T* b = static_cast<const T*>(in[1]);
  T* y = static_cast<T*>(out);
  LYDIA_INDEPENDENT
  for (int64_t i = 0; i < n; ++i) y[i] = static_cast<T>(Wrap<T>(a[i]) + scale * Wrap<T>(b[i]));
}

template <class T>
void addcmul_row(const void* const* in, void* out, int64_t n, const double* attrs) {
  const auto scale = static_cast<Wrap<T>>(saturate<int64_t>(attrs[0]));
  const T* a = static_cast<const T*>(in[0]);
  const T* b = static_cast<const T*>(in[1]);
  const T* c = static_cast<const T*>(in[2]);
  T* y = static_cast<T*>(out);
  LYDIA_INDEPENDENT
  for (int64_t i = 0; i < n; ++i) {
    y[i] = static_cast<T>(Wrap<T>(a[i]) + scale * Wrap<T>(b[i]) * Wrap<T>(c[i]));
  }
}

template <class T>
void clamp_row(const void* const* in, void* out, int64_t n, const double* attrs) {
  const T lo = saturate<T>(attrs[0]), hi = saturate<T>(attrs[1]);
  const T* x = static_cast<const T*>(in[0]);
  T* y = static_cast<T*>(out);
  LYDIA_INDEPENDENT
  for (int64_t i = 0; i < n; ++i) {
    const T above = x[i] < lo ? lo : x[i];
    y[i] = hi < above ? hi : above;
  }
}

struct ClampTensor : NoAttrs {
  using NoAttrs::NoAttrs;
  template <class T>
  HWY_INLINE T operator()(T x, T lo, T hi) const {
    const T above = x < lo ? lo : x;
    return hi < above ? hi : above;
  }
};

// Ops whose bits do not depend on the sign; T is unsigned.
template <class T>
RowFn signless(RowOp op) {
  switch (op) {
    case RowOp::add: return loop_row<T, 2, Add>;
    case RowOp::sub: return loop_row<T, 2, Sub>;
    case RowOp::mul: return loop_row<T, 2, Mul>;
    case RowOp::add_scaled: return add_scaled_row<T>;
    case RowOp::addcmul: return addcmul_row<T>;
    case RowOp::bitwise_and: return loop_row<T, 2, BitAnd>;
    case RowOp::bitwise_or: return loop_row<T, 2, BitOr>;
    case RowOp::bitwise_xor: return loop_row<T, 2, BitXor>;
    case RowOp::bitwise_not: return loop_row<T, 1, BitNot>;
    case RowOp::left_shift: return loop_row<T, 2, LeftShift>;
    case RowOp::neg: return loop_row<T, 1, Neg>;
    case RowOp::square: return loop_row<T, 1, Square>;
    case RowOp::positive:
    case RowOp::ceil:
    case RowOp::floor:
    case RowOp::round:
    case RowOp::trunc: return loop_row<T, 1, Positive>;
    case RowOp::isnan:
    case RowOp::isinf:
    case RowOp::isposinf:
    case RowOp::isneginf: return loop_row<T, 1, Never, uint8_t>;
    case RowOp::isfinite: return loop_row<T, 1, Always, uint8_t>;
    default: return nullptr;
  }
}

template <class T>
RowFn integer(RowOp op) {
  switch (op) {
    case RowOp::floor_divide: return loop_row<T, 2, FloorDivide>;
    case RowOp::remainder: return loop_row<T, 2, Remainder>;
    case RowOp::fmod: return loop_row<T, 2, Fmod>;
    case RowOp::pow: return loop_row<T, 2, Pow>;
    case RowOp::gcd: return loop_row<T, 2, Gcd>;
    case RowOp::lcm: return loop_row<T, 2, Lcm>;
    case RowOp::maximum:
    case RowOp::fmax: return loop_row<T, 2, Maximum>;
    case RowOp::minimum:
    case RowOp::fmin: return loop_row<T, 2, Minimum>;
    case RowOp::heaviside: return loop_row<T, 2, Heaviside>;
    case RowOp::right_shift: return loop_row<T, 2, RightShift>;
    case RowOp::clamp: return clamp_row<T>;
    case RowOp::clamp_tensor: return loop_row<T, 3, ClampTensor>;
    case RowOp::abs: return loop_row<T, 1, Abs>;
    case RowOp::sign:
    case RowOp::sgn: return loop_row<T, 1, Sign>;
    case RowOp::relu: return loop_row<T, 1, Relu>;
    case RowOp::signbit: return loop_row<T, 1, IsNegative, uint8_t>;
    default: return signless<std::make_unsigned_t<T>>(op);
  }
}

// bool: add is "or", mul is "and"; subtraction is left out, as in PyTorch.
RowFn boolean(RowOp op) {
  using T = uint8_t;
  switch (op) {
    case RowOp::add:
    case RowOp::maximum:
    case RowOp::bitwise_or: return loop_row<T, 2, BitOr>;
    case RowOp::mul:
    case RowOp::minimum:
    case RowOp::bitwise_and: return loop_row<T, 2, BitAnd>;
    case RowOp::bitwise_xor: return loop_row<T, 2, BitXor>;
    case RowOp::bitwise_not: return loop_row<T, 1, BoolNot>;
    case RowOp::positive:
    case RowOp::abs:
    case RowOp::sign:
    case RowOp::sgn: return loop_row<T, 1, Positive>;
    case RowOp::isnan:
    case RowOp::isinf:
    case RowOp::isposinf:
    case RowOp::isneginf:
    case RowOp::signbit: return loop_row<T, 1, Never>;
    case RowOp::isfinite: return loop_row<T, 1, Always>;
    default: return nullptr;
  }
}

RowFn int_row(RowOp op, DType t) {
  switch (t) {
    case DType::Bool: return boolean(op);
    case DType::U8: return integer<uint8_t>(op);
    case DType::U16: return integer<uint16_t>(op);
    case DType::U32: return integer<uint32_t>(op);
    case DType::U64: return integer<uint64_t>(op);
    case DType::I8: return integer<int8_t>(op);
    case DType::I16: return integer<int16_t>(op);
    case DType::I32: return integer<int32_t>(op);
    case DType::I64: return integer<int64_t>(op);
    default: return nullptr;
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace lydia::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lydia::cpu {
namespace {
HWY_EXPORT(int_row);
}
RowFn int_row(RowOp op, DType t) { return HWY_DYNAMIC_DISPATCH(int_row)(op, t); }
}  // namespace lydia::cpu
#endif
