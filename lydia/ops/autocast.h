// Autocast: while it is on, each op picks the precision it needs.
//
// An op says so where it is defined, in one line:
//   LYDIA_LOW_PRECISION(matmul, a, b);   floating arguments are cast to the low dtype
//   LYDIA_FULL_PRECISION(layer_norm, ...);  half arguments are cast to f32
//   full_precision(t)                    the same as a dtype, where the kernel converts by itself
//   LYDIA_WIDEST(dot, a, b);             floating arguments are cast to the widest of their dtypes
// Ops that say nothing take what comes; those of several tensors promote as always. f64 and
// integers are never cast. Gradient rules run with autocast off; the engine brings gradients back
// to the dtype of what they belong to.
#pragma once

#include <utility>
#include <vector>

#include "lydia/core/tensor.h"

namespace lydia {

struct AutocastState {
  bool enabled = false;
  bool cache = true;
  DType dtype = DType::BF16;
};

// Of the calling thread.
AutocastState autocast_state();
inline bool autocast_on();

// Switches autocast until it goes. Casts of parameters are kept while the outermost guard lives, as
// long as the parameter is not written to. ValueError unless dtype is BF16 or F16.
class AutocastGuard {
 public:
  explicit AutocastGuard(bool enabled = true, DType dtype = DType::BF16, bool cache = true);
  explicit AutocastGuard(const AutocastState& state);
  ~AutocastGuard();
  AutocastGuard(const AutocastGuard&) = delete;
  AutocastGuard& operator=(const AutocastGuard&) = delete;

 private:
  AutocastState outer_;
};
// The same for callers without scopes: enter returns what leave wants.
AutocastState enter_autocast(const AutocastState& state);
void leave_autocast(const AutocastState& outer);
// Drops the kept casts.
void clear_autocast_cache();

// ---- for ops -----------------------------------------------------------------------------------

namespace detail {

extern constinit thread_local AutocastState autocast;

// No op casts while it lives: for the op that has cast, and for gradient rules.
class AutocastOff {
 public:
  AutocastOff() : enabled_(std::exchange(autocast.enabled, false)) {}
  ~AutocastOff() { autocast.enabled = enabled_; }
  AutocastOff(const AutocastOff&) = delete;
  AutocastOff& operator=(const AutocastOff&) = delete;

 private:
  bool enabled_;
};

Tensor cast_low(const Tensor& t);
Tensors cast_low(const Tensors& list);
Tensor cast_full(const Tensor& t);
Tensor cast_to(const Tensor& t, DType dtype);

template <class T>
const T& cast_low(const T& other) {
  return other;
}
template <class T>
const T& cast_full(const T& other) {
  return other;
}
template <class T>
const T& cast_to(const T& other, DType) {
  return other;
}

// The widest dtype that a castable tensor among the arguments has.
void widen(DType& widest, const Tensor& t);
template <class T>
void widen(DType&, const T&) {}

// The arguments are cast while autocast is still on, so that parameters are found in the cache.
template <class F, class... Args>
auto call_low(F f, const Args&... args) {
  return [&](const auto&... cast) {
    const AutocastOff off;
    return f(cast...);
  }(cast_low(args)...);
}
template <class F, class... Args>
auto call_full(F f, const Args&... args) {
  const AutocastOff off;
  return f(cast_full(args)...);
}
template <class F, class... Args>
auto call_widest(F f, const Args&... args) {
  const AutocastOff off;
  DType widest = DType::F16;
  (widen(widest, args), ...);
  return f(cast_to(args, widest)...);
}

}  // namespace detail

inline bool autocast_on() { return detail::autocast.enabled; }

// f32 for a half dtype under autocast, else `t`.
inline DType full_precision(DType t) {
  return autocast_on() && (t == DType::F16 || t == DType::BF16) ? DType::F32 : t;
}

#define LYDIA_AUTOCAST(how, op, ...) \
  if (autocast_on()) [[unlikely]]    \
  return detail::call_##how([](const auto&... x) { return op(x...); }, __VA_ARGS__)
#define LYDIA_LOW_PRECISION(op, ...) LYDIA_AUTOCAST(low, op, __VA_ARGS__)
#define LYDIA_FULL_PRECISION(op, ...) LYDIA_AUTOCAST(full, op, __VA_ARGS__)
#define LYDIA_WIDEST(op, ...) LYDIA_AUTOCAST(widest, op, __VA_ARGS__)

}  // namespace lydia
