// The forward variables of Graves et al., one row per step over the target with a blank before,
// between and after its labels: state s of 2 S + 1. Written with ops, so that derivatives of any
// order come by themselves. kNever stands for log 0: finite, so that no gradient becomes NaN.
#include "lydia/ops/ctc_loss.h"

#include <algorithm>
#include <limits>

#include "lydia/ops/autocast.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/gather.h"
#include "lydia/ops/op.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/reduce.h"
#include "lydia/ops/shape_ops.h"
#include "lydia/ops/view.h"

namespace lydia {
namespace {

constexpr double kNever = -1e30;

// The problem in one form: emissions [T, N, C] and padded labels [N, S].
struct Batch {
  Tensor log_probs, labels, input_lengths, target_lengths;
  int64_t steps() const { return log_probs.size(0); }
  int64_t count() const { return log_probs.size(1); }
  int64_t classes() const { return log_probs.size(2); }
};

Tensor lengths_of(const char* what, const Tensor& lengths, int64_t count, int64_t most) {
  check_defined("ctc_loss", lengths, what);
  LYDIA_CHECK(!is_floating(lengths.dtype()) && lengths.dtype() != DType::Bool, TypeError,
              "ctc_loss: expected integer ", what, ", got ", lengths.dtype());
  LYDIA_CHECK(lengths.numel() == count && lengths.ndim() <= 1, ValueError, "ctc_loss: expected ",
              count, " ", what, ", got shape ", lengths.sizes());
  Tensor out = contiguous(to(reshape(lengths.detach(), {count}), DType::I64));
  for (int64_t i = 0; i < count; ++i) {
    const int64_t v = out.data<int64_t>()[i];
    LYDIA_CHECK(v >= 0 && v <= most, ValueError, "ctc_loss: expected ", what, " in [0, ", most,
                "], got ", v, " at ", i);
  }
  return out;
}

// Rows of labels, blank where a target is shorter than the longest.
Tensor padded_labels(const Tensor& targets, const Tensor& lengths, int64_t classes, int64_t blank) {
  const int64_t count = lengths.numel(), *length = lengths.data<int64_t>();
  const int64_t longest = count ? *std::max_element(length, length + count) : 0;
  const Tensor from = contiguous(to(targets.detach(), DType::I64));
  Tensor labels = full({count, longest}, blank, DType::I64);
  int64_t start = 0;
  for (int64_t i = 0; i < count; ++i) {
    if (targets.ndim() == 2) start = i * targets.size(1);
    for (int64_t j = 0; j < length[i]; ++j) {
      const int64_t label = from.data<int64_t>()[start + j];
      LYDIA_CHECK(label >= 0 && label < classes && label != blank, IndexError,
                  "ctc_loss: expected targets in [0, ", classes - 1, "] other than the blank ",
                  blank, ", got ", label, " at ", j, " of target ", i);
      labels.data<int64_t>()[i * longest + j] = label;
    }
    start += length[i];
  }
  return labels;
}

int64_t sum_of(const Tensor& lengths) { return sum(lengths).item<int64_t>(); }

Batch make_batch(const Tensor& log_probs, const Tensor& targets, const Tensor& input_lengths,
                 const Tensor& target_lengths, int64_t blank) {
  check_defined("ctc_loss", log_probs, "log_probs");
  check_defined("ctc_loss", targets, "targets");
  LYDIA_CHECK(log_probs.is_floating_point() && !is_floating(targets.dtype()) &&
                  targets.dtype() != DType::Bool,
              TypeError, "ctc_loss: expected floating log_probs and integer targets, got ",
              log_probs.dtype(), " and ", targets.dtype());
  LYDIA_CHECK(log_probs.ndim() == 3 || log_probs.ndim() == 2, ValueError,
              "ctc_loss: expected log_probs [T, N, C] or [T, C], got shape ", log_probs.sizes());
  Batch b;
  b.log_probs = log_probs.ndim() == 3 ? log_probs : unsqueeze(log_probs, 1);
  LYDIA_CHECK(blank >= 0 && blank < b.classes(), ValueError, "ctc_loss: expected blank in [0, ",
              b.classes() - 1, "], got ", blank);
  LYDIA_CHECK(targets.ndim() == 1 || (targets.ndim() == 2 && targets.size(0) == b.count()),
              ValueError, "ctc_loss: expected targets [", b.count(),
              ", S] or [sum of lengths], got ", targets.sizes());
  b.input_lengths = lengths_of("input_lengths", input_lengths, b.count(), b.steps());
  b.target_lengths = lengths_of("target_lengths", target_lengths, b.count(), targets.size(-1));
  if (targets.ndim() == 1) {
    const int64_t total = sum_of(b.target_lengths);
    LYDIA_CHECK(total <= targets.size(0), ValueError, "ctc_loss: expected ", total,
                " targets in all, got ", targets.size(0));
  }
  b.labels = padded_labels(targets, b.target_lengths, b.classes(), blank);
  return b;
}

// Labels with a blank before, between and after them: [N, 2 S + 1].
Tensor with_blanks(const Tensor& labels, int64_t blank) {
  const int64_t count = labels.size(0), longest = labels.size(1);
  Tensor out = full({count, 2 * longest + 1}, blank, DType::I64);
  if (longest > 0) copy_(slice(out, 1, 1, std::nullopt, 2), labels);
  return out;
}

// 0 where state s may follow s - 2, kNever where it may not: the two differ and s is a label.
Tensor skip_costs(const Tensor& states, int64_t blank, DType dtype) {
  const Tensor two_back = narrow(pad(states, {2, 0}, "constant", blank), 1, 0, states.size(1));
  const Tensor allowed = logical_and(ne(states, blank), ne(states, two_back));
  return mul(to(logical_not(allowed), dtype), kNever);
}

// -log p per target [N]; about -kNever where there is no way.
Tensor losses(const Batch& b, int64_t blank) {
  const DType dtype = b.log_probs.dtype();
  const Tensor states = with_blanks(b.labels, blank);
  const int64_t count = b.count(), width = states.size(1);
  const Tensor emitted =
      clamp(gather(b.log_probs, 2, expand(unsqueeze(states, 0), {b.steps(), count, width})), kNever,
            std::nullopt);  // [T, N, states]
  const Tensor skip = skip_costs(states, blank, dtype);
  const Tensor ends = unsqueeze(b.input_lengths, 1);
  // Before the first step only the first blank and, by the first move, the first label are open.
  Tensor alpha = full({count, width}, kNever, dtype);
  fill_(select(alpha, 1, 0), 0);
  Tensor first_step = full({count, width}, kNever, dtype);
  fill_(narrow(first_step, 1, 0, std::min<int64_t>(2, width)), 0);
  for (int64_t t = 0; t < b.steps(); ++t) {
    const Tensor wide = pad(alpha, {2, 0}, "constant", kNever);
    const Tensor come = t == 0 ? first_step
                               : logaddexp(logaddexp(alpha, narrow(wide, 1, 1, width)),
                                           add(narrow(wide, 1, 0, width), skip));
    alpha = where(gt(ends, t), add(come, select(emitted, 0, t)), alpha);
  }
  const Tensor last = mul(unsqueeze(b.target_lengths, 1), 2);
  const Tensor at_blank = squeeze(gather(alpha, 1, last), {1});
  const Tensor at_label = squeeze(gather(alpha, 1, clamp(sub(last, 1), 0, std::nullopt)), {1});
  return neg(where(gt(b.target_lengths, 0), logaddexp(at_blank, at_label), at_blank));
}

}  // namespace

Tensor ctc_loss(const Tensor& log_probs, const Tensor& targets, const Tensor& input_lengths,
                const Tensor& target_lengths, const CtcOptions& o) {
  LYDIA_FULL_PRECISION(ctc_loss, log_probs, targets, input_lengths, target_lengths, o);
  const DType dtype = log_probs.defined() ? log_probs.dtype() : DType::F32;
  if (dtype == DType::F16 || dtype == DType::BF16)  // their range has no room for kNever
    return to(ctc_loss(to(log_probs, DType::F32), targets, input_lengths, target_lengths, o),
              dtype);
  const Batch b = make_batch(log_probs, targets, input_lengths, target_lengths, o.blank);
  const Tensor raw = losses(b, o.blank);
  const double none = o.zero_infinity ? 0 : std::numeric_limits<double>::infinity();
  const Tensor loss = where(gt(raw, -kNever / 2), none, raw);
  switch (o.reduction) {
    case LossReduction::Sum: return sum(loss);
    case LossReduction::Mean:
      return mean(div(loss, to(clamp(b.target_lengths, 1, std::nullopt), dtype)));
    default: return log_probs.ndim() == 2 ? squeeze(loss, {0}) : loss;
  }
}

}  // namespace lydia
