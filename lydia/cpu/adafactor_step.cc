// adafactor_step: two passes over the gradient for its means, one for the size of the update, one
// that moves the parameter. A tensor is cut into lines that share one factor: the rows of its
// matrices, or pieces of a vector.
#include "lydia/ops/adafactor_step.h"

#include <cmath>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "lydia/cpu/adafactor_step.cc"
#include "lydia/cpu/convert.h"
#include "lydia/cpu/each_isa_inl.h"
#include "lydia/cpu/float_rows.h"
#include "lydia/cpu/isa.h"
#include "lydia/cpu/kernels.h"
#include "lydia/cpu/multi_tensor.h"
#include "lydia/cpu/row_reduce.h"
#include "lydia/cpu/row_reduce_inl.h"

HWY_BEFORE_NAMESPACE();
namespace lydia::cpu {
namespace HWY_NAMESPACE {

// u = g / sqrt(max(factor v, floor)); NaN stays NaN
template <class T>
struct Update {
  const T *g, *v;
  T factor, floor;
  template <class D, class A>
  HWY_INLINE hn::Vec<D> at(D d, const A& access, int64_t i) const {
    const auto estimate = hn::Mul(access.load(d, v + i), hn::Set(d, factor));
    return hn::Div(access.load(d, g + i), hn::Sqrt(max_nan(estimate, hn::Set(d, floor))));
  }
};

template <class T>
struct UpdateSquares {
  Update<T> update;
  template <class D, class A>
  HWY_INLINE hn::Vec<D> operator()(D d, const A& access, int64_t i) const {
    const auto u = update.at(d, access, i);
    return access.keep(d, hn::Mul(u, u));  // past the end, u may be 0 / 0
  }
};

template <class T>
struct Move {
  Update<T> update;
  T* p;
  T keep, rate;
  template <class D, class A>
  HWY_INLINE void operator()(D d, const A& access, int64_t i) const {
    const auto kept = hn::Mul(access.load(d, p + i), hn::Set(d, keep));
    const auto u = update.at(d, access, i);
    access.store(hn::NegMulAdd(hn::Set(d, rate), u, kept), d, p + i);
  }
};

template <class T>
T squares(const T* g, const T* v, T factor, T floor, int64_t n) {
  return sum_one<T>(0, n, UpdateSquares<T>{{g, v, factor, floor}});
}

template <class T>
void move(T* p, const T* g, const T* v, T factor, T floor, T keep, T rate, int64_t n) {
  for_row<T>(n, Move<T>{{g, v, factor, floor}, p, keep, rate});
}

float squares_f32(const float* g, const float* v, float factor, float floor, int64_t n) {
  return squares(g, v, factor, floor, n);
}
double squares_f64(const double* g, const double* v, double factor, double floor, int64_t n) {
  return squares(g, v, factor, floor, n);
}
void move_f32(float* p, const float* g, const float* v, float factor, float floor, float keep,
              float rate, int64_t n) {
  move(p, g, v, factor, floor, keep, rate, n);
}
void move_f64(double* p, const double* g, const double* v, double factor, double floor, double keep,
              double rate, int64_t n) {
  move(p, g, v, factor, floor, keep, rate, n);
}

}  // namespace HWY_NAMESPACE
}  // namespace lydia::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lydia::cpu {
namespace {

HWY_EXPORT(squares_f32);
HWY_EXPORT(squares_f64);
HWY_EXPORT(move_f32);
HWY_EXPORT(move_f64);

float squares(const float* g, const float* v, float factor, float floor, int64_t n) {
  return HWY_DYNAMIC_DISPATCH(squares_f32)(g, v, factor, floor, n);
}
double squares(const double* g, const double* v, double factor, double floor, int64_t n) {
  return HWY_DYNAMIC_DISPATCH(squares_f64)(g, v, factor, floor, n);
}
void move(float* p, const float* g, const float* v, float factor, float floor, float keep,
          float rate, int64_t n) {
  HWY_DYNAMIC_DISPATCH(move_f32)(p, g, v, factor, floor, keep, rate, n);
}
void move(double* p, const double* g, const double* v, double factor, double floor, double keep,
          double rate, int64_t n) {
  HWY_DYNAMIC_DISPATCH(move_f64)(p, g, v, factor, floor, keep, rate, n);
}

// One tensor as lines of W.
template <class W>
struct Lines {
  W* p;
  const W* g;
  W *row, *column, *full;
  int64_t numel, length, count;  // of elements in all, of one line, of lines
  int64_t rows;                  // lines that share a column mean; 0 for vectors

  int64_t size(int64_t line) const { return std::min(length, numel - line * length); }
  const W* estimate(int64_t line) const {
    return rows ? column + line / rows * length : full + line * length;
  }
  // f(line) on all threads, and the sum of what it returns, in order
  template <class F>
  double sum(F&& f) const {
    std::vector<double> each(static_cast<size_t>(count));
    parallel_for(0, count, std::max<int64_t>(1, kGrain / length), [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) each[static_cast<size_t>(i)] = f(i);
    });
    double total = 0;
    for (const double x : each) total += x;
    return total;
  }
};

template <class W>
W sum_squares(const W* x, int64_t n) {
  W out;
  reduce_fn(ReduceOp::sum_squares, dtype_of<W>())(x, n, &out);
  return out;
}

template <class W>
void follow(W& mean, W value, double gain) {
  mean += static_cast<W>(gain) * (value - mean);
}

template <class W>
void update_matrix_means(const Lines<W>& x, double gain) {
  x.sum([&](int64_t i) {
    follow(x.row[i], sum_squares(x.g + i * x.length, x.length) / static_cast<W>(x.length), gain);
    return 0.0;
  });
  const AccumulateFn accumulate = accumulate_fn(ReduceOp::sum_squares, dtype_of<W>());
  const int64_t grain = std::max<int64_t>(16, kGrain / x.rows);
  for (int64_t b = 0; b < x.count / x.rows; ++b)
    parallel_for(0, x.length, grain, [&](int64_t begin, int64_t end) {
      std::vector<W> sums(static_cast<size_t>(end - begin));
      const W* g = x.g + b * x.rows * x.length + begin;
      accumulate(g, x.length, x.rows, sums.data(), end - begin);
      for (int64_t j = begin; j < end; ++j)
        follow(x.column[b * x.length + j],
               sums[static_cast<size_t>(j - begin)] / static_cast<W>(x.rows), gain);
    });
}

template <class W>
void update_vector_means(const Lines<W>& x, double gain) {
  x.sum([&](int64_t i) {
    for (int64_t j = i * x.length; j < i * x.length + x.size(i); ++j)
      follow(x.full[j], x.g[j] * x.g[j], gain);
    return 0.0;
  });
}

// Per line what its estimate is multiplied with: r / max(mean of r, eps1).
template <class W>
std::vector<W> factors(const Lines<W>& x, double eps1) {
  std::vector<W> out(static_cast<size_t>(x.count), W{1});
  for (int64_t b = 0; x.rows && b < x.count; b += x.rows) {
    double mean = 0;
    for (int64_t i = b; i < b + x.rows; ++i) mean += static_cast<double>(x.row[i]);
    mean /= static_cast<double>(x.rows);
    if (mean < eps1) mean = eps1;
    for (int64_t i = b; i < b + x.rows; ++i)
      out[static_cast<size_t>(i)] = static_cast<W>(static_cast<double>(x.row[i]) / mean);
  }
  return out;
}

template <class W>
void step(const Lines<W>& x, const AdafactorNumbers& n) {
  if (x.rows)
    update_matrix_means(x, n.gain);
  else
    update_vector_means(x, n.gain);
  const std::vector<W> factor = factors(x, n.eps1);
  const W floor = static_cast<W>(n.eps1 * n.eps1);
  const double size = static_cast<double>(x.numel);
  const double p2 = x.sum(
      [&](int64_t i) { return static_cast<double>(sum_squares(x.p + i * x.length, x.size(i))); });
  const double u2 = x.sum([&](int64_t i) {
    return static_cast<double>(squares(x.g + i * x.length, x.estimate(i),
                                       factor[static_cast<size_t>(i)], floor, x.size(i)));
  });
  const double shrink = std::max(1.0, std::sqrt(u2 / size) / n.clip);
  const double rate = n.sign * n.rate * std::max(n.eps2, std::sqrt(p2 / size)) / shrink;
  x.sum([&](int64_t i) {
    move(x.p + i * x.length, x.g + i * x.length, x.estimate(i), factor[static_cast<size_t>(i)],
         floor, static_cast<W>(n.keep), static_cast<W>(rate), x.size(i));
    return 0.0;
  });
}

// The values of a half tensor in float.
std::vector<float> widened(const Tensor& t) {
  std::vector<float> out(static_cast<size_t>(t.numel()));
  convert_fn(t.dtype(), DType::F32)(t.data_ptr(), out.data(), t.numel());
  return out;
}

template <class W>
W* state(const Tensor& t) {
  return t.defined() ? t.data<W>() : nullptr;
}

}  // namespace

void adafactor_step(const KernelCall& call) {
  choose_isa();
  const auto& each = call.attrs<AdafactorAttrs>().each;
  const size_t n = each.size();
  for (size_t i = 0; i < n; ++i) {
    const Tensor &p = call.out(i), &g = call.in(i);
    if (p.numel() == 0) continue;
    const bool matrix = p.ndim() > 1;
    visit_float_row(p.dtype(), [&](auto tag) {
      using W = decltype(tag);
      const int64_t length = matrix ? p.size(-1) : kPiece;
      Lines<W> x{nullptr,
                 nullptr,
                 state<W>(call.out(n + i)),
                 state<W>(call.out(2 * n + i)),
                 state<W>(call.out(3 * n + i)),
                 p.numel(),
                 length,
                 (p.numel() + length - 1) / length,
                 matrix ? p.size(-2) : 0};
      if (p.dtype() == dtype_of<W>()) {
        x.p = p.data<W>(), x.g = g.data<W>();
        return step(x, each[i].numbers);
      }
      if constexpr (sizeof(W) == 4) {
        std::vector<float> wide_p = widened(p), wide_g = widened(g);
        x.p = wide_p.data(), x.g = wide_g.data();
        step(x, each[i].numbers);
        convert_fn(DType::F32, p.dtype())(x.p, p.data_ptr(), p.numel());
      }
    });
  }
}

}  // namespace lydia::cpu
#endif
