// gru_scan and its gradient: one product and one pass over the rows a step.
#include <vector>

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
  const Tensor products = empty({batch, 3 * n}, call.in(0).dtype());
  const T *x = call.in(0).data<T>(), *bias = call.has(2) ? call.in(2).data<T>() : nullptr;
  const T* h_before = call.in(3).data<T>();
  T* u = products.data<T>();
  for (int64_t step = 0; step < steps; ++step) {
    const int64_t time = scan_time(o, step, steps), rows = scan_rows(o, time, batch);
    const int64_t at = time * batch * n;
    T *h = call.out(0).data<T>() + at, *gates = call.out(1).data<T>() + 4 * at;
    product(rows, h_before, u, T{0}, bias);
    for_units(rows, 4 * n, [&](int64_t i) {
      gru_row(
          {x + 3 * at + i * 3 * n, u + i * 3 * n, h_before + i * n, gates + i * 4 * n, h + i * n},
          n);
    });
    copy_rows(h, h_before, rows, batch, n);
    zero_rows(gates, rows, batch, 4 * n);
    h_before = h;
  }
}

template <class T>
void backward(const KernelCall& call) {
  const auto& o = call.attrs<ScanOptions>();
  const Tensor &w = call.in(1), &h0 = call.in(2), &states = call.in(3);
  const int64_t steps = states.size(0), batch = states.size(1), n = states.size(2);
  const Tensor products = empty({batch, 3 * n}, states.dtype());
  T *du = products.data<T>(), *dh = call.out(1).data<T>();
  const PackedProduct<T> product = times<T>(w);
  zero_rows(dh, 0, batch, n);
  for (int64_t step = steps; step-- > 0;) {
    const int64_t time = scan_time(o, step, steps), rows = scan_rows(o, time, batch);
    const int64_t at = time * batch * n;
    const T* before =
        step ? states.data<T>() + scan_time(o, step - 1, steps) * batch * n : h0.data<T>();
    const T *given = call.in(0).data<T>() + at, *gates = call.in(4).data<T>() + 4 * at;
    T* d = call.out(0).data<T>() + 4 * at;
    for_units(batch, 4 * n, [&](int64_t i) {
      for (int64_t j = 0; j < n; ++j) dh[i * n + j] += given[i * n + j];
      if (i < rows)
        gru_grad_row({gates + i * 4 * n, before + i * n, dh + i * n, d + i * 4 * n, du + i * 3 * n},
                     n);
    });
    zero_rows(d, rows, batch, 4 * n);
    product(rows, du, dh, T{1});
  }
}

}  // namespace

void gru_scan(const KernelCall& call) {
  if (call.in(0).dtype() == DType::F64)
    forward<double>(call);
  else
    forward<float>(call);
}

void gru_scan_grad(const KernelCall& call) {
  if (call.in(3).dtype() == DType::F64)
    backward<double>(call);
  else
    backward<float>(call);
}

}  // namespace lydia::cpu
