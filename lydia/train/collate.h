// How the examples of a batch become its tensors. Every function takes examples with the same
// fields and names the field and the example that do not fit (ValueError).
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "lydia/train/example.h"

namespace lydia::train {

using Collate = std::function<Batch(const std::vector<Example>&)>;

// Each field stacked: examples of shape S give [batch, S...]. Shapes and dtypes must be equal.
Batch stack_examples(const std::vector<Example>& examples);

struct PadOptions {
  std::map<std::string, double> values = {};  // what a field is padded with; 0 for the others
  int64_t multiple_of = 1;                    // padded sizes are rounded up to a multiple of this
  // Names of further fields, when wanted: int64 [batch], the first sizes of `length_of`, and
  // bool [batch, longest], true where a position is not padding.
  std::string lengths = {};
  std::string mask = {};
  std::string length_of = "input_ids";
};

// As stack_examples, but sizes may differ: each field is padded at the end of each dimension to the
// largest of the batch.
Batch pad_examples(const std::vector<Example>& examples, const PadOptions& options);
Collate padded(PadOptions options);

}  // namespace lydia::train
