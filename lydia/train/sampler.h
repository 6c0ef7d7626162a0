// In which order the examples of an epoch come. An order is a pure function of (seed, epoch), so
// that a run resumes anywhere from two numbers: the epoch and how far it is.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "lydia/core/philox_stream.h"

namespace lydia::train {

using Indices = std::vector<int64_t>;

class Sampler {
 public:
  virtual ~Sampler() = default;
  // How many indices an epoch has.
  virtual int64_t size() const = 0;
  virtual Indices indices(int64_t epoch) const = 0;
};
using SamplerPtr = std::shared_ptr<const Sampler>;

// 0, 1, 2, ...
class SequentialSampler final : public Sampler {
 public:
  explicit SequentialSampler(int64_t size);
  int64_t size() const override { return size_; }
  Indices indices(int64_t epoch) const override;

 private:
  int64_t size_;
};

// Every index once, shuffled anew each epoch.
class RandomSampler final : public Sampler {
 public:
  explicit RandomSampler(int64_t size, uint64_t seed = 0);
  int64_t size() const override { return size_; }
  Indices indices(int64_t epoch) const override;

 private:
  int64_t size_;
  uint64_t seed_;
};

// `count` indices, each drawn with a probability proportional to its weight. Without replacement an
// index is drawn at most once (Efraimidis and Spirakis 2006: the `count` largest of log(u) / w).
class WeightedSampler final : public Sampler {
 public:
  // ValueError for weights that are negative, not finite or all zero, and without replacement for
  // more draws than positive weights.
  WeightedSampler(std::vector<double> weights, int64_t count, bool replacement = true,
                  uint64_t seed = 0);
  int64_t size() const override { return count_; }
  Indices indices(int64_t epoch) const override;

 private:
  std::vector<double> weights_, sums_;
  int64_t count_;
  bool replacement_;
  uint64_t seed_;
};

// The members of a group stay together: groups are shuffled, and the members of each.
class GroupedSampler final : public Sampler {
 public:
  // `groups[i]` is the group of example i.
  explicit GroupedSampler(const std::vector<int64_t>& groups, uint64_t seed = 0);
  int64_t size() const override { return size_; }
  Indices indices(int64_t epoch) const override;

 private:
  std::vector<Indices> members_;  // in the order in which the groups first appear
  int64_t size_;
  uint64_t seed_;
};

// Every `world`-th index of another sampler, from `rank` on: the share of one of `world` processes.
// Shares have the same size: the order begins again at its end to fill up, or its end is dropped.
class StridedSampler final : public Sampler {
 public:
  StridedSampler(SamplerPtr base, int64_t rank, int64_t world, bool drop_last = false);
  int64_t size() const override;
  Indices indices(int64_t epoch) const override;

 private:
  SamplerPtr base_;
  int64_t rank_, world_;
  bool drop_last_;
};

// Weights that make every class of `labels` equally likely: 1 / (how often the label occurs).
std::vector<double> balanced_weights(const std::vector<int64_t>& labels);

// The random stream of an epoch.
inline PhiloxStream epoch_stream(uint64_t seed, int64_t epoch) {
  return PhiloxStream(seed, static_cast<uint64_t>(epoch));
}

}  // namespace lydia::train
