// Lesson 4: view, reshape, permute, transpose — and the view that can't be had.
#include "examples/tensors/lesson.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/creation.h"
#include "lydia/ops/view.h"

using namespace lydia;

int main() {
  const Tensor x = view(arange(0, 12), {3, 4});

  lesson::title("view and reshape");
  lesson::fact(view(x, {2, -1}).sizes() == Dims{2, 6}, "view(2, -1) works out the 6");
  lesson::fact(reshape(x, {6, 2}).storage() == x.storage(),
               "reshape copies nothing where a view exists");
  const std::string error = lesson::error_of([&] { view(t(x), {12}); });
  std::cout << "  x.t().view(12): " << error << "\n";
  lesson::fact(error.find("without copying") != std::string::npos,
               "no stride walks the transpose in order, so view refuses");
  const Tensor copied = reshape(t(x), {12});
  lesson::fact(copied.storage() != x.storage() && copied.data<int64_t>()[1] == 4,
               "reshape copies then: 0, 4, 8, 1, ...");
  lesson::fact(contiguous(t(x)).strides() == Dims{3, 1}, "contiguous() makes the copy by itself");

  lesson::title("permute and transpose");
  const Tensor image = zeros({2, 3, 8, 9});
  const Tensor last = permute(image, {0, 2, 3, 1});
  lesson::fact(last.sizes() == Dims{2, 8, 9, 3} && last.storage() == image.storage(),
               "permute(0, 2, 3, 1) turns NCHW to NHWC without moving a byte");
  lesson::fact(transpose(last, 1, -1).sizes() == Dims{2, 3, 9, 8},
               "transpose swaps two dimensions");
  lesson::fact(flatten(image, 1).sizes() == Dims{2, 216}, "flatten(1) keeps the batch");
  lesson::fact(unsqueeze(squeeze(ones({1, 3})), 1).sizes() == Dims{3, 1},
               "squeeze and unsqueeze move ones about");
  const Tensor windows = unfold(arange(0, 10), 0, 4, 2);
  lesson::fact(windows.sizes() == Dims{4, 4} && windows.strides() == Dims{2, 1},
               "unfold sees overlapping windows of the same memory");
}
