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

// Which pieces end at each byte of a text, in one pass over it (A. Aho, M. Corasick, "Efficient
// String Matching", Communications of the ACM 18(6), 1975), with all failures worked out: a byte
// costs one load. A row is where its matches are and the next row for each byte that pieces have.
// The frequent bytes come first: one line of the processor's cache has nearly all that Turkish asks
// for, and the rest lies elsewhere. What starts a word is a piece behind a mark.
class PieceAutomaton {
 public:
  using Row = uint16_t;
  static constexpr Row kInner = 0;  // where texts begin that start no word

  struct Piece {
    std::string_view text;
    int32_t id, cost;
    bool initial;  // starts a word
  };
  struct Match {
    int32_t cost;
    uint32_t id : 24, size : 8;  // bytes, and the mark's place
  };

  PieceAutomaton() = default;  // nothing to be asked
  // Pieces that cost what their only byte costs as itself, or more, are left out, and those that
  // would need more rows than there are, the last ones first: never in vocabularies below some
  // 10^5, a tenth of which spells.
  PieceAutomaton(std::span<const Piece> pieces, int32_t byte_cost);

  Row initial() const { return initial_; }
  Row next(Row row, char byte) const {
    const size_t symbol = symbol_[static_cast<uint8_t>(byte)];
    return symbol < kNear ? near_[row].next[symbol] : far_[far_at(row, symbol)];
  }
  // Those that end here, the longest first.
  std::span<const Match> matches(Row row) const {
    return {matches_.data() + near_[row].first_match, near_[row].matches};
  }
  void prefetch(Row row) const { __builtin_prefetch(matches_.data() + near_[row].first_match); }

 private:
  static constexpr size_t kNear = 29;
  static constexpr uint8_t kNoSymbol = 0;
  struct alignas(64) Near {
    uint32_t first_match = 0;
    uint16_t matches = 0;
    std::array<Row, kNear> next{};
  };
  static_assert(sizeof(Near) == 64);

  size_t far_at(Row row, size_t symbol) const { return row * (symbols_ - kNear) + symbol - kNear; }
  Row& slot(Row row, size_t symbol) {
    return symbol < kNear ? near_[row].next[symbol] : far_[far_at(row, symbol)];
  }
  void number_bytes(std::span<const Piece> pieces);
  // The row of that piece; kInner when there is no room.
  Row add(const Piece& piece);
  Row child(Row row, size_t symbol);
  void close(const std::vector<std::vector<Match>>& own);

  std::array<uint8_t, 256> symbol_{};
  size_t symbols_ = 0;  // the last one is the mark
  Row initial_ = kInner;
  std::vector<Near> near_;  // by row
  std::vector<Row> far_;    // [row][symbols_ - kNear]
  std::vector<Match> matches_;
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

  // The cheapest way to a place.
  struct Best {
    int64_t cost;
    PieceAutomaton::Match last;
  };

  void spell_chunk(const MorphoPieceModel& model, std::string_view text, bool starts_word,
                   size_t at);

  std::vector<Best> best_ = std::vector<Best>(kChunk + 2);  // [0]: before the mark
  std::vector<PieceAutomaton::Row> rows_ = std::vector<PieceAutomaton::Row>(kChunk);
  std::vector<SpelledPiece> pieces_;
};

}  // namespace lydia::text
