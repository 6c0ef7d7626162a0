// nll_loss and cross_entropy: the fused kernel op, and the composites around it.
#include "lydia/ops/autocast.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/gather.h"
#include "lydia/ops/index_select.h"
#include "lydia/ops/loss.h"
#include "lydia/ops/nonzero.h"
#include "lydia/ops/op.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/reduce.h"
#include "lydia/ops/softmax.h"
#include "lydia/ops/view.h"

namespace lydia {
namespace {

// Checks [N, C, ...] against [N, ...] ([C] against []), and gives the class dimension.
int class_dim(const char* op, const Tensor& input, const Tensor& target, const Tensor& weight) {
  check_defined(op, input, "input");
  check_defined(op, target, "target");
  LYDIA_CHECK(is_floating(input.dtype()), TypeError, op, ": expected a floating-point input, got ",
              input.dtype());
  LYDIA_CHECK(input.ndim() > 0, ValueError, op, ": expected an input [C] or [N, C, ...]");
  const int dim = input.ndim() == 1 ? 0 : 1;
  if (weight.defined())
    LYDIA_CHECK(weight.ndim() == 1 && weight.size(0) == input.size(dim), ValueError, op,
                ": expected a weight of shape [", input.size(dim), "], got ", weight.sizes());
  if (is_floating(target.dtype())) return dim;
  Dims expected = input.sizes();
  expected.erase(static_cast<size_t>(dim));
  LYDIA_CHECK(target.sizes() == expected, ValueError, op, ": expected class targets of shape ",
              expected, " for an input of shape ", input.sizes(), ", got ", target.sizes());
  LYDIA_CHECK(target.dtype() == DType::I64, TypeError, op, ": expected int64 class targets, got ",
              target.dtype());
  return dim;
}

void check_classes(const char* op, const Tensor& target, const Tensor& counted, int64_t classes) {
  const Tensor bad = mul(counted, logical_or(lt(target, 0), ge(target, classes)));
  if (!any(bad).item<bool>()) return;
  const Tensor first = select(argwhere(bad), 0, 0);
  Tensor value = target;
  Dims place;
  for (int d = 0; d < target.ndim(); ++d) {
    place.push_back(select(first, 0, d).item<int64_t>());
    value = select(value, 0, place[d]);
  }
  fail<IndexError>(op, ": expected targets in [0, ", classes - 1, "] or ignore_index, got ",
                   value.item<int64_t>(), " at ", place);
}

// Sum of the losses, or their mean weighted by what each target counts.
Tensor reduced(const Tensor& loss, const Tensor& counts, LossReduction reduction) {
  if (reduction == LossReduction::None) return loss;
  return reduction == LossReduction::Sum ? sum(loss) : div(sum(loss), sum(counts));
}

Tensor class_weights(const Tensor& weight, const Tensor& safe, const Tensor& counted, DType dtype) {
  const Tensor counts = to(counted, dtype);
  if (!weight.defined()) return counts;
  return mul(counts, reshape(index_select(weight, 0, reshape(safe, {safe.numel()})), safe.sizes()));
}

// -w[t] x[t], with the weights beside it.
std::pair<Tensor, Tensor> picked_losses(const char* op, const Tensor& input, const Tensor& target,
                                        const Tensor& weight, int64_t ignore_index, int dim) {
  const Tensor counted = ne(target, ignore_index);
  check_classes(op, target, counted, input.size(dim));
  const Tensor safe = where(counted, target, zeros_like(target));
  const Tensor picked = squeeze(gather(input, dim, unsqueeze(safe, dim)), {dim});
  const Tensor counts = class_weights(weight, safe, counted, input.dtype());
  // An ignored target's loss is 0 even where its log probability is -inf.
  return {where(counted, neg(mul(picked, counts)), zeros_like_shape(picked, picked.sizes())),
          counts};
}

Tensor with_probabilities(const Tensor& logs, const Tensor& target, const Tensor& weight,
                          LossReduction reduction, double smoothing, int dim) {
  LYDIA_CHECK(target.sizes() == logs.sizes(), ValueError,
              "cross_entropy: expected class probabilities of shape ", logs.sizes(), ", got ",
              target.sizes());
  const double classes = static_cast<double>(logs.size(dim));
  const Tensor smooth =
      smoothing > 0 ? add(mul(target, 1 - smoothing), smoothing / classes) : target;
  Dims line(static_cast<size_t>(logs.ndim()), 1);
  line[dim] = logs.size(dim);
  const Tensor weighted = weight.defined() ? mul(logs, reshape(weight, line)) : logs;
  const Tensor loss = neg(sum(mul(weighted, smooth), {dim}));
  if (reduction == LossReduction::None) return loss;
  const Tensor total = sum(loss);
  return reduction == LossReduction::Sum ? total
                                         : div(total, static_cast<double>(logs.numel()) / classes);
}

// (1 - s) nll + s / C sum over classes of -w log p
Tensor smoothed(const Tensor& logs, const Tensor& target, const Tensor& weight,
                LossReduction reduction, int64_t ignore_index, double smoothing, int dim) {
  const auto [picked, counts] =
      picked_losses("cross_entropy", logs, target, weight, ignore_index, dim);
  Dims line(static_cast<size_t>(logs.ndim()), 1);
  line[dim] = logs.size(dim);
  const Tensor weighted = weight.defined() ? mul(logs, reshape(weight, line)) : logs;
  const Tensor counted = to(ne(target, ignore_index), logs.dtype());
  const Tensor spread = neg(mul(sum(weighted, {dim}), counted));
  const double share = smoothing / static_cast<double>(logs.size(dim));
  return reduced(add(mul(picked, 1 - smoothing), mul(spread, share)), counts, reduction);
}

}  // namespace

Tensor nll_loss(const Tensor& input, const Tensor& target, const Tensor& weight,
                LossReduction reduction, int64_t ignore_index) {
  LYDIA_FULL_PRECISION(nll_loss, input, target, weight, reduction, ignore_index);
  const int dim = class_dim("nll_loss", input, target, weight);
  LYDIA_CHECK(!is_floating(target.dtype()), TypeError,
              "nll_loss: expected int64 class targets, got ", target.dtype());
  const auto [loss, counts] = picked_losses("nll_loss", input, target, weight, ignore_index, dim);
  return reduced(loss, counts, reduction);
}

Tensor cross_entropy(const Tensor& input, const Tensor& target, const Tensor& weight,
                     LossReduction reduction, int64_t ignore_index, double label_smoothing) {
  LYDIA_FULL_PRECISION(cross_entropy, input, target, weight, reduction, ignore_index,
                       label_smoothing);
  const int dim = class_dim("cross_entropy", input, target, weight);
  LYDIA_CHECK(label_smoothing >= 0 && label_smoothing <= 1, ValueError,
              "cross_entropy: expected label_smoothing in [0, 1], got ", label_smoothing);
  if (is_floating(target.dtype()))
    return with_probabilities(log_softmax(input, dim), target, weight, reduction, label_smoothing,
                              dim);
  if (weight.defined() || label_smoothing > 0)
    return smoothed(log_softmax(input, dim), target, weight, reduction, ignore_index,
                    label_smoothing, dim);
  const Tensor counted = ne(target, ignore_index);
  check_classes("cross_entropy", target, counted, input.size(dim));
  // The op sees rows of logits [n, C].
  const int64_t classes = input.size(dim);
  const Tensor last = dim == input.ndim() - 1 ? input : movedim(input, {dim}, {-1});
  const Tensor rows = contiguous(reshape(last, {target.numel(), classes}));
  const Tensor flat = contiguous(reshape(target, {target.numel()}));
  Tensor losses = empty({target.numel()}, input.dtype(), input.device());
  Tensor lse = empty({target.numel()}, input.dtype() == DType::F64 ? DType::F64 : DType::F32);
  run(Op::cross_entropy, {&rows, &flat}, {&losses, &lse}, CrossEntropyAttrs{ignore_index});
  return reduced(reshape(losses, target.sizes()), to(counted, input.dtype()), reduction);
}

namespace {

// (softmax(x) - onehot(t)) g, in ops: for when the walk itself is recorded.
Tensor composite_grad(const GradContext& c, const Tensor& g) {
  const Tensor x = c.in(0), target = c.in(1);
  const Tensor counted = ne(target, c.attrs<CrossEntropyAttrs>().ignore_index);
  const Tensor safe = unsqueeze(where(counted, target, zeros_like(target)), 1);
  const Tensor minus = scatter_add(softmax(x, 1), 1, safe, full(safe.sizes(), -1, x.dtype()));
  return mul(minus, unsqueeze(mul(g, counted), 1));
}

}  // namespace

const GradRule cross_entropy_rule = {[](const GradContext& c, const Tensors& g) -> Tensors {
                                       if (!g[0].defined()) return {{}, {}};
                                       if (grad_enabled()) return {composite_grad(c, g[0]), {}};
                                       const Tensor x = c.in(0), target = c.in(1), lse = c.out(1),
                                                    upstream = contiguous(g[0]);
                                       Tensor dx = empty_like(x);
                                       run(Op::cross_entropy_grad, {&upstream, &x, &target, &lse},
                                           {&dx}, c.attrs<CrossEntropyAttrs>());
                                       return {dx, {}};
                                     },
                                     kIn(0) | kIn(1) | kOut(1)};

const GradRule cross_entropy_grad_rule = {};

}  // namespace lydia
