// Least squares and the matrix exponential, written with the decompositions and products.
#include <limits>

#include "lydia/ops/copy.h"
#include "lydia/ops/linalg.h"
#include "lydia/ops/linalg_check.h"
#include "lydia/ops/matmul.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/reduce.h"

namespace lydia::linalg {
namespace {

// The coefficients of the [13/13] quotient over the first one, and the 1-norm up to which it is
// exact to double precision (Higham 2005, tables 2.3 and 3.1).
constexpr double kTop[] = {64764752532480000,
                           32382376266240000,
                           7771770303897600,
                           1187353796428800,
                           129060195264000,
                           10559470521600,
                           670442572800,
                           33522128640,
                           1323241920,
                           40840800,
                           960960,
                           16380,
                           182,
                           1};
constexpr double kReach = 5.371920351148152;

double coefficient(int i) { return kTop[i] / kTop[0]; }

// c[first] a2^0 + c[first + 2] a2 + ... up to a6.
Tensor polynomial(int first, const Tensor& one, const Tensor& a2, const Tensor& a4,
                  const Tensor& a6) {
  return one * coefficient(first) + a2 * coefficient(first + 2) + a4 * coefficient(first + 4) +
         a6 * coefficient(first + 6);
}

// e^a for matrices within kReach.
Tensor exp_quotient(const Tensor& a) {
  const Tensor one = identity(a.size(-1), a);
  const Tensor a2 = matmul(a, a), a4 = matmul(a2, a2), a6 = matmul(a4, a2);
  const auto high = [&](int first) {
    return matmul(
        a6, a2 * coefficient(first) + a4 * coefficient(first + 2) + a6 * coefficient(first + 4));
  };
  const Tensor odd = matmul(a, high(9) + polynomial(1, one, a2, a4, a6));
  const Tensor even = high(8) + polynomial(0, one, a2, a4, a6);
  return solve(even - odd, even + odd);
}

}  // namespace

Tensor matrix_exp(const Tensor& a) {
  check_square("matrix_exp", a);
  if (a.numel() == 0) return clone(a);
  const Tensor size = amax(vector_norm(a.detach(), 1, {-2}), {-1});  // [...]
  const Tensor finite = reshape(isfinite(size), with_matrix(batch_of(a), 1, 1));
  const Tensor halvings =
      clamp(ceil(log2(reshape(size, finite.sizes()) / kReach)), 0, std::nullopt);
  const Tensor steps = where(finite, halvings, 0);
  Tensor out = exp_quotient(where(finite, a, 0) * exp2(-steps));
  const double most = amax(steps).item<double>();
  for (double k = 0; k < most; ++k) out = where(gt(steps, k), matmul(out, out), out);
  return where(finite, out, std::numeric_limits<double>::quiet_NaN());
}

Lstsq lstsq(const Tensor& a, const Tensor& b, std::optional<double> rtol) {
  check_matrix("lstsq", a);
  check_defined("lstsq", b, "B");
  LYDIA_CHECK(b.dtype() == a.dtype(), TypeError, "lstsq: expected A and B of one dtype, got ",
              a.dtype(), " and ", b.dtype());
  Dims rows = a.sizes();
  rows.resize(rows.size() - 1);
  const bool vector = b.sizes() == rows;
  LYDIA_CHECK(vector || (b.ndim() >= 2 && b.size(-2) == a.size(-2)), ValueError,
              "lstsq: expected B [..., ", a.size(-2), ", k] or of shape ", rows, " for A ",
              a.sizes(), ", got ", b.sizes());
  const Tensor right = vector ? unsqueeze(b, -1) : b;
  const Tensor x = matmul(pinv(a, 0, rtol), right), values = svdvals(a);
  Lstsq out;
  out.solution = vector ? squeeze(x, {-1}) : x;
  out.rank = matrix_rank(a, 0, rtol);
  out.singular_values = values;
  const bool full = a.size(-2) > a.size(-1) && all(eq(out.rank, a.size(-1))).item<bool>();
  out.residuals =
      full ? sum(square(matmul(a, x) - right), {-2}) : empty({0}, a.dtype(), a.device());
  return out;
}

}  // namespace lydia::linalg
