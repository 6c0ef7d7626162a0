#include "lydia/cpu/strided.h"

#include <cstring>

namespace lydia::cpu {
namespace {

template <class T>
void copy_elements(std::byte* to, int64_t to_stride, const std::byte* from, int64_t from_stride,
                   int64_t n) {
  for (int64_t i = 0; i < n; ++i)
    *reinterpret_cast<T*>(to + i * to_stride) = *reinterpret_cast<const T*>(from + i * from_stride);
}

}  // namespace

StridedSpace::StridedSpace(std::span<const Tensor* const> all)
    : operands(static_cast<int>(all.size())), numel(all[0]->numel()) {
  const Dims& out = all[0]->sizes();
  for (int d = 0; d < out.ndim(); ++d) {
    if (out[d] == 1) continue;
    int64_t step[kMaxOperands];
    for (int i = 0; i < operands; ++i) {
      const Tensor& t = *all[i];
      const int at = d - (out.ndim() - t.ndim());
      const bool broadcast = at < 0 || t.sizes()[at] == 1;
      step[i] = broadcast ? 0 : t.strides()[at] * static_cast<int64_t>(t.element_size());
    }
    bool merges = ndim > 0;
    for (int i = 0; i < operands && merges; ++i) merges = strides[i][ndim - 1] == step[i] * out[d];
    if (merges) {
      sizes[ndim - 1] *= out[d];
    } else {
      sizes[ndim++] = out[d];
    }
    for (int i = 0; i < operands; ++i) strides[i][ndim - 1] = step[i];
  }
  if (ndim == 0) {
    ndim = 1;
    sizes[0] = numel;  // 1, or 0 for no elements
    for (int i = 0; i < operands; ++i) strides[i][0] = static_cast<int64_t>(all[i]->element_size());
  }
  for (int i = 0; i < operands; ++i) data[i] = static_cast<std::byte*>(all[i]->data_ptr());
}

StridedCursor::StridedCursor(const StridedSpace& space, int64_t linear) : space_(space) {
  for (int i = 0; i < space.operands; ++i) offset_[i] = 0;
  for (int d = space.ndim - 1; d >= 0; --d) {
    index_[d] = d == 0 ? linear : linear % space.sizes[d];
    if (d > 0) linear /= space.sizes[d];
    for (int i = 0; i < space.operands; ++i) offset_[i] += index_[d] * space.strides[i][d];
  }
}

void StridedCursor::advance(int64_t count) {
  int64_t carry = count;
  for (int d = space_.ndim - 1; d >= 0 && carry; --d) {
    const int64_t old = index_[d];
    int64_t now = old + carry;
    carry = 0;
    if (now == space_.sizes[d] && d > 0) {  // the end of a run, as mostly
      carry = 1;
      now = 0;
    } else if (now > space_.sizes[d] && d > 0) {
      carry = now / space_.sizes[d];
      now %= space_.sizes[d];
    }
    index_[d] = now;
    for (int i = 0; i < space_.operands; ++i) offset_[i] += (now - old) * space_.strides[i][d];
  }
}

void copy_strided(std::byte* to, int64_t to_stride, const std::byte* from, int64_t from_stride,
                  int64_t n, size_t size) {
  const auto element = static_cast<int64_t>(size);
  if (to_stride == element && from_stride == element) {
    std::memcpy(to, from, static_cast<size_t>(n) * size);
    return;
  }
  switch (size) {
    case 1: return copy_elements<uint8_t>(to, to_stride, from, from_stride, n);
    case 2: return copy_elements<uint16_t>(to, to_stride, from, from_stride, n);
    case 4: return copy_elements<uint32_t>(to, to_stride, from, from_stride, n);
    default: return copy_elements<uint64_t>(to, to_stride, from, from_stride, n);
  }
}

}  // namespace lydia::cpu
