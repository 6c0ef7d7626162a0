// Creation and copies: empty, zeros, ones, full, *_like, clone, contiguous, to, copy_, fill_,
// zero_.
#include "lydia/ops/copy.h"
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

template <class F>
void def_factory(Module& m, const char* name, F make) {
  m.def(
      name,
      [make](const nb::args& size, OptDType dtype, OptDevice device, bool requires_grad) {
        return with_grad(
            make(args_to_dims(size), dtype.value_or(default_dtype()), device_or_cpu(device)),
            requires_grad);
      },
      "size"_a, nb::kw_only(), "dtype"_a = nb::none(), "device"_a = nb::none(),
      "requires_grad"_a = false);
}

template <class F>
void def_like(Module& m, const char* name, F make) {
  m.def(
      name,
      [make](const Tensor& x, OptDType dtype, OptDevice device, bool requires_grad) {
        if (device) check_device_available(*device);
        return with_grad(make(x, dtype), requires_grad);
      },
      "input"_a, nb::kw_only(), "dtype"_a = nb::none(), "device"_a = nb::none(),
      "requires_grad"_a = false);
}

}  // namespace

void register_ops_copy(Module& m, TensorClass& tensor) {
  def_factory(m, "empty", [](const Dims& s, DType t, Device d) { return empty(s, t, d); });
  def_factory(m, "zeros", [](const Dims& s, DType t, Device d) { return zeros(s, t, d); });
  def_factory(m, "ones", [](const Dims& s, DType t, Device d) { return ones(s, t, d); });
  def_like(m, "empty_like", [](const Tensor& x, OptDType t) { return empty_like(x, t); });
  def_like(m, "zeros_like", [](const Tensor& x, OptDType t) { return zeros_like(x, t); });
  def_like(m, "ones_like", [](const Tensor& x, OptDType t) { return ones_like(x, t); });
  m.def(
      "full",
      [](const Dims& size, Scalar value, OptDType dtype, OptDevice device, bool requires_grad) {
        return with_grad(full(size, value, dtype, device_or_cpu(device)), requires_grad);
      },
      "size"_a, "fill_value"_a, nb::kw_only(), "dtype"_a = nb::none(), "device"_a = nb::none(),
      "requires_grad"_a = false);
  m.def(
      "full_like",
      [](const Tensor& x, Scalar value, OptDType dtype, OptDevice device, bool requires_grad) {
        if (device) check_device_available(*device);
        return with_grad(full_like(x, value, dtype), requires_grad);
      },
      "input"_a, "fill_value"_a, nb::kw_only(), "dtype"_a = nb::none(), "device"_a = nb::none(),
      "requires_grad"_a = false);

  def_op(m, tensor, "clone", &clone);
  tensor.def("contiguous", &contiguous)
      .def(
          "_to",
          [](const Tensor& x, OptDType dtype, OptDevice device, bool copy) {
            const Tensor moved = device ? to(x, *device) : x;
            return to(moved, dtype.value_or(x.dtype()), copy);
          },
          "dtype"_a, "device"_a, "copy"_a)
      .def(
          "copy_",
          [](nb::handle_t<Tensor> self, const Tensor& src) {
            copy_(nb::cast<const Tensor&>(self), src);
            return nb::borrow(self);
          },
          "src"_a)
      .def(
          "fill_",
          [](nb::handle_t<Tensor> self, Scalar value) {
            fill_(nb::cast<const Tensor&>(self), value);
            return nb::borrow(self);
          },
          "value"_a)
      .def(
          "fill_",
          [](nb::handle_t<Tensor> self, const Tensor& value) {
            LYDIA_CHECK(value.ndim() == 0, ValueError,
                        "fill_: expected a number or a 0-d tensor, got shape ", value.sizes());
            copy_(nb::cast<const Tensor&>(self), value);
            return nb::borrow(self);
          },
          "value"_a)
      .def("zero_", [](nb::handle_t<Tensor> self) {
        zero_(nb::cast<const Tensor&>(self));
        return nb::borrow(self);
      });
}

}  // namespace lydia::python
