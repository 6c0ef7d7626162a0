// Several short sequences in one row, so that little of a batch is padding. Attention must stay
// within each: segment_ids say which sequence a position belongs to, position_ids count anew in
// each, and packed_mask() keeps the segments apart.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lydia/train/dataset.h"
#include "lydia/train/sampler.h"

namespace lydia::train {

// Which sequences share a row: the longest first, each into the fullest row that still has room for
// it. ValueError for a sequence longer than max_length.
std::vector<Indices> pack_lengths(const std::vector<int64_t>& lengths, int64_t max_length);

struct PackOptions {
  int64_t max_length = 0;           // of a row
  std::string field = "input_ids";  // of the base's examples: integers [length]
  int64_t pad_id = 0;
  int64_t ignore_label = -100;  // where a position has no next token
};

// Example i is row i, every field int64 [max_length]:
//   input_ids     the sequences one after another, then pad_id
//   labels        the next token of the same sequence, or ignore_label
//   position_ids  0, 1, ... within each sequence; 0 in the padding
//   segment_ids   1, 2, ... by sequence; 0 in the padding
class PackedDataset final : public Dataset {
 public:
  // `lengths[i]` is the length of the base's example i, which get() checks.
  PackedDataset(DatasetPtr base, const std::vector<int64_t>& lengths, const PackOptions& options);
  int64_t size() const override { return static_cast<int64_t>(rows_.size()); }
  Example get(int64_t index) const override;
  std::string where(int64_t index) const override;

 private:
  DatasetPtr base_;
  std::vector<int64_t> lengths_;
  PackOptions options_;
  std::vector<Indices> rows_;
};

// segment_ids [batch, length] -> bool [batch, 1, length, length]: true where query q may attend to
// key k: the same segment, and k <= q where `causal`. Padding attends to padding, so that no row is
// empty.
Tensor packed_mask(const Tensor& segment_ids, bool causal = true);

// Windows of a long run of tokens (uint16 or uint32, see io/token_file.h): example i is
// input_ids = tokens[i stride .. + length) and labels = the same one further on, int64 [length].
class TokenDataset final : public Dataset {
 public:
  TokenDataset(Tensor tokens, int64_t length, int64_t stride = 0);  // stride 0: length
  int64_t size() const override { return size_; }
  Example get(int64_t index) const override;

 private:
  Tensor tokens_;
  int64_t length_, stride_, size_;
};

}  // namespace lydia::train
