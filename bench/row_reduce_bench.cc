// Row reductions, softmax and normalisation: nanoseconds per element for rows of 768, 4096 and 4 Mi
// elements, one thread. Argument, optional: f32 (the default) or f64.
#include <cstdio>
#include <cstring>
#include <vector>

#include "bench/timing.h"
#include "lydia/cpu/isa.h"
#include "lydia/cpu/row_reduce.h"

namespace {

using namespace lydia;
using namespace lydia::cpu;
using bench::time_ns;

constexpr int64_t kLengths[] = {768, 4096, int64_t{4} << 20};

template <class T>
struct Row {
  explicit Row(int64_t n) : n(n), x(n), g(n), w(n), b(n), y(n), dw(n), db(n) {
    for (int64_t i = 0; i < n; ++i) {
      x[i] = static_cast<T>(i * 37 % 97) / 24 - 1;
      g[i] = static_cast<T>(i * 31 % 89) / 24 - 1;
      w[i] = b[i] = T(0.5);
    }
  }
  int64_t n;
  std::vector<T> x, g, w, b, y, dw, db;
};

// `bytes` per element read and written at the least.
template <class T, class F>
void line(const char* name, int bytes, const F& f) {
  std::printf("%-18s", name);
  for (const int64_t n : kLengths) {
    Row<T> row(n);
    const double ns = time_ns([&] { f(row); }) / static_cast<double>(n);
    std::printf("  %7.3f ns %6.1f GB/s", ns, bytes / ns);
  }
  std::printf("\n");
}

template <class T>
void reduce_line(const char* name, ReduceOp op) {
  alignas(8) char out[8];
  line<T>(name, sizeof(T), [&](Row<T>& r) { reduce_fn(op, dtype_of<T>())(r.x.data(), r.n, out); });
}

template <class T>
void bench_all() {
  const int t = sizeof(T);
  reduce_line<T>("sum", ReduceOp::sum);
  reduce_line<T>("sum_squares", ReduceOp::sum_squares);
  reduce_line<T>("prod", ReduceOp::prod);
  reduce_line<T>("max", ReduceOp::max);
  reduce_line<T>("argmax", ReduceOp::argmax);
  reduce_line<T>("logsumexp", ReduceOp::logsumexp);
  line<T>("column sum, 8 rows", t, [&](Row<T>& r) {
    accumulate_fn(ReduceOp::sum, dtype_of<T>())(r.x.data(), r.n / 8, 8, r.y.data(), r.n / 8);
  });
  line<T>("moments", t, [&](Row<T>& r) { moments_row(r.x.data(), r.n, &r.y[0], &r.y[1]); });
  line<T>("softmax", 2 * t, [&](Row<T>& r) { softmax_row(r.x.data(), r.y.data(), r.n); });
  line<T>("softmax_grad", 3 * t,
          [&](Row<T>& r) { softmax_grad_row(r.g.data(), r.x.data(), r.y.data(), r.n); });
  line<T>("log_softmax", 2 * t, [&](Row<T>& r) { log_softmax_row(r.x.data(), r.y.data(), r.n); });
  line<T>("log_softmax_grad", 3 * t,
          [&](Row<T>& r) { log_softmax_grad_row(r.g.data(), r.x.data(), r.y.data(), r.n); });
  line<T>("layer_norm", 2 * t, [&](Row<T>& r) {
    layer_norm_row(r.x.data(), r.w.data(), r.b.data(), T(1e-5), r.y.data(), nullptr, nullptr, r.n);
  });
  line<T>("layer_norm_grad", 3 * t, [&](Row<T>& r) {
    layer_norm_grad_row(r.g.data(), r.x.data(), r.w.data(), T(1), T(1), r.y.data(), r.dw.data(),
                        r.db.data(), r.n);
  });
  line<T>("rms_norm", 2 * t, [&](Row<T>& r) {
    rms_norm_row(r.x.data(), r.w.data(), T(1e-5), r.y.data(), nullptr, r.n);
  });
  line<T>("rms_norm_grad", 3 * t, [&](Row<T>& r) {
    rms_norm_grad_row(r.g.data(), r.x.data(), r.w.data(), T(1), r.y.data(), r.dw.data(), r.n);
  });
}

}  // namespace

int main(int argc, char** argv) {
  const bool f64 = argc > 1 && std::strcmp(argv[1], "f64") == 0;
  std::printf("%s, %s; rows of 768, 4096 and 4 Mi elements\n", isa_name(), f64 ? "f64" : "f32");
  if (f64) {
    bench_all<double>();
  } else {
    bench_all<float>();
  }
  return 0;
}
