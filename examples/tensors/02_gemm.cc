// Lesson 2: matrix products — three plain loops against the engine — and broadcasting.
#include <vector>

#include "examples/tensors/lesson.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/creation.h"
#include "lydia/ops/matmul.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/reduce.h"
#include "lydia/ops/view.h"

using namespace lydia;

namespace {

// c[i][j] = sum over p of a[i][p] b[p][j], as the definition says.
std::vector<float> plain_gemm(const float* a, const float* b, int64_t n) {
  std::vector<float> c(static_cast<size_t>(n * n));
  for (int64_t i = 0; i < n; ++i)
    for (int64_t j = 0; j < n; ++j) {
      float total = 0;
      for (int64_t p = 0; p < n; ++p) total += a[i * n + p] * b[p * n + j];
      c[static_cast<size_t>(i * n + j)] = total;
    }
  return c;
}

}  // namespace

int main(int argc, char** argv) {
  const int64_t n = lesson::quick(argc, argv) ? 96 : 768;

  lesson::title("The same product, twice");
  const Tensor a = sin(view(arange(0, n * n, 1, DType::F32), {n, n}));
  const Tensor b = cos(view(arange(0, n * n, 1, DType::F32), {n, n}));
  const Tensor c = matmul(a, b);
  const std::vector<float> plain = plain_gemm(a.data<float>(), b.data<float>(), n);
  double worst = 0;
  for (size_t i = 0; i < plain.size(); ++i)
    worst = std::max(
        worst, std::abs(static_cast<double>(plain[i]) - static_cast<double>(c.data<float>()[i])));
  lesson::fact(worst < 1e-3, "both agree to " + std::to_string(worst));
  const double loops =
      lesson::milliseconds([&] { plain_gemm(a.data<float>(), b.data<float>(), n); }, 1);
  const double engine = lesson::milliseconds([&] { matmul(a, b); });
  const double gflop = 2e-6 * static_cast<double>(n * n * n);
  std::cout << "  measured at " << n << " x " << n << ": loops " << loops << " ms ("
            << gflop / loops << " GFLOP/s), engine " << engine << " ms (" << gflop / engine
            << " GFLOP/s)\n";

  lesson::title("Broadcasting");
  const Tensor matrix = ones({3, 4}), bias = arange(0, 4, 1, DType::F32);
  lesson::fact((matrix + bias).sizes() == Dims{3, 4}, "[3, 4] + [4] adds the row to every row");
  const Tensor column = view(arange(0, 3, 1, DType::F32), {3, 1});
  lesson::fact((column * bias).sizes() == Dims{3, 4}, "[3, 1] * [4] is an outer product");
  lesson::fact(expand(column, {3, 4}).strides() == Dims{1, 0},
               "the repeated dimension has stride 0: no copy");
  const Tensor batch = matmul(ones({5, 1, 2, 3}), ones({4, 3, 2}));
  lesson::fact(batch.sizes() == Dims{5, 4, 2, 2},
               "matmul broadcasts the leading dimensions as a batch");
  std::cout << "  " << lesson::error_of([&] { add(ones({2, 3}), ones({2})); }) << "\n";
  lesson::fact(!lesson::error_of([&] {
                  add(ones({2, 3}), ones({2}));
                }).empty(),
               "shapes that do not fit are an error that names the op and both shapes");
}
