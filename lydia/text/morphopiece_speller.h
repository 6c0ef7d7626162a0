// Spelling: letters and bytes as the cheapest pieces from left to right. Every byte is a piece, so
// there always is a way.
//
//   cost(end) = min over pieces text[begin, end) of cost(begin) + cost of the piece
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace lydia::text {

class MorphoPieceModel;

// The pieces for one kind of place as a trie (morphopiece_trie.h) over the bytes that they have, the
// frequent ones numbered first, so that it is dense; with all that a step asks for in one cell.
class SpellingTrie {
 public:
  struct Piece {
    std::string_view text;
    int32_t id, cost;
  };
  struct Cell {
    int32_t base = 0, check = -1;  // there is a cell at base + symbol for every symbol
    int32_t piece = -1, cost = 0;
  };
  static constexpr int32_t kRoot = 0;

  SpellingTrie() = default;  // none, and nothing to be asked
  // Of pieces with one text the first is taken; empty ones are none.
  explicit SpellingTrie(std::vector<Piece> pieces);

  const Cell* cells() const { return cells_.data(); }
  uint8_t symbol(char byte) const { return symbols_[static_cast<uint8_t>(byte)]; }

 private:
  void number_bytes(const std::vector<Piece>& pieces);

  std::array<uint8_t, 256> symbols_{};  // 0: in no piece
  std::vector<Cell> cells_;
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

  // The cheapest way to a place so far.
  struct Best {
    int64_t cost;
    uint64_t last;  // piece: where it begins and which it is

    // Takes a way that is cheaper. Whether it is no processor foretells, so there is no jump; pieces
    // below 0 are none.
    void take(int64_t way, size_t begin, int32_t piece) {
      const int64_t worse = (cost - way - 1) >> 63 | piece >> 31;  // all bits or none
      cost = (cost & worse) | (way & ~worse);
      last = (last & static_cast<uint64_t>(worse)) |
             ((uint64_t{begin} << 32 | static_cast<uint32_t>(piece)) & ~static_cast<uint64_t>(worse));
    }
    size_t begin() const { return last >> 32; }
    int32_t piece() const { return static_cast<int32_t>(last); }
  };

  void spell_chunk(const MorphoPieceModel& model, std::string_view text, bool starts_word,
                   size_t at);

  std::vector<Best> best_ = std::vector<Best>(kChunk + 1);
  std::vector<SpelledPiece> pieces_;
};

}  // namespace lydia::text
