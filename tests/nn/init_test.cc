// Initialisers: spreads, bounds and structure.
#include "lydia/nn/init.h"

#include <doctest/doctest.h>

#include <cmath>

#include "lydia/ops/copy.h"
#include "lydia/ops/creation.h"
#include "lydia/ops/matmul.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/reduce.h"
#include "lydia/ops/view.h"

namespace lydia::nn {
namespace {

double deviation(const Tensor& t) { return lydia::std(t).item<double>(); }
double largest(const Tensor& t) { return amax(abs(t)).item<double>(); }

TEST_CASE("spreads follow the fans") {
  const Tensor w = empty({200, 100, 3});  // fan_in 300, fan_out 600
  CHECK(init::calculate_fans(w) == std::pair<int64_t, int64_t>{300, 600});
  init::kaiming_normal_(w, 0, init::Fan::In, "relu");
  CHECK(deviation(w) == doctest::Approx(std::sqrt(2.0 / 300)).epsilon(0.02));
  init::kaiming_uniform_(w, 0, init::Fan::Out, "linear");
  CHECK(deviation(w) == doctest::Approx(std::sqrt(1.0 / 600)).epsilon(0.02));
  CHECK(largest(w) <= std::sqrt(3.0 / 600));
  init::xavier_normal_(w, 2);
  CHECK(deviation(w) == doctest::Approx(2 * std::sqrt(2.0 / 900)).epsilon(0.02));
  init::xavier_uniform_(w);
  CHECK(largest(w) <= std::sqrt(6.0 / 900));
  CHECK_THROWS_AS(init::xavier_uniform_(empty({3})), ValueError);
}

TEST_CASE("gains") {
  CHECK(init::calculate_gain("leaky_relu", 1.0) == 1);
  CHECK(init::calculate_gain("conv2d") == 1);
  CHECK(init::calculate_gain("tanh") == doctest::Approx(5.0 / 3));
  CHECK_THROWS_AS(init::calculate_gain("gelu"), ValueError);
  CHECK_THROWS_AS(init::parse_fan("in"), ValueError);
}

TEST_CASE("the truncated normal stays inside and has its variance") {
  const Tensor w = empty({100000});
  init::trunc_normal_(w, 1, 2, -1, 3);  // one deviation to each side
  CHECK(amin(w).item<double>() >= -1);
  CHECK(amax(w).item<double>() <= 3);
  CHECK(mean(w).item<double>() == doctest::Approx(1).epsilon(0.02));
  CHECK(deviation(w) == doctest::Approx(2 * 0.5396).epsilon(0.02));  // known for [-1, 1]
  CHECK_THROWS_AS(init::trunc_normal_(w, 0, 1, 2, 2), ValueError);
}

TEST_CASE("orthogonal rows or columns") {
  for (const Dims& sizes : {Dims{4, 9}, Dims{9, 4}, Dims{4, 3, 3}}) {
    const Tensor w = empty(sizes);
    init::orthogonal_(w, 2);
    const Tensor flat = reshape(w, {sizes[0], -1});
    const bool wide = flat.size(0) < flat.size(1);
    const Tensor gram = wide ? matmul(flat, flat.t()) : matmul(flat.t(), flat);
    CHECK(largest(sub(gram, mul(eye(4), 4))) < 1e-5);
  }
}

TEST_CASE("dirac, eye, sparse") {
  const Tensor w = empty({4, 2, 3});
  init::dirac_(w, 2);
  CHECK(sum(w).item<double>() == 4);
  CHECK(w.select(2, 1).select(0, 3).data<float>()[1 * 3] == 1);  // strides of w
  const Tensor e = empty({2, 3});
  CHECK(sum(init::eye_(e)).item<double>() == 2);
  const Tensor s = empty({10, 5});
  init::sparse_(s, 0.25);
  CHECK(all(eq(sum(eq(s, 0), {0}), 3)).item<bool>());
  CHECK_THROWS_AS(init::sparse_(s, 2), ValueError);
  CHECK_THROWS_AS(init::dirac_(e), ValueError);
}

TEST_CASE("the same seed gives the same values") {
  const Tensor a = empty({7, 5}), b = empty({7, 5});
  Generator g(3), h(3);
  init::normal_(a, 0, 1, &g);
  init::normal_(b, 0, 1, &h);
  CHECK(all(eq(a, b)).item<bool>());
}

}  // namespace
}  // namespace lydia::nn
