// softmax, log_softmax and their gradients along one dimension, row by row.
#include "lydia/ops/softmax.h"

#include <algorithm>

#include "lydia/cpu/float_rows.h"
#include "lydia/cpu/kernels.h"
#include "lydia/cpu/parallel.h"
#include "lydia/cpu/row_reduce.h"
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

}  // namespace

void softmax(const KernelCall& call) {
  over_rows(call, []<class W>(const W* x, const W*, W* y, int64_t n) { softmax_row(x, y, n); });
}

void log_softmax(const KernelCall& call) {
  over_rows(call, []<class W>(const W* x, const W*, W* y, int64_t n) { log_softmax_row(x, y, n); });
}

void softmax_grad(const KernelCall& call) {
  over_rows(call, []<class W>(const W* g, const W* y, W* dx, int64_t n) {
    softmax_grad_row(g, y, dx, n);
  });
}

void log_softmax_grad(const KernelCall& call) {
  over_rows(call, []<class W>(const W* g, const W* y, W* dx, int64_t n) {
    log_softmax_grad_row(g, y, dx, n);
  });
}

}  // namespace lydia::cpu
