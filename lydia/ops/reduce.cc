#include "lydia/ops/reduce.h"

#include <algorithm>
#include <cmath>

#include "lydia/ops/autocast.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/op.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/view.h"

namespace lydia {
namespace {

ReduceAttrs reduce_attrs(const char* op, const Tensor& x, const Dims& dims, bool keepdim) {
  ReduceAttrs attrs{wrap_dims(op, dims, x.ndim()), keepdim};
  std::sort(attrs.dims.begin(), attrs.dims.end());
  return attrs;
}

Tensor reduce(Op op, const Tensor& x, DType result, const ReduceAttrs& attrs) {
  // A 0-d tensor accepts dim 0 or -1 and has none to reduce.
  ReduceAttrs a = attrs;
  if (x.ndim() == 0) a.dims = {};
  Tensor out = empty(reduced_sizes(x.sizes(), a.dims, a.keepdim), result, x.device());
  run(op, {&x}, {&out}, a);
  return out;
}

// Sums and products of integers are int64; an asked-for dtype converts the input first.
std::pair<Tensor, DType> summed_as(const Tensor& x, std::optional<DType> dtype) {
  const DType result =
      dtype.value_or(is_floating(x.dtype()) ? full_precision(x.dtype()) : DType::I64);
  return {is_floating(result) == is_floating(x.dtype()) ? x : to(x, result), result};
}

void check_not_empty(const char* op, const Tensor& x, const ReduceAttrs& attrs) {
  LYDIA_CHECK(reduced_count(x.sizes(), attrs.dims) > 0, ValueError, op,
              ": expected at least one element to reduce, got shape ", x.sizes(), " over dims ",
              attrs.dims);
}

// 1 where x equals the extreme value, 0 elsewhere, in x's dtype.
Tensor extreme_mask(const Tensor& x, const Tensor& extreme) {
  return to(eq(x, extreme), x.dtype());
}

Tensors share_among_ties(const GradContext& c, const Tensor& g) {
  const auto& a = c.attrs<ReduceAttrs>();
  const Tensor mask = extreme_mask(c.in(0).detach(), restore_dims(c.out().detach(), a));
  return {mul(div(restore_dims(g, a), sum(mask, a.dims, true)), mask)};
}

}  // namespace

Dims reduced_sizes(const Dims& sizes, const Dims& dims, bool keepdim) {
  Dims out;
  for (int i = 0; i < sizes.ndim(); ++i) {
    const bool reduced = std::find(dims.begin(), dims.end(), i) != dims.end();
    if (!reduced)
      out.push_back(sizes[i]);
    else if (keepdim)
      out.push_back(1);
  }
  return out;
}

int64_t reduced_count(const Dims& sizes, const Dims& dims) {
  int64_t n = 1;
  for (int64_t d : dims)
    if (d < sizes.ndim()) n *= sizes[d];
  return n;
}

Tensor restore_dims(const Tensor& reduced, const ReduceAttrs& attrs) {
  if (attrs.keepdim) return reduced;
  Dims sizes = reduced.sizes();
  for (int64_t d : attrs.dims) sizes.insert(static_cast<size_t>(d), 1);
  return reshape(reduced, sizes);
}

Tensor sum(const Tensor& x, const Dims& dims, bool keepdim, std::optional<DType> dtype) {
  check_defined("sum", x, "input");
  if (dtype == DType::Bool) return to(any(x, dims, keepdim), DType::Bool);
  const auto [input, result] = summed_as(x, dtype);
  return reduce(Op::sum, input, result, reduce_attrs("sum", x, dims, keepdim));
}

const GradRule sum_rule = {[](const GradContext& c, const Tensors& g) -> Tensors {
  return {expand(restore_dims(g[0], c.attrs<ReduceAttrs>()), c.sizes(0))};
}};

Tensor prod(const Tensor& x, const Dims& dims, bool keepdim, std::optional<DType> dtype) {
  check_defined("prod", x, "input");
  if (dtype == DType::Bool) return to(all(x, dims, keepdim), DType::Bool);
  const auto [input, result] = summed_as(x, dtype);
  return reduce(Op::prod, input, result, reduce_attrs("prod", x, dims, keepdim));
}

namespace {

// The product of all other elements, without dividing, so that zeros are right: forward products
// times backward products along one flattened dimension.
Tensor product_of_others(const Tensor& rows) {
  const int64_t n = rows.size(-1);
  std::vector<Tensor> before(static_cast<size_t>(n)), after(static_cast<size_t>(n));
  Tensor left, right;
  for (int64_t i = 0; i < n; ++i) {
    before[static_cast<size_t>(i)] = left;
    const Tensor at = select(rows, -1, i);
    left = left.defined() ? mul(left, at) : at;
    after[static_cast<size_t>(n - 1 - i)] = right;
    const Tensor back = select(rows, -1, n - 1 - i);
    right = right.defined() ? mul(right, back) : back;
  }
  Tensor out = zeros_like_shape(rows, rows.sizes());
  for (int64_t i = 0; i < n; ++i) {
    const Tensor& l = before[static_cast<size_t>(i)];
    const Tensor& r = after[static_cast<size_t>(i)];
    const Tensor both = l.defined() && r.defined() ? mul(l, r) : l.defined() ? l : r;
    Dims sizes = rows.sizes(), strides = contiguous_strides(sizes);
    sizes.resize(sizes.size() - 1);
    strides.resize(strides.size() - 1);
    out = as_strided_scatter(out, both.defined() ? both : ones_like(select(rows, -1, i)),
                             rows.sizes(), sizes, strides, i, false);
  }
  return out;
}

}  // namespace

const GradRule prod_rule = {[](const GradContext& c, const Tensors& g) -> Tensors {
                              const auto& a = c.attrs<ReduceAttrs>();
                              const Tensor x = c.in(0), upstream = restore_dims(g[0], a);
                              if (all(ne(x.detach(), 0)).item<bool>())
                                return {div(mul(upstream, restore_dims(c.out(), a)), x)};
                              Dims order;
                              for (int i = 0; i < x.ndim(); ++i)
                                if (std::find(a.dims.begin(), a.dims.end(), i) == a.dims.end())
                                  order.push_back(i);
                              Dims rows;
                              for (int64_t d : order) rows.push_back(x.sizes()[d]);
                              rows.push_back(reduced_count(x.sizes(), a.dims));
                              for (int64_t d : a.dims) order.push_back(d);
                              const Tensor moved = x.ndim() ? permute(x, order) : x;
                              const Tensor others =
                                  reshape(product_of_others(reshape(moved, rows)), moved.sizes());
                              Dims inverse(order.size(), 0);
                              for (size_t i = 0; i < order.size(); ++i)
                                inverse[order[i]] = static_cast<int64_t>(i);
                              return {mul(upstream, permute(others, inverse))};
                            },
                            kIn(0) | kOut(0)};

Tensor var(const Tensor& x, const Dims& dims, double correction, bool keepdim) {
  check_defined("var", x, "input");
  LYDIA_CHECK(is_floating(x.dtype()), TypeError, "var: expected a floating-point tensor, got ",
              x.dtype());
  ReduceAttrs attrs = reduce_attrs("var", x, dims, keepdim);
  attrs.value = correction;
  return reduce(Op::var, x, x.dtype(), attrs);
}

const GradRule var_rule = {
    [](const GradContext& c, const Tensors& g) -> Tensors {
      const auto& a = c.attrs<ReduceAttrs>();
      const Tensor x = c.in(0);
      const double n = static_cast<double>(reduced_count(x.sizes(), a.dims));
      const Tensor centred = x.ndim() ? sub(x, mean(x, a.dims, true)) : sub(x, x);
      return {mul(mul(restore_dims(g[0], a), centred), 2.0 / std::max(n - a.value, 0.0))};
    },
    kIn(0)};

Tensor amax(const Tensor& x, const Dims& dims, bool keepdim) {
  check_defined("amax", x, "input");
  const ReduceAttrs attrs = reduce_attrs("amax", x, dims, keepdim);
  check_not_empty("amax", x, attrs);
  return reduce(Op::amax, x, x.dtype(), attrs);
}
Tensor amin(const Tensor& x, const Dims& dims, bool keepdim) {
  check_defined("amin", x, "input");
  const ReduceAttrs attrs = reduce_attrs("amin", x, dims, keepdim);
  check_not_empty("amin", x, attrs);
  return reduce(Op::amin, x, x.dtype(), attrs);
}
const GradRule amax_rule = {
    [](const GradContext& c, const Tensors& g) { return share_among_ties(c, g[0]); },
    kIn(0) | kOut(0)};
const GradRule amin_rule = amax_rule;

namespace {

// bool, but uint8 of uint8, PyTorch's old bools.
Tensor answer(Op op, const Tensor& x, const Dims& dims, bool keepdim) {
  check_defined(op_name(op), x, "input");
  const Tensor y = reduce(op, x, DType::Bool, reduce_attrs(op_name(op), x, dims, keepdim));
  return x.dtype() == DType::U8 ? to(y, DType::U8) : y;
}

}  // namespace

Tensor any(const Tensor& x, const Dims& dims, bool keepdim) {
  return answer(Op::any, x, dims, keepdim);
}
Tensor all(const Tensor& x, const Dims& dims, bool keepdim) {
  return answer(Op::all, x, dims, keepdim);
}
const GradRule any_rule = {};
const GradRule all_rule = {};

Tensor vector_norm(const Tensor& x, double p, const Dims& dims, bool keepdim) {
  LYDIA_FULL_PRECISION(vector_norm, x, p, dims, keepdim);
  check_defined("vector_norm", x, "input");
  LYDIA_CHECK(is_floating(x.dtype()), TypeError,
              "vector_norm: expected a floating-point tensor, got ", x.dtype());
  ReduceAttrs attrs = reduce_attrs("vector_norm", x, dims, keepdim);
  attrs.value = p;
  if (std::isinf(p)) check_not_empty("vector_norm", x, attrs);
  return reduce(Op::vector_norm, x, x.dtype(), attrs);
}

// d|x|_p/dx = sign(x) |x|^(p-1) / |x|_p^(p-1), taken as 0 where the norm is 0.
const GradRule vector_norm_rule = {
    [](const GradContext& c, const Tensors& g) -> Tensors {
      const auto& a = c.attrs<ReduceAttrs>();
      const double p = a.value;
      const Tensor x = c.in(0), upstream = restore_dims(g[0], a), norm = restore_dims(c.out(), a);
      const Tensor sign = sub(to(gt(x.detach(), 0), x.dtype()), to(lt(x.detach(), 0), x.dtype()));
      const Tensor zero = to(eq(norm.detach(), 0), x.dtype());  // keeps 0/0 away
      if (p == 0) return {zeros_like_shape(x, x.sizes())};
      if (p == 1) return {mul(upstream, sign)};
      if (p == 2) return {mul(upstream, div(x, add(norm, zero)))};
      const Tensor magnitude = mul(x, sign);
      if (std::isinf(p)) {
        const Tensor mask = extreme_mask(magnitude.detach(), norm.detach());
        return {mul(mul(upstream, sign), div(mask, sum(mask, a.dims, true)))};
      }
      const Tensor at_zero = to(eq(x.detach(), 0), x.dtype());
      const Tensor ratio = div(add(magnitude, at_zero), add(norm, zero));
      const Tensor power = exp(mul(log(ratio), p - 1));
      return {mul(mul(upstream, sign), mul(power, sub(1, at_zero)))};
    },
    kIn(0) | kOut(0)};

}  // namespace lydia
