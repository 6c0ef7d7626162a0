// Stretches of a long list of tokens, for language models.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "lydia/train/dataset.h"

namespace lydia::train {

// Example i is {"input_ids": int64 [length + 1]}, the tokens from i * stride on: `length` inputs
// and the token after each. What is left at the end, shorter than that, is not seen.
class TokenWindows final : public Dataset {
 public:
  // ValueError unless there are length + 1 tokens, and length and stride are at least 1.
  TokenWindows(std::shared_ptr<const std::vector<int32_t>> tokens, int64_t length, int64_t stride);
  int64_t size() const override { return size_; }
  Example get(int64_t index) const override;

 private:
  std::shared_ptr<const std::vector<int32_t>> tokens_;
  int64_t length_, stride_, size_;
};

}  // namespace lydia::train
