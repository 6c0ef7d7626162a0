#include "lydia/cpu/index_walk.h"

#include "lydia/cpu/parallel.h"
#include "lydia/ops/op.h"

namespace lydia::cpu {
namespace {

// Dimensions [begin, end) of t, from its first element on.
Tensor part(const Tensor& t, int64_t begin, int64_t end) {
  const std::span<const int64_t> sizes(t.sizes()), strides(t.strides());
  const auto from = static_cast<size_t>(begin), count = static_cast<size_t>(end - begin);
  return detail::alias(t, Dims(sizes.subspan(from, count)), Dims(strides.subspan(from, count)),
                       t.storage_offset());
}

StridedSpace pair_space(const Tensor& a, const Tensor& b) {
  const Tensor* operands[] = {&a, &b};
  return StridedSpace(operands);
}

StridedSpace single_space(const Tensor& a) {
  const Tensor* operands[] = {&a};
  return StridedSpace(operands);
}

}  // namespace

IndexWalk::IndexWalk(const char* op, const Tensor& indexed, const Tensor& values, int64_t first,
                     std::span<const Tensor* const> tensors, const Dims& named)
    : op_(op),
      tensors_(tensors),
      named_(named),
      pre_(pair_space(part(indexed, 0, first), part(values, 0, first))),
      post_(pair_space(part(indexed, first + static_cast<int64_t>(tensors.size()), indexed.ndim()),
                       part(values, first + tensors[0]->ndim(), values.ndim()))),
      index_(single_space(part(values, first, first + tensors[0]->ndim()))) {
  for (size_t d = 0; d < tensors.size(); ++d) {
    const size_t at = static_cast<size_t>(first) + d;
    lengths_.push_back(indexed.sizes()[at]);
    steps_.push_back(indexed.strides()[at] * static_cast<int64_t>(indexed.element_size()));
  }
}

IndexPiece IndexWalk::whole() const { return {0, pre_.numel, 0, index_.numel, 0, post_.numel}; }

// Byte offsets of places [begin, begin + count) in the indexed tensor and, if asked, in the values.
void IndexWalk::resolve(int64_t begin, int64_t count, int64_t* indexed_at,
                        int64_t* values_at) const {
  std::fill_n(indexed_at, count, 0);
  for (size_t d = 0; d < tensors_.size(); ++d) {
    const Tensor* operand[] = {tensors_[d]};
    const StridedSpace space(operand);
    StridedCursor at(space, begin);
    const int64_t length = lengths_[d], step = steps_[d], stride = space.inner_stride(0);
    for (int64_t done = 0; done < count;) {
      const int64_t n = std::min(count - done, at.run_left());
      const std::byte* p = at.pointer(0);
      for (int64_t i = 0; i < n; ++i) {
        int64_t value = *reinterpret_cast<const int64_t*>(p + i * stride);
        LYDIA_CHECK(value >= -length && value < length, IndexError, op_, ": index ", value,
                    " is out of range for dimension ", named_[d], " of size ", length);
        value += value < 0 ? length : 0;
        indexed_at[done + i] += value * step;
      }
      done += n;
      if (done < count) at.advance(n);
    }
  }
  if (!values_at) return;
  StridedCursor at(index_, begin);
  for (int64_t done = 0; done < count;) {
    const int64_t n = std::min(count - done, at.run_left());
    const int64_t base = at.pointer(0) - index_.data[0], stride = index_.inner_stride(0);
    for (int64_t i = 0; i < n; ++i) values_at[done + i] = base + i * stride;
    done += n;
    if (done < count) at.advance(n);
  }
}

void IndexWalk::check_all() const {
  int64_t at[kIndexBlock];
  for (int64_t i = 0; i < index_.numel; i += kIndexBlock)
    resolve(i, std::min(kIndexBlock, index_.numel - i), at, nullptr);
}

void IndexWalk::move(const Mover& mover, bool gathers, const IndexPiece& piece) const {
  int64_t indexed_at[kIndexBlock], values_at[kIndexBlock];
  const int to = gathers ? 1 : 0, from = gathers ? 0 : 1;
  const int64_t* to_at = gathers ? values_at : indexed_at;
  const int64_t* from_at = gathers ? indexed_at : values_at;
  for (int64_t i = piece.index_begin; i < piece.index_end; i += kIndexBlock) {
    const int64_t count = std::min(kIndexBlock, piece.index_end - i);
    resolve(i, count, indexed_at, values_at);
    StridedCursor pre(pre_, piece.pre_begin);
    for (int64_t p = piece.pre_begin; p < piece.pre_end; ++p) {
      std::byte* to_base = pre.pointer(to);
      const std::byte* from_base = pre.pointer(from);
      if (post_.numel == 1) {
        mover.points(to_base, to_at, from_base, from_at, count);
      } else {
        for (int64_t k = 0; k < count; ++k) {
          StridedCursor post(post_, piece.post_begin);
          for (int64_t left = piece.post_end - piece.post_begin; left > 0;) {
            const int64_t n = std::min(left, post.run_left());
            mover.run(to_base + to_at[k] + (post.pointer(to) - post_.data[to]),
                      post_.inner_stride(to),
                      from_base + from_at[k] + (post.pointer(from) - post_.data[from]),
                      post_.inner_stride(from), n);
            left -= n;
            if (left) post.advance(n);
          }
        }
      }
      if (p + 1 < piece.pre_end) pre.advance(1);
    }
  }
}

void IndexWalk::gather(const Mover& mover) const {
  const int64_t cost = std::max<int64_t>(1, post_.numel);
  if (pre_.numel > index_.numel) {
    const int64_t grain = std::max<int64_t>(1, kGrain / 4 / (cost * index_.numel));
    return parallel_for(0, pre_.numel, grain, [&](int64_t begin, int64_t end) {
      move(mover, true, {begin, end, 0, index_.numel, 0, post_.numel});
    });
  }
  const int64_t grain = std::max<int64_t>(1, kGrain / 4 / (cost * pre_.numel));
  parallel_for(0, index_.numel, grain, [&](int64_t begin, int64_t end) {
    move(mover, true, {0, pre_.numel, begin, end, 0, post_.numel});
  });
}

void IndexWalk::scatter(const Mover& mover) const {
  const bool over_pre = pre_.numel >= post_.numel;
  const int64_t size = over_pre ? pre_.numel : post_.numel;
  const int64_t cost = index_.numel * (over_pre ? post_.numel : pre_.numel);
  const int64_t grain = std::max<int64_t>(1, kGrain / 4 / std::max<int64_t>(1, cost));
  parallel_for(0, size, grain, [&](int64_t begin, int64_t end) {
    IndexPiece piece = whole();
    (over_pre ? piece.pre_begin : piece.post_begin) = begin;
    (over_pre ? piece.pre_end : piece.post_end) = end;
    move(mover, false, piece);
  });
}

}  // namespace lydia::cpu
