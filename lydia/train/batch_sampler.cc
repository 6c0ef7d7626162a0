#include "lydia/train/batch_sampler.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "lydia/core/error.h"

namespace lydia::train {
namespace {

void check_batch_size(const char* name, int64_t batch_size) {
  LYDIA_CHECK(batch_size > 0, ValueError, name, ": expected a batch_size of at least 1, got ",
              batch_size);
}

}  // namespace

std::span<const int64_t> BatchPlan::operator[](int64_t batch) const {
  const auto b = static_cast<size_t>(batch);
  const size_t begin = b ? ends_[b - 1] : 0;
  return std::span(indices_).subspan(begin, ends_[b] - begin);
}

void BatchPlan::add(std::span<const int64_t> batch) {
  indices_.insert(indices_.end(), batch.begin(), batch.end());
  ends_.push_back(indices_.size());
}

FixedBatches::FixedBatches(SamplerPtr sampler, int64_t batch_size, bool drop_last)
    : sampler_(std::move(sampler)), batch_size_(batch_size), drop_last_(drop_last) {
  check_batch_size("FixedBatches", batch_size);
}

BatchPlan FixedBatches::plan(int64_t epoch) const {
  const Indices order = sampler_->indices(epoch);
  const auto batch = static_cast<size_t>(batch_size_);
  BatchPlan plan;
  for (size_t at = 0; at < order.size(); at += batch) {
    const size_t count = std::min(batch, order.size() - at);
    if (count < batch && drop_last_) break;
    plan.add(std::span(order).subspan(at, count));
  }
  return plan;
}

GroupedBatches::GroupedBatches(SamplerPtr sampler, std::vector<int64_t> groups, int64_t batch_size,
                               bool drop_last)
    : sampler_(std::move(sampler)),
      groups_(std::move(groups)),
      batch_size_(batch_size),
      drop_last_(drop_last) {
  check_batch_size("GroupedBatches", batch_size);
}

BatchPlan GroupedBatches::plan(int64_t epoch) const {
  std::map<int64_t, Indices> open;
  std::vector<int64_t> seen;  // groups in the order in which they appear
  BatchPlan plan;
  for (const int64_t index : sampler_->indices(epoch)) {
    LYDIA_CHECK(index >= 0 && static_cast<size_t>(index) < groups_.size(), IndexError,
                "GroupedBatches: expected indices below ", groups_.size(), ", got ", index);
    const int64_t group = groups_[static_cast<size_t>(index)];
    const auto [found, fresh] = open.try_emplace(group);
    if (fresh) seen.push_back(group);
    found->second.push_back(index);
    if (static_cast<int64_t>(found->second.size()) < batch_size_) continue;
    plan.add(found->second);
    found->second.clear();
  }
  for (const int64_t group : seen) {
    if (!drop_last_ && !open[group].empty()) plan.add(open[group]);
  }
  return plan;
}

LengthBatches::LengthBatches(std::vector<int64_t> lengths, const LengthOptions& options)
    : lengths_(std::move(lengths)), options_(options) {
  check_batch_size("LengthBatches", options.batch_size);
  LYDIA_CHECK(options.pool > 0 && options.max_tokens >= 0, ValueError,
              "LengthBatches: expected a pool of at least 1 and max_tokens of at least 0");
  for (size_t i = 0; i < lengths_.size(); ++i) {
    LYDIA_CHECK(options.max_tokens == 0 || lengths_[i] <= options.max_tokens, ValueError,
                "LengthBatches: example ", i, " has ", lengths_[i],
                " tokens, expected at most max_tokens = ", options.max_tokens);
  }
}

void LengthBatches::cut(std::span<const int64_t> sorted, std::vector<Indices>& batches) const {
  Indices batch;
  for (const int64_t index : sorted) {
    // Sorted: the newest is the longest.
    const int64_t tokens = lengths_[static_cast<size_t>(index)] * (std::ssize(batch) + 1);
    const bool full = std::ssize(batch) == options_.batch_size ||
                      (options_.max_tokens > 0 && tokens > options_.max_tokens);
    if (full && !batch.empty()) batches.push_back(std::exchange(batch, {}));
    batch.push_back(index);
  }
  if (!batch.empty()) batches.push_back(std::move(batch));
}

BatchPlan LengthBatches::plan(int64_t epoch) const {
  Indices order(lengths_.size());
  std::iota(order.begin(), order.end(), int64_t{0});
  PhiloxStream random = epoch_stream(options_.seed, epoch);
  if (options_.shuffle) shuffle(std::span(order), random);
  const size_t pool = options_.shuffle ? static_cast<size_t>(options_.pool * options_.batch_size)
                                       : std::max<size_t>(order.size(), 1);
  std::vector<Indices> batches;
  for (size_t at = 0; at < order.size(); at += pool) {
    const auto part = std::span(order).subspan(at, std::min(pool, order.size() - at));
    std::stable_sort(part.begin(), part.end(), [&](int64_t a, int64_t b) {
      return lengths_[static_cast<size_t>(a)] < lengths_[static_cast<size_t>(b)];
    });
    cut(part, batches);
  }
  if (options_.drop_last) {
    std::erase_if(batches, [&](const Indices& b) { return std::ssize(b) < options_.batch_size; });
  }
  if (options_.shuffle) shuffle(std::span(batches), random);
  BatchPlan plan;
  for (const Indices& batch : batches) plan.add(batch);
  return plan;
}

}  // namespace lydia::train
