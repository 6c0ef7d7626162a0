#include "lydia/ops/unique.h"

#include "lydia/ops/cat.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/gather.h"
#include "lydia/ops/index_select.h"
#include "lydia/ops/nonzero.h"
#include "lydia/ops/op.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/reduce.h"
#include "lydia/ops/scan.h"
#include "lydia/ops/sort.h"
#include "lydia/ops/view.h"

namespace lydia {
namespace {

// True where row i differs from row i - 1 (and for row 0).
Tensor starts(const Tensor& rows) {
  const int64_t n = rows.sizes()[0];
  if (n == 0) return empty({0}, DType::Bool);
  const Tensor changes = ne(narrow(rows, 0, 1, n - 1), narrow(rows, 0, 0, n - 1));
  const Tensor parts[] = {ones({1}, DType::Bool),
                          rows.ndim() == 1 ? changes : any(flatten(changes, 1), Dims{1})};
  return cat(parts, 0);
}

// Runs of equal rows: the first row of each, its length, and the run of every row.
Unique runs_of(const Tensor& rows) {
  const Tensor first = starts(rows);
  const Tensor places = reshape(nonzero(first), {-1});
  const Tensor end = full({1}, rows.sizes()[0], DType::I64);
  return {index_select(rows, 0, places), sub(cumsum(first, 0), 1), diff(places, 1, -1, {}, end)};
}

Tensor sliced_rows(const char* op, const Tensor& x, int64_t dim) {
  LYDIA_CHECK(x.ndim() > 0, ValueError, op,
              ": expected at least one dimension for dim=, got a 0-d tensor");
  return contiguous(transpose(x, 0, wrap_dim(op, dim, x.ndim())));
}

}  // namespace

Unique unique_consecutive(const Tensor& x, std::optional<int64_t> dim) {
  check_defined("unique_consecutive", x, "input");
  const Tensor in = x.detach();
  if (!dim) {
    Unique u = runs_of(reshape(in, {-1}));
    u.inverse = reshape(u.inverse, x.sizes());
    return u;
  }
  Unique u = runs_of(sliced_rows("unique_consecutive", in, *dim));
  u.values = contiguous(transpose(u.values, 0, *dim));
  return u;
}

Unique unique(const Tensor& x, std::optional<int64_t> dim) {
  check_defined("unique", x, "input");
  const Tensor rows = dim ? sliced_rows("unique", x.detach(), *dim) : reshape(x.detach(), {-1});
  const int64_t n = rows.sizes()[0];
  const Tensor order =
      rows.ndim() == 1 ? argsort(rows, 0) : lexsort(reshape(rows, {n, n ? -1 : 0}));
  Unique u = runs_of(index_select(rows, 0, order));
  u.inverse = scatter(empty({n}, DType::I64), 0, order, u.inverse);
  if (dim)
    u.values = contiguous(transpose(u.values, 0, *dim));
  else
    u.inverse = reshape(u.inverse, x.sizes());
  return u;
}

}  // namespace lydia
