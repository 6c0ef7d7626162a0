#include "lydia/ops/autocast.h"

#include <unordered_map>

#include "lydia/ops/copy.h"
#include "lydia/ops/op.h"

namespace lydia {
namespace detail {

constinit thread_local AutocastState autocast;

}  // namespace detail

namespace {

using detail::autocast;

struct Kept {
  Tensor source, cast;
  uint32_t version;
};
// What the outermost guard keeps.
struct Casts {
  std::unordered_map<const TensorImpl*, Kept> kept;
  int depth = 0;
};
thread_local Casts casts;

bool is_half(DType t) { return t == DType::F16 || t == DType::BF16; }
bool castable(const Tensor& t) {
  return t.defined() && (t.dtype() == DType::F32 || is_half(t.dtype()));
}

// What is made while it lives may be used with gradients later.
struct NotInference {
  const bool was = std::exchange(grad_state().inference, false);
  ~NotInference() { grad_state().inference = was; }
};

// A cast made without recording has no way back to the parameter; one that has will do for both.
bool usable(const Kept& k, const Tensor& t) {
  return k.version == t.version() && k.cast.dtype() == autocast.dtype &&
         (!grad_enabled() || k.cast.requires_grad());
}

Tensor kept_cast(const Tensor& t) {
  const auto found = casts.kept.find(t.impl());
  if (found != casts.kept.end() && usable(found->second, t)) return found->second.cast;
  const NotInference scope;
  const Tensor cast = to(t, autocast.dtype);
  casts.kept.insert_or_assign(t.impl(), Kept{t, cast, t.version()});
  return cast;
}

}  // namespace

AutocastState autocast_state() { return autocast; }
void clear_autocast_cache() { casts.kept.clear(); }

AutocastState enter_autocast(const AutocastState& state) {
  LYDIA_CHECK(is_half(state.dtype), ValueError,
              "autocast: expected dtype bfloat16 or float16, got ", state.dtype);
  ++casts.depth;
  return std::exchange(autocast, state);
}

void leave_autocast(const AutocastState& outer) {
  autocast = outer;
  if (--casts.depth == 0) clear_autocast_cache();
}

AutocastGuard::AutocastGuard(bool enabled, DType dtype, bool cache)
    : AutocastGuard(AutocastState{enabled, cache, dtype}) {}
AutocastGuard::AutocastGuard(const AutocastState& state) : outer_(enter_autocast(state)) {}
AutocastGuard::~AutocastGuard() { leave_autocast(outer_); }

namespace detail {

Tensor cast_low(const Tensor& t) {
  if (!castable(t) || t.dtype() == autocast.dtype) return t;
  if (autocast.cache && casts.depth > 0 && t.dtype() == DType::F32 && t.requires_grad() &&
      t.is_leaf())
    return kept_cast(t);
  return to(t, autocast.dtype);
}

Tensors cast_low(const Tensors& list) {
  Tensors out;
  for (const Tensor& t : list) out.push_back(cast_low(t));
  return out;
}

Tensor cast_full(const Tensor& t) {
  return t.defined() && is_half(t.dtype()) ? to(t, DType::F32) : t;
}

Tensor cast_to(const Tensor& t, DType dtype) { return castable(t) ? to(t, dtype) : t; }

void widen(DType& widest, const Tensor& t) {
  if (castable(t)) widest = widest == t.dtype() ? widest : promote_types(widest, t.dtype());
}

}  // namespace detail
}  // namespace lydia
