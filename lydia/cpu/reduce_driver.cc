#include "lydia/cpu/reduce_driver.h"

#include <algorithm>
#include <memory>

#include "lydia/cpu/parallel.h"
#include "lydia/cpu/strided.h"

namespace lydia::cpu {
namespace {

constexpr int64_t kChunk = 32768;     // reduced elements per partial result when few are kept
constexpr int64_t kColumns = 512;     // kept neighbours worked on together
constexpr int64_t kMaxPartials = 64;  // partial results per column block

// The same storage seen as [kept dimensions] and [reduced dimensions].
struct Split {
  Tensor kept, reduced;
};

Tensor window(const Tensor& in, const Dims& dims) {
  Dims sizes, strides;
  for (int64_t d : dims) {
    sizes.push_back(in.sizes()[d]);
    strides.push_back(in.strides()[d]);
  }
  return Tensor::over(in.storage(), in.dtype(), sizes, strides, in.storage_offset());
}

Split split(const Tensor& in, const Dims& dims) {
  Dims kept;
  for (int d = 0; d < in.ndim(); ++d)
    if (std::find(dims.begin(), dims.end(), d) == dims.end()) kept.push_back(d);
  return {window(in, kept), window(in, dims)};
}

StridedSpace space_of(const Tensor& t) {
  const Tensor* operand[] = {&t};
  return StridedSpace(operand);
}

// Memory for accumulators, on the stack of a thread or the heap for long lists.
struct Accumulators {
  explicit Accumulators(size_t bytes) : heap(new std::byte[bytes + 64]) {}
  std::byte* get() {
    return reinterpret_cast<std::byte*>((reinterpret_cast<uintptr_t>(heap.get()) + 63) &
                                        ~uintptr_t{63});
  }
  std::unique_ptr<std::byte[]> heap;
};

class Reduction {
 public:
  Reduction(const Tensor& in, const Tensor& out, const Dims& dims, const Reducer& r, ReduceParams p)
      : parts_(split(in, dims)),
        kept_(space_of(parts_.kept)),
        reduced_(space_of(parts_.reduced)),
        r_(r),
        p_(p),
        out_(static_cast<std::byte*>(out.data_ptr())),
        out_size_(static_cast<int64_t>(out.element_size())),
        element_(static_cast<int64_t>(in.element_size())) {
    p_.count = reduced_.numel;
  }

  void run() {
    const bool dense_kept = kept_.inner_stride(0) == element_ && kept_.inner_size() >= 8;
    const bool dense_reduced = reduced_.inner_stride(0) == element_;
    if (dense_kept && !(dense_reduced && reduced_.inner_size() >= 32))
      by_columns();
    else
      by_rows();
  }

 private:
  // Reduced elements [begin, end) of the result whose first element lies `shift` bytes on.
  void add_range(std::byte* acc, int64_t shift, int64_t begin, int64_t end) {
    const int64_t stride = reduced_.inner_stride(0);
    if (reduced_.inner_size() == reduced_.numel) {  // a single run, which most are
      r_.row(acc, reduced_.data[0] + shift + begin * stride, stride, end - begin, p_);
      return;
    }
    StridedCursor at(reduced_, begin);
    for (int64_t left = end - begin; left > 0;) {
      const int64_t n = std::min(left, at.run_left());
      r_.row(acc, at.pointer(0) + shift, stride, n, p_);
      left -= n;
      if (left) at.advance(n);
    }
  }

  void by_rows() {
    if (kept_.numel < 16 && reduced_.numel > kChunk) return by_chunks();
    const int64_t grain = std::max<int64_t>(1, kGrain / reduced_.numel);
    parallel_for(0, kept_.numel, grain, [&](int64_t begin, int64_t end) {
      StridedCursor at(kept_, begin);
      alignas(64) std::byte acc[kMaxAccumulator];
      for (int64_t i = begin; i < end; ++i) {
        r_.init(acc, 1, p_);
        add_range(acc, at.pointer(0) - kept_.data[0], 0, reduced_.numel);
        r_.finish(acc, out_ + i * out_size_, 1, p_);
        if (i + 1 < end) at.advance(1);
      }
    });
  }

  // Few results of many elements: chunks of fixed size in parallel, joined in order.
  void by_chunks() {
    const int64_t chunks = (reduced_.numel - 1) / kChunk + 1;
    const int64_t size = static_cast<int64_t>(r_.size);
    Accumulators partial(static_cast<size_t>(kept_.numel * chunks * size));
    parallel_for(0, kept_.numel * chunks, 1, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const StridedCursor at(kept_, i / chunks);
        std::byte* acc = partial.get() + i * size;
        const int64_t first = i % chunks * kChunk;
        r_.init(acc, 1, p_);
        add_range(acc, at.pointer(0) - kept_.data[0], first,
                  std::min(first + kChunk, reduced_.numel));
      }
    });
    for (int64_t k = 0; k < kept_.numel; ++k) {
      std::byte* acc = partial.get() + k * chunks * size;
      for (int64_t c = 1; c < chunks; ++c) r_.join(acc, acc + c * size, 1, p_);
      r_.finish(acc, out_ + k * out_size_, 1, p_);
    }
  }

  // Neighbouring results side by side: each reduced position adds one short dense run.
  void by_columns() {
    const int64_t width = kept_.inner_size();
    const int64_t blocks = (width - 1) / kColumns + 1;
    const int64_t groups = kept_.numel / width;
    const int64_t work = std::min(width, kColumns) * reduced_.numel;
    const int64_t partials =
        groups * blocks >= 16
            ? 1
            : std::clamp<int64_t>(work / kChunk, 1, std::min(kMaxPartials, reduced_.numel));
    const int64_t size = static_cast<int64_t>(r_.size);
    const int64_t slot = std::min(width, kColumns) * size;
    Accumulators acc(static_cast<size_t>(groups * blocks * partials * slot));
    const int64_t units = groups * blocks * partials;
    parallel_for(
        0, units, std::max<int64_t>(1, kGrain * partials / work), [&](int64_t begin, int64_t end) {
          for (int64_t u = begin; u < end; ++u)
            column_block(acc.get() + u * slot, u / partials, blocks, u % partials, partials);
        });
    for (int64_t b = 0; b < groups * blocks; ++b) {
      std::byte* first = acc.get() + b * partials * slot;
      const int64_t start = b % blocks * kColumns, n = std::min(kColumns, width - start);
      for (int64_t q = 1; q < partials; ++q) r_.join(first, first + q * slot, n, p_);
      r_.finish(first, out_ + (b / blocks * width + start) * out_size_, n, p_);
    }
  }

  void column_block(std::byte* acc, int64_t block, int64_t blocks, int64_t part, int64_t parts) {
    const int64_t width = kept_.inner_size();
    const int64_t start = block % blocks * kColumns, n = std::min(kColumns, width - start);
    const StridedCursor group(kept_, block / blocks * width);
    const int64_t shift = group.pointer(0) - kept_.data[0] + start * element_;
    const int64_t begin = reduced_.numel * part / parts, end = reduced_.numel * (part + 1) / parts;
    r_.init(acc, n, p_);
    StridedCursor at(reduced_, begin);
    for (int64_t left = end - begin; left > 0;) {
      const int64_t run = std::min(left, at.run_left());
      r_.columns(acc, at.pointer(0) + shift, reduced_.inner_stride(0), run, n, p_);
      left -= run;
      if (left) at.advance(run);
    }
  }

  Split parts_;
  StridedSpace kept_, reduced_;
  const Reducer& r_;
  ReduceParams p_;
  std::byte* out_;
  int64_t out_size_, element_;
};

}  // namespace

void reduce(const Tensor& in, const Tensor& out, const Dims& dims, const Reducer& reducer,
            ReduceParams params) {
  if (out.numel() == 0) return;
  if (in.numel() > 0) return Reduction(in, out, dims, reducer, params).run();
  alignas(64) std::byte acc[kMaxAccumulator];
  reducer.init(acc, 1, params);
  auto* to = static_cast<std::byte*>(out.data_ptr());
  for (int64_t i = 0; i < out.numel(); ++i)
    reducer.finish(acc, to + i * static_cast<int64_t>(out.element_size()), 1, params);
}

}  // namespace lydia::cpu
