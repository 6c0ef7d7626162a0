#include "lydia/ops/pointwise.h"

#include <algorithm>

#include "lydia/ops/copy.h"
#include "lydia/ops/inplace.h"
#include "lydia/ops/view.h"

namespace lydia {
namespace {

int category(DType t) { return t == DType::Bool ? 0 : is_integral(t) ? 1 : 2; }

PointwiseAttrs make_attrs(PointwiseTypes types, std::initializer_list<double> values) {
  PointwiseAttrs attrs{types.compute, types.result};
  std::copy(values.begin(), values.end(), attrs.values);
  return attrs;
}

bool overlaps(const Tensor& a, const Tensor& b) {
  return a.storage() == b.storage() &&
         !(a.sizes() == b.sizes() && a.strides() == b.strides() &&
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

const Tensor& pointwise_(Op op, const Tensor& self, std::initializer_list<const Tensor*> others,
                         PointwiseTypes types, std::initializer_list<double> values) {
  const char* name = op_name(op);
  check_inplace(name, self);
  LYDIA_CHECK(can_cast(types.result, self.dtype()), TypeError, name, "_: a result of ", types.result,
              " can't be stored in a tensor of ", self.dtype());
  const Tensor* in[4] = {&self};
  Tensor copies[3];
  const size_t count = others.size() + 1;
  for (size_t i = 1; i < count; ++i) {
    const Tensor& other = *others.begin()[i - 1];
    check_defined(name, other, "other");
    check_same_device(name, self, other);
    LYDIA_CHECK(broadcast_shapes(name, self.sizes(), other.sizes()) == self.sizes(), ValueError, name,
                "_: expected an operand that broadcasts to ", self.sizes(), ", got ", other.sizes());
    copies[i - 1] = overlaps(self, other) ? clone(other) : other;
    in[i] = &copies[i - 1];
  }
  const std::span<const Tensor* const> inputs(in, count);
  const PointwiseAttrs attrs = make_attrs(types, values);
  const bool records = grad_enabled() && any_requires_grad(inputs);
  if (!records) {
    Tensor target = self;
    Tensor* out[] = {&target};
    detail::run(op, inputs, out, &attrs, nullptr);
    adopt_history(self, target);
    return self;
  }
  const Saves saved = saves_for(op, inputs);
  const Tensor source = inplace_source(self, saved);
  in[0] = &source;
  for (size_t i = 1; i < count; ++i)  // x.mul_(x): the saved operand must not be overwritten
    if (copies[i - 1].storage() == self.storage())
      copies[i - 1] = inplace_source(copies[i - 1], saved);
  Tensor result = empty(self.sizes(), types.result, self.device());
  Tensor* out[] = {&result};
  detail::run(op, inputs, out, &attrs, detail::box<PointwiseAttrs>);
  return write_inplace(name, self, result);
}

}  // namespace lydia
