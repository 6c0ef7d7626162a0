#include "lydia/train/sampler.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "lydia/core/error.h"

namespace lydia::train {
namespace {

Indices count_up(int64_t size) {
  Indices out(static_cast<size_t>(size));
  std::iota(out.begin(), out.end(), int64_t{0});
  return out;
}

void check_size(const char* name, int64_t size) {
  LYDIA_CHECK(size >= 0, ValueError, name, ": expected a size of at least 0, got ", size);
}

}  // namespace

SequentialSampler::SequentialSampler(int64_t size) : size_(size) {
  check_size("SequentialSampler", size);
}

Indices SequentialSampler::indices(int64_t) const { return count_up(size_); }

RandomSampler::RandomSampler(int64_t size, uint64_t seed) : size_(size), seed_(seed) {
  check_size("RandomSampler", size);
}

Indices RandomSampler::indices(int64_t epoch) const {
  Indices out = count_up(size_);
  PhiloxStream random = epoch_stream(seed_, epoch);
  shuffle(std::span(out), random);
  return out;
}

WeightedSampler::WeightedSampler(std::vector<double> weights, int64_t count, bool replacement,
                                 uint64_t seed)
    : weights_(std::move(weights)), count_(count), replacement_(replacement), seed_(seed) {
  check_size("WeightedSampler", count);
  double sum = 0;
  int64_t positive = 0;
  for (const double weight : weights_) {
    LYDIA_CHECK(std::isfinite(weight) && weight >= 0, ValueError,
                "WeightedSampler: expected weights of at least 0, got ", weight);
    sums_.push_back(sum += weight);
    positive += weight > 0;
  }
  LYDIA_CHECK(count == 0 || (sum > 0 && std::isfinite(sum)), ValueError,
              "WeightedSampler: expected weights with a positive sum, got ", sum);
  LYDIA_CHECK(replacement || count <= positive, ValueError, "WeightedSampler: expected at most ",
              positive, " draws without replacement, got ", count);
}

Indices WeightedSampler::indices(int64_t epoch) const {
  PhiloxStream random = epoch_stream(seed_, epoch);
  Indices out;
  if (replacement_) {
    for (int64_t i = 0; i < count_; ++i) {
      const double at = random.uniform() * sums_.back();
      // The first sum above the draw: an index of weight 0 has the sum of the one before it.
      auto found = std::upper_bound(sums_.begin(), sums_.end(), at);
      if (found == sums_.end()) found = std::lower_bound(sums_.begin(), sums_.end(), sums_.back());
      out.push_back(found - sums_.begin());
    }
    return out;
  }
  std::vector<std::pair<double, int64_t>> keys;
  for (size_t i = 0; i < weights_.size(); ++i) {
    const double key = std::log1p(-random.uniform()) / weights_[i];  // log of a number in (0, 1]
    if (weights_[i] > 0) keys.emplace_back(-key, static_cast<int64_t>(i));
  }
  std::sort(keys.begin(), keys.end());
  for (int64_t i = 0; i < count_; ++i) out.push_back(keys[static_cast<size_t>(i)].second);
  return out;
}

GroupedSampler::GroupedSampler(const std::vector<int64_t>& groups, uint64_t seed)
    : size_(static_cast<int64_t>(groups.size())), seed_(seed) {
  std::map<int64_t, size_t> place;
  for (size_t i = 0; i < groups.size(); ++i) {
    const auto [found, fresh] = place.emplace(groups[i], members_.size());
    if (fresh) members_.emplace_back();
    members_[found->second].push_back(static_cast<int64_t>(i));
  }
}

Indices GroupedSampler::indices(int64_t epoch) const {
  PhiloxStream random = epoch_stream(seed_, epoch);
  Indices order = count_up(static_cast<int64_t>(members_.size())), out;
  shuffle(std::span(order), random);
  for (const int64_t group : order) {
    Indices members = members_[static_cast<size_t>(group)];
    shuffle(std::span(members), random);
    out.insert(out.end(), members.begin(), members.end());
  }
  return out;
}

StridedSampler::StridedSampler(SamplerPtr base, int64_t rank, int64_t world, bool drop_last)
    : base_(std::move(base)), rank_(rank), world_(world), drop_last_(drop_last) {
  LYDIA_CHECK(world > 0 && rank >= 0 && rank < world, ValueError,
              "StridedSampler: expected 0 <= rank < world, got rank ", rank, " of ", world);
}

int64_t StridedSampler::size() const {
  return (base_->size() + (drop_last_ ? 0 : world_ - 1)) / world_;
}

Indices StridedSampler::indices(int64_t epoch) const {
  const Indices all = base_->indices(epoch);
  Indices out;
  for (int64_t i = 0; i < size(); ++i) {
    out.push_back(all[static_cast<size_t>(i * world_ + rank_) % all.size()]);
  }
  return out;
}

std::vector<double> balanced_weights(const std::vector<int64_t>& labels) {
  std::map<int64_t, double> counts;
  for (const int64_t label : labels) counts[label] += 1;
  std::vector<double> weights;
  for (const int64_t label : labels) weights.push_back(1 / counts[label]);
  return weights;
}

}  // namespace lydia::train
