#include "lydia/ops/sort.h"

#include "lydia/ops/cat.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/creation.h"
#include "lydia/ops/gather.h"
#include "lydia/ops/op.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/reduce.h"
#include "lydia/ops/scan.h"
#include "lydia/ops/view.h"

namespace lydia {
namespace {

// The gradient of a selection along dim goes back to the places it was taken from, each at most
// once.
Tensors to_places(const GradContext& c, const Tensors& g) {
  if (!g[0].defined()) return {{}};
  return {scatter(zeros_like_shape(g[0], c.sizes(0)), c.attrs<SortAttrs>().dim, c.out(1), g[0])};
}

ValuesAndIndices run_sort(Op op, const Tensor& x, int64_t count, const SortAttrs& attrs) {
  const Tensor in = contiguous(x);
  Dims sizes = x.sizes();
  if (x.ndim()) sizes[static_cast<size_t>(attrs.dim)] = count;
  Tensor values = empty(sizes, x.dtype(), x.device()),
         places = empty(sizes, DType::I64, x.device());
  run(op, {&in}, {&values, &places}, attrs);
  return {values, places};
}

}  // namespace

ValuesAndIndices sort(const Tensor& x, int64_t dim, bool descending) {
  check_defined("sort", x, "input");
  const int d = wrap_dim("sort", dim, x.ndim());
  return run_sort(Op::sort, x, x.ndim() ? x.sizes()[static_cast<size_t>(d)] : 1, {d, descending});
}
const GradRule sort_rule = {to_places, kOut(1)};

Tensor argsort(const Tensor& x, int64_t dim, bool descending) {
  check_defined("argsort", x, "input");
  return sort(x.detach(), dim, descending).second;
}

Tensor msort(const Tensor& x) { return sort(x, 0).first; }

ValuesAndIndices topk(const Tensor& x, int64_t k, int64_t dim, bool largest) {
  check_defined("topk", x, "input");
  const int d = wrap_dim("topk", dim, x.ndim());
  const int64_t n = x.ndim() ? x.sizes()[static_cast<size_t>(d)] : 1;
  LYDIA_CHECK(k >= 0 && k <= n, ValueError, "topk: expected k in [0, ", n, "] for dimension ", d,
              ", got ", k);
  if (x.ndim() == 0 && k == 0) return topk(reshape(x, {1}), 0, 0, largest);
  return run_sort(Op::topk, x, k, {d, largest});
}
const GradRule topk_rule = {to_places, kOut(1)};

ValuesAndIndices kthvalue(const Tensor& x, int64_t k, int64_t dim, bool keepdim) {
  check_defined("kthvalue", x, "input");
  const int d = wrap_dim("kthvalue", dim, x.ndim());
  const int64_t n = x.ndim() ? x.sizes()[static_cast<size_t>(d)] : 1;
  LYDIA_CHECK(k >= 1 && k <= n, ValueError, "kthvalue: expected k in [1, ", n, "], got ", k);
  const auto [values, places] = topk(x, k, d, false);
  if (x.ndim() == 0) return {values, places};
  const Tensor v = narrow(values, d, k - 1, 1), p = narrow(places, d, k - 1, 1);
  if (keepdim) return {v, p};
  return {select(v, d, 0), select(p, d, 0)};
}

// In sorted order each value is a run; the first of the longest runs ends at the last of its
// places.
ValuesAndIndices mode(const Tensor& x, int64_t dim, bool keepdim) {
  check_defined("mode", x, "input");
  const int d = wrap_dim("mode", dim, x.ndim());
  if (x.ndim() == 0) return {clone(x), zeros({}, DType::I64, x.device())};
  const int64_t n = x.sizes()[static_cast<size_t>(d)];
  LYDIA_CHECK(n > 0, ValueError, "mode: expected at least one element along dimension ", d,
              ", got shape ", x.sizes());
  const auto [sorted, order] = sort(x.detach(), d);
  Dims line(static_cast<size_t>(x.ndim()), 1);
  line[d] = n;
  const Tensor at = expand(reshape(arange(0, n), line), x.sizes());
  const Tensor first = narrow(at, d, 0, 1), rest = narrow(at, d, 1, n - 1);
  const Tensor same = eq(narrow(sorted, d, 1, n - 1), narrow(sorted, d, 0, n - 1));
  const Tensor starts[] = {first, where(same, 0, rest)};
  const Tensor length = sub(at, cummax(cat(starts, d), d).first);
  const Tensor places = gather(order, d, argmax(length, d, true)), values = gather(x, d, places);
  if (keepdim) return {values, places};
  return {squeeze(values, {d}), squeeze(places, {d})};
}

Tensor lexsort(const Tensor& rows) {
  check_defined("lexsort", rows, "input");
  LYDIA_CHECK(rows.ndim() == 2, ValueError, "lexsort: expected two dimensions, got shape ",
              rows.sizes());
  const Tensor in = contiguous(rows.detach());
  Tensor out = empty({rows.sizes()[0]}, DType::I64, rows.device());
  run(Op::lexsort, {&in}, {&out});
  return out;
}
const GradRule lexsort_rule = {};

}  // namespace lydia
