#include "lydia/text/morphopiece_sequences.h"

#include <algorithm>
#include <limits>
#include <span>
#include <unordered_map>

#include "lydia/text/morphopiece_model.h"

namespace lydia::text {
namespace {

constexpr size_t kMaxLength = 12;   // tokens; longer words are rare
constexpr double kKeptShare = 0.7;  // of the candidates, from one round to the next
static_assert(kMaxLength <= static_cast<size_t>(kMaxParts));

struct Candidate {
  uint32_t run, begin, size;  // where it stands first
  uint32_t last_run;
  uint32_t runs = 0;   // different ones that have it
  bool whole = false;  // some run is nothing else
  bool alive = false;
};

// A candidate at some place of a run.
struct Match {
  uint32_t candidate;
  uint32_t end;
};

// All parts of all runs, numbered by what they are.
class Candidates {
 public:
  explicit Candidates(std::span<const CountedTokens> runs) : runs_(runs) {
    for (uint32_t r = 0; r < runs.size(); ++r) add_run(r);
    for (Candidate& each : list_) each.alive = each.runs > 1 || each.whole;
    keep_matches();
  }

  std::vector<Candidate>& list() { return list_; }
  std::span<const int32_t> ids(uint32_t candidate) const {
    const Candidate& each = list_[candidate];
    return std::span(runs_[each.run].ids).subspan(each.begin, each.size);
  }
  // The matches that begin at token `at` of a run, the shortest first.
  std::span<const Match> matches(size_t run, size_t at) const {
    const size_t slot = first_slot_[run] + at;
    return std::span(matches_).subspan(first_match_[slot],
                                       first_match_[slot + 1] - first_match_[slot]);
  }

 private:
  // Candidates share prefixes: (number of the prefix, next token) -> number.
  uint32_t extend(uint32_t prefix, int32_t token, const Candidate& fresh) {
    const uint64_t key = uint64_t{prefix} << 32 | static_cast<uint32_t>(token);
    const auto [at, is_new] = numbers_.try_emplace(key, static_cast<uint32_t>(list_.size()));
    if (is_new) list_.push_back(fresh);
    return at->second;
  }

  void add_run(uint32_t r) {
    const CountedTokens& run = runs_[r];
    const auto size = static_cast<uint32_t>(run.ids.size());
    for (uint32_t begin = 0; begin < size; ++begin) {
      uint32_t number = kNoPrefix;
      for (uint32_t end = begin; end < std::min<size_t>(size, begin + kMaxLength); ++end) {
        number = extend(number, run.ids[end], {r, begin, end + 1 - begin, kNoPrefix});
        if (end == begin) continue;
        Candidate& part = list_[number];
        part.runs += part.last_run != r;
        part.last_run = r;
        part.whole |= begin == 0 && end + 1 == size;
      }
    }
  }

  void keep_matches() {
    for (const CountedTokens& run : runs_) {
      first_slot_.push_back(first_match_.size());
      for (uint32_t begin = 0; begin < run.ids.size(); ++begin) {
        first_match_.push_back(matches_.size());
        uint32_t number = kNoPrefix;
        for (uint32_t end = begin; end < std::min(run.ids.size(), begin + kMaxLength); ++end) {
          number = numbers_.at(uint64_t{number} << 32 | static_cast<uint32_t>(run.ids[end]));
          if (end > begin && list_[number].alive) matches_.push_back({number, end + 1});
        }
      }
    }
    first_match_.push_back(matches_.size());
    numbers_.clear();
  }

  static constexpr uint32_t kNoPrefix = std::numeric_limits<uint32_t>::max();

  std::span<const CountedTokens> runs_;
  std::vector<Candidate> list_;
  std::unordered_map<uint64_t, uint32_t> numbers_;
  std::vector<size_t> first_slot_, first_match_;
  std::vector<Match> matches_;
};

class Chooser {
 public:
  explicit Chooser(std::span<const CountedTokens> runs) : runs_(runs), candidates_(runs) {
    // Absolute discounting (H. Ney et al., 1994): how much of a count is chance.
    double once = 0, twice = 0;
    for (const CountedTokens& run : runs) {
      once += run.count == 1;
      twice += run.count == 2;
    }
    discount_ = once == 0 ? 0 : once / (once + 2 * twice);
  }

  std::vector<ChosenSequence> choose(size_t limit) {
    std::vector<Ranked> best = rank();
    while (best.size() > limit) {
      const auto kept = static_cast<size_t>(kKeptShare * static_cast<double>(best.size()));
      for (size_t i = std::max(kept, limit); i < best.size(); ++i) {
        candidates_.list()[best[i].candidate].alive = false;
      }
      best = rank();
    }
    std::vector<ChosenSequence> chosen;
    for (const Ranked& each : best) {
      const std::span<const int32_t> ids = candidates_.ids(each.candidate);
      chosen.push_back({{ids.begin(), ids.end()}, each.saved});
    }
    return chosen;
  }

 private:
  struct Ranked {
    double saved;
    uint32_t candidate;
  };

  // What is alive, by the tokens that it saves.
  std::vector<Ranked> rank() {
    used_.assign(candidates_.list().size(), 0);
    for (size_t r = 0; r < runs_.size(); ++r) {
      const auto count = static_cast<double>(runs_[r].count);
      const double chance = std::min(count, discount_);
      if (count > chance) use(r, count - chance, 0);
      if (chance > 0) use(r, chance, 1);
    }
    std::vector<Ranked> ranked;
    for (uint32_t c = 0; c < candidates_.list().size(); ++c) {
      if (!candidates_.list()[c].alive) continue;
      ranked.push_back({used_[c] == 0 ? 0 : used_[c] * (tokens_without(c) - 1), c});
    }
    std::sort(ranked.begin(), ranked.end(), [&](const Ranked& a, const Ranked& b) {
      if (a.saved != b.saved) return a.saved > b.saved;
      return std::ranges::lexicographical_compare(candidates_.ids(a.candidate),
                                                  candidates_.ids(b.candidate));
    });
    return ranked;
  }

  bool usable(uint32_t candidate, uint32_t least_other_runs) {
    const Candidate& each = candidates_.list()[candidate];
    return each.alive && each.runs > least_other_runs;
  }

  // The fewest tokens for [first, last) of a run, as the encoder takes them: of equal ways the one
  // with the longest sequence first.
  template <class May>
  uint32_t fewest(size_t run, uint32_t first, uint32_t last, const May& may) {
    steps_.resize(last + 1);
    steps_[last].tokens = 0;
    for (uint32_t at = last; at-- > first;) {
      Step& step = steps_[at];
      step = {steps_[at + 1].tokens + 1, {0, at + 1}};
      for (const Match& match : candidates_.matches(run, at)) {
        if (match.end > last) break;
        if (steps_[match.end].tokens + 1 > step.tokens || !may(match.candidate)) continue;
        step = {steps_[match.end].tokens + 1, match};
      }
    }
    return steps_[first].tokens;
  }

  void use(size_t run, double weight, uint32_t least_other_runs) {
    const auto size = static_cast<uint32_t>(runs_[run].ids.size());
    fewest(run, 0, size, [&](uint32_t c) { return usable(c, least_other_runs); });
    for (uint32_t at = 0; at < size; at = steps_[at].match.end) {
      if (steps_[at].match.end > at + 1) used_[steps_[at].match.candidate] += weight;
    }
  }

  uint32_t tokens_without(uint32_t candidate) {
    const Candidate& each = candidates_.list()[candidate];
    return fewest(each.run, each.begin, each.begin + each.size,
                  [&](uint32_t c) { return c != candidate && usable(c, 0); });
  }

  struct Step {
    uint32_t tokens;
    Match match;
  };

  std::span<const CountedTokens> runs_;
  Candidates candidates_;
  double discount_;
  std::vector<double> used_;
  std::vector<Step> steps_;
};

}  // namespace

std::vector<ChosenSequence> choose_sequences(const std::vector<CountedTokens>& runs, size_t limit) {
  return Chooser(runs).choose(limit);
}

}  // namespace lydia::text
