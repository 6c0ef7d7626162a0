// cross_entropy over rows of logits [n, C]: loss = log(sum exp(x)) - x[target], and its gradient
// (exp(x - lse) - onehot) g. Only the logarithm of the sum is kept between the two.
#include <algorithm>
#include <cmath>

#include "lydia/cpu/float_rows.h"
#include "lydia/cpu/kernels.h"
#include "lydia/cpu/parallel.h"
#include "lydia/cpu/rows.h"
#include "lydia/ops/loss.h"

namespace lydia::cpu {
namespace {

template <class W>
RowFn exp_row() {
  static const RowFn fn = row_fn(RowOp::exp, dtype_of<W>());
  return fn;
}

// y = exp(x - shift); gives the sum of y.
template <class W>
W shifted_exp(const W* x, W* y, int64_t n, W shift) {
  for (int64_t i = 0; i < n; ++i) y[i] = x[i] - shift;
  const void* in[] = {y};
  exp_row<W>()(in, y, n, nullptr);
  W lanes[16] = {};
  int64_t i = 0;
  for (; i + 16 <= n; i += 16)
    for (int j = 0; j < 16; ++j) lanes[j] += y[i + j];
  for (; i < n; ++i) lanes[i % 16] += y[i];
  for (int step = 8; step; step /= 2)
    for (int j = 0; j < step; ++j) lanes[j] += lanes[j + step];
  return lanes[0];
}

template <class W>
void forward(const KernelCall& call, int64_t ignored) {
  const int64_t n = call.in(0).size(0), classes = call.in(0).size(1);
  const int64_t* target = call.in(1).data<int64_t>();
  W* lse = call.out(1).data<W>();
  parallel_for(0, n, std::max<int64_t>(1, kGrain / 4 / std::max<int64_t>(classes, 1)),
               [&](int64_t begin, int64_t end) {
                 RowReader<W> x(call.in(0), classes);
                 RowWriter<W> loss(call.out(0), 1);
                 std::vector<W> work(static_cast<size_t>(classes));
                 for (int64_t i = begin; i < end; ++i) {
                   const W* row = x.row(i);
                   const W top = *std::max_element(row, row + classes);
                   lse[i] = top + std::log(shifted_exp(row, work.data(), classes, top));
                   *loss.row(i) = target[i] == ignored ? W{0} : lse[i] - row[target[i]];
                   loss.store(i);
                 }
               });
}

template <class W>
void backward(const KernelCall& call, int64_t ignored) {
  const int64_t n = call.in(1).size(0), classes = call.in(1).size(1);
  const int64_t* target = call.in(2).data<int64_t>();
  const W* lse = call.in(3).data<W>();
  parallel_for(0, n, std::max<int64_t>(1, kGrain / 4 / std::max<int64_t>(classes, 1)),
               [&](int64_t begin, int64_t end) {
                 RowReader<W> g(call.in(0), 1), x(call.in(1), classes);
                 RowWriter<W> dx(call.out(0), classes);
                 for (int64_t i = begin; i < end; ++i) {
                   W* to = dx.row(i);
                   const W scale = *g.row(i);
                   if (target[i] == ignored) {
                     std::fill_n(to, classes, W{0});
                   } else {
                     shifted_exp(x.row(i), to, classes, lse[i]);
                     to[target[i]] -= 1;
                     for (int64_t j = 0; j < classes; ++j) to[j] *= scale;
                   }
                   dx.store(i);
                 }
               });
}

}  // namespace

void cross_entropy(const KernelCall& call) {
  if (call.out().numel() == 0) return;
  const int64_t ignored = call.attrs<CrossEntropyAttrs>().ignore_index;
  visit_float_row(call.in(0).dtype(), [&](auto tag) { forward<decltype(tag)>(call, ignored); });
}

void cross_entropy_grad(const KernelCall& call) {
  if (call.out().numel() == 0) return;
  const int64_t ignored = call.attrs<CrossEntropyAttrs>().ignore_index;
  visit_float_row(call.in(1).dtype(), [&](auto tag) { backward<decltype(tag)>(call, ignored); });
}

}  // namespace lydia::cpu
