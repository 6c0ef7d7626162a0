// multi_norm: a partial sum per piece, joined in order.
#include "lydia/ops/multi_norm.h"

#include <cmath>

#include "lydia/cpu/convert.h"
#include "lydia/cpu/kernels.h"
#include "lydia/cpu/multi_tensor.h"
#include "lydia/cpu/row_reduce.h"

namespace lydia::cpu {
namespace {

double reduced(ReduceOp op, DType dtype, const void* x, int64_t n) {
  if (dtype == DType::F64) {
    double out;
    reduce_fn(op, dtype)(x, n, &out);
    return out;
  }
  float out;
  reduce_fn(op, dtype)(x, n, &out);
  return out;
}

// The sum of |x|^p in double, for any p, and where a sum of squares in float has overflowed.
double power_sum(double p, DType dtype, const void* x, int64_t n) {
  double wide[kPiece], sum = 0;
  convert_fn(dtype, DType::F64)(x, wide, n);
  for (int64_t i = 0; i < n; ++i)
    sum += p == 2 ? wide[i] * wide[i] : std::pow(std::abs(wide[i]), p);
  return sum;
}

double partial(double p, DType dtype, const void* x, int64_t n) {
  if (p == 1) return reduced(ReduceOp::sum_abs, dtype, x, n);
  if (std::isinf(p)) {
    const double high = reduced(ReduceOp::max, dtype, x, n);
    const double low = reduced(ReduceOp::min, dtype, x, n);
    return std::isnan(high) ? high : std::max(std::abs(high), std::abs(low));
  }
  if (p == 2) {
    const double sum = reduced(ReduceOp::sum_squares, dtype, x, n);
    if (std::isfinite(sum)) return sum;
  }
  return power_sum(p, dtype, x, n);
}

}  // namespace

void multi_norm(const KernelCall& call) {
  const double p = call.attrs<MultiNormAttrs>().p;
  const Pieces pieces(call.inputs);
  std::vector<double> sums(static_cast<size_t>(pieces.count()));
  for_ranges(pieces, [&](size_t t, int64_t begin, int64_t end) {
    const Tensor& x = call.in(t);
    const auto* bytes = static_cast<const std::byte*>(x.data_ptr());
    for (int64_t i = begin; i < end; i += kPiece)
      sums[static_cast<size_t>(pieces.first[t] + i / kPiece)] =
          partial(p, x.dtype(), bytes + i * static_cast<int64_t>(x.element_size()),
                  std::min(kPiece, end - i));
  });
  double total = 0;
  for (const double s : sums)
    total = std::isinf(p) ? (std::isnan(s) || s > total ? s : total) : total + s;
  *call.out().data<double>() = total;
}

}  // namespace lydia::cpu
