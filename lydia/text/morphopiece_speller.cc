#include "lydia/text/morphopiece_speller.h"

#include <algorithm>
#include <limits>

#include "lydia/text/morphopiece_model.h"

namespace lydia::text {

// The cells keep their places; those that lead to no piece of the kind are left out.
SpellingTrie::SpellingTrie(std::span<const TrieCell> cells,
                           std::span<const SpellingRecord> spellings, bool initial) {
  int32_t last = 0;
  for (const TrieCell& cell : cells) last = std::max(last, cell.base);
  cells_.resize(std::min<size_t>(static_cast<size_t>(last), cells.size()) + 256);
  for (size_t i = 0; i < cells.size() && i < cells_.size(); ++i) {
    const int32_t value = cells[i].value;
    if (value < 0) continue;
    const SpellingRecord& spelling = spellings[static_cast<size_t>(value)];
    const int32_t piece = initial ? spelling.initial : spelling.inner;
    if (piece < 0) continue;
    cells_[i].piece = piece;
    cells_[i].cost = initial ? spelling.initial_cost : spelling.inner_cost;
    for (size_t at = i; at != 0 && cells_[at].check < 0;) {
      const int32_t parent = cells[at].check;
      if (parent < 0 || static_cast<size_t>(parent) >= cells.size()) break;
      const auto up = static_cast<size_t>(parent);
      if (up >= cells_.size() || cells[up].base < 0 || static_cast<size_t>(cells[up].base) + 256 > cells_.size()) break;
      cells_[at].check = parent;
      cells_[up].base = cells[up].base;
      at = up;
    }
  }
}

void Speller::spell_chunk(const MorphoPieceModel& model, std::string_view text, bool starts_word,
                          size_t at) {
  const size_t size = text.size();
  Best* const best = best_.data();
  best[0].cost = 0;
  for (size_t i = 1; i <= size; ++i) best[i].cost = std::numeric_limits<int64_t>::max();
  const SpellingTrie::Cell* cells =
      (starts_word ? model.initial_spellings : model.inner_spellings).cells();
  const int32_t byte_cost = model.header.byte_cost;
  for (size_t begin = 0; begin < size; ++begin) {
    const int64_t here = best[begin].cost;
    // Whether a piece is better, no processor foretells: the best one is selected, not jumped to.
    const auto take = [&](Best& end, int64_t cost, int32_t piece, bool is_piece) {
      const bool better = is_piece & (cost < end.cost);
      end.cost = better ? cost : end.cost;
      end.begin = better ? static_cast<uint32_t>(begin) : end.begin;
      end.piece = better ? piece : end.piece;
    };
    take(best[begin + 1], here + byte_cost,
         MorphoPiece::kFirstByte + static_cast<uint8_t>(text[begin]), true);
    int32_t node = SpellingTrie::kRoot;
    for (size_t end = begin; end < size;) {
      const int32_t target = cells[node].base + static_cast<uint8_t>(text[end++]);
      const SpellingTrie::Cell& cell = cells[target];
      if (cell.check != node) break;
      take(best[end], here + cell.cost, cell.piece, cell.piece >= 0);
      node = target;
    }
    cells = model.inner_spellings.cells();
  }
  const size_t first = pieces_.size();
  for (size_t end = size; end > 0; end = best[end].begin) {
    pieces_.push_back({best[end].piece, static_cast<uint32_t>(at + end)});
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
