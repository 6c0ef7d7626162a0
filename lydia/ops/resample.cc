#include "lydia/ops/resample.h"

#include "lydia/ops/copy.h"
#include "lydia/ops/op.h"

namespace lydia {
namespace {

SampleMapPtr turned(const SampleMap& map) {
  auto out = std::make_shared<SampleMap>();
  out->in = map.out();
  std::vector<int64_t>& begin = out->begin;
  begin.assign(static_cast<size_t>(map.in) + 1, 0);
  for (int64_t i : map.index) ++begin[static_cast<size_t>(i) + 1];
  for (size_t i = 1; i < begin.size(); ++i) begin[i] += begin[i - 1];
  out->index.resize(map.index.size());
  out->weight.resize(map.index.size());
  std::vector<int64_t> next = begin;
  for (int64_t o = 0; o < map.out(); ++o)
    for (int64_t t = map.begin[static_cast<size_t>(o)]; t < map.begin[static_cast<size_t>(o) + 1];
         ++t) {
      const size_t from = static_cast<size_t>(t);
      const size_t to = static_cast<size_t>(next[static_cast<size_t>(map.index[from])]++);
      out->index[to] = o;
      out->weight[to] = map.weight[from];
    }
  return out;
}

}  // namespace

Tensor resample(const Tensor& x, int64_t dim, const SampleMapPtr& map) {
  check_defined("resample", x, "input");
  LYDIA_CHECK(is_floating(x.dtype()), TypeError, "resample: expected a floating-point tensor, got ",
              x.dtype());
  const int d = wrap_dim("resample", dim, x.ndim());
  LYDIA_CHECK(x.ndim() > 0 && x.sizes()[d] == map->in, ValueError, "resample: expected size ",
              map->in, " in dimension ", d, ", got shape ", x.sizes());
  const Tensor wide = x.dtype() == DType::F64 ? x : to(x, DType::F32);
  Dims sizes = x.sizes();
  sizes[d] = map->out();
  checked_numel("resample", sizes);
  Tensor out = empty(sizes, wide.dtype(), x.device());
  run(Op::resample, {&wide}, {&out}, ResampleAttrs{d, map});
  return to(out, x.dtype());
}

const GradRule resample_rule = {[](const GradContext& c, const Tensors& g) -> Tensors {
  const auto& attrs = c.attrs<ResampleAttrs>();
  return {resample(g[0], attrs.dim, turned(*attrs.map))};
}};

Tensor resample_last(const Tensor& x, const std::vector<SampleMapPtr>& maps) {
  // Half types pass through all dimensions in f32.
  Tensor y = x.dtype() == DType::F64 ? x : to(x, DType::F32);
  const int64_t count = static_cast<int64_t>(maps.size());
  for (int64_t d = 0; d < count; ++d) y = resample(y, d - count, maps[static_cast<size_t>(d)]);
  return to(y, x.dtype());
}

}  // namespace lydia
