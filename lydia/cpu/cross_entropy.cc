// cross_entropy over rows of logits [n, C]: loss = log(sum exp(x)) - x[target], and its gradient
// (exp(x - lse) - onehot) g. Only the logarithm of the sum is kept between the two.
#include <algorithm>

#include "lydia/cpu/float_rows.h"
#include "lydia/cpu/kernels.h"
#include "lydia/cpu/parallel.h"
#include "lydia/cpu/row_reduce.h"
#include "lydia/ops/loss.h"

namespace lydia::cpu {
namespace {

template <class W>
void forward(const KernelCall& call, int64_t ignored) {
  const int64_t n = call.in(0).size(0), classes = call.in(0).size(1);
  const int64_t* target = call.in(1).data<int64_t>();
  W* lse = call.out(1).data<W>();
  const ReduceFn log_sum_exp = reduce_fn(ReduceOp::logsumexp, dtype_of<W>());
  parallel_for(0, n, std::max<int64_t>(1, kGrain / 4 / std::max<int64_t>(classes, 1)),
               [&](int64_t begin, int64_t end) {
                 RowReader<W> x(call.in(0), classes);
                 RowWriter<W> loss(call.out(0), 1);
                 for (int64_t i = begin; i < end; ++i) {
                   const W* row = x.row(i);
                   log_sum_exp(row, classes, &lse[i]);
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
                     shifted_exp_row(x.row(i), lse[i], scale, to, classes);
                     to[target[i]] -= scale;
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
