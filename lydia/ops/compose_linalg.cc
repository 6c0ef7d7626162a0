// Linear algebra written with the decompositions.
#include <cmath>

#include "lydia/ops/copy.h"
#include "lydia/ops/linalg.h"
#include "lydia/ops/linalg_check.h"
#include "lydia/ops/matmul.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/reduce.h"

namespace lydia::linalg {
namespace {

struct MatrixDims {
  int rows, columns;
};

MatrixDims matrix_dims(const Tensor& a, const Dims& dims) {
  check_matrix("matrix_norm", a);
  LYDIA_CHECK(dims.size() == 2, ValueError, "matrix_norm: expected two dims, got ", dims);
  const Dims d = wrap_dims("matrix_norm", dims, a.ndim());
  return {static_cast<int>(d[0]), static_cast<int>(d[1])};
}

// A norm from the singular values, with the matrix moved to the last two dimensions.
template <class Reduce>
Tensor spectral(const Tensor& a, MatrixDims d, bool keepdim, Reduce reduce) {
  const Tensor result = reduce(svdvals(movedim(a, {d.rows, d.columns}, {-2, -1})));
  return keepdim ? restore_dims(result,
                                {{std::min(d.rows, d.columns), std::max(d.rows, d.columns)}, false})
                 : result;
}

// The largest (smallest) sum of magnitudes along one dimension.
Tensor of_sums(const Tensor& a, int summed, int picked, bool largest, bool keepdim) {
  const Tensor sums = vector_norm(a, 1, {summed}, true);
  const Tensor out = largest ? amax(sums, {picked}, true) : amin(sums, {picked}, true);
  return keepdim ? out : squeeze(out, {summed, picked});
}

}  // namespace

Tensor matrix_norm(const Tensor& a, const std::string& order, const Dims& dims, bool keepdim) {
  const MatrixDims d = matrix_dims(a, dims);
  if (order == "fro") return vector_norm(a, 2, {d.rows, d.columns}, keepdim);
  LYDIA_CHECK(order == "nuc", ValueError, "matrix_norm: expected 'fro', 'nuc' or a number, got '",
              order, "'");
  return spectral(a, d, keepdim, [](const Tensor& s) { return sum(s, {-1}); });
}

Tensor matrix_norm(const Tensor& a, double order, const Dims& dims, bool keepdim) {
  const MatrixDims d = matrix_dims(a, dims);
  const bool largest = order > 0;
  if (std::fabs(order) == 2)
    return spectral(a, d, keepdim,
                    [&](const Tensor& s) { return largest ? amax(s, {-1}) : amin(s, {-1}); });
  if (std::fabs(order) == 1) return of_sums(a, d.rows, d.columns, largest, keepdim);
  LYDIA_CHECK(std::isinf(order), ValueError,
              "matrix_norm: expected an order of 1, -1, 2, -2, inf or -inf, got ", order);
  return of_sums(a, d.columns, d.rows, largest, keepdim);
}

Tensor matrix_power(const Tensor& a, int64_t n) {
  check_square("matrix_power", a);
  if (n == 0) return contiguous(expand(identity(a.size(-1), a), a.sizes()));
  Tensor base = n < 0 ? inv(a) : a, out;
  for (uint64_t left = n < 0 ? 0 - static_cast<uint64_t>(n) : static_cast<uint64_t>(n); left;
       left /= 2) {
    if (left & 1) out = out.defined() ? matmul(out, base) : base;
    if (left > 1) base = matmul(base, base);
  }
  return out;
}

Tensor matrix_rank(const Tensor& a, double atol, std::optional<double> rtol) {
  check_matrix("matrix_rank", a);
  const double eps = a.dtype() == DType::F64 ? 0x1p-52 : 0x1p-23;
  const double widest = static_cast<double>(std::max(a.size(-1), a.size(-2)));
  const Tensor s = svdvals(a.detach());
  if (s.size(-1) == 0) return zeros(batch_of(a), DType::I64);
  const Tensor limit = mul(amax(s, {-1}, true), rtol.value_or(atol > 0 ? 0 : widest * eps));
  const Tensor above = mul(to(gt(s, limit), DType::I64), to(gt(s, atol), DType::I64));
  return sum(above, {-1});
}

}  // namespace lydia::linalg
