#include "lydia/text/morphopiece_reverse.h"

#include <algorithm>
#include <bit>
#include <map>
#include <string>
#include <unordered_map>

#include "lydia/core/error.h"
#include "lydia/text/morphopiece_model.h"

namespace lydia::text {

// Nodes are the states and, behind them, the places within arcs: (target, letters still to read).
class ReverseBuilder {
 public:
  ReverseBuilder(std::span<const StateRecord> states, std::span<const uint32_t> letters,
                 std::span<const ArcRecord> arcs, const std::string& label)
      : states_(states), label_(label), into_(states.size()) {
    for (size_t s = 0; s < states.size(); ++s) {
      const auto rows = static_cast<size_t>(std::popcount(states[s].first_letters));
      const uint32_t last = letters[states[s].letters_at + rows];
      for (uint32_t a = letters[states[s].letters_at]; a < last; ++a) {
        add_arc(static_cast<uint32_t>(s), arcs[a]);
      }
    }
    for (std::vector<Step>& steps : into_) {
      std::sort(steps.begin(), steps.end());
      steps.erase(std::unique(steps.begin(), steps.end()), steps.end());
    }
    words_ = into_.size() / 64 + 1;
    state_words_ = states.size() / 64 + 1;
  }

  void fill(ReverseAutomaton& automaton) {
    automaton_ = &automaton;
    automaton.readers_.assign(state_words_, 0);
    readers_of_[bits_of(automaton.readers_)] = 0;
    Set ends(words_);
    for (size_t s = 0; s < states_.size(); ++s) {
      if (states_[s].final_cost != kNever) add(ends, static_cast<uint32_t>(s));
    }
    row_of(Set(words_));  // kNothing
    row_of(ends);         // kEnd, unless nothing may end a word
    if (sets_.size() == 1) add_row(ends);
    for (size_t row = 1; row < sets_.size(); ++row) step_back(row);
  }

 private:
  using Set = std::vector<uint64_t>;  // a bit a node
  struct Step {
    uint8_t letter;
    uint32_t from;
    auto operator<=>(const Step&) const = default;
  };

  static void add(Set& set, uint32_t node) { set[node / 64] |= uint64_t{1} << node % 64; }
  static std::string bits_of(std::span<const uint64_t> set) {
    return {reinterpret_cast<const char*>(set.data()), set.size_bytes()};
  }

  void add_arc(uint32_t from, const ArcRecord& arc) {
    uint64_t rest = arc.letters;
    for (int left = arc.size; left > 0; --left) {
      const auto letter = static_cast<uint8_t>(rest);
      rest >>= 8;
      uint32_t to = arc.target;
      if (left > 1) {
        const auto [at, is_new] =
            within_.try_emplace({arc.target, rest}, static_cast<uint32_t>(into_.size()));
        if (is_new) into_.emplace_back();
        to = at->second;
      }
      into_[to].push_back({letter, from});
      from = to;
    }
  }

  void step_back(size_t row) {
    std::array<Set, kLetterCodes> before;
    for (size_t word = 0; word < words_; ++word) {
      for (uint64_t bits = sets_[row][word]; bits != 0; bits &= bits - 1) {
        for (const Step step : into_[word * 64 + static_cast<size_t>(std::countr_zero(bits))]) {
          Set& set = before[step.letter];
          if (set.empty()) set.resize(words_);
          add(set, step.from);
        }
      }
    }
    for (size_t letter = 0; letter < kLetterCodes; ++letter) {
      if (before[letter].empty()) continue;
      const auto target = row_of(before[letter]);
      automaton_->rows_[row].before[letter] = target;
    }
  }

  ReverseAutomaton::Row row_of(const Set& set) {
    const auto [at, is_new] = rows_of_.try_emplace(bits_of(set), sets_.size());
    if (is_new) add_row(set);
    return static_cast<ReverseAutomaton::Row>(at->second);
  }

  void add_row(const Set& set) {
    const size_t most =
        std::min(ReverseAutomaton::kMaxRows, ReverseAutomaton::kMaxSetWords / words_);
    LYDIA_CHECK(sets_.size() < most, ValueError, label_,
                ": the model contradicts itself: suffixes that can be read in more than ", most,
                " ways");
    std::vector<uint64_t>& readers = automaton_->readers_;
    Set states(set.begin(), set.begin() + static_cast<std::ptrdiff_t>(state_words_));
    states.back() &= (uint64_t{1} << states_.size() % 64) - 1;
    const auto [at, is_new] = readers_of_.try_emplace(bits_of(states), readers.size());
    if (is_new) readers.insert(readers.end(), states.begin(), states.end());
    automaton_->rows_.push_back({static_cast<uint32_t>(at->second), {}});
    sets_.push_back(set);
  }

  std::span<const StateRecord> states_;
  const std::string& label_;
  std::vector<std::vector<Step>> into_;  // by node
  std::map<std::pair<uint32_t, uint64_t>, uint32_t> within_;
  size_t words_ = 0, state_words_ = 0;
  ReverseAutomaton* automaton_ = nullptr;
  std::vector<Set> sets_;  // by row
  std::unordered_map<std::string, size_t> rows_of_, readers_of_;
};

ReverseAutomaton::ReverseAutomaton(std::span<const StateRecord> states,
                                   std::span<const uint32_t> letters,
                                   std::span<const ArcRecord> arcs, const std::string& label) {
  ReverseBuilder(states, letters, arcs, label).fill(*this);
}

}  // namespace lydia::text
