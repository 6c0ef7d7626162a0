// What generation keeps of the tokens it has seen: each part of the model owns entries under its
// address, so that a part needs no knowledge of the others.
#pragma once

#include <map>
#include <memory>
#include <utility>

#include "lydia/core/tensor.h"

namespace lydia::models {

// Rows along dimension 1 of [batch, rows, ...], appended in amortised constant time; with a limit
// only the last `limit` stay. Values carry no history.
class Rows {
 public:
  // Appends and gives all that is kept, as a view that the next append may overwrite.
  Tensor append(const Tensor& rows, int64_t limit = 0);
  // Of the kept rows; undefined before the first append.
  Tensor kept() const;

 private:
  Tensor buffer_;
  int64_t begin_ = 0, end_ = 0;
};

class Cache {
 public:
  // The rows that `owner` keeps as its entry `index`.
  Rows& rows(const void* owner, int index = 0) { return rows_[{owner, index}]; }
  // A value that `owner` keeps; undefined at first.
  Tensor& value(const void* owner, int index = 0) { return values_[{owner, index}]; }
  // A cache of its own, for parts that run several times in one pass.
  Cache& part(int index);
  void clear();

  int64_t tokens = 0;       // seen so far
  int64_t text_tokens = 0;  // those of them that are text

 private:
  std::map<std::pair<const void*, int>, Rows> rows_;
  std::map<std::pair<const void*, int>, Tensor> values_;
  std::map<int, std::unique_ptr<Cache>> parts_;
};

}  // namespace lydia::models
