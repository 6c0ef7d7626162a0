// The matrix product against the plain sum. Values are small whole numbers, for which every order
// of summation gives the same exact result; gaps between rows hold NaN, which would show in any
// result that touched them.
#include "lydia/cpu/gemm.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "lydia/core/threads.h"

namespace lydia::cpu {
namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

struct Case {
  int64_t m, n, k;
  bool trans_a = false, trans_b = false;
  int64_t gap = 0;  // elements between rows
  float beta = 0;
  bool bias = false;
  int64_t batch = 1;
  bool shared_a = false, shared_b = false;  // batch stride 0
};

std::string describe(const Case& c) {
  std::ostringstream out;
  out << c.m << " x " << c.n << " x " << c.k << (c.trans_a ? ", A turned" : "")
      << (c.trans_b ? ", B turned" : "") << ", gap " << c.gap << ", beta " << c.beta
      << (c.bias ? ", bias" : "") << ", batch " << c.batch << (c.shared_a ? ", shared A" : "")
      << (c.shared_b ? ", shared B" : "");
  return out.str();
}

// rows x cols per batch item, stored row by row with a gap after each.
template <class T>
struct Matrix {
  Matrix(int64_t batch, int64_t rows, int64_t cols, int64_t gap, std::mt19937& random)
      : rows(rows), ld(cols + gap), data(batch * rows * ld, T(kNaN)) {
    for (int64_t i = 0; i < batch * rows; ++i) {
      for (int64_t j = 0; j < cols; ++j) {
        data[i * ld + j] = T(static_cast<float>(static_cast<int>(random() % 9) - 4));
      }
    }
  }
  StridedMatrix<const T> view(bool transposed, bool shared) const {
    const int64_t step = shared ? 0 : rows * ld;
    return transposed ? StridedMatrix<const T>{data.data(), 1, ld, step}
                      : StridedMatrix<const T>{data.data(), ld, 1, step};
  }
  int64_t rows, ld;
  std::vector<T> data;
};

template <class In, class T>
struct Problem {
  explicit Problem(const Case& c, uint32_t seed = 1)
      : random(seed),
        a(c.shared_a ? 1 : c.batch, c.trans_a ? c.k : c.m, c.trans_a ? c.m : c.k, c.gap, random),
        b(c.shared_b ? 1 : c.batch, c.trans_b ? c.n : c.k, c.trans_b ? c.k : c.n, c.gap, random),
        out(c.batch, c.m, c.n, c.gap, random),
        bias(1, 1, c.n, 0, random),
        gemm{c.m,
             c.n,
             c.k,
             a.view(c.trans_a, c.shared_a),
             b.view(c.trans_b, c.shared_b),
             {out.data.data(), out.ld, 1, c.m * out.ld}} {
    gemm.beta = c.beta;
    gemm.bias = c.bias ? bias.data.data() : nullptr;
    gemm.batch = c.batch;
    if (c.beta == 0) std::fill(out.data.begin(), out.data.end(), T(kNaN));
  }
  std::mt19937 random;
  Matrix<In> a, b;
  Matrix<T> out, bias;
  Gemm<In, T> gemm;
};

template <class In, class T>
void naive(const Gemm<In, T>& g, T* c) {
  for (int64_t item = 0; item < g.batch; ++item) {
    for (int64_t i = 0; i < g.m; ++i) {
      for (int64_t j = 0; j < g.n; ++j) {
        double sum = g.bias ? static_cast<double>(g.bias[j]) : 0;
        T& value = c[item * g.c.batch + i * g.c.row + j];
        if (g.beta != 0) sum += static_cast<double>(g.beta) * value;
        for (int64_t p = 0; p < g.k; ++p) {
          sum += static_cast<double>(g.a.data[item * g.a.batch + i * g.a.row + p * g.a.col]) *
                 static_cast<double>(g.b.data[item * g.b.batch + p * g.b.row + j * g.b.col]);
        }
        value = static_cast<T>(sum);
      }
    }
  }
}

template <class T>
bool same_bits(const std::vector<T>& x, const std::vector<T>& y) {
  return x.size() == y.size() && std::memcmp(x.data(), y.data(), x.size() * sizeof(T)) == 0;
}

template <class In, class T>
bool right(const Case& c) {
  Problem<In, T> p(c);
  std::vector<T> expected = p.out.data;
  naive(p.gemm, expected.data());
  gemm(p.gemm);
  for (size_t i = 0; i < expected.size(); ++i) {
    const bool both_nan = std::isnan(expected[i]) && std::isnan(p.out.data[i]);
    if (!both_nan && expected[i] != p.out.data[i]) return false;
  }
  return true;
}

void check(const Case& c) {
  INFO(describe(c));
  CHECK(right<float, float>(c));
  CHECK(right<double, double>(c));
  CHECK(right<Half, float>(c));
  CHECK(right<BFloat16, float>(c));
}

TEST_CASE("gemm: sizes around every tile edge, all transposes") {
  const int64_t sizes[] = {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 48, 63, 65, 127, 129};
  std::mt19937 random(7);
  const auto pick = [&] { return sizes[random() % std::size(sizes)]; };
  for (int64_t size : sizes) {
    for (int form = 0; form < 4; ++form) {
      Case c{size, pick(), pick(), form % 2 == 1, form >= 2};
      c.gap = random() % 3;
      c.beta = static_cast<float>(random() % 3);
      c.bias = random() % 2;
      check(c);
      std::swap(c.m, c.n);
      check(c);
      std::swap(c.n, c.k);
      check(c);
    }
  }
}

TEST_CASE("gemm: more than one block in every direction") {
  for (int form = 0; form < 4; ++form) {
    check({.m = 70,
           .n = 401,
           .k = 1601,
           .trans_a = form % 2 == 1,
           .trans_b = form >= 2,
           .gap = 1,
           .beta = 2,
           .bias = true});
  }
  check({.m = 1, .n = 33, .k = 9001, .trans_b = true, .bias = true});
  check({.m = 3, .n = 33, .k = 9001, .trans_a = true, .trans_b = true, .beta = 1});
  check({.m = 1, .n = 5003, .k = 37, .gap = 3, .beta = 2, .bias = true});
  check({.m = 5003, .n = 1, .k = 37, .trans_a = true, .beta = 2, .bias = true});
}

TEST_CASE("gemm: a k so large that it is summed in pieces") {
  for (int form = 0; form < 4; ++form) {
    check({.m = 3,
           .n = 5,
           .k = 50001,
           .trans_a = form % 2 == 1,
           .trans_b = form >= 2,
           .beta = 1,
           .bias = true});
  }
  check({.m = 1, .n = 1, .k = 49152});
}

TEST_CASE("gemm: batches, one operand shared or both") {
  for (int64_t batch : {2, 3, 17}) {
    for (int shared = 0; shared < 4; ++shared) {
      Case c{.m = 9, .n = 21, .k = 13, .gap = 1, .beta = 1, .bias = true, .batch = batch};
      c.shared_a = shared % 2 == 1;
      c.shared_b = shared >= 2;
      check(c);
      c.gap = 0;
      c.trans_b = true;
      check(c);
      c.m = 1;
      check(c);
    }
  }
}

TEST_CASE("gemm: one matrix on both sides, as a batch and as a shared operand") {
  std::mt19937 random(5);
  const Matrix<float> x(3, 6, 6, 0, random);
  for (bool turned : {false, true}) {
    std::vector<float> c(3 * 36, kNaN), expected = c;
    Gemm<float, float> g{
        6, 6, 6, x.view(false, turned), x.view(turned, !turned), {c.data(), 6, 1, 36}};
    g.batch = 3;
    naive(g, expected.data());
    gemm(g);
    CHECK(same_bits(c, expected));
    // Outputs one wide: rows and lanes lie equally far apart in C.
    g.n = g.c.row = 1;
    std::fill(c.begin(), c.end(), kNaN);
    std::fill(expected.begin(), expected.end(), kNaN);
    naive(g, expected.data());
    gemm(g);
    CHECK(same_bits(c, expected));
  }
}

TEST_CASE("gemm: sizes of zero") {
  for (float beta : {0.0f, 2.0f}) {
    for (bool bias : {false, true}) {
      check({.m = 0, .n = 3, .k = 2, .beta = beta, .bias = bias});
      check({.m = 3, .n = 0, .k = 2, .beta = beta, .bias = bias});
      check({.m = 3, .n = 2, .k = 0, .gap = 1, .beta = beta, .bias = bias, .batch = 2});
      check({.m = 3, .n = 2, .k = 5, .beta = beta, .bias = bias, .batch = 0});
    }
  }
}

TEST_CASE("gemm: strides that are no matrix layout") {
  // Every second element of every third row.
  std::mt19937 random(3);
  Matrix<float> a(1, 60, 60, 0, random), b(1, 60, 60, 0, random);
  for (int64_t m : {1, 2, 20}) {
    std::vector<float> c(m * 19, kNaN), expected = c;
    Gemm<float, float> g{
        m, 19, 18, {a.data.data(), 180, 2}, {b.data.data(), 120, 3}, {c.data(), 19, 1}};
    naive(g, expected.data());
    gemm(g);
    CHECK(same_bits(c, expected));
  }
}

TEST_CASE("gemm: infinities and NaN go where arithmetic takes them") {
  for (int64_t m : {1, 5, 40}) {
    for (int form = 0; form < 4; ++form) {
      Problem<float, float> p(
          {.m = m, .n = 50, .k = 70, .trans_a = form % 2 == 1, .trans_b = form >= 2});
      p.a.data[3] = std::numeric_limits<float>::infinity();
      p.b.data[7] = kNaN;
      p.b.data[8] = -std::numeric_limits<float>::infinity();
      std::vector<float> expected = p.out.data;
      naive(p.gemm, expected.data());
      gemm(p.gemm);
      int special = 0;
      for (size_t i = 0; i < expected.size(); ++i) {
        special += !std::isfinite(expected[i]);
        CHECK((expected[i] == p.out.data[i] ||
               (std::isnan(expected[i]) && std::isnan(p.out.data[i]))));
      }
      CHECK(special > 0);
    }
  }
}

template <class In, class T>
void check_thread_counts(const Case& c) {
  INFO(describe(c));
  const int before = get_num_threads();
  std::vector<T> first;
  for (int threads : {1, 2, 3, 7}) {
    set_num_threads(threads);
    Problem<In, T> p(c);
    for (auto& x : p.a.data) x = In(static_cast<float>(x) + 0.1f);  // sums now round
    for (auto& x : p.b.data) x = In(static_cast<float>(x) * 0.3f);
    gemm(p.gemm);
    if (threads == 1) first = p.out.data;
    CHECK(same_bits(first, p.out.data));
  }
  set_num_threads(before);
}

TEST_CASE("gemm: the same bits for every number of threads") {
  struct Size {
    int64_t m, n, k;
  };
  const Size sizes[] = {{1, 700, 900},   {6, 500, 300},  {50, 60, 70},
                        {130, 190, 800}, {400, 20, 333}, {7, 9, 70000}};
  for (bool trans_b : {false, true}) {
    for (const Size& s : sizes) {
      check_thread_counts<float, float>({.m = s.m, .n = s.n, .k = s.k, .trans_b = trans_b});
    }
    check_thread_counts<double, double>({.m = 65, .n = 70, .k = 500, .trans_b = trans_b});
    check_thread_counts<BFloat16, float>(
        {.m = 33, .n = 20, .k = 64, .trans_b = trans_b, .batch = 5});
  }
}

}  // namespace
}  // namespace lydia::cpu
