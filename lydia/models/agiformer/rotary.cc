#include "lydia/models/agiformer/rotary.h"

#include <array>
#include <cmath>

#include "lydia/autograd/function.h"
#include "lydia/ops/cat.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/creation.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/view.h"

namespace lydia::models {
namespace {

Tensor turned(const Tensor& x, const Tensor& cosine, const Tensor& sine) {
  const int64_t half = x.size(-1) / 2;
  const Tensor a = narrow(x, -1, 0, half), b = narrow(x, -1, half, half);
  return cat(std::array{a * cosine - b * sine, b * cosine + a * sine}, -1);
}

// The gradient of a rotation is the rotation back.
struct Rotary : Function<Rotary> {
  static constexpr const char* kName = "rotary";
  static Tensor forward(FunctionContext& c, const Tensor& x, const Tensor& cosine,
                        const Tensor& sine) {
    c.save_for_backward({cosine, sine});
    return turned(x, cosine, sine);
  }
  static Tensors backward(FunctionContext& c, const Tensors& g) {
    const Tensors saved = c.saved_tensors();
    return {turned(g[0], saved[0], -saved[1]), Tensor(), Tensor()};
  }
};

// x [lead.., n, ..., D] turned by the angles of `places` [n], which stand along dimension `dim`.
Tensor turn(const Tensor& x, const Tensor& places, int64_t dim) {
  const int64_t half = x.size(-1) / 2;
  const Tensor step =
      arange(0, half, 1, DType::F64) * (-std::log(kRotaryBase) / static_cast<double>(half));
  const Tensor angle = unsqueeze(places.to(DType::F64), 1) * unsqueeze(exp(step), 0);
  Dims sizes(static_cast<size_t>(x.ndim() - dim), 1);
  sizes[0] = places.numel(), sizes.back() = half;
  return Rotary::apply(x, reshape(cos(angle).to(x.dtype()), sizes),
                       reshape(sin(angle).to(x.dtype()), sizes));
}

}  // namespace

Tensor rotary(const Tensor& x, int64_t start) {
  return turn(x, arange(start, start + x.size(1)), 1);
}

Tensor rotary_at(const Tensor& x, const Tensor& places) { return turn(x, places, 0); }

}  // namespace lydia::models
