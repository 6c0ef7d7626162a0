// The table of optimisers: what each is called, which numbers it takes, and how it steps.
#pragma once

#include <limits>
#include <optional>
#include <string_view>

#include "lydia/train/optimizer.h"

namespace lydia::train {

// One number: its default, and the range [low, high) it must lie in.
struct Number {
  std::string name;
  double value;
  double low = 0, high = std::numeric_limits<double>::infinity();
};

// A parameter in a step.
struct Stepped {
  const Hyper& hyper;
  Tensor param, grad;
  ParamState& state;

  double operator[](std::string_view name) const { return hyper.find(name)->second; }
  bool is(std::string_view name) const { return (*this)[name] != 0; }
  // 1 in the first step
  double time() const { return static_cast<double>(state.step + 1); }
  // The slot, made on first use: filled with `value`; the shape of the parameter if not given.
  Tensor slot(size_t i, double value = 0, const std::optional<Dims>& sizes = {}) const;
};

struct OptimizerKind {
  std::string name;
  std::vector<Number> numbers;
  std::vector<std::string> slots;
  void (*step)(const std::vector<Stepped>& params);
  // Throws where the numbers do not go together.
  void (*check)(const Hyper& hyper) = nullptr;
  // The shape of a slot where it is not the parameter's.
  Dims (*slot_sizes)(const Dims& param, size_t slot) = nullptr;
};

// ValueError names the kinds there are.
const OptimizerKind& optimizer_kind(std::string_view name);

}  // namespace lydia::train
