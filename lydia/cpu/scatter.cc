// scatter, scatter_add, scatter_reduce: out = self, then out[.., index[.., j, ..], ..] op= src[..,
// j, ..] in the order of j. Lines are shared out among threads, so each output has one writer.
#include <cmath>
#include <limits>

#include "lydia/cpu/kernels.h"
#include "lydia/cpu/line_walk.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/gather.h"

namespace lydia::cpu {
namespace {

template <class T>
T sum_of(T a, T b) {
  if constexpr (std::is_same_v<T, bool>)
    return a || b;
  else if constexpr (std::is_integral_v<T>)
    return static_cast<T>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));  // wraps
  else
    return static_cast<T>(a + b);
}

template <class T>
T product_of(T a, T b) {
  if constexpr (std::is_same_v<T, bool>)
    return a && b;
  else if constexpr (std::is_integral_v<T>)
    return static_cast<T>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
  else
    return static_cast<T>(a * b);
}

// NaN wins.
template <class T>
T max_of(T a, T b) {
  return a >= b || a != a ? a : b;
}
template <class T>
T min_of(T a, T b) {
  return a <= b || a != a ? a : b;
}

// What does not change a reduction: where self does not count, it starts from here.
template <class T>
T identity_of(Reduction r) {
  if (r == Reduction::Prod) return static_cast<T>(1);
  const bool highest = r == Reduction::Min;
  if constexpr (is_floating(dtype_of<T>())) {
    return static_cast<T>(highest ? INFINITY : -INFINITY);
  } else {
    return highest ? std::numeric_limits<T>::max() : std::numeric_limits<T>::lowest();
  }
}

template <class T, class F>
void over_lines(const LineWalk& w, F f) {
  parallel_for(0, w.lines.numel, line_grain(w),
               [&](int64_t begin, int64_t end) { walk_lines<T>(w, begin, end, 0, w.count, f); });
}

template <class T>
void scatter_typed(const LineWalk& w, const ScatterAttrs& a) {
  if (!a.include_self) {
    const T start = identity_of<T>(a.reduction);
    over_lines<T>(w, [start](T& to, const T&) { to = start; });
  }
  switch (a.reduction) {
    case Reduction::Set: return over_lines<T>(w, [](T& to, const T& v) { to = v; });
    case Reduction::Sum: return over_lines<T>(w, [](T& to, const T& v) { to = sum_of(to, v); });
    case Reduction::Prod:
      return over_lines<T>(w, [](T& to, const T& v) { to = product_of(to, v); });
    case Reduction::Max: return over_lines<T>(w, [](T& to, const T& v) { to = max_of(to, v); });
    case Reduction::Min: return over_lines<T>(w, [](T& to, const T& v) { to = min_of(to, v); });
  }
}

}  // namespace

void scatter_reduce(const KernelCall& call) {
  const auto& a = call.attrs<ScatterAttrs>();
  const Tensor &self = call.in(0), &index = call.in(1), &src = call.in(2), &out = call.out();
  if (self.data_ptr() != out.data_ptr()) raw_copy(out, self);
  if (index.numel() == 0) return;
  const LineWalk w(op_name(call.op), out, index, src, a.dim);
  // Every index is looked at before the first write, so that an error changes nothing.
  over_lines<uint8_t>(w, [](const uint8_t&, const uint8_t&) {});
  visit_dtype(out.dtype(), [&](auto tag) { scatter_typed<decltype(tag)>(w, a); });
}

void scatter(const KernelCall& call) { scatter_reduce(call); }
void scatter_add(const KernelCall& call) { scatter_reduce(call); }

}  // namespace lydia::cpu
