#include "lydia/text/morphopiece_sequences.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <unordered_map>

#include "lydia/text/morphopiece_model.h"

namespace lydia::text {
namespace {

constexpr size_t kMaxLength = 12;  // tokens; longer words are rare
constexpr int64_t kLeastCount = 2;
constexpr int kRounds = 3;
static_assert(kMaxLength <= static_cast<size_t>(kMaxParts));

struct SequenceHash {
  size_t operator()(const std::vector<int32_t>& ids) const {
    return static_cast<size_t>(
        hash_bytes({reinterpret_cast<const char*>(ids.data()), ids.size() * sizeof(int32_t)}));
  }
};
using Counts = std::unordered_map<std::vector<int32_t>, int64_t, SequenceHash>;

// Parts of words that occur at least twice, and whole words.
Counts count_all(const std::vector<CountedTokens>& runs) {
  Counts counts;
  for (const CountedTokens& run : runs) {
    for (size_t begin = 0; begin < run.ids.size(); ++begin) {
      const size_t last = std::min(run.ids.size(), begin + kMaxLength);
      for (size_t end = begin + 2; end <= last; ++end) {
        counts[{run.ids.begin() + static_cast<std::ptrdiff_t>(begin),
                run.ids.begin() + static_cast<std::ptrdiff_t>(end)}] += run.count;
      }
    }
  }
  std::erase_if(counts, [](const auto& item) { return item.second < kLeastCount; });
  for (const CountedTokens& run : runs) {
    if (run.ids.size() <= kMaxLength) counts.try_emplace(run.ids, run.count);
  }
  return counts;
}

void keep_best(Counts& counts, size_t limit) {
  std::vector<std::pair<int64_t, const std::vector<int32_t>*>> ranked;
  for (const auto& [ids, count] : counts) {
    ranked.emplace_back(count * static_cast<int64_t>(ids.size() - 1), &ids);
  }
  std::sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : *a.second < *b.second;
  });
  if (ranked.size() > limit) ranked.resize(limit);
  Counts kept;
  for (const auto& [gain, ids] : ranked) kept.emplace(*ids, counts[*ids]);
  counts = std::move(kept);
}

// How often the encoding with fewest tokens takes each sequence; of equal ones the longest first.
Counts count_used(const std::vector<CountedTokens>& runs, const Counts& sequences) {
  Counts used;
  std::vector<int> tokens, length;
  for (const CountedTokens& run : runs) {
    const size_t size = run.ids.size();
    tokens.assign(size + 1, 0);
    length.assign(size + 1, 1);
    const auto part = [&](size_t begin, size_t end) {
      return std::vector<int32_t>(run.ids.begin() + static_cast<std::ptrdiff_t>(begin),
                                  run.ids.begin() + static_cast<std::ptrdiff_t>(end));
    };
    for (size_t at = size; at-- > 0;) {
      tokens[at] = tokens[at + 1] + 1;
      for (size_t end = at + 2; end <= std::min(size, at + kMaxLength); ++end) {
        if (tokens[end] + 1 > tokens[at] || !sequences.contains(part(at, end))) continue;
        tokens[at] = tokens[end] + 1;
        length[at] = static_cast<int>(end - at);
      }
    }
    for (size_t at = 0; at < size; at += static_cast<size_t>(length[at])) {
      if (length[at] > 1) used[part(at, at + static_cast<size_t>(length[at]))] += run.count;
    }
  }
  return used;
}

}  // namespace

std::vector<std::vector<int32_t>> choose_sequences(const std::vector<CountedTokens>& runs,
                                                   size_t limit) {
  Counts all = count_all(runs);
  Counts chosen = all;
  keep_best(chosen, limit);
  for (int round = 0; round < kRounds; ++round) {
    // What the encoding does not use makes room for the next ones in line.
    Counts used = count_used(runs, chosen);
    keep_best(used, limit);
    Counts others;
    for (const auto& [ids, count] : all) {
      if (!chosen.contains(ids)) others.emplace(ids, count);
    }
    keep_best(others, limit - std::min(limit, used.size()));
    for (const auto& [ids, count] : others) used.emplace(ids, count);
    chosen = std::move(used);
  }
  std::vector<std::pair<int64_t, std::vector<int32_t>>> ranked;
  for (const auto& [ids, count] : chosen) {
    ranked.emplace_back(-count * static_cast<int64_t>(ids.size() - 1), ids);
  }
  std::sort(ranked.begin(), ranked.end());
  std::vector<std::vector<int32_t>> result;
  for (auto& [gain, ids] : ranked) result.push_back(std::move(ids));
  return result;
}

}  // namespace lydia::text
