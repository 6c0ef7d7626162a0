#include "lydia/text/morphopiece_speller.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <string>

#include "lydia/text/morphopiece_model.h"
#include "lydia/text/morphopiece_trie.h"

namespace lydia::text {
namespace {

constexpr int64_t kFar = std::numeric_limits<int64_t>::max() / 2;  // more than any way costs

}  // namespace

void SpellingTrie::number_bytes(const std::vector<Piece>& pieces) {
  std::array<size_t, 256> uses{};
  for (const Piece& piece : pieces) {
    for (const char byte : piece.text) ++uses[static_cast<uint8_t>(byte)];
  }
  std::array<uint8_t, 256> order;
  std::iota(order.begin(), order.end(), uint8_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](uint8_t a, uint8_t b) { return uses[a] > uses[b]; });
  for (size_t i = 0; i < 255 && uses[order[i]] > 0; ++i) {
    symbols_[order[i]] = static_cast<uint8_t>(i + 1);
  }
}

SpellingTrie::SpellingTrie(std::vector<Piece> pieces) {
  number_bytes(pieces);
  std::vector<std::pair<std::string, int32_t>> keys;
  for (size_t i = 0; i < pieces.size(); ++i) {
    std::string key;
    for (const char byte : pieces[i].text) key += static_cast<char>(symbol(byte));
    if (!key.empty() && key.find('\0') == key.npos) keys.emplace_back(key, static_cast<int32_t>(i));
  }
  std::sort(keys.begin(), keys.end());
  const auto same = [](const auto& a, const auto& b) { return a.first == b.first; };
  keys.erase(std::unique(keys.begin(), keys.end(), same), keys.end());
  const std::vector<TrieCell> cells = build_trie(keys);
  cells_.resize(cells.size() + 256);
  for (size_t i = 0; i < cells.size(); ++i) {
    cells_[i].base = cells[i].base;
    cells_[i].check = cells[i].check;
    if (cells[i].value < 0) continue;
    const Piece& piece = pieces[static_cast<size_t>(cells[i].value)];
    cells_[i].piece = piece.id;
    cells_[i].cost = piece.cost;
  }
}

void Speller::spell_chunk(const MorphoPieceModel& model, std::string_view text, bool starts_word,
                          size_t at) {
  const size_t size = text.size();
  Best* const best = best_.data();
  best[0].cost = 0;
  for (size_t i = 1; i <= size; ++i) best[i].cost = kFar;
  const SpellingTrie* trie = starts_word ? &model.initial_spellings : &model.inner_spellings;
  const int32_t byte_cost = model.header.byte_cost;
  for (size_t begin = 0; begin < size; ++begin, trie = &model.inner_spellings) {
    const SpellingTrie::Cell* const cells = trie->cells();
    const int64_t here = best[begin].cost;
    const auto byte = static_cast<uint8_t>(text[begin]);
    best[begin + 1].take(here + byte_cost, begin, MorphoPiece::kFirstByte + byte);
    int32_t node = SpellingTrie::kRoot;
    for (size_t end = begin; end < size; ++end) {
      const int32_t target = cells[node].base + trie->symbol(text[end]);
      const SpellingTrie::Cell& cell = cells[target];
      if (cell.check != node) break;
      best[end + 1].take(here + cell.cost, begin, cell.piece);
      node = target;
    }
  }
  const size_t first = pieces_.size();
  for (size_t end = size; end > 0; end = best[end].begin()) {
    pieces_.push_back({best[end].piece(), static_cast<uint32_t>(at + end)});
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
