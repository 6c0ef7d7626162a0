#include "lydia/ops/pointwise.h"

#include <algorithm>

#include "lydia/ops/copy.h"
#include "lydia/ops/inplace.h"
#include "lydia/ops/pointwise_macros.h"
#include "lydia/ops/view.h"

namespace lydia {
namespace {

int category(DType t) { return t == DType::Bool ? 0 : is_integral(t) ? 1 : 2; }

PointwiseAttrs make_attrs(PointwiseTypes types, std::initializer_list<double> values) {
  PointwiseAttrs attrs{types.compute, types.result, types.mask_first};
  std::copy(values.begin(), values.end(), attrs.values);
  return attrs;
}

bool overlaps(const Tensor& a, const Tensor& b) {
  return a.storage() == b.storage() && !(a.sizes() == b.sizes() && a.strides() == b.strides() &&
                                         a.storage_offset() == b.storage_offset());
}

}  // namespace

DType result_type(const Tensor& a, const Tensor& b) {
  if (a.dtype() == b.dtype()) return a.dtype();
  if ((a.ndim() == 0) == (b.ndim() == 0)) return promote_types(a.dtype(), b.dtype());
  const DType with_dims = a.ndim() ? a.dtype() : b.dtype();
  const DType zero_dim = a.ndim() ? b.dtype() : a.dtype();
  return category(zero_dim) > category(with_dims) ? promote_types(a.dtype(), b.dtype()) : with_dims;
}

DType result_type(const Tensor& a, Scalar b) {
  if (category(b.dtype()) <= category(a.dtype())) return a.dtype();
  return b.is_float() ? default_dtype() : b.dtype();
}

DType float_type(DType t) { return is_floating(t) ? t : default_dtype(); }

Tensor wrap_scalar(Scalar value, const Tensor& like) {
  return scalar_tensor(value, result_type(like, value), like.device());
}

Tensor wrap_operand(Scalar value, DType t, PointwiseTypes types, const Tensor& like) {
  // Comparisons see the number as t holds it: float16(300) == 300.01, as in PyTorch.
  if (types.result != DType::Bool && is_floating(types.compute))
    t = types.compute == DType::F64 ? DType::F64 : DType::F32;
  return scalar_tensor(value, t, like.device());
}

Tensor pointwise(Op op, std::initializer_list<const Tensor*> in, PointwiseTypes types,
                 std::initializer_list<double> values) {
  const Tensor* const* inputs = in.begin();
  const Tensor& first = *inputs[0];
  check_defined(op_name(op), first, "input");
  Tensor out;
  bool same = true;
  for (size_t i = 1; i < in.size(); ++i) {
    check_defined(op_name(op), *inputs[i], "other");
    check_same_device(op_name(op), first, *inputs[i]);
    same &= inputs[i]->sizes() == first.sizes();
  }
  if (same) {
    out = empty(first.sizes(), types.result, first.device());
  } else {
    Dims sizes = first.sizes();
    for (size_t i = 1; i < in.size(); ++i)
      sizes = broadcast_shapes(op_name(op), sizes, inputs[i]->sizes());
    checked_numel(op_name(op), sizes);
    out = empty(sizes, types.result, first.device());
  }
  run(op, in, {&out}, make_attrs(types, values));
  return out;
}

namespace {

// The checks of an in-place write before anything is computed.
void check_target(const char* name, const Tensor& self, DType result) {
  check_inplace(name, self);
  LYDIA_CHECK(can_cast(result, self.dtype()), TypeError, name, "_: a result of ", result,
              " can't be stored in a tensor of ", self.dtype());
}

// Input i may be self itself, or share memory with it.
const Tensor& write_pointwise(Op op, const Tensor& self, std::span<const Tensor* const> inputs,
                              PointwiseTypes types, std::initializer_list<double> values) {
  const char* name = op_name(op);
  check_target(name, self, types.result);
  const Tensor* in[4];
  Tensor copies[4];
  const size_t count = inputs.size();
  for (size_t i = 0; i < count; ++i) {
    const Tensor& input = *inputs[i];
    in[i] = &copies[i];
    copies[i] = input;
    if (&input == &self) continue;
    check_defined(name, input, "other");
    check_same_device(name, self, input);
    LYDIA_CHECK(broadcast_shapes(name, self.sizes(), input.sizes()) == self.sizes(), ValueError,
                name, "_: expected an operand that broadcasts to ", self.sizes(), ", got ",
                input.sizes());
    if (overlaps(self, input)) copies[i] = clone(input);
  }
  const std::span<const Tensor* const> operands(in, count);
  const PointwiseAttrs attrs = make_attrs(types, values);
  if (!grad_enabled() || !any_requires_grad(operands)) {
    Tensor target = self;
    Tensor* out[] = {&target};
    detail::run(op, operands, out, &attrs, nullptr);
    adopt_history(self, target);
    return self;
  }
  const Saves saved = saves_for(op, operands);
  for (size_t i = 0; i < count; ++i)  // x.mul_(x): a saved operand must not be overwritten
    if (copies[i].storage() == self.storage()) copies[i] = inplace_source(copies[i], saved);
  Tensor result = empty(self.sizes(), types.result, self.device());
  Tensor* out[] = {&result};
  detail::run(op, operands, out, &attrs, detail::box<PointwiseAttrs>);
  return write_inplace(name, self, result);
}

}  // namespace

const Tensor& pointwise_(Op op, const Tensor& self, std::initializer_list<const Tensor*> others,
                         PointwiseTypes types, std::initializer_list<double> values) {
  const Tensor* in[4] = {&self};
  std::copy(others.begin(), others.end(), in + 1);
  return write_pointwise(op, self, {in, others.size() + 1}, types, values);
}

const Tensor& pointwise_into(Op op, const Tensor& self, std::initializer_list<const Tensor*> in,
                             PointwiseTypes types, std::initializer_list<double> values) {
  return write_pointwise(op, self, {in.begin(), in.size()}, types, values);
}

}  // namespace lydia
