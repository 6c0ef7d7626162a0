// Packed forms of a weight: found again under inference_mode, by many threads at once, made anew
// after a write in place. (That products come out right is tests/python/test_packed_weights.py.)
#include "lydia/cpu/packed_weight.h"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "lydia/autograd/grad_mode.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/creation.h"
#include "lydia/ops/pointwise.h"

namespace lydia {
namespace {

TEST_CASE("packed weights: threads that share weights get each layout of each, whole") {
  const Tensor weights[] = {ones({64, 64}), full({64, 64}, 2.0)};
  std::atomic<int> packed = 0, wrong = 0;
  const auto use = [&](int thread) {
    const InferenceModeGuard inference;
    for (int i = 0; i < 200; ++i) {
      const Tensor& weight = weights[(thread + i) % 2];
      const int64_t layout = i % 3;
      const Tensor form = cpu::packed_weight(weight, layout, [&] {
        ++packed;
        return weight + static_cast<double>(layout);
      });
      const float expected = weight.data<float>()[0] + static_cast<float>(layout);
      for (int64_t k : {0, 64 * 64 - 1})
        if (form.data<float>()[k] != expected) ++wrong;
    }
  };
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) threads.emplace_back(use, t);
  for (std::thread& t : threads) t.join();
  CHECK(wrong == 0);
  CHECK(packed >= 6);  // two weights in three layouts, of which two are kept at a time
}

TEST_CASE("packed weights: kept until the weight changes, and only under inference_mode") {
  const Tensor weight = ones({64, 64});
  int packed = 0;
  const auto get = [&] {
    return cpu::packed_weight(weight, 0, [&] { return ++packed, clone(weight); });
  };
  get(), get();
  CHECK(packed == 2);
  const InferenceModeGuard inference;
  get(), get();
  CHECK(packed == 3);
  Tensor changed = weight;
  add_(changed, ones({64, 64}));
  CHECK(get().data<float>()[0] == 2);
  CHECK(packed == 4);
}

}  // namespace
}  // namespace lydia
