#include "lydia/cpu/line_walk.h"

namespace lydia::cpu {
namespace {

// t without dimension dim, cut to the sizes of `like` in the others.
Tensor without(const Tensor& t, const Tensor& like, int64_t dim) {
  if (t.ndim() == 0) return t;
  Dims sizes = like.sizes(), strides = t.strides();
  sizes.erase(static_cast<size_t>(dim));
  strides.erase(static_cast<size_t>(dim));
  return detail::alias(t, sizes, strides, t.storage_offset());
}

StridedSpace line_space(const Tensor& indexed, const Tensor& index, const Tensor& values,
                        int64_t dim) {
  const Tensor a = without(indexed, index, dim), b = without(index, index, dim);
  const Tensor c = without(values, index, dim);
  const Tensor* operands[] = {&a, &b, &c};
  return StridedSpace(operands);
}

}  // namespace

LineWalk::LineWalk(const char* name, const Tensor& indexed, const Tensor& index,
                   const Tensor& values, int64_t along)
    : op(name),
      dim(along),
      length(indexed.ndim() ? indexed.sizes()[along] : 1),
      count(index.ndim() ? index.sizes()[along] : 1),
      lines(line_space(indexed, index, values, along)) {
  const Tensor* operands[] = {&indexed, &index, &values};
  for (int i = 0; i < 3; ++i) {
    const Tensor& t = *operands[i];
    step[i] = t.ndim() ? t.strides()[along] * static_cast<int64_t>(t.element_size()) : 0;
  }
  inner = std::abs(step[1]) <= std::abs(lines.inner_stride(1)) || lines.inner_size() == 1;
}

}  // namespace lydia::cpu
