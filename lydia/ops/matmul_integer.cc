#include "lydia/ops/matmul_integer.h"

#include "lydia/ops/op.h"
#include "lydia/ops/view.h"

namespace lydia {

// The op itself sees [m, k] @ [k, n].
Tensor matmul_integer(const Tensor& a, const Tensor& b) {
  check_defined("matmul_integer", a, "input");
  check_defined("matmul_integer", b, "other");
  check_same_device("matmul_integer", a, b);
  LYDIA_CHECK(a.dtype() == DType::U8 && b.dtype() == DType::I8, TypeError,
              "matmul_integer: expected uint8 and int8 operands, got ", a.dtype(), " and ",
              b.dtype());
  LYDIA_CHECK(a.ndim() > 0 && b.ndim() == 2, ValueError,
              "matmul_integer: expected shapes [..., k] and [k, n], got ", a.sizes(), " and ",
              b.sizes());
  const int64_t k = a.size(-1), n = b.size(1);
  LYDIA_CHECK(b.size(0) == k, ValueError, "matmul_integer: expected inner sizes to agree, got ",
              a.sizes(), " and ", b.sizes(), " (", k, " and ", b.size(0), ")");
  Dims sizes = a.sizes();
  sizes.back() = n;
  int64_t rows = 1;
  for (size_t d = 0; d + 1 < sizes.size(); ++d) rows *= sizes[d];
  const Tensor matrix = reshape(a, {rows, k});
  Tensor out = empty({rows, n}, DType::I32, a.device());
  run(Op::matmul_integer, {&matrix, &b}, {&out});
  return reshape(out, sizes);
}

const GradRule matmul_integer_rule = {};

}  // namespace lydia
