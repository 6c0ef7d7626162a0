// Lesson 1: a tensor is a window on storage — offset, sizes and strides.
#include "examples/tensors/lesson.h"
#include "lydia/core/allocator.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/creation.h"
#include "lydia/ops/view.h"

using namespace lydia;

int main(int argc, char** argv) {
  const int64_t n = lesson::quick(argc, argv) ? 256 : 4096;

  lesson::title("One storage, many windows");
  const Tensor x = view(arange(0, 12), {3, 4});
  std::cout << "  x = arange(12).view(3, 4): sizes " << x.sizes() << ", strides " << x.strides()
            << "\n";
  lesson::fact(x.strides() == Dims{4, 1},
               "a step down a column skips 4 elements, a step right skips 1");
  const Tensor row = select(x, 0, 1);
  lesson::fact(row.storage_offset() == 4, "row 1 starts at element 4 of the same storage");
  lesson::fact(row.storage() == x.storage(), "and copies nothing");
  const Tensor xt = t(x);
  lesson::fact(xt.strides() == Dims{1, 4} && !xt.is_contiguous(),
               "the transpose only swaps the strides");
  const Tensor backwards = slice(x, 1, std::nullopt, std::nullopt, -1);
  lesson::fact(backwards.strides() == Dims{4, -1}, "a reversed slice has a negative stride");

  lesson::title("The address of an element");
  const int64_t i = 2, j = 1;
  const int64_t* start = x.data<int64_t>();
  const int64_t at = x.storage_offset() + i * x.stride(0) + j * x.stride(1);
  lesson::fact(start[at] == 9, "x[2, 1] is storage[offset + 2*4 + 1*1] = 9");
  fill_(row, -1);
  lesson::fact(start[5] == -1, "writing through a view is writing to x");

  lesson::title("Versions");
  const uint32_t before = x.version();
  fill_(xt, 0);
  lesson::fact(x.version() == before + 1,
               "an in-place write is counted in the storage all views share");

  lesson::title("View against clone");
  const Tensor big = zeros({n, n});
  reset_peak_memory_stats();
  const size_t held = memory_stats().allocated;
  const double view_ms = lesson::milliseconds([&] { t(big); });
  lesson::fact(memory_stats().peak_allocated == held, "a view allocates no element");
  const double clone_ms = lesson::milliseconds([&] { clone(big); });
  lesson::fact(memory_stats().peak_allocated >= held + big.nbytes(),
               "a clone allocates all of them");
  std::cout << "  measured on [" << n << ", " << n << "]: view " << view_ms * 1e3 << " us, clone "
            << clone_ms * 1e3 << " us\n";
}
