// Losses written with other ops.
#include "lydia/ops/autocast.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/loss.h"
#include "lydia/ops/op.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/reduce.h"

namespace lydia {
namespace {

Tensor reduced(const Tensor& loss, LossReduction reduction) {
  if (reduction == LossReduction::None) return loss;
  return reduction == LossReduction::Sum ? sum(loss) : mean(loss);
}

void check_pair(const char* op, const Tensor& input, const Tensor& target) {
  check_defined(op, input, "input");
  check_defined(op, target, "target");
  LYDIA_CHECK(is_floating(input.dtype()), TypeError, op, ": expected a floating-point input, got ",
              input.dtype());
}

void check_same_shape(const char* op, const Tensor& input, const Tensor& target) {
  check_pair(op, input, target);
  LYDIA_CHECK(input.sizes() == target.sizes(), ValueError, op,
              ": expected input and target of one shape, got ", input.sizes(), " and ",
              target.sizes());
}

}  // namespace

LossReduction parse_reduction(const char* op, const std::string& text) {
  if (text == "none") return LossReduction::None;
  if (text == "mean") return LossReduction::Mean;
  LYDIA_CHECK(text == "sum", ValueError, op, ": expected reduction 'none', 'mean' or 'sum', got '",
              text, "'");
  return LossReduction::Sum;
}

Tensor mse_loss(const Tensor& input, const Tensor& target, LossReduction reduction) {
  LYDIA_FULL_PRECISION(mse_loss, input, target, reduction);
  check_pair("mse_loss", input, target);
  return reduced(square(sub(input, target)), reduction);
}

Tensor l1_loss(const Tensor& input, const Tensor& target, LossReduction reduction) {
  LYDIA_FULL_PRECISION(l1_loss, input, target, reduction);
  check_pair("l1_loss", input, target);
  return reduced(abs(sub(input, target)), reduction);
}

Tensor smooth_l1_loss(const Tensor& input, const Tensor& target, LossReduction reduction,
                      double beta) {
  LYDIA_FULL_PRECISION(smooth_l1_loss, input, target, reduction, beta);
  check_pair("smooth_l1_loss", input, target);
  LYDIA_CHECK(beta >= 0, ValueError, "smooth_l1_loss: expected beta >= 0, got ", beta);
  if (beta == 0) return l1_loss(input, target, reduction);
  const Tensor difference = sub(input, target), d = abs(difference);
  const Tensor loss =
      where(lt(d.detach(), beta), mul(square(difference), 0.5 / beta), sub(d, 0.5 * beta));
  return reduced(loss, reduction);
}

Tensor huber_loss(const Tensor& input, const Tensor& target, LossReduction reduction,
                  double delta) {
  LYDIA_FULL_PRECISION(huber_loss, input, target, reduction, delta);
  LYDIA_CHECK(delta > 0, ValueError, "huber_loss: expected delta > 0, got ", delta);
  return mul(smooth_l1_loss(input, target, reduction, delta), delta);
}

Tensor binary_cross_entropy(const Tensor& input, const Tensor& target, const Tensor& weight,
                            LossReduction reduction) {
  LYDIA_FULL_PRECISION(binary_cross_entropy, input, target, weight, reduction);
  check_same_shape("binary_cross_entropy", input, target);
  const Tensor p = input.detach();
  LYDIA_CHECK(all(mul(ge(p, 0), le(p, 1))).item<bool>(), ValueError,
              "binary_cross_entropy: expected probabilities in [0, 1]; for logits use "
              "binary_cross_entropy_with_logits");
  const Tensor yes = clamp(log(input), -100.0, std::nullopt);
  const Tensor no = clamp(log(sub(1, input)), -100.0, std::nullopt);
  Tensor loss = neg(add(mul(target, yes), mul(sub(1, target), no)));
  if (weight.defined()) loss = mul(loss, weight);
  return reduced(loss, reduction);
}

// (1 - t) x + l softplus(-x) with l = 1 + (pos_weight - 1) t
Tensor binary_cross_entropy_with_logits(const Tensor& input, const Tensor& target,
                                        const Tensor& weight, LossReduction reduction,
                                        const Tensor& pos_weight) {
  LYDIA_FULL_PRECISION(binary_cross_entropy_with_logits, input, target, weight, reduction,
                       pos_weight);
  check_same_shape("binary_cross_entropy_with_logits", input, target);
  const Tensor tail = add(log1p(exp(neg(abs(input)))), relu(neg(input)));  // softplus(-x)
  const Tensor scaled =
      pos_weight.defined() ? mul(tail, add(mul(sub(pos_weight, 1), target), 1)) : tail;
  Tensor loss = add(mul(sub(1, target), input), scaled);
  if (weight.defined()) loss = mul(loss, weight);
  return reduced(loss, reduction);
}

Tensor kl_div(const Tensor& input, const Tensor& target, LossReduction reduction, bool log_target,
              bool batch_mean) {
  LYDIA_FULL_PRECISION(kl_div, input, target, reduction, log_target, batch_mean);
  check_pair("kl_div", input, target);
  const Tensor loss = log_target ? mul(exp(target), sub(target, input))
                                 : sub(xlogy(target, target), mul(target, input));
  if (!batch_mean) return reduced(loss, reduction);
  LYDIA_CHECK(input.ndim() > 0, ValueError, "kl_div: batchmean needs at least one dimension");
  return div(sum(loss), static_cast<double>(input.size(0)));
}

}  // namespace lydia
