// Sizes and strides of a tensor: a short list of int64 kept inline, and the arithmetic on shapes.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <initializer_list>
#include <iosfwd>
#include <span>
#include <string>

namespace lydia {

inline constexpr int kMaxDims = 16;

// At most kMaxDims integers; a seventeenth is a ValueError.
class Dims {
 public:
  Dims() = default;
  Dims(std::initializer_list<int64_t> values) : Dims(std::span(values.begin(), values.size())) {}
  explicit Dims(std::span<const int64_t> values);
  Dims(size_t count, int64_t value);
  Dims(const Dims& other) : size_(other.size_) { std::copy_n(other.values_, size_, values_); }
  Dims& operator=(const Dims& other) {
    size_ = other.size_;
    std::copy_n(other.values_, size_, values_);
    return *this;
  }

  size_t size() const { return size_; }
  int ndim() const { return static_cast<int>(size_); }
  bool empty() const { return size_ == 0; }
  int64_t& operator[](size_t i) { return values_[i]; }
  int64_t operator[](size_t i) const { return values_[i]; }
  int64_t* data() { return values_; }
  const int64_t* data() const { return values_; }
  int64_t* begin() { return values_; }
  int64_t* end() { return values_ + size_; }
  const int64_t* begin() const { return values_; }
  const int64_t* end() const { return values_ + size_; }
  int64_t& back() { return values_[size_ - 1]; }
  int64_t back() const { return values_[size_ - 1]; }
  operator std::span<const int64_t>() const { return {values_, size_}; }

  void push_back(int64_t value);
  void insert(size_t at, int64_t value);
  void erase(size_t at);
  void resize(size_t count, int64_t value = 0);

  friend bool operator==(const Dims& a, const Dims& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
  }

 private:
  uint32_t size_ = 0;
  int64_t values_[kMaxDims];
};

// "[2, 3]"
std::ostream& operator<<(std::ostream& out, const Dims& dims);
std::string to_string(const Dims& dims);

// Product of the sizes. ValueError (naming `op`) on a negative size or a product over 2^63 - 1.
int64_t checked_numel(const char* op, const Dims& sizes);
// Product of the sizes, which are known to be good.
int64_t numel_of(const Dims& sizes);
// Row-major strides; dimensions of size 0 count as 1, as in PyTorch.
Dims contiguous_strides(const Dims& sizes);
// NumPy broadcasting. ValueError naming `op` when the shapes do not fit.
Dims broadcast_shapes(const char* op, const Dims& a, const Dims& b);
// Maps dim in [-ndim, ndim) to [0, ndim); a 0-d tensor counts as one dimension. IndexError
// otherwise.
int wrap_dim(const char* op, int64_t dim, int ndim);
// Wraps each dim and refuses repeats; an empty list means all dimensions.
Dims wrap_dims(const char* op, const Dims& dims, int ndim);

}  // namespace lydia
