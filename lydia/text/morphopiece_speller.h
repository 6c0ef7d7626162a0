// Spelling: letters and bytes as the cheapest pieces from left to right. Every byte is a piece, so
// there always is a way.
//
//   cost(end) = min over pieces text[begin, end) of cost(begin) + cost of the piece
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "lydia/text/morphopiece_trie.h"

namespace lydia::text {

class MorphoPieceModel;
struct SpellingRecord;

// The pieces for one kind of place as a trie with all that a step asks for in one cell: following a
// byte and taking the piece that ends there is one load. Has a cell for whatever byte follows.
class SpellingTrie {
 public:
  struct Cell {
    int32_t base = 0, check = -1;  // as in TrieCell
    int32_t piece = -1, cost = 0;
  };
  static constexpr int32_t kRoot = 0;

  SpellingTrie() = default;
  // What `cells` has of pieces that start a word (`initial`) or that do not.
  SpellingTrie(std::span<const TrieCell> cells, std::span<const SpellingRecord> spellings,
               bool initial);

  const Cell* cells() const { return cells_.data(); }

 private:
  std::vector<Cell> cells_ = std::vector<Cell>(256);
};

struct SpelledPiece {
  int32_t id;
  uint32_t end;  // bytes of the text up to here
};

// Scratch memory of one thread.
class Speller {
 public:
  // The pieces of a text, until the next call. The first one implies a space when `starts_word`.
  std::span<const SpelledPiece> spell(const MorphoPieceModel& model, std::string_view text,
                                      bool starts_word);

 private:
  // Pieces are found in runs of this many bytes, so that memory stays small on any input.
  static constexpr size_t kChunk = 4096;

  struct Best {
    int64_t cost;
    uint32_t begin;
    int32_t piece;
  };

  void spell_chunk(const MorphoPieceModel& model, std::string_view text, bool starts_word,
                   size_t at);

  std::vector<Best> best_ = std::vector<Best>(kChunk + 1);
  std::vector<SpelledPiece> pieces_;
};

}  // namespace lydia::text
