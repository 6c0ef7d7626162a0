// Lesson 7: a custom function — its own forward and backward — checked by finite differences.
#include "examples/tensors/lesson.h"
#include "lydia/autograd/backward.h"
#include "lydia/autograd/function.h"
#include "lydia/autograd/gradcheck.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/creation.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/reduce.h"

using namespace lydia;

namespace {

// softsign: y = x / (1 + |x|), dy/dx = 1 / (1 + |x|)^2
struct Softsign : Function<Softsign> {
  static constexpr const char* kName = "Softsign";
  static Tensor forward(FunctionContext& ctx, const Tensor& x) {
    ctx.save_for_backward({x});
    return x / (1 + abs(x));
  }
  static Tensors backward(FunctionContext& ctx, const Tensors& grads) {
    const Tensor x = ctx.saved_tensors()[0];
    return {grads[0] / square(1 + abs(x))};
  }
};

// The same with a slip: the square is missing.
struct Wrong : Function<Wrong> {
  static constexpr const char* kName = "Wrong";
  static Tensor forward(FunctionContext& ctx, const Tensor& x) {
    ctx.save_for_backward({x});
    return x / (1 + abs(x));
  }
  static Tensors backward(FunctionContext& ctx, const Tensors& grads) {
    return {grads[0] / (1 + abs(ctx.saved_tensors()[0]))};
  }
};

}  // namespace

int main() {
  const Tensor x = linspace(-2, 2, 8, DType::F64);
  x.set_requires_grad();

  lesson::title("A function of your own");
  const Tensor y = Softsign::apply(x);
  backward(sum(y));
  const double first = x.grad().data<double>()[0];
  lesson::fact(std::abs(first - 1.0 / 9) < 1e-12, "the gradient at -2 is 1 / (1 + 2)^2");

  lesson::title("Checked against finite differences");
  gradcheck([](const Tensors& in) { return Tensors{Softsign::apply(in[0])}; }, {x});
  lesson::fact(true, "gradcheck: (f(x + e) - f(x - e)) / 2e agrees at every element");
  gradgradcheck([](const Tensors& in) { return Tensors{Softsign::apply(in[0])}; }, {x});
  lesson::fact(true, "gradgradcheck: so does the second derivative, since backward is made of ops");
  const std::string error = lesson::error_of(
      [&] { gradcheck([](const Tensors& in) { return Tensors{Wrong::apply(in[0])}; }, {x}); });
  std::cout << "  " << error << "\n";
  lesson::fact(error.starts_with("gradcheck:"), "and it finds the slip in the other one");

  lesson::title("Saved values are guarded");
  const Tensor h = x * 1;
  const Tensor out = Softsign::apply(h);
  add_(h, 1);
  const std::string changed = lesson::error_of([&] { backward(sum(out)); });
  std::cout << "  " << changed << "\n";
  lesson::fact(!changed.empty(),
               "a saved tensor that was changed in place is an error, not a wrong gradient");
}
