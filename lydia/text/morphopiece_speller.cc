#include "lydia/text/morphopiece_speller.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "lydia/text/morphopiece_model.h"

namespace lydia::text {
namespace {

constexpr int64_t kFar = std::numeric_limits<int64_t>::max() / 2;  // more than any way costs
constexpr uint32_t kIds = 0xFFFFFF;

}  // namespace

void PieceAutomaton::number_bytes(std::span<const Piece> pieces) {
  std::array<size_t, 256> uses{};
  for (const Piece& piece : pieces) {
    for (const char byte : piece.text) ++uses[static_cast<uint8_t>(byte)];
  }
  std::array<uint8_t, 256> order;
  std::iota(order.begin(), order.end(), uint8_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](uint8_t a, uint8_t b) { return uses[a] > uses[b]; });
  size_t used = kNoSymbol;
  for (size_t i = 0; i < 255 && uses[order[i]] > 0; ++i) {  // some bytes are in no UTF-8 text
    symbol_[order[i]] = static_cast<uint8_t>(++used);
  }
  symbols_ = std::max(used + 1, kNear) + 1;
}

PieceAutomaton::Row PieceAutomaton::child(Row row, size_t symbol) {
  if (const Row known = slot(row, symbol); known != kInner) return known;
  const size_t rows = near_.size();
  if (rows > std::numeric_limits<Row>::max()) return kInner;
  near_.emplace_back();
  far_.resize(near_.size() * (symbols_ - kNear));
  return slot(row, symbol) = static_cast<Row>(rows);
}

PieceAutomaton::Row PieceAutomaton::add(const Piece& piece) {
  Row row = piece.initial ? initial_ : kInner;
  for (const char byte : piece.text) {
    const uint8_t symbol = symbol_[static_cast<uint8_t>(byte)];
    row = symbol == kNoSymbol ? kInner : child(row, symbol);
    if (row == kInner) break;
  }
  return row;
}

PieceAutomaton::PieceAutomaton(std::span<const Piece> pieces, int32_t byte_cost) {
  number_bytes(pieces);
  near_.resize(1);
  far_.resize(symbols_ - kNear);
  initial_ = child(kInner, symbols_ - 1);
  std::vector<std::vector<Match>> own;
  for (const Piece& piece : pieces) {
    if (piece.text.empty() || (piece.text.size() == 1 && piece.cost >= byte_cost)) continue;
    const Row row = add(piece);
    own.resize(near_.size());
    if (row == kInner || !own[row].empty()) continue;
    const size_t size = piece.text.size() + (piece.initial ? 1 : 0);
    own[row].push_back(
        {piece.cost, static_cast<uint32_t>(piece.id) & kIds, static_cast<uint8_t>(size)});
  }
  own.resize(near_.size());
  close(own);
}

// Where a row has no way on, the row of its longest ending that is a beginning goes on. Shorter
// rows come before longer ones.
void PieceAutomaton::close(const std::vector<std::vector<Match>>& own) {
  std::vector<Row> order = {kInner}, ending(own.size(), kInner);
  for (size_t i = 0; i < order.size(); ++i) {
    const Row row = order[i];
    for (size_t symbol = 1; symbol < symbols_; ++symbol) {
      Row& next = slot(row, symbol);
      const Row instead = i == 0 ? kInner : slot(ending[row], symbol);
      if (next == kInner) {
        next = instead;
      } else {
        ending[next] = instead;
        order.push_back(next);
      }
    }
  }
  for (size_t row = 0; row < own.size(); ++row) {
    const size_t first = matches_.size();
    for (auto at = static_cast<Row>(row); at != kInner; at = ending[at]) {
      matches_.insert(matches_.end(), own[at].begin(), own[at].end());
    }
    near_[row].first_match = static_cast<uint32_t>(first);
    near_[row].matches = static_cast<uint16_t>(matches_.size() - first);
  }
}

void Speller::spell_chunk(const MorphoPieceModel& model, std::string_view text, bool starts_word,
                          size_t at) {
  const PieceAutomaton& automaton = model.spelling;
  const int32_t byte_cost = model.header.byte_cost;
  // All rows first: what they lead to is on its way while others are looked for.
  auto row = starts_word ? automaton.initial() : PieceAutomaton::kInner;
  for (size_t i = 0; i < text.size(); ++i) {
    row = rows_[i] = automaton.next(row, text[i]);
    automaton.prefetch(row);
  }
  // Places count from the mark; behind it only bytes and what starts a word can begin.
  Best* const best = best_.data();
  best[0].cost = 0;
  best[1].cost = starts_word ? kFar : 0;
  int64_t before = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    Best* const end = best + i + 2;
    Best least = {kFar, {}};
    const auto take = [&](int64_t cost, PieceAutomaton::Match last) {
      least = cost < least.cost ? Best{cost, last} : least;
    };
    for (const PieceAutomaton::Match match : automaton.matches(rows_[i])) {
      take((end - match.size)->cost + match.cost, match);
    }
    const auto byte = static_cast<uint8_t>(text[i]);
    take(before + byte_cost, {byte_cost, uint32_t{MorphoPiece::kFirstByte} + byte, 1});
    before = least.cost;
    *end = least;
  }
  const size_t first = pieces_.size();
  for (size_t end = text.size() + 1; end > 1; end -= best[end].last.size) {
    pieces_.push_back(
        {static_cast<int32_t>(best[end].last.id), static_cast<uint32_t>(at + end - 1)});
  }
  std::reverse(pieces_.begin() + static_cast<std::ptrdiff_t>(first), pieces_.end());
}

std::span<const SpelledPiece> Speller::spell(const MorphoPieceModel& model, std::string_view text,
                                             bool starts_word) {
  pieces_.clear();
  for (size_t at = 0; at < text.size(); at += kChunk) {
    spell_chunk(model, text.substr(at, kChunk), starts_word && at == 0, at);
  }
  return pieces_;
}

}  // namespace lydia::text
