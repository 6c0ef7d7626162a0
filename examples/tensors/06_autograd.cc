// Lesson 6: autograd — the graph, how gradients flow through it, and what it costs.
#include "examples/tensors/lesson.h"
#include "lydia/autograd/backward.h"
#include "lydia/autograd/checkpoint.h"
#include "lydia/autograd/grad_mode.h"
#include "lydia/autograd/graph_export.h"
#include "lydia/core/allocator.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/matmul.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/reduce.h"

using namespace lydia;

namespace {

Tensor leaf(std::initializer_list<float> values) {
  Tensor t = empty({static_cast<int64_t>(values.size())});
  std::copy(values.begin(), values.end(), t.data<float>());
  t.set_requires_grad();
  return t;
}

double value(const Tensor& t, int64_t i) { return static_cast<double>(t.data<float>()[i]); }

// Layers of tanh(x w): each saves its result for backward.
Tensors layers(Tensor x, const Tensor& w, int depth) {
  for (int i = 0; i < depth; ++i) x = tanh(matmul(x, w));
  return {x};
}

struct Cost {
  double ms;
  double megabytes;
};

Cost cost(const std::function<void()>& f) {
  f();
  const size_t held = memory_stats().allocated;
  reset_peak_memory_stats();
  f();
  const double peak = static_cast<double>(memory_stats().peak_allocated - held) / 1e6;
  return {lesson::milliseconds(f, 5), peak};
}

}  // namespace

int main(int argc, char** argv) {
  lesson::title("A graph of what was computed");
  const Tensor x = leaf({1, 2, 3}), w = leaf({0.5f, -1, 2});
  const Tensor loss = sum(square(x * w));
  std::cout << to_dot({loss}, {{"x", x}, {"w", w}});
  lesson::fact(x.is_leaf() && !loss.is_leaf(), "x and w are leaves, loss was computed");

  lesson::title("Gradients flow back to the leaves");
  backward(loss);
  lesson::fact(value(x.grad(), 2) == 2 * 3 * 2 * 2, "d loss / d x = 2 x w^2: the last is 24");
  lesson::fact(value(w.grad(), 0) == 2 * 0.5 * 1, "d loss / d w = 2 w x^2: the first is 1");
  backward(sum(square(x * w)));
  lesson::fact(value(x.grad(), 2) == 48, "a second backward adds to the first");
  x.set_grad({});
  backward(sum(x * 3));
  lesson::fact(value(x.grad(), 0) == 3, "clearing the gradient starts anew");

  lesson::title("What must not be changed");
  const Tensor y = exp(x);
  add_(y, 1);
  const std::string error = lesson::error_of([&] { backward(sum(y)); });
  std::cout << "  " << error << "\n";
  lesson::fact(error.starts_with("exp:"),
               "exp needs its result: changing it in place is an error that names exp");
  const Tensor z = square(x);
  add_(z, 1);
  x.set_grad({});
  backward(sum(z));
  lesson::fact(value(x.grad(), 1) == 4, "square needs only its input: the same change is legal");

  lesson::title("What the graph costs");
  const bool quick = lesson::quick(argc, argv);
  const int64_t n = quick ? 64 : 512;
  const int depth = 16;
  const Tensor input = full({n, n}, 0.01), weight = full({n, n}, 0.01);
  weight.set_requires_grad();
  const Cost with = cost([&] { layers(input, weight, depth); });
  const Cost without = cost([&] {
    const NoGradGuard guard;
    layers(input, weight, depth);
  });
  std::cout << "  forward of " << depth << " layers [" << n << ", " << n << "]: recorded "
            << with.ms << " ms, " << with.megabytes << " MB; under no_grad " << without.ms
            << " ms, " << without.megabytes << " MB\n";
  lesson::fact(without.megabytes * 4 < with.megabytes,
               "no_grad keeps no results for a backward that never comes");
  const Cost plain = cost([&] { grad({sum(layers(input, weight, depth)[0])}, {weight}); });
  const Cost saving = cost([&] {
    Tensor h = input;
    for (int i = 0; i < depth; i += 4)
      h = checkpoint([&](const Tensors& in) { return layers(in[0], weight, 4); }, {h})[0];
    grad({sum(h)}, {weight});
  });
  std::cout << "  forward and backward: plain " << plain.ms << " ms, " << plain.megabytes
            << " MB; checkpointed every 4 layers " << saving.ms << " ms, " << saving.megabytes
            << " MB\n";
  lesson::fact(saving.megabytes < plain.megabytes,
               "checkpointing computes again what it does not keep");
}
