// Autocast, loss scaling, moving averages of weights and accumulation from C++.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "lydia/autograd/backward.h"
#include "lydia/autograd/checkpoint.h"
#include "lydia/autograd/grad_mode.h"
#include "lydia/ops/autocast.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/linear.h"
#include "lydia/ops/matmul.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/random.h"
#include "lydia/ops/reduce.h"
#include "lydia/ops/view.h"
#include "lydia/train/clip.h"
#include "lydia/train/ema.h"
#include "lydia/train/grad_scaler.h"

using namespace lydia;
using namespace lydia::train;

TEST_CASE("autocast picks dtypes and gives gradients back in the parameter's") {
  const Tensor x = randn({3, 4}), w = randn({5, 4}).set_requires_grad();
  CHECK(linear(x, w).dtype() == DType::F32);
  Tensor loss;
  {
    const AutocastGuard autocast;
    const Tensor y = linear(x, w);
    CHECK(y.dtype() == DType::BF16);
    CHECK(exp(y).dtype() == DType::F32);
    {
      const AutocastGuard off(false);
      CHECK(linear(x, w).dtype() == DType::F32);
    }
    const AutocastGuard half(true, DType::F16);
    CHECK(linear(x, w).dtype() == DType::F16);
    loss = sum(y);
  }
  CHECK(!autocast_on());
  backward(loss);
  CHECK(w.grad().dtype() == DType::F32);
  CHECK_THROWS_AS(AutocastGuard(true, DType::F32), ValueError);
  CHECK(!autocast_on());
}

TEST_CASE("a parameter is cast once per autocast and again after a write") {
  const Tensor w = ones({2, 2}).set_requires_grad(), x = ones({1, 2});
  const AutocastGuard autocast;
  const Tensor before = matmul(x, w);
  {
    const NoGradGuard no_grad;
    mul_(w, 2.0);
  }
  CHECK(to(matmul(x, w), DType::F32).data<float>()[0] == 4.0f);
  CHECK(to(before, DType::F32).data<float>()[0] == 2.0f);
}

TEST_CASE("a checkpoint runs again under the autocast it ran under") {
  const Tensor w = randn({4, 4}).set_requires_grad(), x = randn({3, 4}).set_requires_grad();
  const auto block = [&](const Tensors& in) { return Tensors{matmul(relu(matmul(in[0], w)), w)}; };
  Tensor y;
  {
    const AutocastGuard autocast;
    y = checkpoint(block, {x})[0];
  }
  backward(sum(y));
  const Tensor again = w.grad();
  w.set_grad({});
  {
    const AutocastGuard autocast;
    y = block({x})[0];
  }
  backward(sum(y));
  CHECK(equal(again, w.grad()));
}

TEST_CASE("the scaler skips, cuts and grows") {
  const Tensor p = ones({3}).set_requires_grad();
  Optimizer optimizer("SGD", Tensors{p}, {{"lr", 0.5}});
  GradScaler scaler({.scale = 8, .growth_interval = 2});
  const auto run = [&](double factor) {
    optimizer.zero_grad();
    backward(scaler.scale(sum(mul(p, factor))));
    const bool stepped = scaler.step(optimizer);
    scaler.update();
    return stepped;
  };
  CHECK(!run(std::numeric_limits<double>::infinity()));
  CHECK(!run(std::nan("")));
  CHECK(scaler.state.scale == 2);
  CHECK(optimizer.states()[0].step == 0);
  CHECK(run(1));
  CHECK(p.detach().data<float>()[2] == 0.5f);
  CHECK(run(1));
  CHECK(scaler.state.scale == 4);
  CHECK_THROWS_AS(scaler.update(), Error);
  backward(scaler.scale(sum(p)));
  scaler.unscale(optimizer);
  CHECK_THROWS_AS(scaler.unscale(optimizer), Error);
  scaler.step(optimizer);
  CHECK_THROWS_AS(scaler.step(optimizer), Error);
  CHECK_THROWS_AS(GradScaler({.backoff_factor = 1}), ValueError);
}

TEST_CASE("moving averages follow, apply and restore") {
  const Tensor p = ones({2}).set_requires_grad();
  const Tensor half = to(full({3}, 2.0), DType::BF16).set_requires_grad();
  Ema ema({p, half}, 0.75);
  {
    const NoGradGuard no_grad;
    fill_(p, 5);
    fill_(half, 2.015625);  // one bfloat16 up: its average needs more digits
  }
  ema.update();
  CHECK(ema.averages()[0].data<float>()[1] == 2.0f);
  CHECK(ema.averages()[1].data<float>()[0] == doctest::Approx(2.00390625f));
  ema.apply();
  CHECK(p.detach().data<float>()[0] == 2.0f);
  CHECK_THROWS_AS(ema.apply(), Error);
  ema.restore();
  CHECK(p.detach().data<float>()[0] == 5.0f);
  CHECK(ema.averages()[1].data<float>()[0] == doctest::Approx(2.00390625f));
  CHECK_THROWS_AS(ema.restore(), Error);
  CHECK_THROWS_AS(Ema({p}, 1.5), ValueError);
  CHECK_THROWS_AS(average_into({ones({2})}, {ones({3})}, 0.5), ValueError);
}

TEST_CASE("clipping scales all gradients by their common norm") {
  const Tensor a = zeros({2}).set_requires_grad(), b = zeros({}).set_requires_grad();
  const Tensor rest = zeros({5}).set_requires_grad();
  a.set_grad(full({2}, 2.0));
  b.set_grad(full({}, 1.0));
  CHECK(clip_grad_norm({a, b, rest}, 1.5).item<float>() == 3.0f);
  CHECK(a.grad().data<float>()[0] == doctest::Approx(1.0f));
  CHECK(b.grad().item<float>() == doctest::Approx(0.5f));
  clip_grad_value({a, b}, 0.75);
  CHECK(a.grad().data<float>()[1] == 0.75f);
  a.set_grad(full({2}, std::numeric_limits<double>::infinity()));
  CHECK_THROWS_AS(clip_grad_norm({a}, 1, 2, true), Error);
}

TEST_CASE("accumulated gradients equal those of the big batch to rounding") {
  const Tensor x = randn({8, 3}, DType::F64), w = randn({2, 3}, DType::F64).set_requires_grad();
  const auto loss = [&](int64_t first, int64_t count) {
    return sum(square(tanh(linear(narrow(x, 0, first, count), w))));
  };
  backward(loss(0, 8));
  const Tensor whole = w.grad();
  w.set_grad({});
  for (int64_t i = 0; i < 8; i += 2) backward(loss(i, 2));
  CHECK(allclose(w.grad(), whole, 1e-12, 1e-12));
}
