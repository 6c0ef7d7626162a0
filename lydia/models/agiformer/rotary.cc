#include "lydia/models/agiformer/rotary.h"

#include <any>
#include <array>
#include <cmath>

#include "lydia/autograd/function.h"
#include "lydia/autograd/grad_mode.h"
#include "lydia/ops/cat.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/creation.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/view.h"

namespace lydia::models {
namespace {

Tensor turned(const Tensor& x, const Tensor& cosine, const Tensor& sine, double direction) {
  const int64_t half = x.size(-1) / 2;
  const Tensor a = narrow(x, -1, 0, half), b = narrow(x, -1, half, half);
  const Tensor first = a * cosine, second = b * cosine;
  addcmul_(first, b, sine, -direction);
  addcmul_(second, a, sine, direction);
  return cat(std::array{first, second}, -1);
}

// The gradient of a rotation is the rotation back, which may be differentiated in its turn.
struct Rotary : Function<Rotary> {
  static constexpr const char* kName = "rotary";
  static Tensor forward(FunctionContext& c, const Tensor& x, const Tensor& cosine,
                        const Tensor& sine, double direction) {
    c.save_for_backward({cosine, sine});
    c.saved_data["direction"] = direction;
    return turned(x, cosine, sine, direction);
  }
  static Tensors backward(FunctionContext& c, const Tensors& g) {
    const Tensors saved = c.saved_tensors();
    const auto direction = std::any_cast<double>(c.saved_data["direction"]);
    return {Rotary::apply(g[0], saved[0], saved[1], -direction), Tensor(), Tensor(), Tensor()};
  }
};

// One node instead of views of x, whose gradients would each be as large as x.
struct RotaryQkv : Function<RotaryQkv> {
  static constexpr const char* kName = "rotary_qkv";
  static Tensors forward(FunctionContext& c, const Tensor& x, const Tensor& cosine,
                         const Tensor& sine) {
    c.save_for_backward({cosine, sine});
    return {turned(select(x, 2, 0), cosine, sine, 1), turned(select(x, 2, 1), cosine, sine, 1),
            clone(select(x, 2, 2))};
  }
  static Tensors backward(FunctionContext& c, const Tensors& g) {
    const Tensors saved = c.saved_tensors();
    const auto back = [&](const Tensor& t) { return Rotary::apply(t, saved[0], saved[1], -1.0); };
    return {stack(std::array{back(g[0]), back(g[1]), g[2]}, 2), Tensor(), Tensor()};
  }
};

struct Angles {
  Tensor cosine, sine;
};
// For x [lead.., n, ..., D] at `places` [n], which stand along dimension `dim`.
Angles angles_of(const Tensor& x, const Tensor& places, int64_t dim) {
  const NoGradGuard guard;
  const int64_t half = x.size(-1) / 2;
  const Tensor step =
      arange(0, half, 1, DType::F64) * (-std::log(kRotaryBase) / static_cast<double>(half));
  const Tensor angle = unsqueeze(places.to(DType::F64), 1) * unsqueeze(exp(step), 0);
  Dims sizes(static_cast<size_t>(x.ndim() - dim), 1);
  sizes[0] = places.numel(), sizes.back() = half;
  return {reshape(cos(angle).to(x.dtype()), sizes), reshape(sin(angle).to(x.dtype()), sizes)};
}

}  // namespace

Tensor rotary(const Tensor& x, int64_t start) {
  const Angles angles = angles_of(x, arange(start, start + x.size(1)), 1);
  return Rotary::apply(x, angles.cosine, angles.sine, 1.0);
}

Tensor rotary_at(const Tensor& x, const Tensor& places) {
  const Angles angles = angles_of(x, places, 0);
  return Rotary::apply(x, angles.cosine, angles.sine, 1.0);
}

RotatedQkv rotary_qkv(const Tensor& x, int64_t start) {
  const Angles angles = angles_of(select(x, 2, 0), arange(start, start + x.size(1)), 1);
  const Tensors out = RotaryQkv::apply(x, angles.cosine, angles.sine);
  return {out[0], out[1], out[2]};
}

}  // namespace lydia::models
