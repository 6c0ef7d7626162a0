// Checks and gradient pieces of the recurrences.
#include "lydia/ops/rnn_check.h"

#include "lydia/ops/cat.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/matmul.h"
#include "lydia/ops/op.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/view.h"

namespace lydia {

void check_scan(const char* op, const Tensor& x, const Tensor& w_hh, const Tensor& state,
                int64_t gates, const ScanOptions& options) {
  check_defined(op, x, "x");
  check_defined(op, w_hh, "w_hh");
  check_defined(op, state, "the first state");
  LYDIA_CHECK(x.ndim() == 3 && w_hh.ndim() == 2, ValueError, op, ": expected x [T, B, ", gates,
              "H] and w_hh [", gates, "H, H], got ", x.sizes(), " and ", w_hh.sizes());
  const int64_t hidden = w_hh.size(1);
  LYDIA_CHECK(w_hh.size(0) == gates * hidden && x.size(2) == gates * hidden, ValueError, op,
              ": expected ", gates, " gates of ", hidden, ", got x ", x.sizes(), " and w_hh ",
              w_hh.sizes());
  LYDIA_CHECK((state.sizes() == Dims{x.size(1), hidden}), ValueError, op,
              ": expected a first state of shape [", x.size(1), ", ", hidden, "], got ",
              state.sizes());
  LYDIA_CHECK(x.is_floating_point() && w_hh.dtype() == x.dtype() && state.dtype() == x.dtype(),
              TypeError, op, ": expected one floating-point dtype, got ", x.dtype(), ", ",
              w_hh.dtype(), " and ", state.dtype());
  if (options.rows.empty()) return;
  LYDIA_CHECK(static_cast<int64_t>(options.rows.size()) == x.size(0), ValueError, op,
              ": expected a number of rows for each of ", x.size(0), " times, got ",
              options.rows.size());
  int64_t most = x.size(1);
  for (int64_t n : options.rows) {
    LYDIA_CHECK(n >= 0 && n <= most, ValueError, op, ": expected at most ", most, " rows, got ", n);
    most = n;
  }
}

Tensor states_before(const Tensor& states, const Tensor& first, const ScanOptions& options) {
  const int64_t steps = states.size(0);
  const Tensor start = unsqueeze(first, 0);
  if (options.reverse) {
    const Tensor parts[] = {narrow(states, 0, 1, steps - 1), start};
    return cat(parts, 0);
  }
  const Tensor parts[] = {start, narrow(states, 0, 0, steps - 1)};
  return cat(parts, 0);
}

Tensor outer_sum(const Tensor& a, const Tensor& b) {
  const Tensor rows_a = reshape(a, {-1, a.size(2)}), rows_b = reshape(b, {-1, b.size(2)});
  return matmul(t(rows_a), rows_b);
}

Tensor active_rows(const ScanOptions& options, int64_t time, const Tensor& like) {
  const int64_t batch = like.size(0), n = scan_rows(options, time, batch);
  if (n == batch) return {};
  const Tensor mask = zeros({batch, 1}, DType::Bool);
  fill_(narrow(mask, 0, 0, n), true);
  return mask;
}

Tensor choose_rows(const Tensor& active, const Tensor& value, const Tensor& other) {
  return active.defined() ? where(active, value, other) : value;
}

}  // namespace lydia
