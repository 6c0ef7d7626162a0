// The walk of index and index_put: an indexed tensor seen as [pre..., n_0, .., n_m, post...] beside
// values seen as [pre..., i..., post...], where i is the common shape of the index tensors.
#pragma once

#include <span>

#include "lydia/cpu/strided.h"

namespace lydia::cpu {

inline constexpr int64_t kIndexBlock = 512;  // places resolved at a time, on the stack

// Moves values; strides and offsets are in bytes.
struct Mover {
  // n elements along a run
  void (*run)(std::byte* to, int64_t to_stride, const std::byte* from, int64_t from_stride,
              int64_t n);
  // n single elements
  void (*points)(std::byte* to, const int64_t* to_at, const std::byte* from, const int64_t* from_at,
                 int64_t n);
};

// A piece of the walk: ranges over the linear pre, index and post spaces.
struct IndexPiece {
  int64_t pre_begin, pre_end, index_begin, index_end, post_begin, post_end;
};

class IndexWalk {
 public:
  // tensors: int64, all of one shape. `named` are the dimensions that errors call them.
  IndexWalk(const char* op, const Tensor& indexed, const Tensor& values, int64_t first,
            std::span<const Tensor* const> tensors, const Dims& named);

  // Moves from the indexed tensor to the values; pieces of the index space are disjoint.
  void gather(const Mover& mover) const;
  // Moves from the values to the indexed tensor, in index order for each of its elements.
  void scatter(const Mover& mover) const;
  // IndexError unless every index is in range.
  void check_all() const;

 private:
  void resolve(int64_t begin, int64_t count, int64_t* indexed_at, int64_t* values_at) const;
  void move(const Mover& mover, bool gathers, const IndexPiece& piece) const;
  IndexPiece whole() const;

  const char* op_;
  std::span<const Tensor* const> tensors_;
  const Dims& named_;
  Dims lengths_, steps_;             // of the indexed dimensions, steps in bytes
  StridedSpace pre_, post_, index_;  // operands of pre and post: indexed, values; of index: values
};

}  // namespace lydia::cpu
