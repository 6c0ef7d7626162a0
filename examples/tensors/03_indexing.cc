// Lesson 3: masks, lists of indices, and which of them copy.
#include "examples/tensors/lesson.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/creation.h"
#include "lydia/ops/index.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/reduce.h"
#include "lydia/ops/view.h"

using namespace lydia;

int main() {
  const Tensor x = view(arange(0, 20), {4, 5});

  lesson::title("Basic indices give views");
  const Tensor corner = index(x, {Slice{1, 3}, Slice{std::nullopt, std::nullopt, 2}});
  lesson::fact(corner.storage() == x.storage(), "x[1:3, ::2] shares x's memory");
  lesson::fact(corner.sizes() == Dims{2, 3}, "and has shape [2, 3]");
  lesson::fact(index(x, {-1, 0}).item<int64_t>() == 15,
               "negative ints count from the end: x[-1, 0] = 15");

  lesson::title("Masks and lists of indices copy");
  const Tensor mask = gt(x, 12);
  const Tensor large = index(x, {mask});
  lesson::fact(large.numel() == 7 && large.storage() != x.storage(),
               "x[x > 12] is a new tensor of 7");
  const Tensor rows = arange(0, 4), columns = arange(4, 0, -1);
  const Tensor picked = index(x, {rows, columns});
  lesson::fact(picked.sizes() == Dims{4}, "x[[0,1,2,3], [4,3,2,1]] takes one element per pair");
  lesson::fact(select(picked, 0, 3).item<int64_t>() == 16, "the last of them is x[3, 1] = 16");

  lesson::title("Writing");
  const Tensor y = clone(x);
  set_index(y, std::vector<Index>{Index(mask)}, Scalar(0));
  lesson::fact(sum(gt(y, 12)).item<int64_t>() == 0, "y[x > 12] = 0 writes in place");
  set_index(y, std::vector<Index>{Index(Slice{0, 2})}, full({5}, 7));
  lesson::fact(sum(eq(y, 7)).item<int64_t>() >= 10, "y[0:2] = row broadcasts the row");
  const Tensor twice = full({2}, 0);
  index_put_(y, std::vector<Index>{Index(twice)}, ones({2, 5}, DType::I64), true);
  lesson::fact(index(y, {0, 0}).item<int64_t>() == 9,
               "accumulating at the same index twice adds twice: 7 + 1 + 1");
  const std::string error = lesson::error_of([&] { index(x, {4}); });
  std::cout << "  " << error << "\n";
  lesson::fact(!error.empty(), "an index outside is an error that names dimension and size");
}
