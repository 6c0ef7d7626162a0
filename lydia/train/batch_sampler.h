// Which examples go into which batch of an epoch. Like samplers, pure functions of (seed, epoch).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "lydia/train/sampler.h"

namespace lydia::train {

// The batches of one epoch: batch b holds indices[ends[b-1] .. ends[b]).
class BatchPlan {
 public:
  int64_t size() const { return static_cast<int64_t>(ends_.size()); }
  std::span<const int64_t> operator[](int64_t batch) const;
  void add(std::span<const int64_t> batch);

 private:
  Indices indices_;
  std::vector<size_t> ends_;
};

class BatchSampler {
 public:
  virtual ~BatchSampler() = default;
  virtual BatchPlan plan(int64_t epoch) const = 0;
};
using BatchSamplerPtr = std::shared_ptr<const BatchSampler>;

// A sampler's order cut into pieces of `batch_size`.
class FixedBatches final : public BatchSampler {
 public:
  FixedBatches(SamplerPtr sampler, int64_t batch_size, bool drop_last = false);
  BatchPlan plan(int64_t epoch) const override;

 private:
  SamplerPtr sampler_;
  int64_t batch_size_;
  bool drop_last_;
};

// Every batch comes from one group only (`groups[i]` is the group of example i): images of one
// size, sentences of one language. A batch is emitted when it is full; what is left of the groups
// follows at the end, unless drop_last.
class GroupedBatches final : public BatchSampler {
 public:
  GroupedBatches(SamplerPtr sampler, std::vector<int64_t> groups, int64_t batch_size,
                 bool drop_last = false);
  BatchPlan plan(int64_t epoch) const override;

 private:
  SamplerPtr sampler_;
  std::vector<int64_t> groups_;
  int64_t batch_size_;
  bool drop_last_;
};

struct LengthOptions {
  int64_t batch_size = 32;  // examples in a batch, at most
  int64_t max_tokens = 0;   // examples times the longest of them, at most; 0 for no limit
  int64_t pool = 100;       // how many batches' worth of examples is sorted at a time
  bool shuffle = true;
  bool drop_last = false;  // batches smaller than batch_size
  uint64_t seed = 0;
};

// Batches of similar length, so that little is padded: examples are shuffled, sorted by length
// within pools, cut into batches, and the batches shuffled. Without `shuffle`, from the shortest to
// the longest.
class LengthBatches final : public BatchSampler {
 public:
  // ValueError for an example longer than max_tokens.
  LengthBatches(std::vector<int64_t> lengths, const LengthOptions& options);
  BatchPlan plan(int64_t epoch) const override;

 private:
  void cut(std::span<const int64_t> sorted, std::vector<Indices>& batches) const;

  std::vector<int64_t> lengths_;
  LengthOptions options_;
};

}  // namespace lydia::train
