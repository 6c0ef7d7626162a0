#include "lydia/train/split.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string_view>

#include "lydia/core/error.h"

namespace lydia::train {
namespace {

void check_fractions(const char* op, const std::vector<double>& fractions) {
  double sum = 0;
  for (const double fraction : fractions) {
    LYDIA_CHECK(std::isfinite(fraction) && fraction > 0, ValueError, op,
                ": expected positive fractions, got ", fraction);
    sum += fraction;
  }
  LYDIA_CHECK(std::abs(sum - 1) < 1e-9, ValueError, op,
              ": expected fractions that sum to 1, got a sum of ", sum);
}

// FNV-1a; its bits are then spread by Philox, keyed with the seed.
uint64_t hash(std::string_view text, uint64_t seed) {
  uint64_t h = 0xcbf29ce484222325u;
  for (const char c : text) h = (h ^ static_cast<uint8_t>(c)) * 0x100000001b3u;
  return PhiloxStream(seed, h).next64();
}

size_t part_of(double at, const std::vector<double>& fractions) {
  double end = 0;
  for (size_t part = 0; part + 1 < fractions.size(); ++part) {
    if (at < (end += fractions[part])) return part;
  }
  return fractions.size() - 1;
}

}  // namespace

Split split_by_hash(const std::vector<std::string>& groups, const std::vector<double>& fractions,
                    uint64_t seed) {
  check_fractions("split_by_hash", fractions);
  Split split(fractions.size());
  for (size_t i = 0; i < groups.size(); ++i) {
    const double at = static_cast<double>(hash(groups[i], seed) >> 11) * 0x1p-53;
    split[part_of(at, fractions)].push_back(static_cast<int64_t>(i));
  }
  return split;
}

Split split_by_group(const std::vector<std::string>& groups, const std::vector<double>& fractions,
                     uint64_t seed) {
  check_fractions("split_by_group", fractions);
  std::map<std::string_view, Indices> members;
  for (size_t i = 0; i < groups.size(); ++i) {
    members[groups[i]].push_back(static_cast<int64_t>(i));
  }
  std::vector<const Indices*> order;
  for (const auto& entry : members) order.push_back(&entry.second);
  PhiloxStream random(seed);
  shuffle(std::span(order), random);
  std::stable_sort(order.begin(), order.end(),
                   [](const Indices* a, const Indices* b) { return a->size() > b->size(); });
  Split split(fractions.size());
  const auto lack = [&](size_t part) {
    return fractions[part] * static_cast<double>(groups.size()) -
           static_cast<double>(split[part].size());
  };
  for (const Indices* group : order) {
    size_t best = 0;
    for (size_t part = 1; part < split.size(); ++part) {
      if (lack(part) > lack(best)) best = part;
    }
    split[best].insert(split[best].end(), group->begin(), group->end());
  }
  for (Indices& part : split) std::sort(part.begin(), part.end());
  return split;
}

Split split_random(int64_t size, const std::vector<double>& fractions, uint64_t seed) {
  check_fractions("split_random", fractions);
  const Indices order = RandomSampler(size, seed).indices(0);
  Split split;
  double sum = 0;
  size_t begin = 0;
  for (size_t part = 0; part < fractions.size(); ++part) {
    sum += fractions[part];
    const bool last = part + 1 == fractions.size();
    const size_t end =
        last ? order.size() : static_cast<size_t>(std::llround(sum * static_cast<double>(size)));
    split.emplace_back(order.begin() + static_cast<std::ptrdiff_t>(begin),
                       order.begin() + static_cast<std::ptrdiff_t>(end));
    std::sort(split.back().begin(), split.back().end());
    begin = end;
  }
  return split;
}

}  // namespace lydia::train
