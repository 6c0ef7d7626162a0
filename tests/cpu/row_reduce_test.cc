// Row reductions and the rows made of them against long double arithmetic.
#include "lydia/cpu/row_reduce.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>

#include "tests/cpu/row_cases.h"

namespace lydia::cpu {
namespace {

using namespace testing;
using Real = long double;

const int64_t kLengths[] = {1,  2,  3,  7,  8,   15,   16,   17,   31,   33,
                            63, 64, 65, 70, 255, 4095, 4096, 4097, 20011};

template <class T>
std::vector<T> random_row(int64_t n, uint32_t seed, double lo = -3, double hi = 3) {
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> within(lo, hi);
  std::vector<T> x(n);
  for (T& v : x) v = T(within(random));
  return x;
}

template <class R, class T>
R reduce(ReduceOp op, const std::vector<T>& x) {
  R out;
  CHECK(reduce_result(op, dtype_of<T>()) == dtype_of<R>());
  reduce_fn(op, dtype_of<T>())(x.data(), static_cast<int64_t>(x.size()), &out);
  return out;
}

template <class T, class F>
Real total(const std::vector<T>& x, F f) {
  Real sum = 0;
  for (T v : x) sum += f(static_cast<Real>(static_cast<double>(v)));
  return sum;
}

// |got - want| in epsilons of `size`.
template <class R>
double error_of(R got, Real want, Real size) {
  return static_cast<double>(std::fabs(static_cast<Real>(got) - want) / size) /
         std::numeric_limits<R>::epsilon();
}

TEST_CASE_TEMPLATE("float sums", T, Half, BFloat16, float, double) {
  using R = std::conditional_t<std::is_same_v<T, double>, double, float>;
  for (int64_t n : kLengths) {
    CAPTURE(n);
    const std::vector<T> x = random_row<T>(n, 3);
    const Real size = total(x, [](Real v) { return std::fabs(v); });
    const Real squares = total(x, [](Real v) { return v * v; });
    CHECK(error_of(reduce<R>(ReduceOp::sum, x), total(x, [](Real v) { return v; }), size) < 4);
    CHECK(error_of(reduce<R>(ReduceOp::sum_abs, x), size, size) < 4);
    CHECK(error_of(reduce<R>(ReduceOp::sum_squares, x), squares, squares) < 4);
    const Real exps = total(x, [](Real v) { return std::exp(v); });
    CHECK(error_of(reduce<R>(ReduceOp::logsumexp, x), std::log(exps), std::log(exps) + 1) < 4);
  }
}

TEST_CASE_TEMPLATE("float extremes and their places", T, Half, BFloat16, float, double) {
  using R = std::conditional_t<std::is_same_v<T, double>, double, float>;
  for (int64_t n : kLengths) {
    CAPTURE(n);
    std::vector<T> x = random_row<T>(n, 4);
    std::vector<double> exact(x.begin(), x.end());
    const auto top = std::max_element(exact.begin(), exact.end());
    const auto low = std::min_element(exact.begin(), exact.end());
    CHECK(reduce<R>(ReduceOp::max, x) == static_cast<R>(*top));
    CHECK(reduce<R>(ReduceOp::min, x) == static_cast<R>(*low));
    CHECK(reduce<int64_t>(ReduceOp::argmax, x) == top - exact.begin());
    CHECK(reduce<int64_t>(ReduceOp::argmin, x) == low - exact.begin());
    for (int64_t at : {int64_t{0}, n / 2, n - 1}) {  // NaN wins, wherever it is
      std::vector<T> with = x;
      with[at] = T(std::numeric_limits<float>::quiet_NaN());
      with[n - 1] = with[at];
      CHECK(std::isnan(reduce<R>(ReduceOp::max, with)));
      CHECK(std::isnan(reduce<R>(ReduceOp::min, with)));
      CHECK(reduce<int64_t>(ReduceOp::argmax, with) == at);
      CHECK(reduce<int64_t>(ReduceOp::argmin, with) == at);
    }
    std::fill(x.begin(), x.end(), T(-1.0f));  // all equal: the first
    CHECK(reduce<int64_t>(ReduceOp::argmax, x) == 0);
    x[n / 2] = T(-std::numeric_limits<float>::infinity());
    CHECK(reduce<int64_t>(ReduceOp::argmin, x) == n / 2);
  }
}

TEST_CASE_TEMPLATE("float products and special sums", T, float, double) {
  const T inf = std::numeric_limits<T>::infinity();
  std::vector<T> x(70, T(-1));
  x[40] = 3;
  CHECK(reduce<T>(ReduceOp::prod, x) == T(-3));
  CHECK(reduce<T>(ReduceOp::logsumexp, std::vector<T>{1000, 1000}) ==
        doctest::Approx(1000 + std::log(2.0)));
  CHECK(reduce<T>(ReduceOp::logsumexp, std::vector<T>{-inf, -inf}) == -inf);
  CHECK(reduce<T>(ReduceOp::logsumexp, std::vector<T>{1, inf}) == inf);
  const std::vector<T> none;
  CHECK(reduce<T>(ReduceOp::sum, none) == 0);
  CHECK(reduce<T>(ReduceOp::prod, none) == 1);
  CHECK(reduce<T>(ReduceOp::max, none) == -inf);
  CHECK(reduce<T>(ReduceOp::min, none) == inf);
  CHECK(reduce<T>(ReduceOp::logsumexp, none) == -inf);
  CHECK(reduce<int64_t>(ReduceOp::argmax, none) == 0);
}

TEST_CASE_TEMPLATE("integer reductions", T, uint8_t, uint16_t, uint32_t, uint64_t, int8_t, int16_t,
                   int32_t, int64_t) {
  using R = std::conditional_t<std::is_signed_v<T>, int64_t, uint64_t>;
  for (int count : {1, 5, 100, 5000}) {
    const std::vector<T> x = int_values<T>(count, 8);
    uint64_t sum = 0, squares = 0, sizes = 0, product = 1;
    for (T v : x) {
      const uint64_t wide = static_cast<uint64_t>(v);
      sum += wide, squares += wide * wide, product *= wide;
      sizes += v < T{0} ? 0 - wide : wide;
    }
    CHECK(reduce<R>(ReduceOp::sum, x) == static_cast<R>(sum));
    CHECK(reduce<R>(ReduceOp::sum_squares, x) == static_cast<R>(squares));
    CHECK(reduce<R>(ReduceOp::sum_abs, x) == static_cast<R>(sizes));
    CHECK(reduce<R>(ReduceOp::prod, x) == static_cast<R>(product));
    const auto top = std::max_element(x.begin(), x.end());
    const auto low = std::min_element(x.begin(), x.end());
    CHECK(reduce<T>(ReduceOp::max, x) == *top);
    CHECK(reduce<T>(ReduceOp::min, x) == *low);
    CHECK(reduce<int64_t>(ReduceOp::argmax, x) == top - x.begin());
    CHECK(reduce<int64_t>(ReduceOp::argmin, x) == low - x.begin());
  }
}

template <class T, class R>
void check_accumulate(ReduceOp op, R start, double tolerance) {
  const int64_t stride = 90;
  for (int64_t rows : {1, 7, 8, 9, 40}) {
    for (int64_t n : {1, 5, 16, 33, 70}) {
      const std::vector<T> x = random_row<T>(rows * stride, 5, 0, 2);
      std::vector<R> acc(n + 1, start);
      accumulate_fn(op, dtype_of<T>())(x.data(), stride, rows, acc.data(), n);
      CHECK(acc[n] == start);
      for (int64_t j = 0; j < n; ++j) {
        std::vector<T> column;
        for (int64_t r = 0; r < rows; ++r) column.push_back(x[r * stride + j]);
        R want = reduce<R>(op, column);
        if (op == ReduceOp::sum || op == ReduceOp::sum_squares) want += start;
        if (op == ReduceOp::prod) want *= start;
        if (op == ReduceOp::max) want = std::max(want, start);
        if (op == ReduceOp::min) want = std::min(want, start);
        CHECK(std::fabs(static_cast<double>(acc[j]) - static_cast<double>(want)) <=
              tolerance * std::fabs(static_cast<double>(want)));
      }
    }
  }
}

TEST_CASE("column accumulation agrees with the row reduction") {
  for (ReduceOp op :
       {ReduceOp::sum, ReduceOp::sum_squares, ReduceOp::prod, ReduceOp::max, ReduceOp::min}) {
    CAPTURE(static_cast<int>(op));
    check_accumulate<float, float>(op, 0.5f, 1e-5);
    check_accumulate<double, double>(op, 0.5, 1e-14);
    check_accumulate<Half, float>(op, 0.5f, 1e-5);
    check_accumulate<BFloat16, float>(op, 0.5f, 1e-5);
  }
  check_accumulate<int32_t, int64_t>(ReduceOp::sum, 5, 0);
  check_accumulate<uint8_t, uint64_t>(ReduceOp::sum_squares, 5, 0);
  check_accumulate<int16_t, int16_t>(ReduceOp::max, 1, 0);
}

TEST_CASE("accumulated NaN stays") {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> x = {1, nan, 2, 3};
  std::vector<float> acc = {nan, 0, 0, 5};
  accumulate_fn(ReduceOp::max, DType::F32)(x.data(), 4, 1, acc.data(), 4);
  CHECK(std::isnan(acc[0]));
  CHECK(std::isnan(acc[1]));
  CHECK(acc[2] == 2);
  CHECK(acc[3] == 5);
}

TEST_CASE_TEMPLATE("softmax rows and gradients", T, float, double) {
  for (int64_t n : kLengths) {
    CAPTURE(n);
    const std::vector<T> x = random_row<T>(n, 6, -20, 20), g = random_row<T>(n, 7);
    std::vector<T> y(n), log_y(n), dx(n), log_dx(n), in_place = x;
    softmax_row(x.data(), y.data(), n);
    softmax_row(in_place.data(), in_place.data(), n);
    CHECK((in_place == y));
    log_softmax_row(x.data(), log_y.data(), n);
    shifted_exp_row(x.data(), x[0] - log_y[0], T(2), in_place.data(), n);  // 2 softmax
    softmax_grad_row(g.data(), y.data(), dx.data(), n);
    log_softmax_grad_row(g.data(), log_y.data(), log_dx.data(), n);
    const Real m = *std::max_element(x.begin(), x.end());
    const Real sum = total(x, [&](Real v) { return std::exp(v - m); });
    Real dot = 0, g_sum = 0, g_size = 0, worst = 0;
    for (int64_t i = 0; i < n; ++i)
      dot += g[i] * Real(y[i]), g_sum += g[i], g_size += std::fabs(Real(g[i]));
    for (int64_t i = 0; i < n; ++i) {
      const Real p = std::exp(x[i] - m) / sum;
      worst = std::max(worst, std::fabs(y[i] - p) / (p + Real(1e-30)));
      worst = std::max(worst, std::fabs(log_y[i] - std::log(p)) / 40);
      worst = std::max(worst, std::fabs(in_place[i] - 2 * p) / (40 * p + Real(1e-30)));
      worst = std::max(worst, std::fabs(dx[i] - y[i] * (g[i] - dot)) / 3);
      worst = std::max(worst,
                       std::fabs(log_dx[i] - (g[i] - std::exp(Real(log_y[i])) * g_sum)) / g_size);
    }
    CHECK(worst < 20 * std::numeric_limits<T>::epsilon());
  }
}

TEST_CASE_TEMPLATE("normalised rows and gradients", T, float, double) {
  for (int64_t n : kLengths) {
    CAPTURE(n);
    const std::vector<T> x = random_row<T>(n, 11, -1, 5), g = random_row<T>(n, 12);
    const std::vector<T> w = random_row<T>(n, 13), b = random_row<T>(n, 14);
    for (bool centred : {true, false}) {
      for (bool affine : {true, false}) {
        const T* weight = affine ? w.data() : nullptr;
        const T* bias = affine && centred ? b.data() : nullptr;
        const T eps = T(1e-3);
        std::vector<T> y(n), dx(n), dw(n, T(1)), db(n, T(1));
        T mean = 0, rstd = 0;
        if (centred) {
          layer_norm_row(x.data(), weight, bias, eps, y.data(), &mean, &rstd, n);
          layer_norm_grad_row(g.data(), x.data(), weight, mean, rstd, dx.data(), dw.data(),
                              db.data(), n);
        } else {
          rms_norm_row(x.data(), weight, eps, y.data(), &rstd, n);
          rms_norm_grad_row(g.data(), x.data(), weight, rstd, dx.data(), dw.data(), n);
        }
        const Real m = centred ? total(x, [](Real v) { return v; }) / n : 0;
        const Real r =
            1 / std::sqrt(total(x, [&](Real v) { return (v - m) * (v - m); }) / n + Real(eps));
        Real h_avg = 0, hz_avg = 0, worst = 0;
        const auto z = [&](int64_t i) { return (x[i] - m) * r; };
        const auto h = [&](int64_t i) { return g[i] * (affine ? Real(w[i]) : 1); };
        for (int64_t i = 0; i < n; ++i) h_avg += h(i) / n, hz_avg += h(i) * z(i) / n;
        if (!centred) h_avg = 0;
        for (int64_t i = 0; i < n; ++i) {
          const Real want = z(i) * (affine ? Real(w[i]) : 1) + (bias ? Real(b[i]) : 0);
          worst = std::max(worst, std::fabs(y[i] - want) / (1 + r));
          worst = std::max(
              worst, std::fabs(dx[i] - r * (h(i) - h_avg - z(i) * hz_avg)) / (9 * r * (1 + r)));
          worst = std::max(worst, std::fabs(dw[i] - 1 - g[i] * z(i)) / (1 + r));
          if (centred) worst = std::max(worst, std::fabs(Real(db[i]) - 1 - g[i]));
        }
        CHECK(worst < 30 * std::numeric_limits<T>::epsilon());
      }
    }
  }
}

TEST_CASE("moments of numbers far from zero") {
  std::vector<float> x(1000);
  for (size_t i = 0; i < x.size(); ++i) x[i] = 1e6f + static_cast<float>(i % 10);
  float mean, squares;
  moments_row(x.data(), 1000, &mean, &squares);
  CHECK(std::fabs(mean - 1000004.5f) < 0.1f);
  CHECK(squares == doctest::Approx(8250).epsilon(1e-5));
}

}  // namespace
}  // namespace lydia::cpu
