#include "lydia/text/morphopiece_spelling.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>
#include <unordered_map>

namespace lydia::text {
namespace {

constexpr size_t kMaxCharacters = 10;  // of a piece, unless it is a whole example
constexpr size_t kMaxWhole = 30;
constexpr int kRounds = 2;
constexpr size_t kSpareFactor = 3;  // candidates before the first round, for each piece wanted
constexpr double kPieceCost = 3;    // nats: fewer and longer pieces
constexpr double kCharacterCost = 12;

// Where the characters of a text begin, and its size.
std::vector<size_t> characters_of(std::string_view text) {
  std::vector<size_t> begins;
  for (size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<uint8_t>(text[i]) & 0xC0) != 0x80) begins.push_back(i);
  }
  begins.push_back(text.size());
  return begins;
}

// Pieces by their text with a mark in front that tells initial ones.
std::string key_of(std::string_view text, bool initial) {
  return (initial ? '^' : '+') + std::string(text);
}

struct Candidate {
  double weight = 0;
  uint32_t length = 0;  // characters
};
using Candidates = std::unordered_map<std::string, Candidate>;

Candidates substrings_of(const std::vector<SpellingExample>& examples) {
  Candidates candidates;
  for (const SpellingExample& example : examples) {
    const std::vector<size_t> at = characters_of(example.text);
    const size_t length = at.size() - 1;
    for (size_t begin = 0; begin < length; ++begin) {
      for (size_t end = begin + 2; end <= length; ++end) {
        const size_t size = end - begin;
        const bool whole = begin == 0 && end == length && size <= kMaxWhole;
        if (size > kMaxCharacters && !whole) continue;
        const std::string_view text(example.text.data() + at[begin], at[end] - at[begin]);
        Candidate& found = candidates[key_of(text, begin == 0 && example.starts_word)];
        found.weight += example.weight;
        found.length = static_cast<uint32_t>(size);
      }
    }
  }
  return candidates;
}

// The `count` candidates that save most characters; equal ones by their text.
void keep_best(Candidates& candidates, size_t count) {
  struct Ranked {
    double gain;
    const std::string* key;
  };
  std::vector<Ranked> ranked;
  for (const auto& [key, candidate] : candidates) {
    ranked.push_back({candidate.weight * (candidate.length - 1), &key});
  }
  const auto better = [](const Ranked& a, const Ranked& b) {
    return a.gain != b.gain ? a.gain > b.gain : *a.key < *b.key;
  };
  if (ranked.size() > count) {
    std::nth_element(ranked.begin(), ranked.begin() + static_cast<std::ptrdiff_t>(count),
                     ranked.end(), better);
    ranked.resize(count);
  }
  Candidates kept;
  for (const Ranked& each : ranked) {
    if (each.gain > 0) kept.emplace(*each.key, candidates[*each.key]);
  }
  candidates = std::move(kept);
}

// Spells one example and adds its weight to what it used.
class Speller {
 public:
  Speller(const Candidates& candidates, Candidates& used) : candidates_(candidates), used_(used) {
    double total = 0;
    for (const auto& [key, candidate] : candidates) {
      total += candidate.weight;
      longest_ = std::max(longest_, size_t{candidate.length});
    }
    log_total_ = std::log(total + 1);
  }

  void spell(const SpellingExample& example) {
    const std::vector<size_t> at = characters_of(example.text);
    const size_t length = at.size() - 1;
    cost_.assign(length + 1, std::numeric_limits<double>::infinity());
    from_.assign(length + 1, 0);
    cost_[0] = 0;
    const auto key = [&](size_t begin, size_t end) {
      return key_of(std::string_view(example.text).substr(at[begin], at[end] - at[begin]),
                    begin == 0 && example.starts_word);
    };
    for (size_t begin = 0; begin < length; ++begin) {
      for (size_t end = begin + 1; end <= std::min(length, begin + longest_); ++end) {
        double cost = kCharacterCost;
        if (end > begin + 1) {
          const auto found = candidates_.find(key(begin, end));
          if (found == candidates_.end()) continue;
          cost = kPieceCost + log_total_ - std::log(found->second.weight);
        }
        if (cost_[begin] + cost >= cost_[end]) continue;
        cost_[end] = cost_[begin] + cost;
        from_[end] = begin;
      }
    }
    for (size_t end = length; end > 0; end = from_[end]) {
      if (end - from_[end] < 2) continue;
      Candidate& piece = used_[key(from_[end], end)];
      piece.weight += example.weight;
      piece.length = static_cast<uint32_t>(end - from_[end]);
    }
  }

 private:
  const Candidates& candidates_;
  Candidates& used_;
  size_t longest_ = 1;
  double log_total_ = 0;
  std::vector<double> cost_;
  std::vector<size_t> from_;
};

}  // namespace

std::vector<LearnedPiece> learn_spelling(const std::vector<SpellingExample>& examples,
                                         size_t count) {
  if (count == 0) return {};
  Candidates candidates = substrings_of(examples);
  for (int round = 0; round < kRounds; ++round) {
    keep_best(candidates, round == 0 ? count * kSpareFactor : count * 3 / 2);
    Candidates used;
    Speller speller(candidates, used);
    for (const SpellingExample& example : examples) speller.spell(example);
    candidates = std::move(used);
  }
  keep_best(candidates, count);
  std::vector<LearnedPiece> pieces;
  for (const auto& [key, candidate] : candidates) {
    pieces.push_back({key.substr(1), key[0] == '^', candidate.weight});
  }
  std::sort(pieces.begin(), pieces.end(), [](const LearnedPiece& a, const LearnedPiece& b) {
    if (a.weight != b.weight) return a.weight > b.weight;
    return std::tie(a.text, a.initial) < std::tie(b.text, b.initial);
  });
  return pieces;
}

}  // namespace lydia::text
