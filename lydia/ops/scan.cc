#include "lydia/ops/scan.h"

#include <limits>

#include "lydia/ops/autocast.h"
#include "lydia/ops/cat.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/gather.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/shape_ops.h"
#include "lydia/ops/view.h"

namespace lydia {
namespace {

Tensor accumulate(Op op, const Tensor& x, int64_t dim, std::optional<DType> dtype) {
  check_defined(op_name(op), x, "input");
  const ScanAttrs attrs{wrap_dim(op_name(op), dim, x.ndim())};
  const DType natural = is_floating(x.dtype()) ? full_precision(x.dtype()) : DType::I64;
  const Tensor in = contiguous(to(x, dtype.value_or(natural)));
  LYDIA_CHECK(in.dtype() != DType::Bool, TypeError, op_name(op),
              ": expected a numeric dtype, got bool");
  Tensor out = empty(in.sizes(), in.dtype(), in.device());
  run(op, {&in}, {&out}, attrs);
  return out;
}

std::pair<Tensor, Tensor> extreme(Op op, const Tensor& x, int64_t dim) {
  check_defined(op_name(op), x, "input");
  const ScanAttrs attrs{wrap_dim(op_name(op), dim, x.ndim())};
  const Tensor in = contiguous(x);
  Tensor values = empty(x.sizes(), x.dtype(), x.device());
  Tensor places = empty(x.sizes(), DType::I64, x.device());
  run(op, {&in}, {&values, &places}, attrs);
  return {values, places};
}

Tensors to_places(const GradContext& c, const Tensors& g) {
  if (!g[0].defined()) return {{}};
  const Tensor zero = zeros_like_shape(g[0], c.sizes(0));
  return {scatter_add(zero, c.attrs<ScanAttrs>().dim, c.out(1), g[0])};
}

// x moved one place on along dim, with `first` before it.
Tensor shifted(const Tensor& x, int64_t dim, double first) {
  if (x.ndim() == 0) return full_like(x, first);
  const int64_t n = x.sizes()[static_cast<size_t>(dim)];
  if (n == 0) return x;
  const Tensor start = full_like(narrow(x, dim, 0, 1), first);
  const Tensor parts[] = {start, narrow(x, dim, 0, n - 1)};
  return cat(parts, dim);
}

// y[k] = b[k] + a[k + 1] * y[k + 1]
Tensor backward_scan(const Tensor& a, const Tensor& b, int64_t dim) {
  if (a.ndim() == 0) return b;
  return flip(linear_scan(shifted(flip(a, {dim}), dim, 0), flip(b, {dim}), dim), {dim});
}

}  // namespace

Tensor cumsum(const Tensor& x, int64_t dim, std::optional<DType> dtype) {
  return accumulate(Op::cumsum, x, dim, dtype);
}
Tensor cumprod(const Tensor& x, int64_t dim, std::optional<DType> dtype) {
  return accumulate(Op::cumprod, x, dim, dtype);
}

const GradRule cumsum_rule = {[](const GradContext& c, const Tensors& g) -> Tensors {
  const int64_t dim = c.attrs<ScanAttrs>().dim;
  if (g[0].ndim() == 0) return {g[0]};
  return {flip(cumsum(flip(g[0], {dim}), dim), {dim})};
}};

// With p the products before x[k]: dx[k] = p[k] (g[k] + x[k+1] (g[k+1] + x[k+2] (...))), without a
// division, so that zeros are no exception.
const GradRule cumprod_rule = {
    [](const GradContext& c, const Tensors& g) -> Tensors {
      const int64_t dim = c.attrs<ScanAttrs>().dim;
      const Tensor x = c.in(0);
      return {mul(shifted(cumprod(x, dim), dim, 1), backward_scan(x, g[0], dim))};
    },
    kIn(0)};

std::pair<Tensor, Tensor> cummax(const Tensor& x, int64_t dim) {
  return extreme(Op::cummax, x, dim);
}
std::pair<Tensor, Tensor> cummin(const Tensor& x, int64_t dim) {
  return extreme(Op::cummin, x, dim);
}
const GradRule cummax_rule = {to_places, kOut(1)};
const GradRule cummin_rule = {to_places, kOut(1)};

Tensor linear_scan(const Tensor& a, const Tensor& b, int64_t dim) {
  check_defined("linear_scan", a, "a");
  check_defined("linear_scan", b, "b");
  LYDIA_CHECK(a.sizes() == b.sizes() && a.dtype() == b.dtype() && is_floating(a.dtype()),
              ValueError,
              "linear_scan: expected two floating-point tensors of one shape and dtype, got ",
              a.sizes(), " of ", a.dtype(), " and ", b.sizes(), " of ", b.dtype());
  const ScanAttrs attrs{wrap_dim("linear_scan", dim, a.ndim())};
  const Tensor x = contiguous(a), y = contiguous(b);
  Tensor out = empty(a.sizes(), a.dtype(), a.device());
  run(Op::linear_scan, {&x, &y}, {&out}, attrs);
  return out;
}

const GradRule linear_scan_rule = {
    [](const GradContext& c, const Tensors& g) -> Tensors {
      const int64_t dim = c.attrs<ScanAttrs>().dim;
      const Tensor to_b = backward_scan(c.in(0), g[0], dim);
      return {c.needs(0) ? mul(to_b, shifted(c.out(), dim, 0)) : Tensor(), to_b};
    },
    kIn(0) | kOut(0)};

// With m the largest so far: y[k] = e^(x[k] - m[k]) + e^(m[k-1] - m[k]) y[k-1], and m + log(y).
Tensor logcumsumexp(const Tensor& x, int64_t dim) {
  LYDIA_FULL_PRECISION(logcumsumexp, x, dim);
  check_defined("logcumsumexp", x, "input");
  LYDIA_CHECK(is_floating(x.dtype()), TypeError,
              "logcumsumexp: expected a floating-point tensor, got ", x.dtype());
  const int d = wrap_dim("logcumsumexp", dim, x.ndim());
  if (x.dtype() == DType::F16 || x.dtype() == DType::BF16)
    return to(logcumsumexp(to(x, DType::F32), d), x.dtype());
  const Tensor most = cummax(x.detach(), d).first;
  const Tensor before = shifted(most, d, -std::numeric_limits<double>::infinity());
  const Tensor decay = where(eq(before, most), 1, exp(sub(before, most)));
  // An infinite maximum can't be subtracted from itself; exp and log carry it as it is.
  const Tensor finite = where(isfinite(most), most, 0);
  return add(log(linear_scan(decay, exp(sub(x, finite)), d)), finite);
}

Tensor diff(const Tensor& x, int64_t n, int64_t dim, const Tensor& prepend, const Tensor& append) {
  check_defined("diff", x, "input");
  LYDIA_CHECK(x.ndim() > 0, ValueError, "diff: expected at least one dimension, got a 0-d tensor");
  LYDIA_CHECK(n >= 0, ValueError, "diff: expected n >= 0, got ", n);
  const int d = wrap_dim("diff", dim, x.ndim());
  std::vector<Tensor> parts;
  if (prepend.defined()) parts.push_back(prepend);
  parts.push_back(x);
  if (append.defined()) parts.push_back(append);
  Tensor y = parts.size() > 1 ? cat(parts, d) : x;
  for (; n > 0 && y.sizes()[static_cast<size_t>(d)] > 0; --n) {
    const int64_t left = y.sizes()[static_cast<size_t>(d)] - 1;
    const Tensor a = narrow(y, d, 1, left), b = narrow(y, d, 0, left);
    y = y.dtype() == DType::Bool ? ne(a, b) : sub(a, b);
  }
  return y;
}

}  // namespace lydia
