// Rows of a floating tensor seen as float or double: in place where the dtype allows, else
// converted into a buffer of the calling thread.
#pragma once

#include <vector>

#include "lydia/core/tensor.h"
#include "lydia/cpu/convert.h"

namespace lydia::cpu {

// W is float (for f16, bf16, f32) or double (for f64).
template <class W>
class RowReader {
 public:
  // `t` is contiguous [rows, width], or undefined.
  RowReader(const Tensor& t, int64_t width)
      : base_(t.defined() ? static_cast<const std::byte*>(t.data_ptr()) : nullptr), width_(width) {
    if (!base_) return;
    size_ = static_cast<int64_t>(t.element_size());
    if (t.dtype() != dtype_of<W>()) {
      convert_ = convert_fn(t.dtype(), dtype_of<W>());
      buffer_.resize(static_cast<size_t>(width));
    }
  }
  const W* row(int64_t i) {
    if (!base_) return nullptr;
    const std::byte* at = base_ + i * width_ * size_;
    if (!convert_) return reinterpret_cast<const W*>(at);
    convert_(at, buffer_.data(), width_);
    return buffer_.data();
  }

 private:
  const std::byte* base_;
  int64_t width_, size_ = 0;
  ConvertFn convert_ = nullptr;
  std::vector<W> buffer_;
};

template <class W>
class RowWriter {
 public:
  RowWriter(const Tensor& t, int64_t width)
      : base_(t.defined() ? static_cast<std::byte*>(t.data_ptr()) : nullptr), width_(width) {
    if (!base_) return;
    size_ = static_cast<int64_t>(t.element_size());
    if (t.dtype() != dtype_of<W>()) {
      convert_ = convert_fn(dtype_of<W>(), t.dtype());
      buffer_.resize(static_cast<size_t>(width));
    }
  }
  // Where to compute row i; then store(i).
  W* row(int64_t i) {
    return convert_ ? buffer_.data() : reinterpret_cast<W*>(base_ + i * width_ * size_);
  }
  void store(int64_t i) {
    if (convert_) convert_(buffer_.data(), base_ + i * width_ * size_, width_);
  }

 private:
  std::byte* base_;
  int64_t width_, size_ = 0;
  ConvertFn convert_ = nullptr;
  std::vector<W> buffer_;
};

// Calls f(W{}) with the type a floating dtype computes in.
template <class F>
void visit_float_row(DType t, F&& f) {
  if (t == DType::F64)
    f(double{});
  else
    f(float{});
}

}  // namespace lydia::cpu
