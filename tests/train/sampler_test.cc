// Orders, batches and splits: each index where it belongs, the same for the same seed and epoch.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "lydia/core/error.h"
#include "lydia/train/batch_sampler.h"
#include "lydia/train/split.h"

namespace lydia::train {
namespace {

Indices sorted(Indices indices) {
  std::sort(indices.begin(), indices.end());
  return indices;
}

Indices joined(const BatchPlan& plan) {
  Indices out;
  for (int64_t b = 0; b < plan.size(); ++b) out.insert(out.end(), plan[b].begin(), plan[b].end());
  return out;
}

TEST_CASE("shuffles are complete, follow seed and epoch, and treat all places alike") {
  const RandomSampler sampler(100, 7);
  CHECK(sorted(sampler.indices(3)) == SequentialSampler(100).indices(0));
  CHECK(sampler.indices(3) == RandomSampler(100, 7).indices(3));
  CHECK(sampler.indices(3) != sampler.indices(4));
  CHECK(sampler.indices(3) != RandomSampler(100, 8).indices(3));
  CHECK(RandomSampler(0).indices(0).empty());
  // Where index 0 lands: chi-square over 5 places, 5000 shuffles; 4 degrees of freedom.
  std::vector<double> counts(5);
  for (int64_t epoch = 0; epoch < 5000; ++epoch) {
    const Indices order = RandomSampler(5, 1).indices(epoch);
    counts[static_cast<size_t>(std::find(order.begin(), order.end(), 0) - order.begin())] += 1;
  }
  double chi = 0;
  for (const double count : counts) chi += (count - 1000) * (count - 1000) / 1000;
  CHECK(chi < 18.5);  // 0.1 % of fair shuffles
}

TEST_CASE("weighted draws follow their weights") {
  const std::vector<double> weights = {1, 0, 3, 6};
  std::vector<double> counts(4);
  for (const int64_t i : WeightedSampler(weights, 20'000).indices(0)) {
    counts[static_cast<size_t>(i)] += 1;
  }
  CHECK(counts[1] == 0);
  for (size_t i = 0; i < 4; ++i) CHECK(std::abs(counts[i] / 20'000 - weights[i] / 10) < 0.015);
  // Without replacement: no repeats, and the first draw follows the weights.
  std::vector<double> first(4);
  for (int64_t epoch = 0; epoch < 5000; ++epoch) {
    const Indices drawn = WeightedSampler(weights, 3, false).indices(epoch);
    CHECK(sorted(drawn) == Indices{0, 2, 3});
    first[static_cast<size_t>(drawn[0])] += 1;
  }
  for (size_t i = 0; i < 4; ++i) CHECK(std::abs(first[i] / 5000 - weights[i] / 10) < 0.03);
  CHECK_THROWS_AS(WeightedSampler(weights, 4, false), ValueError);
  CHECK_THROWS_AS(WeightedSampler({-1, 2}, 1), ValueError);
  CHECK_THROWS_AS(WeightedSampler({0, 0}, 1), ValueError);
  CHECK(balanced_weights({5, 5, 9}) == std::vector<double>{0.5, 0.5, 1});
}

TEST_CASE("grouped: members stay together") {
  const std::vector<int64_t> groups = {1, 2, 1, 3, 2, 1, 3};
  const Indices order = GroupedSampler(groups, 4).indices(2);
  CHECK(sorted(order) == SequentialSampler(7).indices(0));
  int changes = 0;
  for (size_t i = 1; i < order.size(); ++i) {
    changes += groups[static_cast<size_t>(order[i])] != groups[static_cast<size_t>(order[i - 1])];
  }
  CHECK(changes == 2);
}

TEST_CASE("strided: the shares of all ranks are the whole") {
  const auto base = std::make_shared<RandomSampler>(10, 3);
  Indices all;
  for (int64_t rank = 0; rank < 3; ++rank) {
    const StridedSampler share(base, rank, 3);
    CHECK(share.size() == 4);
    const Indices part = share.indices(5);
    CHECK(part.size() == 4);
    all.insert(all.end(), part.begin(), part.end());
    CHECK(StridedSampler(base, rank, 3, true).indices(5).size() == 3);
  }
  CHECK(std::set<int64_t>(all.begin(), all.end()).size() == 10);
  CHECK_THROWS_AS(StridedSampler(base, 3, 3), ValueError);
}

TEST_CASE("fixed batches cut the order; the last may be dropped") {
  const auto order = std::make_shared<SequentialSampler>(7);
  const BatchPlan all = FixedBatches(order, 3).plan(0);
  REQUIRE(all.size() == 3);
  CHECK(all[2].size() == 1);
  CHECK(joined(all) == order->indices(0));
  CHECK(FixedBatches(order, 3, true).plan(0).size() == 2);
  CHECK_THROWS_AS(FixedBatches(order, 0), ValueError);
}

TEST_CASE("grouped batches hold one group each") {
  std::vector<int64_t> groups;
  for (int64_t i = 0; i < 50; ++i) groups.push_back(i * i % 3);
  const BatchPlan plan = GroupedBatches(std::make_shared<RandomSampler>(50), groups, 4).plan(1);
  for (int64_t b = 0; b < plan.size(); ++b) {
    for (const int64_t i : plan[b]) {
      CHECK(groups[static_cast<size_t>(i)] == groups[static_cast<size_t>(plan[b][0])]);
    }
  }
  CHECK(sorted(joined(plan)) == SequentialSampler(50).indices(0));
}

TEST_CASE("length batches waste less than shuffled ones and keep their limits") {
  std::vector<int64_t> lengths;
  PhiloxStream random(5);
  for (int i = 0; i < 1000; ++i) lengths.push_back(1 + static_cast<int64_t>(random.below(100)));
  const auto padded_size = [&](const BatchPlan& plan) {
    int64_t total = 0;
    for (int64_t b = 0; b < plan.size(); ++b) {
      int64_t longest = 0;
      for (const int64_t i : plan[b]) longest = std::max(longest, lengths[static_cast<size_t>(i)]);
      total += longest * std::ssize(plan[b]);
    }
    return total;
  };
  const LengthBatches batches(lengths, {.batch_size = 16, .max_tokens = 800, .seed = 2});
  const BatchPlan plan = batches.plan(0);
  CHECK(sorted(joined(plan)) == SequentialSampler(1000).indices(0));
  for (int64_t b = 0; b < plan.size(); ++b) {
    int64_t longest = 0;
    for (const int64_t i : plan[b]) longest = std::max(longest, lengths[static_cast<size_t>(i)]);
    CHECK(std::ssize(plan[b]) <= 16);
    CHECK(longest * std::ssize(plan[b]) <= 800);
  }
  int64_t tokens = 0;
  for (const int64_t length : lengths) tokens += length;
  const BatchPlan mixed = FixedBatches(std::make_shared<RandomSampler>(1000), 16).plan(0);
  CHECK(padded_size(plan) < tokens * 105 / 100);
  CHECK(padded_size(mixed) > tokens * 150 / 100);
  CHECK(joined(plan) != joined(batches.plan(1)));
  CHECK_THROWS_AS(LengthBatches({900}, {.max_tokens = 800}), ValueError);
}

TEST_CASE("splits: no group straddles, every example is in one part") {
  std::vector<std::string> patients;
  PhiloxStream random(9);
  for (int i = 0; i < 3000; ++i) patients.push_back("p" + std::to_string(random.below(400)));
  const std::vector<double> fractions = {0.7, 0.1, 0.2};
  for (const Split& split :
       {split_by_hash(patients, fractions, 1), split_by_group(patients, fractions, 1)}) {
    REQUIRE(split.size() == 3);
    std::map<std::string, size_t> side;
    Indices all;
    for (size_t part = 0; part < 3; ++part) {
      for (const int64_t i : split[part]) {
        const auto [found, fresh] = side.emplace(patients[static_cast<size_t>(i)], part);
        CHECK(found->second == part);
      }
      all.insert(all.end(), split[part].begin(), split[part].end());
    }
    CHECK(sorted(all) == SequentialSampler(3000).indices(0));
  }
  const Split exact = split_by_group(patients, fractions, 1);
  for (size_t part = 0; part < 3; ++part) {
    CHECK(std::abs(static_cast<double>(exact[part].size()) - 3000 * fractions[part]) <= 1);
  }
  CHECK(split_by_group(patients, fractions, 1) == exact);
  CHECK(split_by_group(patients, fractions, 2) != exact);
}

TEST_CASE("hash splits do not move a group when the data grows") {
  std::vector<std::string> patients;
  for (int i = 0; i < 500; ++i) patients.push_back("p" + std::to_string(i));
  const Split before = split_by_hash(patients, {0.5, 0.5});
  patients.insert(patients.begin(), {"new 1", "new 2"});
  const Split after = split_by_hash(patients, {0.5, 0.5});
  std::set<std::string> then, now;
  for (const int64_t i : before[0]) then.insert("p" + std::to_string(i));
  for (const int64_t i : after[0]) now.insert(patients[static_cast<size_t>(i)]);
  now.erase("new 1");
  now.erase("new 2");
  CHECK(then == now);
  CHECK(std::abs(static_cast<double>(before[0].size()) - 250) < 60);
}

TEST_CASE("random splits have their sizes; fractions are checked") {
  const Split split = split_random(10, {0.8, 0.2}, 3);
  CHECK(split[0].size() == 8);
  CHECK(split[1].size() == 2);
  CHECK_THROWS_AS(split_random(10, {0.8, 0.3}), ValueError);
  CHECK_THROWS_AS(split_random(10, {1.5, -0.5}), ValueError);
}

}  // namespace
}  // namespace lydia::train
