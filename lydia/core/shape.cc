#include "lydia/core/shape.h"

#include <ostream>
#include <sstream>

#include "lydia/core/error.h"

namespace lydia {
namespace {

void check_count(size_t count) {
  LYDIA_CHECK(count <= kMaxDims, ValueError, "shape: expected at most ", kMaxDims,
              " dimensions, got ", count);
}

}  // namespace

Dims::Dims(std::span<const int64_t> values) : size_(static_cast<uint32_t>(values.size())) {
  check_count(values.size());
  std::copy(values.begin(), values.end(), values_);
}

Dims::Dims(size_t count, int64_t value) { resize(count, value); }

void Dims::push_back(int64_t value) { insert(size_, value); }

void Dims::insert(size_t at, int64_t value) {
  check_count(size_ + 1);
  std::copy_backward(values_ + at, values_ + size_, values_ + size_ + 1);
  values_[at] = value;
  ++size_;
}

void Dims::erase(size_t at) {
  std::copy(values_ + at + 1, values_ + size_, values_ + at);
  --size_;
}

void Dims::resize(size_t count, int64_t value) {
  check_count(count);
  if (count > size_) std::fill(values_ + size_, values_ + count, value);
  size_ = static_cast<uint32_t>(count);
}

std::ostream& operator<<(std::ostream& out, const Dims& dims) {
  out << '[';
  for (size_t i = 0; i < dims.size(); ++i) out << (i ? ", " : "") << dims[i];
  return out << ']';
}

std::string to_string(const Dims& dims) {
  std::ostringstream out;
  out << dims;
  return out.str();
}

int64_t checked_numel(const char* op, const Dims& sizes) {
  int64_t n = 1;
  bool overflow = false;
  bool empty = false;
  for (int64_t s : sizes) {
    LYDIA_CHECK(s >= 0, ValueError, op, ": expected sizes >= 0, got shape ", sizes);
    empty |= s == 0;
    overflow |= __builtin_mul_overflow(n, s, &n);
  }
  if (empty) return 0;
  LYDIA_CHECK(!overflow, ValueError, op, ": expected fewer than 2^63 elements, got shape ", sizes);
  return n;
}

int64_t numel_of(const Dims& sizes) {
  int64_t n = 1;
  for (int64_t s : sizes) n *= s;
  return n;
}

Dims contiguous_strides(const Dims& sizes) {
  Dims strides(sizes.size(), 1);
  for (int i = sizes.ndim() - 2; i >= 0; --i)
    if (__builtin_mul_overflow(strides[i + 1], std::max<int64_t>(sizes[i + 1], 1), &strides[i]))
      strides[i] = 0;  // only for shapes without elements, whose strides are never used
  return strides;
}

Dims broadcast_shapes(const char* op, const Dims& a, const Dims& b) {
  if (a == b) return a;
  const Dims& longer = a.size() >= b.size() ? a : b;
  const Dims& shorter = a.size() >= b.size() ? b : a;
  Dims out = longer;
  const size_t shift = longer.size() - shorter.size();
  for (size_t i = 0; i < shorter.size(); ++i) {
    const int64_t x = longer[shift + i], y = shorter[i];
    LYDIA_CHECK(x == y || x == 1 || y == 1, ValueError, op,
                ": expected shapes that broadcast together, got ", a, " and ", b,
                " (they differ in dimension ", static_cast<int64_t>(shift + i), ")");
    out[shift + i] = x == 1 ? y : x;
  }
  return out;
}

int wrap_dim(const char* op, int64_t dim, int ndim) {
  const int64_t range = std::max(ndim, 1);
  LYDIA_CHECK(dim >= -range && dim < range, IndexError, op, ": expected dim in [", -range, ", ",
              range - 1, "], got ", dim);
  return static_cast<int>(dim < 0 ? dim + range : dim);
}

Dims wrap_dims(const char* op, const Dims& dims, int ndim) {
  Dims out;
  if (dims.empty()) {
    for (int i = 0; i < ndim; ++i) out.push_back(i);
    return out;
  }
  for (int64_t d : dims) {
    const int w = wrap_dim(op, d, ndim);
    LYDIA_CHECK(std::find(out.begin(), out.end(), w) == out.end(), ValueError, op,
                ": expected each dim once, got ", dims);
    out.push_back(w);
  }
  return out;
}

}  // namespace lydia
