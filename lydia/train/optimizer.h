// Optimisers: groups of parameters, the numbers they are stepped with, and the state of each.
//
//   Optimizer opt("AdamW", model.parameters(), {{"lr", 3e-4}, {"weight_decay", 0.1}});
//   loss.backward(); opt.step(); opt.zero_grad();
//
// Names, numbers and defaults are torch.optim's; a pair such as betas is two numbers, beta1 and
// beta2. The rules and their numbers are listed in optimizer_kinds.cc. step() is one pass over all
// parameters of all groups that have a gradient (ops/optimizer_step.h).
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "lydia/core/tensor.h"
#include "lydia/io/safetensors_tensors.h"

namespace lydia::train {

// By name; switches are 0 or 1.
using Hyper = std::map<std::string, double, std::less<>>;

struct ParamGroup {
  Tensors params;
  Hyper hyper;
};

// What an optimiser remembers of one parameter. Slots the rule does not use are undefined.
struct ParamState {
  int64_t step = 0;
  Tensors slots;
};

struct OptimizerKind;

class Optimizer {
 public:
  // `kind` is SGD, Adam, AdamW, RMSprop, Adagrad, Adafactor or Lion. ValueError for an unknown kind
  // or number, for a number out of range, and for a parameter that is no leaf or given twice.
  Optimizer(std::string_view kind, const Tensors& params, const Hyper& hyper = {});
  Optimizer(std::string_view kind, const std::vector<ParamGroup>& groups, const Hyper& hyper = {});

  const char* name() const;
  // `hyper` takes the place of the numbers given to the constructor.
  void add_param_group(const Tensors& params, const Hyper& hyper = {});
  const std::vector<ParamGroup>& groups() const { return groups_; }
  double get(size_t group, std::string_view number) const;
  void set(size_t group, std::string_view number, double value);

  // Steps every parameter that has a gradient.
  void step();
  // Drops the gradients, or fills them with zeros.
  void zero_grad(bool set_to_none = true) const;

  // Names of the state slots, such as exp_avg; parameters are numbered through the groups.
  const std::vector<std::string>& slot_names() const;
  const std::vector<ParamState>& states() const { return states_; }
  // ValueError where the shapes do not fit; dtypes are converted. The tensors are copied.
  void set_state(size_t param, int64_t step, const Tensors& slots);

  // Everything step() depends on, for a checkpoint: "state.<param>.<slot>", "state.<param>.step",
  // "group.<group>.<number>". load() refuses names it does not expect or that are missing.
  io::NamedTensors save() const;
  void load(const io::NamedTensors& saved);

 private:
  const ParamGroup& group_at(size_t group) const;
  void check_new(const Tensors& params) const;

  const OptimizerKind* kind_;
  Hyper defaults_;
  std::vector<ParamGroup> groups_;
  std::vector<ParamState> states_;  // of the parameters of all groups, in order
};

}  // namespace lydia::train
