#include "lydia/train/optimizer.h"

#include <algorithm>
#include <set>

#include "lydia/ops/copy.h"
#include "lydia/ops/multi_tensor.h"
#include "lydia/train/optimizer_kinds.h"

namespace lydia::train {
namespace {

void set_number(const OptimizerKind& kind, Hyper& hyper, std::string_view name, double value) {
  std::string known;
  for (const Number& n : kind.numbers) {
    known += (known.empty() ? "" : ", ") + n.name;
    if (n.name != name) continue;
    LYDIA_CHECK(value >= n.low && value < n.high, ValueError, kind.name, ": expected ", name,
                " in [", n.low, ", ", n.high, "), got ", value);
    hyper.insert_or_assign(n.name, value);
    return;
  }
  fail<ValueError>(kind.name, ": expected one of ", known, ", got ", name);
}

Hyper with(const OptimizerKind& kind, Hyper base, const Hyper& changes) {
  for (const auto& [name, value] : changes) set_number(kind, base, name, value);
  if (kind.check) kind.check(base);
  return base;
}

Hyper defaults_of(const OptimizerKind& kind) {
  Hyper out;
  for (const Number& n : kind.numbers) out[n.name] = n.value;
  return out;
}

std::string key(const char* what, size_t i, std::string_view name) {
  return std::string(what) + "." + std::to_string(i) + "." + std::string(name);
}

// A copy of its own that no graph knows.
Tensor detached_copy(const Tensor& t, DType dtype) {
  const OutsideAutograd outside;
  return to(t.detach(), dtype, true);
}

}  // namespace

Optimizer::Optimizer(std::string_view kind, const Tensors& params, const Hyper& hyper)
    : Optimizer(kind, std::vector<ParamGroup>{{params, {}}}, hyper) {}

Optimizer::Optimizer(std::string_view kind, const std::vector<ParamGroup>& groups,
                     const Hyper& hyper)
    : kind_(&optimizer_kind(kind)), defaults_(with(*kind_, defaults_of(*kind_), hyper)) {
  for (const ParamGroup& g : groups) add_param_group(g.params, g.hyper);
}

const char* Optimizer::name() const { return kind_->name.c_str(); }
const std::vector<std::string>& Optimizer::slot_names() const { return kind_->slots; }

void Optimizer::check_new(const Tensors& params) const {
  std::set<const TensorImpl*> seen;
  for (const ParamGroup& g : groups_)
    for (const Tensor& p : g.params) seen.insert(p.impl());
  for (const Tensor& p : params) {
    check_defined(name(), p, "params");
    LYDIA_CHECK(p.is_floating_point(), TypeError, name(), ": expected floating parameters, got ",
                p.dtype());
    LYDIA_CHECK(p.is_leaf(), ValueError, name(),
                ": expected parameters that are leaves, got the result of an op");
    LYDIA_CHECK(seen.insert(p.impl()).second, ValueError, name(),
                ": expected each parameter once, got one of shape ", p.sizes(), " twice");
  }
}

void Optimizer::add_param_group(const Tensors& params, const Hyper& hyper) {
  check_new(params);
  groups_.push_back({params, with(*kind_, defaults_, hyper)});
  states_.resize(states_.size() + params.size());
  for (ParamState& s : states_) s.slots.resize(kind_->slots.size());
}

const ParamGroup& Optimizer::group_at(size_t group) const {
  LYDIA_CHECK(group < groups_.size(), IndexError, name(), ": expected a group below ",
              groups_.size(), ", got ", group);
  return groups_[group];
}

double Optimizer::get(size_t group, std::string_view number) const {
  const Hyper& hyper = group_at(group).hyper;
  const auto found = hyper.find(number);
  LYDIA_CHECK(found != hyper.end(), ValueError, name(), ": has no number ", number);
  return found->second;
}

void Optimizer::set(size_t group, std::string_view number, double value) {
  group_at(group);
  set_number(*kind_, groups_[group].hyper, number, value);
}

void Optimizer::step() {
  std::vector<Stepped> params;
  size_t i = 0;
  for (const ParamGroup& g : groups_)
    for (const Tensor& p : g.params) {
      ParamState& state = states_[i++];
      if (const Tensor grad = p.grad(); grad.defined())
        params.push_back({g.hyper, p, grad.detach(), state});
    }
  kind_->step(params);
  for (const Stepped& p : params) ++p.state.step;
}

void Optimizer::zero_grad(bool set_to_none) const {
  for (const ParamGroup& g : groups_)
    for (const Tensor& p : g.params) {
      const Tensor grad = p.grad();
      if (!grad.defined()) continue;
      if (set_to_none)
        p.set_grad({});
      else
        zero_(grad.detach());
    }
}

void Optimizer::set_state(size_t param, int64_t step, const Tensors& slots) {
  LYDIA_CHECK(param < states_.size(), IndexError, name(), ": expected a parameter below ",
              states_.size(), ", got ", param);
  LYDIA_CHECK(slots.size() == kind_->slots.size() && step >= 0, ValueError, name(), ": expected ",
              kind_->slots.size(), " state tensors and a step of 0 or more, got ", slots.size(),
              " and ", step);
  size_t first = 0;
  const ParamGroup* group = groups_.data();
  for (; param - first >= group->params.size(); ++group) first += group->params.size();
  const Tensor& p = group->params[param - first];
  ParamState loaded{step, Tensors(slots.size())};
  for (size_t s = 0; s < slots.size(); ++s) {
    if (!slots[s].defined()) continue;
    const Dims expected = kind_->slot_sizes ? kind_->slot_sizes(p.sizes(), s) : p.sizes();
    LYDIA_CHECK(slots[s].sizes() == expected, ValueError, name(), ": expected ", kind_->slots[s],
                " of parameter ", param, " to have shape ", expected, ", got ", slots[s].sizes());
    loaded.slots[s] = detached_copy(slots[s], p.dtype() == DType::F64 ? DType::F64 : DType::F32);
  }
  states_[param] = std::move(loaded);
}

io::NamedTensors Optimizer::save() const {
  io::NamedTensors out;
  for (size_t i = 0; i < states_.size(); ++i) {
    out.emplace_back(key("state", i, "step"), scalar_tensor(states_[i].step, DType::I64));
    for (size_t s = 0; s < kind_->slots.size(); ++s)
      if (const Tensor& t = states_[i].slots[s]; t.defined())
        out.emplace_back(key("state", i, kind_->slots[s]), t);
  }
  for (size_t g = 0; g < groups_.size(); ++g)
    for (const auto& [number, value] : groups_[g].hyper)
      out.emplace_back(key("group", g, number), scalar_tensor(value, DType::F64));
  return out;
}

void Optimizer::load(const io::NamedTensors& saved) {
  std::map<std::string, Tensor> left(saved.begin(), saved.end());
  const auto take = [&](const std::string& name, bool must) {
    const auto found = left.find(name);
    LYDIA_CHECK(!must || found != left.end(), ValueError, this->name(), ": the saved state has no ",
                name);
    return found == left.end() ? Tensor() : left.extract(found).mapped();
  };
  Optimizer next = *this;  // so that a state that does not fit changes nothing
  for (size_t i = 0; i < states_.size(); ++i) {
    const auto step = take(key("state", i, "step"), true).item<int64_t>();
    Tensors slots;
    for (const std::string& slot : kind_->slots)
      slots.push_back(take(key("state", i, slot), false));
    next.set_state(i, step, slots);
  }
  for (size_t g = 0; g < groups_.size(); ++g)
    for (const auto& [number, value] : groups_[g].hyper)
      next.set(g, number, take(key("group", g, number), true).item<double>());
  LYDIA_CHECK(left.empty(), ValueError, name(), ": the saved state has ", left.begin()->first,
              ", which this optimiser has not");
  *this = std::move(next);
}

}  // namespace lydia::train
