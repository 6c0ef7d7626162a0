// What a model is made of: layers, shapes of their outputs, parameters, multiplications.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "lydia/nn/module.h"

namespace lydia::nn {

// Multiply-adds of matrix products, convolutions, attention and recurrences that run on any thread
// while it lives. One at a time, and not beside a Profiler: both listen in the same place.
class MacCounter {
 public:
  MacCounter();
  ~MacCounter();
  MacCounter(const MacCounter&) = delete;
  MacCounter& operator=(const MacCounter&) = delete;
  int64_t count() const;

 private:
  struct Listener;
  std::unique_ptr<Listener> listener_;
};

// A module and all below it. `output` is empty for modules that were not called by ().
struct SummaryRow {
  std::string name, type;
  bool called = false;
  Dims output;
  int64_t parameters = 0, trainable = 0, macs = 0;
};

struct Summary {
  std::vector<SummaryRow> rows;                     // parents first
  int64_t parameters = 0, trainable = 0, macs = 0;  // of the model; tied weights count once
  // A table, and the totals with FLOPs = 2 * multiply-adds.
  std::string text() const;
};

// Runs model(input) once, in evaluation mode and without recording.
Summary summary(Module& model, const Tensor& input);

}  // namespace lydia::nn
