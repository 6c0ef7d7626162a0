#include "lydia/ops/view.h"

#include "lydia/ops/copy.h"
#include "lydia/ops/op.h"

namespace lydia {
namespace {

struct DimsAttrs {
  Dims dims;
};
struct SliceAttrs {
  int64_t dim, start, stop, step;
};
struct SelectAttrs {
  int64_t dim, index;
};
struct DiagonalAttrs {
  int64_t offset, dim1, dim2;
};
struct UnfoldAttrs {
  int64_t dim, size, step;
};
struct GeometryAttrs {
  Dims base_sizes, base_strides;
  int64_t base_offset;
  Dims sizes, strides;
  int64_t offset;
};

// Strides that show x in shape `sizes` without copying, or nothing. Walks both shapes from the
// right, matching groups of dimensions of equal product whose source strides are dense.
std::optional<Dims> view_strides(const Tensor& x, const Dims& sizes) {
  Dims strides(sizes.size(), 1);
  if (x.numel() == 0) return contiguous_strides(sizes);
  int64_t chunk_stride = 1, have = 1, want = 1;
  int at = sizes.ndim() - 1;
  for (int d = x.ndim() - 1; d >= 0; --d) {
    if (have == 1) chunk_stride = x.strides()[d];
    have *= x.sizes()[d];
    const bool joins =
        d > 0 && (x.sizes()[d - 1] == 1 || x.strides()[d - 1] == have * chunk_stride);
    if (joins) continue;
    while (at >= 0 && (want < have || sizes[at] == 1)) {
      strides[at] = want * chunk_stride;
      want *= sizes[at--];
    }
    if (want != have) return std::nullopt;
    have = want = 1;
  }
  return strides;
}

Dims infer_sizes(const char* op, const Tensor& x, const Dims& sizes) {
  Dims out = sizes;
  int unknown = -1;
  int64_t known = 1;
  for (int i = 0; i < sizes.ndim(); ++i) {
    if (sizes[i] == -1) {
      LYDIA_CHECK(unknown < 0, ValueError, op, ": expected at most one -1, got ", sizes);
      unknown = i;
    } else {
      LYDIA_CHECK(sizes[i] >= 0, ValueError, op, ": expected sizes >= 0 or -1, got ", sizes);
      LYDIA_CHECK(!__builtin_mul_overflow(known, sizes[i], &known), ValueError, op, ": shape ",
                  sizes, " is too large");
    }
  }
  const bool divides = unknown < 0 ? known == x.numel() : known > 0 && x.numel() % known == 0;
  LYDIA_CHECK(divides, ValueError, op, ": shape ", sizes, " does not fit the ", x.numel(),
              " elements of a tensor of shape ", x.sizes());
  if (unknown >= 0) out[unknown] = x.numel() / known;
  return out;
}

// The gradient of a window `v` cut from a contiguous tensor of shape `sizes`.
Tensor scatter_into_zeros(const Tensor& g, const Dims& sizes, const Tensor& v,
                          bool overlaps = false) {
  return as_strided_scatter({}, g, sizes, v.sizes(), v.strides(), v.storage_offset(), overlaps);
}

// The elements of a storage from the lowest to the highest that some windows touch.
struct Span {
  Span(const Dims& sizes, const Dims& strides, int64_t offset) : low(offset), high(offset) {
    include(sizes, strides, offset);
  }
  void include(const Dims& sizes, const Dims& strides, int64_t offset) {
    int64_t first = offset, last = offset;
    for (size_t i = 0; i < sizes.size(); ++i)
      (strides[i] < 0 ? first : last) += strides[i] * std::max<int64_t>(sizes[i] - 1, 0);
    low = std::min(low, first);
    high = std::max(high, last);
  }
  int64_t size() const { return high - low + 1; }
  int64_t low, high;
};

// A tensor of shape `sizes` over no memory, to compute view geometry on.
Tensor geometry_of(const Dims& sizes, DType dtype) {
  auto impl = make_ref<TensorImpl>();
  impl->storage = make_ref<Storage>(nullptr, 0, kCPU, nullptr);
  impl->sizes = sizes;
  impl->strides = contiguous_strides(sizes);
  impl->numel = numel_of(sizes);
  impl->dtype = dtype;
  return Tensor(std::move(impl));
}

}  // namespace

// ---- primitives --------------------------------------------------------------------------------

Tensor as_strided(const Tensor& x, const Dims& sizes, const Dims& strides,
                  std::optional<int64_t> offset) {
  check_defined("as_strided", x, "input");
  const int64_t at = offset.value_or(x.storage_offset());
  Tensor::over(x.storage(), x.dtype(), sizes, strides, at);  // bounds
  const GeometryAttrs attrs{x.sizes(), x.strides(), x.storage_offset(), sizes, strides, at};
  return make_view(Op::as_strided, x, sizes, strides, at, attrs);
}

// Through a flat buffer over the storage both windows lie in, since either may be strided.
const GradRule as_strided_rule = {[](const GradContext& c, const Tensors& g) -> Tensors {
  const auto& a = c.attrs<GeometryAttrs>();
  Span span(a.base_sizes, a.base_strides, a.base_offset);
  const int64_t base_span = span.size();
  span.include(a.sizes, a.strides, a.offset);
  if (strides_are_contiguous(a.base_sizes, a.base_strides) && span.size() == base_span)
    return {as_strided_scatter({}, g[0], a.base_sizes, a.sizes, a.strides, a.offset - a.base_offset,
                               true)};
  const Tensor flat =
      as_strided_scatter({}, g[0], {span.size()}, a.sizes, a.strides, a.offset - span.low, true);
  return {as_strided(flat, a.base_sizes, a.base_strides, a.base_offset - span.low)};
}};

Tensor as_strided_scatter(const Tensor& base, const Tensor& src, const Dims& sizes,
                          const Dims& view_sizes, const Dims& view_strides, int64_t offset,
                          bool accumulate) {
  Tensor out = empty(sizes, src.dtype());
  Tensor::over(out.storage(), out.dtype(), view_sizes, view_strides, offset);  // bounds
  run(Op::as_strided_scatter, {&base, &src}, {&out},
      AsStridedScatterAttrs{sizes, view_sizes, view_strides, offset, accumulate});
  return out;
}

const GradRule as_strided_scatter_rule = {[](const GradContext& c, const Tensors& g) -> Tensors {
  const auto& a = c.attrs<AsStridedScatterAttrs>();
  const Tensor whole = contiguous(g[0]);
  Tensor base_grad, src_grad;
  if (c.needs(0))
    base_grad = a.accumulate
                    ? whole
                    : as_strided_scatter(whole, zeros_like_shape(whole, a.view_sizes), a.sizes,
                                         a.view_sizes, a.view_strides, a.offset, false);
  if (c.needs(1))
    src_grad = as_strided(whole, a.view_sizes, a.view_strides, whole.storage_offset() + a.offset);
  return {base_grad, src_grad};
}};

Tensor as_strided_scatter_history(const Tensor& base, const Tensor& src, const Dims& view_sizes,
                                  const Dims& view_strides, int64_t offset) {
  if (!base.requires_grad() && !src.requires_grad()) return {};
  Span span(base.sizes(), base.strides(), base.storage_offset());
  const int64_t size = span.size();
  span.include(view_sizes, view_strides, offset);
  if (!base.is_contiguous() ||
      span.size() != size) {  // through a flat copy of the memory they span
    const int64_t start = base.storage_offset() - span.low;
    const Tensor flat =
        as_strided_scatter({}, base, {span.size()}, base.sizes(), base.strides(), start, false);
    const Tensor written = as_strided_scatter(flat, src, {span.size()}, view_sizes, view_strides,
                                              offset - span.low, false);
    return as_strided(written, base.sizes(), base.strides(), start);
  }
  Tensor out = base.detach();
  const AsStridedScatterAttrs attrs{base.sizes(), view_sizes, view_strides,
                                    offset - base.storage_offset(), false};
  const Tensor* in[] = {&base, &src};
  Tensor* outs[] = {&out};
  detail::record(Op::as_strided_scatter, in, outs, detail::box<AsStridedScatterAttrs>(&attrs));
  return out;
}

Tensor view(const Tensor& x, const Dims& sizes) {
  check_defined("view", x, "input");
  const Dims wanted = infer_sizes("view", x, sizes);
  const auto strides = view_strides(x, wanted);
  LYDIA_CHECK(strides, ValueError, "view: shape ", wanted, " can't be seen in a tensor of shape ",
              x.sizes(), " with strides ", x.strides(),
              " without copying; use reshape() or contiguous()");
  return make_view(Op::view, x, wanted, *strides, x.storage_offset());
}

const GradRule view_rule = {
    [](const GradContext& c, const Tensors& g) -> Tensors { return {reshape(g[0], c.sizes(0))}; }};

Tensor reshape(const Tensor& x, const Dims& sizes) {
  check_defined("reshape", x, "input");
  const Dims wanted = infer_sizes("reshape", x, sizes);
  return view(view_strides(x, wanted) ? x : contiguous(x), wanted);
}

Tensor permute(const Tensor& x, const Dims& dims) {
  check_defined("permute", x, "input");
  LYDIA_CHECK(dims.ndim() == x.ndim(), ValueError, "permute: expected ", x.ndim(),
              " dims for shape ", x.sizes(), ", got ", dims);
  const Dims order = wrap_dims("permute", dims, x.ndim());
  Dims sizes, strides;
  for (int64_t d : order) {
    sizes.push_back(x.sizes()[d]);
    strides.push_back(x.strides()[d]);
  }
  return make_view(Op::permute, x, sizes, strides, x.storage_offset(), DimsAttrs{order});
}

const GradRule permute_rule = {[](const GradContext& c, const Tensors& g) -> Tensors {
  const Dims& dims = c.attrs<DimsAttrs>().dims;
  Dims inverse(dims.size(), 0);
  for (size_t i = 0; i < dims.size(); ++i) inverse[dims[i]] = static_cast<int64_t>(i);
  return {permute(g[0], inverse)};
}};

Tensor expand(const Tensor& x, const Dims& sizes) {
  check_defined("expand", x, "input");
  const int lead = sizes.ndim() - x.ndim();
  LYDIA_CHECK(lead >= 0, ValueError, "expand: expected at least ", x.ndim(), " sizes for shape ",
              x.sizes(), ", got ", sizes);
  Dims out = sizes, strides(sizes.size(), 0);
  for (int i = 0; i < sizes.ndim(); ++i) {
    const int64_t have = i < lead ? 1 : x.sizes()[i - lead];
    if (sizes[i] == -1 && i >= lead) out[i] = have;
    LYDIA_CHECK(out[i] >= 0 && (have == 1 || have == out[i]), ValueError, "expand: shape ",
                x.sizes(), " can't be expanded to ", sizes, " (dimension ", i, ")");
    strides[i] = i < lead || (have == 1 && out[i] != 1) ? 0 : x.strides()[i - lead];
  }
  checked_numel("expand", out);
  return make_view(Op::expand, x, out, strides, x.storage_offset());
}

// The engine sums over broadcast dimensions.
const GradRule expand_rule = {
    [](const GradContext&, const Tensors& g) -> Tensors { return {g[0]}; }};

Tensor slice(const Tensor& x, int64_t dim, std::optional<int64_t> start,
             std::optional<int64_t> stop, int64_t step) {
  check_defined("slice", x, "input");
  LYDIA_CHECK(x.ndim() > 0, IndexError, "slice: expected at least one dimension, got a 0-d tensor");
  LYDIA_CHECK(step != 0 && step != INT64_MIN, ValueError, "slice: expected a step other than 0");
  const int d = wrap_dim("slice", dim, x.ndim());
  const int64_t n = x.sizes()[d];
  const int64_t low = step > 0 ? 0 : -1, high = step > 0 ? n : n - 1;
  const auto clamp = [&](std::optional<int64_t> at, int64_t open) {
    if (!at) return open;
    return std::clamp(*at < 0 ? *at + n : *at, low, high);
  };
  const int64_t first = clamp(start, step > 0 ? 0 : n - 1);
  const int64_t last = clamp(stop, step > 0 ? n : -1);
  const int64_t distance = step > 0 ? last - first : first - last;
  const int64_t stride = step > 0 ? step : -step;
  Dims sizes = x.sizes(), strides = x.strides();
  sizes[d] = distance > 0 ? (distance - 1) / stride + 1 : 0;
  if (sizes[d] > 1) strides[d] *= step;
  const int64_t offset = x.storage_offset() + (sizes[d] > 0 ? first * x.strides()[d] : 0);
  return make_view(Op::slice, x, sizes, strides, offset, SliceAttrs{d, first, sizes[d], step});
}

const GradRule slice_rule = {[](const GradContext& c, const Tensors& g) -> Tensors {
  const auto& a = c.attrs<SliceAttrs>();
  const Dims strides = contiguous_strides(c.sizes(0));
  Dims step_strides = strides;
  step_strides[a.dim] *= a.step;
  const int64_t offset = g[0].numel() ? a.start * strides[a.dim] : 0;
  return {as_strided_scatter({}, g[0], c.sizes(0), g[0].sizes(), step_strides, offset, false)};
}};

Tensor select(const Tensor& x, int64_t dim, int64_t index) {
  check_defined("select", x, "input");
  LYDIA_CHECK(x.ndim() > 0, IndexError,
              "select: expected at least one dimension, got a 0-d tensor");
  const int d = wrap_dim("select", dim, x.ndim());
  const int64_t n = x.sizes()[d];
  LYDIA_CHECK(index >= -n && index < n, IndexError, "select: index ", index,
              " is out of range for dimension ", d, " of size ", n);
  const int64_t i = index < 0 ? index + n : index;
  Dims sizes = x.sizes(), strides = x.strides();
  const int64_t offset = x.storage_offset() + i * strides[d];
  sizes.erase(d);
  strides.erase(d);
  return make_view(Op::select, x, sizes, strides, offset, SelectAttrs{d, i});
}

const GradRule select_rule = {[](const GradContext& c, const Tensors& g) -> Tensors {
  const auto& a = c.attrs<SelectAttrs>();
  Dims strides = contiguous_strides(c.sizes(0));
  const int64_t offset = a.index * strides[a.dim];
  strides.erase(a.dim);
  return {as_strided_scatter({}, g[0], c.sizes(0), g[0].sizes(), strides, offset, false)};
}};

Tensor diagonal(const Tensor& x, int64_t offset, int64_t dim1, int64_t dim2) {
  check_defined("diagonal", x, "input");
  const int d1 = wrap_dim("diagonal", dim1, x.ndim()), d2 = wrap_dim("diagonal", dim2, x.ndim());
  LYDIA_CHECK(x.ndim() >= 2 && d1 != d2, ValueError,
              "diagonal: expected two different dimensions, got ", dim1, " and ", dim2,
              " of shape ", x.sizes());
  const int64_t rows = x.sizes()[d1], cols = x.sizes()[d2];
  LYDIA_CHECK(offset > -(int64_t{1} << 62) && offset < (int64_t{1} << 62), ValueError,
              "diagonal: offset ", offset, " is out of range");
  const int64_t length =
      offset >= 0 ? std::min(rows, cols - offset) : std::min(rows + offset, cols);
  const int64_t start = offset >= 0 ? offset * x.strides()[d2] : -offset * x.strides()[d1];
  const int64_t stride = x.strides()[d1] + x.strides()[d2];
  Dims sizes = x.sizes(), strides = x.strides();
  for (int d : {std::max(d1, d2), std::min(d1, d2)}) {
    sizes.erase(d);
    strides.erase(d);
  }
  sizes.push_back(std::max<int64_t>(length, 0));
  strides.push_back(stride);
  return make_view(Op::diagonal, x, sizes, strides, x.storage_offset() + (length > 0 ? start : 0),
                   DiagonalAttrs{offset, d1, d2});
}

const GradRule diagonal_rule = {[](const GradContext& c, const Tensors& g) -> Tensors {
  const auto& a = c.attrs<DiagonalAttrs>();
  const Tensor v = diagonal(geometry_of(c.sizes(0), c.dtype(0)), a.offset, a.dim1, a.dim2);
  return {scatter_into_zeros(g[0], c.sizes(0), v)};
}};

Tensor unfold(const Tensor& x, int64_t dim, int64_t size, int64_t step) {
  check_defined("unfold", x, "input");
  const int d = wrap_dim("unfold", dim, x.ndim());
  const int64_t n = x.ndim() ? x.sizes()[d] : 1;
  LYDIA_CHECK(size >= 0 && size <= n, ValueError, "unfold: expected size in [0, ", n, "], got ",
              size);
  LYDIA_CHECK(step > 0, ValueError, "unfold: expected step > 0, got ", step);
  Dims sizes = x.sizes(), strides = x.strides();
  const int64_t stride = x.ndim() ? strides[d] : 1;
  if (x.ndim()) {
    sizes[d] = (n - size) / step + 1;
    if (sizes[d] > 1) strides[d] = stride * step;
  }
  sizes.push_back(size);
  strides.push_back(stride);
  return make_view(Op::unfold, x, sizes, strides, x.storage_offset(), UnfoldAttrs{d, size, step});
}

const GradRule unfold_rule = {[](const GradContext& c, const Tensors& g) -> Tensors {
  const auto& a = c.attrs<UnfoldAttrs>();
  const Tensor v = unfold(geometry_of(c.sizes(0), c.dtype(0)), a.dim, a.size, a.step);
  return {scatter_into_zeros(g[0], c.sizes(0), v, true)};
}};

}  // namespace lydia
