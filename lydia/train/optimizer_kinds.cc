// The optimisers as torch.optim defines them (Lion: Chen et al. 2023, arXiv:2302.06675, table 1 and
// algorithm 2): what their numbers mean for the rules of ops/optimizer_step.h.
#include "lydia/train/optimizer_kinds.h"

#include <cmath>

#include "lydia/ops/adafactor_step.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/multi_tensor.h"
#include "lydia/ops/optimizer_step.h"

namespace lydia::train {
namespace {

// What all of them share. Weight decay joins the gradient unless `decoupled`.
StepItem item(const Stepped& p, bool decoupled = false) {
  StepItem out{StepRule::sgd, p.param, p.grad, {}, {}};
  const double lr = p["lr"], decay = p["weight_decay"];
  out.numbers.sign = p.is("maximize") ? -1 : 1;
  out.numbers.rate = lr;
  out.numbers.l2 = decoupled ? 0 : decay;
  out.numbers.keep = decoupled ? 1 - lr * decay : 1;
  return out;
}

// The first momentum is the gradient itself, undamped.
StepItem sgd(const Stepped& p) {
  StepItem out = item(p);
  const double momentum = p["momentum"];
  if (momentum == 0) return out;
  out.rule = p.is("nesterov") ? StepRule::sgd_nesterov : StepRule::sgd_momentum;
  out.numbers.decay1 = momentum;
  out.numbers.gain1 = p.state.slots[0].defined() ? 1 - p["dampening"] : 1;
  out.state[0] = p.slot(0);
  return out;
}

StepItem adam(const Stepped& p) {
  StepItem out = item(p, p.is("decoupled_weight_decay"));
  const double beta1 = p["beta1"], beta2 = p["beta2"];
  StepNumbers& n = out.numbers;
  n.gain1 = 1 - beta1;
  n.decay2 = beta2;
  n.gain2 = 1 - beta2;
  n.rate /= 1 - std::pow(beta1, p.time());
  n.root = 1 / std::sqrt(1 - std::pow(beta2, p.time()));
  n.eps = p["eps"];
  out.rule = p.is("amsgrad") ? StepRule::adam_amsgrad : StepRule::adam;
  out.state = {p.slot(0), p.slot(1), p.is("amsgrad") ? p.slot(2) : Tensor()};
  return out;
}

StepItem rmsprop(const Stepped& p) {
  StepItem out = item(p);
  const bool centered = p.is("centered"), momentum = p.is("momentum");
  out.numbers.decay1 = p["momentum"];
  out.numbers.decay2 = p["alpha"];
  out.numbers.gain2 = 1 - p["alpha"];
  out.numbers.eps = p["eps"];
  const StepRule rules[2][2] = {{StepRule::rmsprop, StepRule::rmsprop_momentum},
                                {StepRule::rmsprop_centered, StepRule::rmsprop_centered_momentum}};
  out.rule = rules[centered][momentum];
  out.state = {p.slot(0), centered ? p.slot(1) : Tensor(), momentum ? p.slot(2) : Tensor()};
  return out;
}

StepItem adagrad(const Stepped& p) {
  StepItem out = item(p);
  out.rule = StepRule::adagrad;
  out.numbers.rate /= 1 + (p.time() - 1) * p["lr_decay"];
  out.numbers.eps = p["eps"];
  out.state[0] = p.slot(0, p["initial_accumulator_value"]);
  return out;
}

StepItem lion(const Stepped& p) {
  StepItem out = item(p, true);
  out.rule = StepRule::lion;
  out.numbers.gain1 = 1 - p["beta1"];
  out.numbers.gain2 = 1 - p["beta2"];
  out.state[0] = p.slot(0);
  return out;
}

// eps1 < 0 stands for the distance from 1 to the next number of the parameter's dtype.
double machine_epsilon(DType t) {
  switch (t) {
    case DType::F16: return 0x1p-10;
    case DType::BF16: return 0x1p-7;
    case DType::F32: return 0x1p-23;
    default: return 0x1p-52;
  }
}

Dims adafactor_slot(const Dims& param, size_t slot) {
  Dims out = param;
  if (slot < 2 && param.size() > 1) out[out.size() - 1 - slot] = 1;
  return out;
}

void step_adafactor(const std::vector<Stepped>& params) {
  std::vector<AdafactorItem> items;
  for (const Stepped& p : params) {
    AdafactorItem item{p.param, p.grad, {}, {}, {}, {}};
    const bool matrix = p.param.ndim() > 1;
    if (matrix) item.row = p.slot(0, 0, adafactor_slot(p.param.sizes(), 0));
    if (matrix) item.column = p.slot(1, 0, adafactor_slot(p.param.sizes(), 1));
    if (!matrix) item.full = p.slot(2);
    const double lr = p["lr"], eps1 = p["eps1"];
    item.numbers = {.sign = p.is("maximize") ? -1.0 : 1.0,
                    .keep = 1 - lr * p["weight_decay"],
                    .rate = std::min(lr, 1 / std::sqrt(p.time())),
                    .gain = std::pow(p.time(), p["beta2_decay"]),
                    .eps1 = eps1 < 0 ? machine_epsilon(p.param.dtype()) : eps1,
                    .eps2 = p["eps2"],
                    .clip = p["d"]};
    items.push_back(item);
  }
  adafactor_step(items);
}

template <StepItem (*make)(const Stepped&)>
void step_each(const std::vector<Stepped>& params) {
  std::vector<StepItem> items;
  items.reserve(params.size());
  for (const Stepped& p : params) items.push_back(make(p));
  optimizer_step(items);
}

void check_sgd(const Hyper& h) {
  const double momentum = h.find("momentum")->second, dampening = h.find("dampening")->second;
  LYDIA_CHECK(h.find("nesterov")->second == 0 || (momentum > 0 && dampening == 0), ValueError,
              "SGD: expected momentum > 0 and dampening 0 with nesterov, got momentum ", momentum,
              " and dampening ", dampening);
}

constexpr double kAny = std::numeric_limits<double>::infinity();

const std::vector<OptimizerKind>& kinds() {
  const Number maximize{"maximize", 0}, decay{"weight_decay", 0}, beta1{"beta1", 0.9, 0, 1},
      beta2{"beta2", 0.999, 0, 1};
  static const std::vector<OptimizerKind> all = {
      {"SGD",
       {{"lr", 1e-3}, {"momentum", 0}, {"dampening", 0, -kAny}, decay, {"nesterov", 0}, maximize},
       {"momentum_buffer"},
       &step_each<sgd>,
       &check_sgd},
      {"Adam",
       {{"lr", 1e-3},
        beta1,
        beta2,
        {"eps", 1e-8},
        decay,
        {"amsgrad", 0},
        maximize,
        {"decoupled_weight_decay", 0}},
       {"exp_avg", "exp_avg_sq", "max_exp_avg_sq"},
       &step_each<adam>},
      {"AdamW",
       {{"lr", 1e-3},
        beta1,
        beta2,
        {"eps", 1e-8},
        {"weight_decay", 1e-2},
        {"amsgrad", 0},
        maximize,
        {"decoupled_weight_decay", 1}},
       {"exp_avg", "exp_avg_sq", "max_exp_avg_sq"},
       &step_each<adam>},
      {"RMSprop",
       {{"lr", 1e-2},
        {"alpha", 0.99},
        {"eps", 1e-8},
        decay,
        {"momentum", 0},
        {"centered", 0},
        maximize},
       {"square_avg", "grad_avg", "momentum_buffer"},
       &step_each<rmsprop>},
      {"Adagrad",
       {{"lr", 1e-2},
        {"lr_decay", 0},
        decay,
        {"initial_accumulator_value", 0},
        {"eps", 1e-10},
        maximize},
       {"sum"},
       &step_each<adagrad>},
      {"Adafactor",
       {{"lr", 1e-2},
        {"beta2_decay", -0.8, -kAny, 0x1p-1074},
        {"eps1", -1, -1},
        {"eps2", 1e-3},
        {"d", 1, 1},
        decay,
        maximize},
       {"row_var", "col_var", "variance"},
       &step_adafactor,
       nullptr,
       &adafactor_slot},
      {"Lion",
       {{"lr", 1e-4}, beta1, {"beta2", 0.99, 0, 1}, decay, maximize},
       {"exp_avg"},
       &step_each<lion>}};
  return all;
}

}  // namespace

Tensor Stepped::slot(size_t i, double value, const std::optional<Dims>& sizes) const {
  Tensor& s = state.slots[i];
  if (!s.defined()) {
    const OutsideAutograd outside;  // state outlives a step made under inference_mode
    s = full(sizes.value_or(param.sizes()), value,
             param.dtype() == DType::F64 ? DType::F64 : DType::F32, param.device());
  }
  return s;
}

const OptimizerKind& optimizer_kind(std::string_view name) {
  std::string known;
  for (const OptimizerKind& kind : kinds()) {
    if (kind.name == name) return kind;
    known += (known.empty() ? "" : ", ") + kind.name;
  }
  fail<ValueError>("optimizer: expected one of ", known, ", got ", name);
}

}  // namespace lydia::train
