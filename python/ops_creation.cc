// Tensors that start from a rule.
#include "lydia/ops/creation.h"
#include "python/bind.h"

namespace lydia::python {
namespace {

using OptDType = std::optional<DType>;
using OptDevice = std::optional<DeviceArg>;

Device device_or_cpu(const OptDevice& d) { return d ? *d : kCPU; }

Tensor with_grad(Tensor t, bool requires_grad) {
  if (requires_grad) t.set_requires_grad();
  return t;
}

// The keyword arguments that all of them end with.
#define FACTORY_TAIL \
  nb::kw_only(), "dtype"_a = nb::none(), "device"_a = nb::none(), "requires_grad"_a = false

void register_arange(Module& m) {
  m.def(
      "arange",
      [](Scalar end, OptDType t, OptDevice d, bool grad) {
        return with_grad(arange(0, end, 1, t, device_or_cpu(d)), grad);
      },
      "end"_a, FACTORY_TAIL);
  m.def(
      "arange",
      [](Scalar start, Scalar end, Scalar step, OptDType t, OptDevice d, bool grad) {
        return with_grad(arange(start, end, step, t, device_or_cpu(d)), grad);
      },
      "start"_a, "end"_a, "step"_a = 1, FACTORY_TAIL);
}

}  // namespace

void register_ops_creation(Module& m) {
  register_arange(m);
  m.def(
      "linspace",
      [](Scalar start, Scalar end, int64_t steps, OptDType t, OptDevice d, bool grad) {
        return with_grad(linspace(start, end, steps, t, device_or_cpu(d)), grad);
      },
      "start"_a, "end"_a, "steps"_a, FACTORY_TAIL);
  m.def(
      "logspace",
      [](Scalar start, Scalar end, int64_t steps, double base, OptDType t, OptDevice d, bool grad) {
        return with_grad(logspace(start, end, steps, base, t, device_or_cpu(d)), grad);
      },
      "start"_a, "end"_a, "steps"_a, "base"_a = 10.0, FACTORY_TAIL);
  m.def(
      "eye",
      [](int64_t n, std::optional<int64_t> cols, OptDType t, OptDevice d, bool grad) {
        return with_grad(eye(n, cols, t, device_or_cpu(d)), grad);
      },
      "n"_a, "m"_a = nb::none(), FACTORY_TAIL);
}

}  // namespace lydia::python
