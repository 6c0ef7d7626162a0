// Work over a list of contiguous tensors, dealt to threads by element count.
#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "lydia/core/tensor.h"
#include "lydia/cpu/parallel.h"

namespace lydia::cpu {

// Pieces begin at multiples of this.
inline constexpr int64_t kPiece = 1024;

// The pieces of a list of tensors, in order: tensor i has the pieces first[i] .. first[i + 1] - 1.
struct Pieces {
  template <class List>
  explicit Pieces(const List& tensors) : first{0} {
    for (const Tensor* t : tensors) {
      numel.push_back(t->defined() ? t->numel() : 0);
      first.push_back(first.back() + (numel.back() + kPiece - 1) / kPiece);
    }
  }
  int64_t count() const { return first.back(); }
  // The tensor that holds piece p.
  size_t owner(int64_t p) const {
    return static_cast<size_t>(std::upper_bound(first.begin(), first.end(), p) - first.begin() - 1);
  }

  std::vector<int64_t> numel, first;
};

// Calls f(tensor, first element, last element) so that every element is met once; ranges of one
// tensor are as long as the split between threads lets them be.
template <class F>
void for_ranges(const Pieces& pieces, F&& f) {
  parallel_for(0, pieces.count(), kGrain / kPiece, [&](int64_t begin, int64_t end) {
    for (size_t t = pieces.owner(begin); begin < end; ++t) {
      const int64_t last = std::min(end, pieces.first[t + 1]);
      if (last <= begin) continue;
      const int64_t from = (begin - pieces.first[t]) * kPiece;
      f(t, from, std::min(pieces.numel[t], (last - pieces.first[t]) * kPiece));
      begin = last;
    }
  });
}

}  // namespace lydia::cpu
