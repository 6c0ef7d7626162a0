#include "lydia/ops/copy.h"

#include <cmath>

#include "lydia/ops/inplace.h"
#include "lydia/ops/view.h"

namespace lydia {

// cast: out[i] = (dtype of out) in[i], with broadcasting.
const GradRule cast_rule = {[](const GradContext&, const Tensors& g) -> Tensors { return {g[0]}; }};
// fill: every element of out becomes the value; the input is only overwritten.
const GradRule fill_rule = {[](const GradContext& c, const Tensors& g) -> Tensors {
  return {zeros_like_shape(g[0], c.sizes(0))};
}};

Tensor contiguous(const Tensor& x) {
  check_defined("contiguous", x, "input");
  return x.is_contiguous() ? x : clone(x);
}

Tensor clone(const Tensor& x) {
  check_defined("clone", x, "input");
  return to(x, x.dtype(), true);
}

Tensor to(const Tensor& x, DType dtype, bool copy) {
  check_defined("to", x, "input");
  if (dtype == x.dtype() && !copy) return x;
  Tensor y = empty(x.sizes(), dtype, x.device());
  run(Op::cast, {&x}, {&y});
  return y;
}

Tensor to(const Tensor& x, Device device) {
  check_defined("to", x, "input");
  check_device_available(device);
  return x;
}

void raw_copy(const Tensor& to, const Tensor& from) {
  const Tensor* in[] = {&from};
  Tensor target = to;
  Tensor* out[] = {&target};
  find_kernel(Op::cast, to.device())({Op::cast, in, out, nullptr});
}

namespace {

constexpr NoAttrs kNoAttrs;

void write_values(const char* op, const Tensor& self, const Tensor& result) {
  LYDIA_CHECK(broadcast_shapes(op, self.sizes(), result.sizes()) == self.sizes(), ValueError, op,
              "_: expected a result of shape ", self.sizes(), ", got ", result.sizes());
  // A result that overlaps self (x[1:] = x[:-1]) is read whole before self is written.
  const bool shares = result.storage() == self.storage() && result.numel() > 0;
  const bool same = shares && result.sizes() == self.sizes() &&
                    result.strides() == self.strides() &&
                    result.storage_offset() == self.storage_offset();
  if (!same) raw_copy(self.detach(), shares ? clone(result.detach()) : result.detach());
}

}  // namespace

const Tensor& write_inplace(const char* op, const Tensor& self, const Tensor& result) {
  check_inplace(op, self);
  write_values(op, self, result);
  Tensor recorded = result;
  if (result.requires_grad() && grad_enabled()) {
    if (result.dtype() != self.dtype()) {
      recorded = to(result, self.dtype());
    }
    if (result.sizes() != self.sizes()) recorded = expand(recorded, self.sizes());
  }
  adopt_history(self, recorded);
  return self;
}

Tensor inplace_source(const Tensor& self, Saves saved) {
  return saved & 0xffffu ? clone(self) : self;
}

const Tensor& copy_(const Tensor& self, const Tensor& src) {
  check_defined("copy_", src, "src");
  check_inplace("copy", self);
  check_same_device("copy_", self, src);
  if (self.is_same(src)) return self;
  if (!grad_enabled() || !src.requires_grad()) return write_inplace("copy", self, src);
  write_values("copy", self, src);
  Tensor target = self.detach();  // a node of its own, so that hooks on self are not hooks on src
  const Tensor* in[] = {&src};
  Tensor* out[] = {&target};
  detail::record(Op::cast, in, out, detail::box<NoAttrs>(&kNoAttrs));
  adopt_history(self, target);
  return self;
}

namespace {

// NaN, infinities and numbers far out of an integer dtype's range have no place there. The negative
// ones that an unsigned dtype can wrap (-1 for all bits) are allowed, as in PyTorch.
void check_fits(const char* op, Scalar value, DType dtype) {
  if (!is_integral(dtype) || value.is_bool()) return;
  const double v = value.to<double>();
  const double end = std::ldexp(1.0, static_cast<int>(8 * item_size(dtype)) - is_signed(dtype));
  // 2^63 - 1 and 2^64 - 1 reach `end` as doubles.
  const bool whole = item_size(dtype) == 8 && !value.is_float() &&
                     !(value.kind() == Scalar::Kind::UInt && dtype == DType::I64);
  LYDIA_CHECK(whole || (v < end && v >= -end), ValueError, op, ": expected a value that ", dtype,
              " can hold, got ", value);
}

}  // namespace

const Tensor& fill_(const Tensor& self, Scalar value) {
  check_inplace("fill", self);
  check_fits("fill_", value, self.dtype());
  Tensor target = self.detach();
  const Tensor* in[] = {&self};
  Tensor* out[] = {&target};
  const FillAttrs attrs{value};
  find_kernel(Op::fill, self.device())({Op::fill, in, out, &attrs});
  if (grad_enabled() && self.requires_grad())
    detail::record(Op::fill, in, out, detail::box<FillAttrs>(&attrs));
  adopt_history(self, target);
  return self;
}

const Tensor& zero_(const Tensor& self) { return fill_(self, 0); }

Tensor full(const Dims& sizes, Scalar value, std::optional<DType> dtype, Device device) {
  const DType kind = value.is_float() ? default_dtype() : value.dtype();
  if (dtype) check_fits("full", value, *dtype);
  Tensor out = empty(sizes, dtype.value_or(kind), device);
  run(Op::fill, {&out}, {&out}, FillAttrs{value});
  return out;
}

Tensor zeros(const Dims& sizes, DType dtype, Device device) {
  return full(sizes, 0, dtype, device);
}
Tensor ones(const Dims& sizes, DType dtype, Device device) { return full(sizes, 1, dtype, device); }

Tensor empty_like(const Tensor& x, std::optional<DType> dtype) {
  check_defined("empty_like", x, "input");
  return empty(x.sizes(), dtype.value_or(x.dtype()), x.device());
}
Tensor full_like(const Tensor& x, Scalar value, std::optional<DType> dtype) {
  check_defined("full_like", x, "input");
  return full(x.sizes(), value, dtype.value_or(x.dtype()), x.device());
}
Tensor zeros_like(const Tensor& x, std::optional<DType> dtype) { return full_like(x, 0, dtype); }
Tensor ones_like(const Tensor& x, std::optional<DType> dtype) { return full_like(x, 1, dtype); }
Tensor zeros_like_shape(const Tensor& x, const Dims& sizes) {
  return full(sizes, 0, x.dtype(), x.device());
}
Tensor scalar_tensor(Scalar value, DType dtype, Device device) {
  Tensor out = empty({}, dtype, device);
  run(Op::fill, {&out}, {&out}, FillAttrs{value});
  return out;
}

}  // namespace lydia
