// lstm_scan and its gradient: one product and one pass over the rows a step. The weight is packed
// once for the products of all steps.
#include "lydia/cpu/kernels.h"
#include "lydia/cpu/rnn_rows.h"
#include "lydia/cpu/rnn_steps.h"

namespace lydia::cpu {
namespace {

template <class T>
void forward(const KernelCall& call) {
  const auto& o = call.attrs<ScanOptions>();
  const int64_t steps = call.in(0).size(0), batch = call.in(0).size(1), n = call.in(1).size(1);
  const PackedProduct<T> product = times_turned<T>(call.in(1));
  const T* x = call.in(0).data<T>();
  const T *h_before = call.in(2).data<T>(), *c_before = call.in(3).data<T>();
  T *hs = call.out(0).data<T>(), *cs = call.out(1).data<T>(), *gates = call.out(2).data<T>();
  for (int64_t step = 0; step < steps; ++step) {
    const int64_t time = scan_time(o, step, steps), rows = scan_rows(o, time, batch);
    T *h = hs + time * batch * n, *c = cs + time * batch * n, *a = gates + time * batch * 4 * n;
    copy_rows(a, x + time * batch * 4 * n, 0, rows, 4 * n);
    product(rows, h_before, a, T{1});
    for_units(rows, 4 * n, [&](int64_t i) {
      lstm_row({a + i * 4 * n, c_before + i * n, c + i * n, h + i * n}, n);
    });
    copy_rows(h, h_before, rows, batch, n);
    copy_rows(c, c_before, rows, batch, n);
    zero_rows(a, rows, batch, 4 * n);
    h_before = h;
    c_before = c;
  }
}

template <class T>
void add_row(T* to, const T* from, int64_t n) {
  for (int64_t j = 0; j < n; ++j) to[j] += from[j];
}

template <class T>
void backward(const KernelCall& call) {
  const auto& o = call.attrs<ScanOptions>();
  const Tensor &w = call.in(2), &c0 = call.in(3), &cells = call.in(4);
  const int64_t steps = cells.size(0), batch = cells.size(1), n = cells.size(2);
  const T* given_h = call.has(0) ? call.in(0).data<T>() : nullptr;
  const T* given_c = call.has(1) ? call.in(1).data<T>() : nullptr;
  T *das = call.out(0).data<T>(), *dh = call.out(1).data<T>(), *dc = call.out(2).data<T>();
  const PackedProduct<T> product = times<T>(w);
  zero_rows(dh, 0, batch, n);
  zero_rows(dc, 0, batch, n);
  for (int64_t step = steps; step-- > 0;) {
    const int64_t time = scan_time(o, step, steps), rows = scan_rows(o, time, batch);
    const int64_t at = time * batch * n;
    const T* before =
        step ? cells.data<T>() + scan_time(o, step - 1, steps) * batch * n : c0.data<T>();
    const T *c = cells.data<T>() + at, *gates = call.in(5).data<T>() + 4 * at;
    T* da = das + 4 * at;
    for_units(batch, 4 * n, [&](int64_t i) {
      if (given_h) add_row(dh + i * n, given_h + at + i * n, n);
      if (given_c) add_row(dc + i * n, given_c + at + i * n, n);
      if (i < rows)
        lstm_grad_row(
            {gates + i * 4 * n, before + i * n, c + i * n, dh + i * n, dc + i * n, da + i * 4 * n},
            n);
    });
    zero_rows(da, rows, batch, 4 * n);
    product(rows, da, dh, T{0});
  }
}

}  // namespace

void lstm_scan(const KernelCall& call) {
  if (call.in(0).dtype() == DType::F64)
    forward<double>(call);
  else
    forward<float>(call);
}

void lstm_scan_grad(const KernelCall& call) {
  if (call.in(4).dtype() == DType::F64)
    backward<double>(call);
  else
    backward<float>(call);
}

}  // namespace lydia::cpu
