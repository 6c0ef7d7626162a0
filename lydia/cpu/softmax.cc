// softmax, log_softmax and their gradients along one dimension, row by row.
#include "lydia/ops/softmax.h"

#include <algorithm>
#include <cmath>

#include "lydia/cpu/float_rows.h"
#include "lydia/cpu/kernels.h"
#include "lydia/cpu/parallel.h"
#include "lydia/cpu/rows.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/view.h"

namespace lydia::cpu {
namespace {

// The tensor as contiguous rows [n, width] with `dim` last; a copy where it is not last.
Tensor as_rows(const Tensor& t, int64_t dim) {
  const Tensor x = t.detach();
  const int64_t width = x.ndim() ? x.sizes()[dim] : 1;
  const Tensor last = x.ndim() > 1 && dim != x.ndim() - 1 ? movedim(x, {dim}, {-1}) : x;
  return reshape(contiguous(last), {width ? x.numel() / width : 0, width});
}

// Runs body(row reader of each input, writer of out) over all rows.
template <class Body>
void over_rows(const KernelCall& call, Body&& body) {
  const Tensor& out = call.out();
  if (out.numel() == 0) return;
  const int64_t dim = call.attrs<SoftmaxAttrs>().dim;
  Tensor in[2];
  for (size_t i = 0; i < call.inputs.size(); ++i) in[i] = as_rows(call.in(i), dim);
  const bool in_place = out.ndim() <= 1 || dim == out.ndim() - 1;
  const int64_t width = in[0].size(1);
  const Tensor rows =
      in_place ? view(out.detach(), {out.numel() / width, width}) : empty_like(in[0]);
  visit_float_row(out.dtype(), [&](auto tag) {
    using W = decltype(tag);
    parallel_for(0, rows.size(0), std::max<int64_t>(1, kGrain / 4 / width),
                 [&](int64_t begin, int64_t end) {
                   RowReader<W> first(in[0], width), second(in[1], width);
                   RowWriter<W> to(rows, width);
                   for (int64_t i = begin; i < end; ++i) {
                     body(first.row(i), second.row(i), to.row(i), width);
                     to.store(i);
                   }
                 });
  });
  if (!in_place) {
    Dims moved = out.sizes();
    moved.erase(static_cast<size_t>(dim));
    moved.push_back(width);
    raw_copy(out, movedim(view(rows, moved), {-1}, {dim}));
  }
}

template <class W>
RowFn exp_row() {
  static const RowFn fn = row_fn(RowOp::exp, dtype_of<W>());
  return fn;
}

template <class W>
W row_max(const W* x, int64_t n) {
  W top = x[0];
  for (int64_t i = 1; i < n; ++i) top = x[i] > top || x[i] != x[i] ? x[i] : top;
  return top;
}

template <class W>
W row_sum(const W* x, int64_t n) {
  W lanes[16] = {};
  int64_t i = 0;
  for (; i + 16 <= n; i += 16)
    for (int j = 0; j < 16; ++j) lanes[j] += x[i + j];
  for (; i < n; ++i) lanes[i % 16] += x[i];
  for (int step = 8; step; step /= 2)
    for (int j = 0; j < step; ++j) lanes[j] += lanes[j + step];
  return lanes[0];
}

// y = exp(x - max); gives the sum of y.
template <class W>
W shifted_exp(const W* x, W* y, int64_t n, W top) {
  for (int64_t i = 0; i < n; ++i) y[i] = x[i] - top;
  const void* in[] = {y};
  exp_row<W>()(in, y, n, nullptr);
  return row_sum(y, n);
}

}  // namespace

void softmax(const KernelCall& call) {
  over_rows(call, []<class W>(const W* x, const W*, W* y, int64_t n) {
    const W scale = 1 / shifted_exp(x, y, n, row_max(x, n));
    for (int64_t i = 0; i < n; ++i) y[i] *= scale;
  });
}

void log_softmax(const KernelCall& call) {
  over_rows(call, []<class W>(const W* x, const W*, W* y, int64_t n) {
    const W top = row_max(x, n);
    const W shift = top + std::log(shifted_exp(x, y, n, top));
    for (int64_t i = 0; i < n; ++i) y[i] = x[i] - shift;
  });
}

void softmax_grad(const KernelCall& call) {
  over_rows(call, []<class W>(const W* g, const W* y, W* dx, int64_t n) {
    for (int64_t i = 0; i < n; ++i) dx[i] = g[i] * y[i];
    const W dot = row_sum(dx, n);
    for (int64_t i = 0; i < n; ++i) dx[i] = y[i] * (g[i] - dot);
  });
}

void log_softmax_grad(const KernelCall& call) {
  over_rows(call, []<class W>(const W* g, const W* y, W* dx, int64_t n) {
    const W total = row_sum(g, n);
    const void* in[] = {y};
    exp_row<W>()(in, dx, n, nullptr);
    for (int64_t i = 0; i < n; ++i) dx[i] = g[i] - dx[i] * total;
  });
}

}  // namespace lydia::cpu
