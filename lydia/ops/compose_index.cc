// The ops of index_select.h, written with index and index_put.
#include "lydia/ops/copy.h"
#include "lydia/ops/index.h"
#include "lydia/ops/index_select.h"
#include "lydia/ops/inplace.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/view.h"

namespace lydia {
namespace {

// [:, .., index] with index at dim.
std::vector<Index> along(const char* op, const Tensor& x, int64_t dim, const Tensor& index) {
  check_defined(op, x, "input");
  check_defined(op, index, "index");
  LYDIA_CHECK(is_integral(index.dtype()) && index.ndim() <= 1, IndexError, op,
              ": expected a 1-d integer index, got shape ", index.sizes(), " of ", index.dtype());
  std::vector<Index> items(static_cast<size_t>(wrap_dim(op, dim, x.ndim())), Index(Slice{}));
  items.push_back(index.ndim() ? index : reshape(index, {1}));
  return items;
}

// src must have x's shape with dimension dim as long as the index.
void check_src(const char* op, const Tensor& x, int64_t dim, const Tensor& index,
               const Tensor& src) {
  check_defined(op, src, "source");
  Dims sizes = x.sizes();
  if (x.ndim() > 0) sizes[wrap_dim(op, dim, x.ndim())] = index.numel();
  LYDIA_CHECK(src.sizes() == sizes, ValueError, op, ": expected a source of shape ", sizes,
              ", got ", src.sizes());
  LYDIA_CHECK(src.dtype() == x.dtype(), TypeError, op, ": expected a source of ", x.dtype(),
              ", got ", src.dtype());
}

Tensor as_row(const Tensor& x) { return x.ndim() ? x : reshape(x, {1}); }

}  // namespace

Tensor index_select(const Tensor& x, int64_t dim, const Tensor& index) {
  const auto items = along("index_select", x, dim, index);
  const Tensor out = lydia::index(as_row(x), items);
  return x.ndim() ? out : reshape(out, {});
}

const Tensor& index_add_(const Tensor& self, int64_t dim, const Tensor& index, const Tensor& src,
                         Scalar alpha) {
  const auto items = along("index_add", self, dim, index);
  check_src("index_add", self, dim, index, src);
  const bool scaled = alpha.is_float() || alpha.to<int64_t>() != 1;
  index_put_(as_row(self), items, scaled ? mul(src, alpha) : src, true);
  return self;
}

const Tensor& index_copy_(const Tensor& self, int64_t dim, const Tensor& index, const Tensor& src) {
  const auto items = along("index_copy", self, dim, index);
  check_src("index_copy", self, dim, index, src);
  index_put_(as_row(self), items, src);
  return self;
}

const Tensor& index_fill_(const Tensor& self, int64_t dim, const Tensor& index,
                          const Tensor& value) {
  const auto items = along("index_fill", self, dim, index);
  check_defined("index_fill", value, "value");
  LYDIA_CHECK(value.ndim() == 0, ValueError, "index_fill: expected a 0-d value, got shape ",
              value.sizes());
  index_put_(as_row(self), items, value);
  return self;
}

Tensor index_add(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& src,
                 Scalar alpha) {
  return index_add_(clone(x), dim, index, src, alpha);
}
Tensor index_copy(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& src) {
  return index_copy_(clone(x), dim, index, src);
}
Tensor index_fill(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& value) {
  return index_fill_(clone(x), dim, index, value);
}

namespace {

void check_mask(const char* op, const Tensor& x, const Tensor& mask) {
  check_defined(op, x, "input");
  check_defined(op, mask, "mask");
  LYDIA_CHECK(mask.dtype() == DType::Bool, TypeError, op, ": expected a bool mask, got ",
              mask.dtype());
}

}  // namespace

Tensor masked_select(const Tensor& x, const Tensor& mask) {
  check_mask("masked_select", x, mask);
  const Dims sizes = broadcast_shapes("masked_select", x.sizes(), mask.sizes());
  return reshape(index(expand(x, sizes), {Index(expand(mask, sizes))}), {-1});
}

const Tensor& masked_scatter_(const Tensor& self, const Tensor& mask, const Tensor& src) {
  check_mask("masked_scatter", self, mask);
  check_defined("masked_scatter", src, "source");
  LYDIA_CHECK(src.dtype() == self.dtype(), TypeError, "masked_scatter: expected a source of ",
              self.dtype(), ", got ", src.dtype());
  const Tensor wide = expand(mask, self.sizes());
  const Tensor row = reshape(src, {-1});
  const std::vector<Index> items = {Index(wide)};
  const int64_t count = masked_select(wide, wide).numel();
  LYDIA_CHECK(count <= row.numel(), ValueError, "masked_scatter: expected a source of at least ",
              count, " elements, got ", row.numel());
  return index_put_(self, items, slice(row, 0, 0, count));
}

Tensor masked_scatter(const Tensor& x, const Tensor& mask, const Tensor& src) {
  check_mask("masked_scatter", x, mask);
  const Dims sizes = broadcast_shapes("masked_scatter", x.sizes(), mask.sizes());
  return masked_scatter_(clone(expand(x, sizes)), mask, src);
}

Tensor take(const Tensor& x, const Tensor& index) {
  check_defined("take", x, "input");
  check_defined("take", index, "index");
  LYDIA_CHECK(is_integral(index.dtype()), IndexError, "take: expected an integer index, got ",
              index.dtype());
  return lydia::index(reshape(x, {-1}), {Index(index)});
}

Tensor put(const Tensor& x, const Tensor& index, const Tensor& src, bool accumulate) {
  check_defined("put", x, "input");
  check_defined("put", index, "index");
  check_defined("put", src, "source");
  LYDIA_CHECK(is_integral(index.dtype()), IndexError, "put: expected an integer index, got ",
              index.dtype());
  LYDIA_CHECK(src.numel() == index.numel(), ValueError, "put: expected a source of ", index.numel(),
              " elements, got shape ", src.sizes());
  LYDIA_CHECK(src.dtype() == x.dtype(), TypeError, "put: expected a source of ", x.dtype(),
              ", got ", src.dtype());
  const Tensor out = clone(x);
  const std::vector<Index> items = {Index(index)};
  index_put_(view(out, {-1}), items, reshape(src, index.sizes()), accumulate);
  return out;
}

const Tensor& put_(const Tensor& self, const Tensor& index, const Tensor& src, bool accumulate) {
  check_inplace("put", self);
  return write_inplace("put", self, put(self, index, src, accumulate));
}

}  // namespace lydia
