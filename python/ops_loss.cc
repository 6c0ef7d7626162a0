// Losses of lydia.nn.functional.
#include "lydia/ops/ctc_loss.h"
#include "python/bind.h"

namespace lydia::python {
namespace {

using OptTensor = std::optional<Tensor>;

Tensor or_undefined(const OptTensor& t) { return t.value_or(Tensor()); }

template <class F>
void def_pair(Module& m, const char* name, F f) {
  m.def(
      name,
      [f, name](const Tensor& input, const Tensor& target, const std::string& reduction) {
        return f(input, target, parse_reduction(name, reduction));
      },
      "input"_a, "target"_a, "reduction"_a = "mean");
}

void def_binary(Module& m) {
  m.def(
      "binary_cross_entropy",
      [](const Tensor& input, const Tensor& target, const OptTensor& weight,
         const std::string& reduction) {
        return binary_cross_entropy(input, target, or_undefined(weight),
                                    parse_reduction("binary_cross_entropy", reduction));
      },
      "input"_a, "target"_a, "weight"_a = nb::none(), "reduction"_a = "mean");
  m.def(
      "binary_cross_entropy_with_logits",
      [](const Tensor& input, const Tensor& target, const OptTensor& weight,
         const std::string& reduction, const OptTensor& pos_weight) {
        return binary_cross_entropy_with_logits(
            input, target, or_undefined(weight),
            parse_reduction("binary_cross_entropy_with_logits", reduction),
            or_undefined(pos_weight));
      },
      "input"_a, "target"_a, "weight"_a = nb::none(), "reduction"_a = "mean",
      "pos_weight"_a = nb::none());
}

void def_classes(Module& m) {
  m.def(
      "nll_loss",
      [](const Tensor& input, const Tensor& target, const OptTensor& weight, int64_t ignore_index,
         const std::string& reduction) {
        return nll_loss(input, target, or_undefined(weight), parse_reduction("nll_loss", reduction),
                        ignore_index);
      },
      "input"_a, "target"_a, "weight"_a = nb::none(), "ignore_index"_a = -100,
      "reduction"_a = "mean");
  m.def(
      "cross_entropy",
      [](const Tensor& input, const Tensor& target, const OptTensor& weight, int64_t ignore_index,
         const std::string& reduction, double label_smoothing) {
        return cross_entropy(input, target, or_undefined(weight),
                             parse_reduction("cross_entropy", reduction), ignore_index,
                             label_smoothing);
      },
      "input"_a, "target"_a, "weight"_a = nb::none(), "ignore_index"_a = -100,
      "reduction"_a = "mean", "label_smoothing"_a = 0.0);
}

}  // namespace

void register_ops_loss(Module& m) {
  def_pair(m, "mse_loss", &mse_loss);
  def_pair(m, "l1_loss", &l1_loss);
  m.def(
      "smooth_l1_loss",
      [](const Tensor& input, const Tensor& target, const std::string& reduction, double beta) {
        return smooth_l1_loss(input, target, parse_reduction("smooth_l1_loss", reduction), beta);
      },
      "input"_a, "target"_a, "reduction"_a = "mean", "beta"_a = 1.0);
  m.def(
      "huber_loss",
      [](const Tensor& input, const Tensor& target, const std::string& reduction, double delta) {
        return huber_loss(input, target, parse_reduction("huber_loss", reduction), delta);
      },
      "input"_a, "target"_a, "reduction"_a = "mean", "delta"_a = 1.0);
  m.def(
      "kl_div",
      [](const Tensor& input, const Tensor& target, const std::string& reduction, bool log_target) {
        const bool batch = reduction == "batchmean";
        return kl_div(input, target,
                      batch ? LossReduction::Sum : parse_reduction("kl_div", reduction), log_target,
                      batch);
      },
      "input"_a, "target"_a, "reduction"_a = "mean", nb::kw_only(), "log_target"_a = false);
  m.def(
      "_ctc_loss",
      [](const Tensor& log_probs, const Tensor& targets, const Tensor& input_lengths,
         const Tensor& target_lengths, int64_t blank, const std::string& reduction,
         bool zero_infinity) {
        return ctc_loss(log_probs, targets, input_lengths, target_lengths,
                        {blank, parse_reduction("ctc_loss", reduction), zero_infinity});
      },
      "log_probs"_a, "targets"_a, "input_lengths"_a, "target_lengths"_a, "blank"_a, "reduction"_a,
      "zero_infinity"_a);
  def_binary(m);
  def_classes(m);
}

}  // namespace lydia::python
