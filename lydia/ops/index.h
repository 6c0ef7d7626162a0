// Indexing by NumPy's rules: x[0, 1:5:2, ..., None, mask, idx].
//
// Ints, slices, Ellipsis and None give a view (`index_view`). A bool or integer tensor makes the
// expression "advanced": a view by the basic items first, then a gather copy (`index`):
//   out[pre..., i..., post...] = x[pre..., idx_0[i...], ..., idx_m[i...], post...]
// The broadcast shape of the index tensors stands where they stood when they are adjacent (ints
// count as index tensors beside them), else in front. `index_put` is the way back: it writes, or
// with `accumulate` adds, values at those places. Of duplicate indices the last one wins, and sums
// run in index order, so results never depend on the thread count.
// Source: NumPy user guide, "Indexing on ndarrays".
#pragma once

#include <optional>
#include <span>

#include "lydia/core/tensor.h"

namespace lydia {

struct Slice {
  std::optional<int64_t> start, stop;
  int64_t step = 1;
};

// One item of an index expression.
class Index {
 public:
  enum class Kind : uint8_t { Int, Slice, Ellipsis, NewAxis, Bool, Tensor };

  Index(int64_t i) : value_(i) {}
  Index(int i) : value_(i) {}
  Index(bool b) : kind_(Kind::Bool), value_(b) {}
  Index(const Slice& s) : kind_(Kind::Slice), slice_(s) {}
  // A bool mask over as many dimensions as it has, or integers along one dimension.
  Index(const Tensor& t) : kind_(Kind::Tensor), tensor_(t) {}
  static Index ellipsis() { return Index(Kind::Ellipsis); }
  static Index new_axis() { return Index(Kind::NewAxis); }

  Kind kind() const { return kind_; }
  int64_t value() const { return value_; }
  const Slice& slice() const { return slice_; }
  const Tensor& tensor() const { return tensor_; }

 private:
  explicit Index(Kind kind) : kind_(kind) {}

  Kind kind_ = Kind::Int;
  int64_t value_ = 0;
  Slice slice_;
  Tensor tensor_;
};
using Indices = std::span<const Index>;

// x[items]. IndexError for anything out of range, with the dimension and its size.
Tensor index(const Tensor& x, Indices items);
Tensor index(const Tensor& x, std::initializer_list<Index> items);
// x[items] = value: broadcasts and converts the value.
void set_index(const Tensor& x, Indices items, const Tensor& value);
void set_index(const Tensor& x, Indices items, Scalar value);
// A copy of x, or x itself, with x[items] = values, or x[items] += values for every index.
Tensor index_put(const Tensor& x, Indices items, const Tensor& values, bool accumulate = false);
const Tensor& index_put_(const Tensor& self, Indices items, const Tensor& values,
                         bool accumulate = false);

struct IndexAttrs {
  int64_t first = 0;        // the dimension of x that idx_0 indexes; the others follow it
  Dims named;               // what errors call those dimensions
  bool accumulate = false;  // index_put
  Dims sizes;               // index_put: of the result when there is no base
};

}  // namespace lydia
