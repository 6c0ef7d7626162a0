#include "lydia/ops/pool.h"

#include "lydia/ops/copy.h"
#include "lydia/ops/op.h"

namespace lydia {
namespace {

constexpr int64_t kMost = int64_t{1} << 30;

Dims spread(const char* op, const char* what, const Dims& values, int spatial, int64_t least) {
  const size_t count = static_cast<size_t>(spatial);
  LYDIA_CHECK(values.size() == 1 || values.size() == count, ValueError, op, ": expected ", what,
              " with 1 or ", spatial, " values, got ", values);
  for (int64_t v : values)
    LYDIA_CHECK(v >= least && v <= kMost, ValueError, op, ": expected ", what, " of at least ",
                least, " and at most ", kMost, ", got ", values);
  return values.size() == 1 ? Dims(count, values[0]) : values;
}

void check_input(const char* op, const Tensor& x, int spatial, bool takes_integers = false) {
  check_defined(op, x, "input");
  LYDIA_CHECK(is_floating(x.dtype()) || (takes_integers && x.dtype() != DType::Bool), TypeError, op,
              ": expected a ", takes_integers ? "numeric" : "floating-point", " tensor, got ",
              x.dtype());
  LYDIA_CHECK(x.ndim() == spatial + 1 || x.ndim() == spatial + 2, ValueError, op, ": expected ",
              spatial + 2, " dimensions (or ", spatial + 1, " without a batch), got shape ",
              x.sizes());
  for (int d = 1; d <= spatial; ++d)
    LYDIA_CHECK(x.size(-d) >= 1 && x.size(-d) <= kMost, ValueError, op,
                ": expected sizes of at least 1, got shape ", x.sizes());
}

// The geometry of each dimension.
struct Windows {
  Dims kernel, stride, padding, dilation, out;
};
Windows make_windows(const char* op, const Tensor& x, const PoolOptions& o, int spatial) {
  Windows w;
  w.kernel = spread(op, "kernel_size", o.kernel, spatial, 1);
  w.stride = o.stride.empty() ? w.kernel : spread(op, "stride", o.stride, spatial, 1);
  w.padding = spread(op, "padding", o.padding, spatial, 0);
  w.dilation = spread(op, "dilation", o.dilation, spatial, 1);
  for (int d = 0; d < spatial; ++d) {
    const int64_t in = x.size(d - spatial), reach = w.dilation[d] * (w.kernel[d] - 1);
    LYDIA_CHECK(2 * w.padding[d] <= reach + 1, ValueError, op,
                ": expected padding of at most half the kernel, got padding ", w.padding,
                " and kernel_size ", w.kernel);
    const int64_t free = in + 2 * w.padding[d] - reach - 1;
    LYDIA_CHECK(free >= 0, ValueError, op,
                ": expected a kernel no larger than the padded input, got ", "kernel_size ",
                w.kernel, " on shape ", x.sizes());
    int64_t out = (free + (o.ceil_mode ? w.stride[d] - 1 : 0)) / w.stride[d] + 1;
    if (o.ceil_mode && (out - 1) * w.stride[d] >= in + w.padding[d]) --out;
    w.out.push_back(out);
  }
  return w;
}

Dims adaptive_sizes(const char* op, const Tensor& x, const Dims& sizes, int spatial) {
  Dims out = spread(op, "output_size", sizes, spatial, -1);
  for (int d = 0; d < spatial; ++d)
    if (out[d] == -1) out[d] = x.size(d - spatial);
  return out;
}

PoolWindow adaptive_window(int64_t i, int64_t in, int64_t out) {
  return {i * in / out, ((i + 1) * in + out - 1) / out};
}

MaxPooled max_pool(const Tensor& x, MaxPoolAttrs attrs, int spatial) {
  attrs.spatial = spatial;
  Dims sizes = x.sizes();
  for (int d = 0; d < spatial; ++d)
    sizes[sizes.size() - static_cast<size_t>(spatial - d)] =
        static_cast<int64_t>(attrs.axes[3 - spatial + d].windows.size());
  checked_numel("max_pool", sizes);
  Tensor values = empty(sizes, x.dtype(), x.device()),
         indices = empty(sizes, DType::I64, x.device());
  run(Op::max_pool, {&x}, {&values, &indices}, attrs);
  return {values, indices};
}

MaxPooled max_pool_of(const char* op, const Tensor& x, const PoolOptions& o, int spatial) {
  check_input(op, x, spatial, true);
  const Windows w = make_windows(op, x, o, spatial);
  MaxPoolAttrs attrs;
  for (int d = 0; d < spatial; ++d) {
    PoolAxis& axis = attrs.axes[3 - spatial + d];
    axis.in = x.size(d - spatial), axis.step = w.dilation[d];
    axis.windows.clear();
    for (int64_t i = 0; i < w.out[d]; ++i) {
      const int64_t start = i * w.stride[d] - w.padding[d];
      const int64_t end = std::min(start + w.dilation[d] * (w.kernel[d] - 1) + 1, axis.in);
      const int64_t skip = start < 0 ? (-start + w.dilation[d] - 1) / w.dilation[d] : 0;
      axis.windows.push_back({start + skip * w.dilation[d], end});
    }
  }
  return max_pool(x, attrs, spatial);
}

MaxPooled adaptive_max_pool_of(const char* op, const Tensor& x, const Dims& sizes, int spatial) {
  check_input(op, x, spatial, true);
  const Dims out = adaptive_sizes(op, x, sizes, spatial);
  MaxPoolAttrs attrs;
  for (int d = 0; d < spatial; ++d) {
    PoolAxis& axis = attrs.axes[3 - spatial + d];
    axis.in = x.size(d - spatial);
    axis.windows.clear();
    for (int64_t i = 0; i < out[d]; ++i)
      axis.windows.push_back(adaptive_window(i, axis.in, out[d]));
  }
  return max_pool(x, attrs, spatial);
}

Tensor avg_pool_of(const char* op, const Tensor& x, const AvgPoolOptions& o, int spatial) {
  check_input(op, x, spatial);
  const Windows w = make_windows(op, x, o.window, spatial);
  LYDIA_CHECK(o.divisor_override.value_or(1) != 0, ValueError, op,
              ": expected a divisor_override other than 0");
  std::vector<SampleMapPtr> maps;
  for (int d = 0; d < spatial; ++d) {
    auto map = std::make_shared<SampleMap>();
    map->in = x.size(d - spatial);
    for (int64_t i = 0; i < w.out[d]; ++i) {
      const int64_t start = i * w.stride[d] - w.padding[d];
      const int64_t stop = std::min(start + w.kernel[d], map->in + w.padding[d]);
      const int64_t begin = std::max<int64_t>(start, 0), end = std::min(stop, map->in);
      double divisor = static_cast<double>(o.count_include_pad ? stop - start : end - begin);
      if (o.divisor_override) divisor = d == 0 ? static_cast<double>(*o.divisor_override) : 1;
      for (int64_t from = begin; from < end; ++from) map->add_tap(from, 1 / divisor);
      map->end_output();
    }
    maps.push_back(map);
  }
  return resample_last(x, maps);
}

Tensor adaptive_avg_pool_of(const char* op, const Tensor& x, const Dims& sizes, int spatial) {
  check_input(op, x, spatial);
  const Dims out = adaptive_sizes(op, x, sizes, spatial);
  std::vector<SampleMapPtr> maps;
  for (int d = 0; d < spatial; ++d)
    maps.push_back(adaptive_average_map(x.size(d - spatial), out[d]));
  return resample_last(x, maps);
}

}  // namespace

SampleMapPtr adaptive_average_map(int64_t in, int64_t out) {
  auto map = std::make_shared<SampleMap>();
  map->in = in;
  for (int64_t i = 0; i < out; ++i) {
    const PoolWindow w = adaptive_window(i, in, out);
    for (int64_t from = w.begin; from < w.end; ++from)
      map->add_tap(from, 1 / static_cast<double>(w.end - w.begin));
    map->end_output();
  }
  return map;
}

Tensor max_pool_pick(const Tensor& x, const Tensor& indices, int spatial) {
  Tensor out = empty(indices.sizes(), x.dtype(), x.device());
  run(Op::max_pool_pick, {&x, &indices}, {&out}, PlaneAttrs{spatial, x.sizes()});
  return out;
}

Tensor max_pool_grad(const Tensor& g, const Tensor& indices, const Dims& sizes, int spatial) {
  Tensor out = empty(sizes, g.dtype(), g.device());
  run(Op::max_pool_grad, {&g, &indices}, {&out}, PlaneAttrs{spatial, sizes});
  return out;
}

const GradRule max_pool_rule = {
    [](const GradContext& c, const Tensors& g) -> Tensors {
      return {max_pool_grad(g[0], c.out(1), c.sizes(0), c.attrs<MaxPoolAttrs>().spatial)};
    },
    kOut(1)};
const GradRule max_pool_grad_rule = {
    [](const GradContext& c, const Tensors& g) -> Tensors {
      return {max_pool_pick(g[0], c.in(1), c.attrs<PlaneAttrs>().spatial), {}};
    },
    kIn(1)};
const GradRule max_pool_pick_rule = {
    [](const GradContext& c, const Tensors& g) -> Tensors {
      const auto& attrs = c.attrs<PlaneAttrs>();
      return {max_pool_grad(g[0], c.in(1), attrs.sizes, attrs.spatial), {}};
    },
    kIn(1)};

#define LYDIA_POOLS(n)                                                    \
  MaxPooled max_pool##n##d(const Tensor& x, const PoolOptions& o) {       \
    return max_pool_of("max_pool" #n "d", x, o, n);                       \
  }                                                                       \
  MaxPooled adaptive_max_pool##n##d(const Tensor& x, const Dims& sizes) { \
    return adaptive_max_pool_of("adaptive_max_pool" #n "d", x, sizes, n); \
  }                                                                       \
  Tensor avg_pool##n##d(const Tensor& x, const AvgPoolOptions& o) {       \
    return avg_pool_of("avg_pool" #n "d", x, o, n);                       \
  }                                                                       \
  Tensor adaptive_avg_pool##n##d(const Tensor& x, const Dims& sizes) {    \
    return adaptive_avg_pool_of("adaptive_avg_pool" #n "d", x, sizes, n); \
  }
LYDIA_POOLS(1)
LYDIA_POOLS(2)
LYDIA_POOLS(3)
#undef LYDIA_POOLS

}  // namespace lydia
