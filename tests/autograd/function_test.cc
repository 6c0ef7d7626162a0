// Custom functions in C++: gradients, saved tensors, marks, errors.
#include "lydia/autograd/function.h"

#include <doctest/doctest.h>

#include "lydia/autograd/backward.h"
#include "lydia/autograd/gradcheck.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/reduce.h"

namespace lydia {
namespace {

struct ScaledCube : Function<ScaledCube> {
  static constexpr const char* kName = "ScaledCube";
  static Tensor forward(FunctionContext& ctx, const Tensor& x, double k) {
    ctx.save_for_backward({x});
    ctx.saved_data["k"] = k;
    return mul(mul(mul(x, x), x), k);
  }
  static Tensors backward(FunctionContext& ctx, const Tensors& g) {
    const Tensor x = ctx.saved_tensors()[0];
    return {mul(g[0], mul(square(x), 3 * std::any_cast<double>(ctx.saved_data["k"]))), Tensor()};
  }
};

struct AddInPlace : Function<AddInPlace> {
  static constexpr const char* kName = "AddInPlace";
  static Tensor forward(FunctionContext& ctx, const Tensor& x) {
    add_(x, 1);
    ctx.mark_dirty({x});
    return x;
  }
  static Tensors backward(FunctionContext&, const Tensors& g) { return {mul(g[0], 10)}; }
};

struct TwoOutputs : Function<TwoOutputs> {
  static constexpr const char* kName = "TwoOutputs";
  static Tensors forward(FunctionContext& ctx, const Tensor& x) {
    Tensor fixed = mul(x, 5);
    ctx.mark_non_differentiable({fixed});
    return {mul(x, 2), fixed, mul(x, 3)};
  }
  static Tensors backward(FunctionContext&, const Tensors& g) {
    return {add(mul(g[0], 2), mul(g[2], 3))};
  }
};

struct TooMany : Function<TooMany> {
  static constexpr const char* kName = "TooMany";
  static Tensor forward(FunctionContext&, const Tensor& x) { return mul(x, 2); }
  static Tensors backward(FunctionContext&, const Tensors& g) { return {g[0], g[0]}; }
};

Tensor leaf(double value) {
  Tensor x = full({2}, value, DType::F64);
  x.set_requires_grad();
  return x;
}

TEST_CASE("a custom function has first and second derivatives") {
  const TensorFunction f = [](const Tensors& in) { return Tensors{ScaledCube::apply(in[0], 0.5)}; };
  gradcheck(f, {leaf(0.7)});
  gradgradcheck(f, {leaf(0.7)});
}

TEST_CASE("what a custom function saved is checked") {
  const Tensor x = mul(leaf(1), 1);
  const Tensor y = ScaledCube::apply(x, 1.0);
  add_(x, 1);
  CHECK_THROWS_WITH_AS(backward(sum(y)), doctest::Contains("ScaledCube"), Error);
  const Tensor z = sum(ScaledCube::apply(leaf(1), 1.0));
  backward(z);
  CHECK_THROWS_WITH_AS(backward(z), doctest::Contains("retain_graph"), Error);
}

TEST_CASE("an input changed in place takes over the new history") {
  const Tensor x = leaf(1);
  const Tensor y = mul(x, 2);
  CHECK(AddInPlace::apply(y).is_same(y));
  backward(sum(y));
  CHECK(x.grad().data<double>()[0] == 20);
  CHECK(y.data<double>()[0] == 3);
  CHECK_THROWS_AS(AddInPlace::apply(leaf(1)), Error);
}

TEST_CASE("several outputs, one without a gradient, one without an incoming gradient") {
  const Tensor x = leaf(1);
  const Tensors y = TwoOutputs::apply(x);
  CHECK_FALSE(y[1].requires_grad());
  backward(sum(y[2]));
  CHECK(x.grad().data<double>()[1] == 3);
}

TEST_CASE("a wrong number of gradients is an error that names the function") {
  CHECK_THROWS_WITH_AS(backward(sum(TooMany::apply(leaf(1)))), doctest::Contains("TooMany"), Error);
}

TEST_CASE("nothing is recorded under no_grad") {
  const NoGradGuard guard;
  CHECK_FALSE(ScaledCube::apply(leaf(1), 1.0).requires_grad());
}

}  // namespace
}  // namespace lydia
