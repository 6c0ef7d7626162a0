// The cost of one call, from C++: prints the median seconds of 1,000 additions of two one-element
// tensors, recorded for nobody. bench/peers/run.py sets it beside torch's from Python.
#include <cstdio>

#include "bench/timing.h"
#include "lydia/core/tensor.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/pointwise.h"

int main() {
  const lydia::Tensor a = lydia::ones({1}), b = lydia::ones({1});
  const double ns = lydia::bench::time_ns([&] {
    for (int i = 0; i < 1000; ++i) (void)(a + b);
  });
  std::printf("%.9f\n", ns / 1e9);
}
