// cast: out = (dtype of out) in, over strides and broadcasting. Also every plain copy.
#include <algorithm>
#include <cstring>

#include "lydia/cpu/convert.h"
#include "lydia/cpu/kernels.h"
#include "lydia/cpu/parallel.h"
#include "lydia/cpu/strided.h"
#include "lydia/cpu/transpose.h"

namespace lydia::cpu {
namespace {

constexpr int64_t kBlock = 1024;

void copy_run(std::byte* to, int64_t to_stride, size_t to_size, const std::byte* from,
              int64_t from_stride, size_t from_size, int64_t n, ConvertFn convert) {
  if (!convert) return copy_strided(to, to_stride, from, from_stride, n, to_size);
  alignas(64) std::byte gathered[kBlock * 8];
  alignas(64) std::byte converted[kBlock * 8];
  for (int64_t done = 0; done < n; done += kBlock) {
    const int64_t count = std::min(kBlock, n - done);
    const std::byte* source = from + done * from_stride;
    if (from_stride != static_cast<int64_t>(from_size)) {
      copy_strided(gathered, static_cast<int64_t>(from_size), source, from_stride, count,
                   from_size);
      source = gathered;
    }
    std::byte* target = to + done * to_stride;
    if (to_stride == static_cast<int64_t>(to_size)) {
      convert(source, target, count);
    } else {
      convert(source, converted, count);
      copy_strided(target, to_stride, converted, static_cast<int64_t>(to_size), count, to_size);
    }
  }
}

// Runs that are dense in both operands, such as the rows of [B, S, H, D] seen as [B, H, S, D].
bool copy_rows(const StridedSpace& space, size_t size) {
  const auto element = static_cast<int64_t>(size);
  if (space.ndim < 2 || space.inner_stride(0) != element || space.inner_stride(1) != element)
    return false;
  StridedSpace rows = space;
  --rows.ndim;
  rows.numel /= space.inner_size();
  const int64_t grain = std::max<int64_t>(1, kGrain / space.inner_size());
  const auto bytes = static_cast<size_t>(space.inner_size()) * size;
  parallel_for(0, rows.numel, grain, [&](int64_t begin, int64_t end) {
    StridedCursor at(rows, begin);
    for (int64_t left = end - begin; left > 0;) {
      const int64_t n = std::min(left, at.run_left());
      std::byte* to = at.pointer(0);
      const std::byte* from = at.pointer(1);
      for (int64_t i = 0; i < n; ++i)
        std::memcpy(to + i * rows.inner_stride(0), from + i * rows.inner_stride(1), bytes);
      left -= n;
      if (left) at.advance(n);
    }
  });
  return true;
}

}  // namespace

void cast(const KernelCall& call) {
  const Tensor& out = call.out();
  const Tensor& in = call.in(0);
  if (out.numel() == 0) return;
  const ConvertFn convert =
      out.dtype() == in.dtype() ? nullptr : convert_fn(in.dtype(), out.dtype());
  const Tensor* operands[] = {&out, &in};
  const StridedSpace space(operands);
  const size_t size = out.element_size();
  if (!convert && (copy_rows(space, size) || copy_transposed(space, size))) return;
  parallel_for(0, space.numel, kGrain, [&](int64_t begin, int64_t end) {
    StridedCursor at(space, begin);
    for (int64_t left = end - begin; left > 0;) {
      const int64_t n = std::min(left, at.run_left());
      copy_run(at.pointer(0), space.inner_stride(0), out.element_size(), at.pointer(1),
               space.inner_stride(1), in.element_size(), n, convert);
      left -= n;
      if (left) at.advance(n);
    }
  });
}

}  // namespace lydia::cpu
