// Words read from the right: which states of the automaton of suffixes can read the rest of one.
//
// The automaton backwards, made deterministic: one row for each set of states that some ending
// leads back to (M. Rabin, D. Scott, "Finite Automata and Their Decision Problems", IBM Journal
// 3(2), 1959). Turkish needs about a thousand rows. A letter costs one load, and most words that
// no root fits are known for such after three or four of them; in the others the lattice keeps to
// the states that lead to the end.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "lydia/text/morphopiece_letters.h"
#include "lydia/text/turkish_letters.h"

namespace lydia::text {

struct StateRecord;
struct ArcRecord;

class ReverseAutomaton {
 public:
  using Row = uint16_t;
  static constexpr Row kNothing = 0;  // no suffixes end so
  static constexpr Row kEnd = 1;      // nothing is left to read

  ReverseAutomaton() = default;
  // The tables as morphopiece_model.h describes them, checked. ValueError beginning with `label`
  // when it took more than kMaxRows or 64 MiB of sets to make: no grammar is so ambiguous.
  ReverseAutomaton(std::span<const StateRecord> states, std::span<const uint32_t> letters,
                   std::span<const ArcRecord> arcs, const std::string& label);

  // The row of a rest with this letter put before it.
  Row before(Row rest, uint8_t letter) const { return rows_[rest].before[letter]; }
  // Whether some state can read that rest.
  bool is_read(Row rest) const { return rows_[rest].readers != 0; }
  bool reads(uint32_t state, Row rest) const {
    return (readers_[rows_[rest].readers + state / 64] >> state % 64 & 1) != 0;
  }
  size_t size() const { return rows_.size(); }

 private:
  static constexpr size_t kMaxRows = size_t{1} << 14, kMaxSetWords = size_t{1} << 23;
  friend class ReverseBuilder;

  struct Entry {
    uint32_t readers = 0;  // where their bits begin; 0: none
    std::array<Row, kLetterCodes> before{};
  };
  std::vector<Entry> rows_;
  std::vector<uint64_t> readers_;
};

// The rests of a word: [i] is what is left behind its first i letters.
struct Rests {
  int first = 0;  // no suffixes end with more than what is behind it
  std::array<ReverseAutomaton::Row, kMaxWordLetters + 1> row;  // from `first` on

  void read(const ReverseAutomaton& automaton, const Word& word) {
    first = word.size;
    auto rest = ReverseAutomaton::kEnd;
    for (;; --first) {
      row[static_cast<size_t>(first)] = rest;
      if (first == 0) return;
      rest = automaton.before(rest, word.code[static_cast<size_t>(first) - 1]);
      if (rest == ReverseAutomaton::kNothing) return;
    }
  }
};

}  // namespace lydia::text
