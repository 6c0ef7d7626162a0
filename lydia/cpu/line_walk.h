// The walk of gathers and scatters along one dimension: three operands (the indexed tensor, the
// int64 index, the values) seen as lines along that dimension.
#pragma once

#include "lydia/cpu/parallel.h"
#include "lydia/cpu/strided.h"
#include "lydia/ops/op.h"

namespace lydia::cpu {

struct LineWalk {
  LineWalk(const char* op, const Tensor& indexed, const Tensor& index, const Tensor& values,
           int64_t dim);

  const char* op;
  int64_t dim, length;  // of the indexed tensor along dim
  int64_t count;        // index elements on a line
  int64_t step[3];      // along dim, in bytes
  StridedSpace lines;   // over the other dimensions of the index
  bool inner;           // dim is the faster one in memory: finish a line before the next

  int64_t offset(int64_t value) const {
    LYDIA_CHECK(value >= -length && value < length, IndexError, op, ": index ", value,
                " is out of range for dimension ", dim, " of size ", length);
    return (value < 0 ? value + length : value) * step[0];
  }
};

// Calls f(element of the indexed tensor, value) for lines [begin, end), elements [first, last) of
// each; along a line in index order.
template <class T, class F>
void walk_lines(const LineWalk& w, int64_t begin, int64_t end, int64_t first, int64_t last, F f) {
  StridedCursor at(w.lines, begin);
  const int64_t* step = w.step;
  for (int64_t left = end - begin; left > 0;) {
    const int64_t n = std::min(left, at.run_left());
    std::byte* p[3] = {at.pointer(0), at.pointer(1), at.pointer(2)};
    const int64_t s[3] = {w.lines.inner_stride(0), w.lines.inner_stride(1),
                          w.lines.inner_stride(2)};
    const auto one = [&](int64_t line, int64_t k) {
      const int64_t i = *reinterpret_cast<const int64_t*>(p[1] + line * s[1] + k * step[1]);
      f(*reinterpret_cast<T*>(p[0] + line * s[0] + w.offset(i)),
        *reinterpret_cast<T*>(p[2] + line * s[2] + k * step[2]));
    };
    if (w.inner) {
      for (int64_t line = 0; line < n; ++line)
        for (int64_t k = first; k < last; ++k) one(line, k);
    } else {
      for (int64_t k = first; k < last; ++k)
        for (int64_t line = 0; line < n; ++line) one(line, k);
    }
    left -= n;
    if (left) at.advance(n);
  }
}

inline int64_t line_grain(const LineWalk& w) {
  return std::max<int64_t>(1, kGrain / 4 / std::max<int64_t>(1, w.count));
}

}  // namespace lydia::cpu
