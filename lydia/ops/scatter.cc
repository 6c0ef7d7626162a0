// The scatters: argument checks, in-place forms and gradient rules.
#include "lydia/ops/autocast.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/creation.h"
#include "lydia/ops/gather.h"
#include "lydia/ops/inplace.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/scatter_check.h"
#include "lydia/ops/view.h"

namespace lydia {

int64_t check_scatter(const char* op, const Tensor& self, int64_t dim, const Tensor& index) {
  check_defined(op, self, "input");
  check_defined(op, index, "index");
  check_same_device(op, self, index);
  LYDIA_CHECK(is_integral(index.dtype()), IndexError, op, ": expected an integer index, got ",
              index.dtype());
  const int d = wrap_dim(op, dim, self.ndim());
  LYDIA_CHECK(self.ndim() == index.ndim(), ValueError, op, ": expected an index of ", self.ndim(),
              " dimensions for shape ", self.sizes(), ", got shape ", index.sizes());
  for (int i = 0; i < self.ndim(); ++i)
    LYDIA_CHECK(i == d || index.sizes()[i] <= self.sizes()[i], ValueError, op, ": index of shape ",
                index.sizes(), " is larger than shape ", self.sizes(), " in dimension ", i);
  return d;
}

namespace {

// src cut to the shape of the index, in self's dtype.
Tensor fitted(const char* op, const Tensor& src, const Tensor& self, const Tensor& index) {
  check_defined(op, src, "src");
  check_same_device(op, self, src);
  LYDIA_CHECK(src.dtype() == self.dtype(), TypeError, op, ": expected src of ", self.dtype(),
              ", got ", src.dtype());
  LYDIA_CHECK(src.ndim() == index.ndim(), ValueError, op, ": expected src of ", index.ndim(),
              " dimensions, got shape ", src.sizes());
  Tensor s = src;
  for (int d = 0; d < index.ndim(); ++d) {
    LYDIA_CHECK(index.sizes()[d] <= src.sizes()[d], ValueError, op, ": index of shape ",
                index.sizes(), " is larger than src of shape ", src.sizes(), " in dimension ", d);
    if (s.sizes()[d] != index.sizes()[d]) s = narrow(s, d, 0, index.sizes()[d]);
  }
  return s;
}

Tensor run_scatter(Op op, const Tensor& self, const Tensor& index, const Tensor& src,
                   const ScatterAttrs& attrs, Tensor target = {}) {
  if (!target.defined()) target = empty(self.sizes(), self.dtype(), self.device());
  run(op, {&self, &index, &src}, {&target}, attrs);
  return target;
}

Tensor own(const Tensor& t, const Tensor& self) {
  return t.storage() == self.storage() ? clone(t) : t;
}

Tensor out_of_place(Op op, const Tensor& self, int64_t dim, const Tensor& index, const Tensor& src,
                    Reduction reduction, bool include_self = true) {
  const ScatterAttrs attrs{check_scatter(op_name(op), self, dim, index), reduction, include_self};
  return run_scatter(op, self, to(index, DType::I64), fitted(op_name(op), src, self, index), attrs);
}

const Tensor& in_place(Op op, const Tensor& self, int64_t dim, const Tensor& index,
                       const Tensor& src, Reduction reduction) {
  const ScatterAttrs attrs{check_scatter(op_name(op), self, dim, index), reduction};
  check_inplace(op_name(op), self);
  const Tensor places = own(to(index, DType::I64), self);
  const Tensor values = own(fitted(op_name(op), src, self, index), self);
  adopt_history(self, run_scatter(op, self, places, values, attrs, self.detach()));
  return self;
}

Tensor as_src(const Tensor& self, const Tensor& index, Scalar value) {
  check_defined("scatter", self, "input");
  check_defined("scatter", index, "index");
  return expand(scalar_tensor(value, self.dtype(), self.device()), index.sizes());
}

Reduction reduction_of(std::string_view name) {
  if (name == "prod") return Reduction::Prod;
  if (name == "amax") return Reduction::Max;
  LYDIA_CHECK(name == "amin", ValueError,
              "scatter_reduce: expected reduce to be sum, mean, prod, amax or amin, got ", name);
  return Reduction::Min;
}

// Ones where a value stayed (the last along dim of its place), else zeros.
Tensor stayed(const Tensor& index, const Dims& sizes, int64_t dim, DType dtype) {
  const Tensor order = reshape(arange(0, index.numel(), 1, DType::I64), index.sizes());
  const Tensor none = full(sizes, -1, DType::I64, index.device());
  return to(eq(gather(scatter(none, dim, index, order), dim, index), order), dtype);
}

// Zeros in places that an index names, when self does not count there.
Tensor masked_self(const Tensor& x, int64_t dim, const Tensor& index, bool include_self) {
  return include_self ? x : scatter(x, dim, index, 0);
}

// The factors of a product, seen from one place or from one factor of it.
struct Factors {
  Tensor product, nonzero;      // of all, and of those that are not 0
  Tensor zero_count, zero_sum;  // of those that are 0
};

// d(product)/d(factor): the product over the factor. Where the factor is 0: the product of the
// others, times the other zero where there is one (0 itself, but it has a slope).
Tensor over_factor(const Factors& f, const Tensor& factor) {
  const Tensor is_zero = eq(factor, 0);
  const Tensor other_zero = where(eq(f.zero_count, 2), sub(f.zero_sum, factor), 0);
  const Tensor other_zeros = where(eq(f.zero_count, 1), 1, other_zero);
  return where(is_zero, mul(f.nonzero, other_zeros), div(f.product, where(is_zero, 1, factor)));
}

Tensors prod_gradients(const GradContext& c, const Tensor& g, const ScatterAttrs& a) {
  const Tensor self = c.in(0), index = c.in(1), src = c.in(2), product = c.out();
  const Tensor self_zero = eq(self, 0), src_zero = eq(src, 0);
  const auto total = [&](const Tensor& of_self, const Tensor& of_src) {
    return scatter_add(masked_self(of_self, a.dim, index, a.include_self), a.dim, index, of_src);
  };
  const auto gathered = [&](const Tensor& x) { return gather(x, a.dim, index); };
  const Factors f{product,
                  scatter_reduce(where(self_zero, 1, self), a.dim, index, where(src_zero, 1, src),
                                 "prod", a.include_self),
                  total(to(self_zero, self.dtype()), to(src_zero, src.dtype())),
                  total(where(self_zero, self, 0), where(src_zero, src, 0))};
  Tensor to_self, to_src;
  if (c.needs(0)) to_self = masked_self(mul(g, over_factor(f, self)), a.dim, index, a.include_self);
  if (c.needs(2))
    to_src = mul(gathered(g), over_factor({gathered(f.product), gathered(f.nonzero),
                                           gathered(f.zero_count), gathered(f.zero_sum)},
                                          src));
  return {to_self, {}, to_src};
}

// Shared evenly among the values that equal the result.
Tensors extreme_gradients(const GradContext& c, const Tensor& g, const ScatterAttrs& a) {
  const Tensor index = c.in(1), result = c.out().detach();
  const Tensor self_is =
      masked_self(to(eq(c.in(0), result), g.dtype()), a.dim, index, a.include_self);
  const Tensor src_is = to(eq(c.in(2), gather(result, a.dim, index)), g.dtype());
  const Tensor count = scatter_add(self_is, a.dim, index, src_is);
  const Tensor share = div(g, add(count, to(eq(count, 0), g.dtype())));
  return {c.needs(0) ? mul(share, self_is) : Tensor(),
          {},
          c.needs(2) ? mul(gather(share, a.dim, index), src_is) : Tensor()};
}

}  // namespace

Tensor scatter(const Tensor& self, int64_t dim, const Tensor& index, const Tensor& src) {
  return out_of_place(Op::scatter, self, dim, index, src, Reduction::Set);
}
Tensor scatter(const Tensor& self, int64_t dim, const Tensor& index, Scalar value) {
  return scatter(self, dim, index, as_src(self, index, value));
}
const Tensor& scatter_(const Tensor& self, int64_t dim, const Tensor& index, const Tensor& src) {
  return in_place(Op::scatter, self, dim, index, src, Reduction::Set);
}
const Tensor& scatter_(const Tensor& self, int64_t dim, const Tensor& index, Scalar value) {
  return scatter_(self, dim, index, as_src(self, index, value));
}

const GradRule scatter_rule = {
    [](const GradContext& c, const Tensors& g) -> Tensors {
      const int64_t dim = c.attrs<ScatterAttrs>().dim;
      const Tensor index = c.in(1);
      Tensor to_src;
      if (c.needs(2))
        to_src = mul(gather(g[0], dim, index), stayed(index, g[0].sizes(), dim, g[0].dtype()));
      return {c.needs(0) ? scatter(g[0], dim, index, 0) : Tensor(), {}, to_src};
    },
    kIn(1)};

Tensor scatter_add(const Tensor& self, int64_t dim, const Tensor& index, const Tensor& src) {
  LYDIA_WIDEST(scatter_add, self, dim, index, src);
  return out_of_place(Op::scatter_add, self, dim, index, src, Reduction::Sum);
}
const Tensor& scatter_add_(const Tensor& self, int64_t dim, const Tensor& index,
                           const Tensor& src) {
  return in_place(Op::scatter_add, self, dim, index, src, Reduction::Sum);
}

const GradRule scatter_add_rule = {
    [](const GradContext& c, const Tensors& g) -> Tensors {
      return {g[0], {}, c.needs(2) ? gather(g[0], c.attrs<ScatterAttrs>().dim, c.in(1)) : Tensor()};
    },
    kIn(1)};

Tensor scatter_reduce(const Tensor& self, int64_t dim, const Tensor& index, const Tensor& src,
                      std::string_view reduce, bool include_self) {
  if (reduce != "sum" && reduce != "mean")
    return out_of_place(Op::scatter_reduce, self, dim, index, src, reduction_of(reduce),
                        include_self);
  const Tensor kept = include_self ? self : scatter(self, dim, index, 0);
  const Tensor total = scatter_add(kept, dim, index, src);
  if (reduce == "sum") return total;
  const Tensor one = ones(index.sizes(), DType::F64, self.device());
  const Tensor counted = include_self ? ones(self.sizes(), DType::F64, self.device())
                                      : zeros(self.sizes(), DType::F64, self.device());
  const Tensor count = scatter_add(counted, dim, index, one);
  const Tensor divisor = add(count, to(eq(count, 0), DType::F64));
  return is_floating(self.dtype()) ? div(total, to(divisor, self.dtype()))
                                   : to(floor(div(to(total, DType::F64), divisor)), self.dtype());
}

const Tensor& scatter_reduce_(const Tensor& self, int64_t dim, const Tensor& index,
                              const Tensor& src, std::string_view reduce, bool include_self) {
  check_inplace("scatter_reduce", self);
  const Tensor source = inplace_source(self, scatter_reduce_rule.saves);
  return write_inplace("scatter_reduce", self,
                       scatter_reduce(source, dim, index, own(src, self), reduce, include_self));
}

const GradRule scatter_reduce_rule = {[](const GradContext& c, const Tensors& g) -> Tensors {
                                        const auto& a = c.attrs<ScatterAttrs>();
                                        return a.reduction == Reduction::Prod
                                                   ? prod_gradients(c, g[0], a)
                                                   : extreme_gradients(c, g[0], a);
                                      },
                                      kIn(0) | kIn(1) | kIn(2) | kOut(0)};

}  // namespace lydia
