// The backward walk: threads on shared leaves, long chains, walks inside walks, memory.
#include <doctest/doctest.h>

#include <thread>

#include "lydia/autograd/backward.h"
#include "lydia/autograd/hooks.h"
#include "lydia/core/allocator.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/reduce.h"
#include "lydia/ops/view.h"

namespace lydia {
namespace {

Tensor leaf(const Dims& sizes, double value) {
  Tensor x = full(sizes, value, DType::F64);
  x.set_requires_grad();
  return x;
}

TEST_CASE("threads that share leaves sum all their gradients") {
  const Tensor x = leaf({64}, 2);
  const auto work = [&] {
    for (int i = 0; i < 100; ++i) backward(sum(mul(x, x)));
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back(work);
  for (std::thread& t : threads) t.join();
  CHECK(x.grad().data<double>()[63] == 4 * 100 * 4);
}

TEST_CASE("threads that share a graph walk it at the same time") {
  const Tensor x = leaf({8}, 1);
  Tensor y = x;
  for (int i = 0; i < 50; ++i) y = mul(y, 1.0);
  const Tensor loss = sum(y);
  BackwardOptions keep;
  keep.retain_graph = true;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (int n = 0; n < 25; ++n) backward(loss, {}, keep);
    });
  for (std::thread& t : threads) t.join();
  CHECK(x.grad().data<double>()[0] == 100);
}

TEST_CASE("a hook may walk the same graph") {
  const Tensor x = leaf({1}, 3);
  const Tensor y = mul(x, 2);
  const Tensor loss = sum(mul(y, y));
  BackwardOptions keep;
  keep.retain_graph = true;
  bool inside = false;
  double seen = 0;
  const HookHandle handle = register_hook(y, [&](const Tensor& g) {
    if (!inside) {
      inside = true;
      seen = grad({loss}, {x}, {}, keep)[0].item<double>();
    }
    return g;
  });
  backward(loss, {}, keep);
  CHECK(seen == 24);
  CHECK(x.grad().item<double>() == 24);
  handle.remove();
}

TEST_CASE("a chain of a million nodes needs no deep stack") {
  const Tensor x = leaf({1}, 1);
  {
    Tensor y = x;
    for (int i = 0; i < 1000000; ++i) y = neg(y);
    backward(y);
    CHECK(x.grad().item<double>() == 1);
  }
  Tensor y = x;
  for (int i = 0; i < 1000000; ++i) y = mul(y, x);  // dropped without a walk
}

TEST_CASE("backward frees the graph, and repeated steps need no more memory") {
  const Tensor w = leaf({256, 256}, 0.5);
  const auto step = [&] {
    Tensor h = w;
    for (int i = 0; i < 10; ++i) h = tanh(mul(h, w));
    backward(mean(h));
    const Tensor g = w.grad();
    w.set_grad({});
  };
  step();
  const size_t steady = memory_stats().allocated;
  reset_peak_memory_stats();
  step();
  const size_t peak = memory_stats().peak_allocated;
  for (int i = 0; i < 20; ++i) step();
  CHECK(memory_stats().allocated == steady);
  CHECK(memory_stats().peak_allocated == peak);
}

TEST_CASE("the post-accumulate hook sees the leaf and its gradient") {
  const Tensor x = leaf({2}, 1);
  int calls = 0;
  const HookHandle handle = register_post_accumulate_grad_hook(x, [&](const Tensor& p) {
    ++calls;
    CHECK(p.grad().data<double>()[0] == 3);
    CHECK(p.data_ptr() == x.data_ptr());
    p.set_grad({});
  });
  backward(sum(mul(x, 3)));
  backward(sum(mul(x, 3)));
  CHECK(calls == 2);
  CHECK_FALSE(x.grad().defined());
}

TEST_CASE("a base without row-major strides is rewritten through its views") {
  const Tensor w = leaf({2}, 3);
  const Tensor base = transpose(full({2, 2}, 1, DType::F64), 0, 1).detach();
  CHECK_FALSE(base.is_contiguous());
  mul_(select(base, 0, 1), w);
  backward(sum(mul(base, 2)));
  CHECK(w.grad().data<double>()[0] == 2);
  CHECK(w.grad().data<double>()[1] == 2);
}

TEST_CASE("what the gradients do not read is not saved") {
  const Tensor x = leaf({2}, 1);
  const Tensor y = mul(x, 2);
  const Tensor z = mul(y, 5);  // reads only the 5
  add_(y, 1);
  backward(sum(z));
  CHECK(x.grad().data<double>()[0] == 10);
}

}  // namespace
}  // namespace lydia
