// What makes a model lossless whatever its tables say. The encoder compares the tokens of every
// word that the lattice read with the word; what it takes from tables without looking is checked
// here, once, when the model is loaded:
//
//   - the fixed pieces and those of roots and suffixes say of spaces what decoding does;
//   - a piece that spells has the text it stands under, and is no piece with a meaning of its own;
//   - a sequence is put for exactly the tokens it consists of;
//   - the ids of a frequent word decode to the word.
#include <algorithm>
#include <string>
#include <variant>
#include <vector>

#include "lydia/io/json.h"
#include "lydia/text/morphopiece_letters.h"
#include "lydia/text/morphopiece_model.h"
#include "lydia/text/morphopiece_render.h"

namespace lydia::text {
namespace {

// The key that ends at `node`, from its end to its beginning; false when it is longer than a piece
// or does not begin at the root.
bool key_of(std::span<const TrieCell> trie, size_t node, std::string& key) {
  key.clear();
  while (node != TrieView::kRoot) {
    const int32_t parent = trie[node].check;
    if (parent < 0 || static_cast<size_t>(parent) >= trie.size()) return false;
    const int64_t byte = static_cast<int64_t>(node) - trie[static_cast<size_t>(parent)].base;
    if (byte < 0 || byte > 255 || key.size() == kMaxPieceBytes) return false;
    key += static_cast<char>(byte);
    node = static_cast<size_t>(parent);
  }
  std::reverse(key.begin(), key.end());
  return true;
}

bool begins_with_letter(std::string_view text) {
  return !text.empty() && letter_at(text.data(), text.data() + text.size()).code != 0;
}

// Whether these tokens decode to their texts, one after the other, and these are the word: the
// quick way to see what most words are. A space that the first one implies is no part of it.
bool is_plain_spelling(const MorphoPieceModel& model, std::span<const int32_t> ids,
                       std::string_view run) {
  size_t at = 0;
  const auto append = [&](int32_t id, bool first) {
    const PieceTraits& piece = model.traits(id);
    const bool plain = piece.kind == PieceKind::Root || piece.kind == PieceKind::Suffix ||
                       piece.kind == PieceKind::Spelling;
    if (!plain || ((piece.flags & kStartsWord) != 0 && !first)) return false;
    const std::string_view text = model.piece_text(id);
    const bool same = run.substr(at, text.size()) == text;
    at += text.size();
    return same && at <= run.size();
  };
  for (size_t i = 0; i < ids.size(); ++i) {
    if (model.kind(ids[i]) != PieceKind::Sequence) {
      if (!append(ids[i], i == 0)) return false;
      continue;
    }
    const std::span<const int32_t> parts = model.piece_parts(ids[i]);
    for (size_t k = 0; k < parts.size(); ++k)
      if (!append(parts[k], i + k == 0)) return false;
  }
  return at == run.size();
}

}  // namespace

void MorphoPieceModel::check_meta(const std::string& label) const {
  const io::Json json = io::parse_json(meta, label + ": description");
  expect(std::holds_alternative<io::Json::Object>(json.value), label, "the description");
}

void MorphoPieceModel::check_pieces(const std::string& label) const {
  for (size_t i = 0; i < pieces.size(); ++i) {
    const auto id = static_cast<int32_t>(i);
    const PieceKind of = kind(id);
    const uint8_t flags = traits(id).flags;
    const bool special = id <= MorphoPiece::kMask, marker = id <= MorphoPiece::kGlue && !special;
    expect((of == PieceKind::Special) == special && (of == PieceKind::Marker) == marker, label,
           "special pieces");
    if (special || marker || of == PieceKind::Byte) expect(flags == 0, label, "flags of a piece");
    if (of == PieceKind::Root)
      expect((flags & (kStartsWord | kOpens)) == kStartsWord, label, "flags of a root");
    if (of == PieceKind::Suffix || of == PieceKind::Canonical)
      expect((flags & (kStartsWord | kOpens)) == 0, label, "flags of a suffix");
  }
  expect(kind(header.space_piece) == PieceKind::Space && piece_text(header.space_piece) == " " &&
             traits(header.space_piece).flags == kOpens,
         label, "the space");
  for (const ArcRecord& arc : arcs)
    expect(kind(arc.piece) == PieceKind::Suffix, label, "pieces of suffixes");
  for (const RootRecord& root : roots)
    expect(root.piece < 0 || kind(root.piece) == PieceKind::Root, label, "pieces of roots");
}

void MorphoPieceModel::check_spellings(std::span<const TrieCell> trie,
                                       const std::string& label) const {
  expect(trie[TrieView::kRoot].check < 0, label, "spellings");
  std::string key;
  for (size_t node = 0; node < trie.size(); ++node) {
    if (trie[node].value < 0) continue;
    expect(key_of(trie, node, key), label, "spellings");
    const SpellingRecord& spelling = spellings[static_cast<size_t>(trie[node].value)];
    for (const int32_t id : {spelling.initial, spelling.inner}) {
      if (id < 0) continue;
      const PieceTraits& piece = traits(id);
      const bool plain = piece.kind == PieceKind::Spelling || piece.kind == PieceKind::Digits ||
                         piece.kind == PieceKind::Symbol || piece.kind == PieceKind::Space;
      expect(plain && piece_text(id) == key &&
                 ((piece.flags & kStartsWord) != 0) == (id == spelling.initial) &&
                 ((piece.flags & kHasLetters) == 0 || begins_with_letter(key)),
             label, "a piece that spells");
    }
  }
}

void MorphoPieceModel::check_sequences(const std::string& label) const {
  std::vector<bool> known(sequences.size());  // nodes; the first one is the root
  known[0] = true;
  size_t ends = 0, found = 0;
  for (const SequenceSlot& slot : sequences) {
    if (slot.node == kNoNode) continue;
    expect(slot.next < known.size() && !known[slot.next], label, "sequences");
    known[slot.next] = true;
    ends += slot.piece >= 0;
  }
  for (size_t i = 0; i < pieces.size(); ++i) {
    const auto id = static_cast<int32_t>(i);
    if (kind(id) != PieceKind::Sequence) continue;
    const auto all = piece_parts(id);
    const RunEdges edges = edges_of(all);
    const uint8_t flags = traits(id).flags;
    expect(
        ((flags & kStartsWord) != 0) == edges.starts_word && ((flags & kOpens) != 0) == edges.opens,
        label, "flags of a sequence");
    const SequenceSlot* slot = nullptr;
    uint32_t node = traits(all[0]).sequences;
    for (const int32_t part : all.subspan(1)) {
      slot = node == 0 ? nullptr : follow(node, part);
      if (slot == nullptr) break;
      node = slot->next;
    }
    found += slot != nullptr && slot->piece == id;
  }
  expect(found == ends, label, "sequences");
}

// Behind other text, so that the space before the word is looked at too.
void MorphoPieceModel::check_frequent_words(const std::string& label) const {
  std::string said;
  RenderState state;
  for (const WordRecord& word : words) {
    expect(word.bytes <= RunKey::kMaxRun, label, "words");
    const std::string_view run(reinterpret_cast<const char*>(word.run.data()), word.bytes);
    for (const auto mode : {MorphMode::Morph, MorphMode::Compact, MorphMode::Canonical}) {
      const std::span<const int32_t> ids = ids_of(word, mode);
      if (is_plain_spelling(*this, ids, run)) continue;
      const RunEdges edges = edges_of(word, mode);
      said.clear();
      state.at_start = false;
      state.marker = -1;
      state.fresh = state.glue = false;
      for (const int32_t id : ids) render_token(*this, id, true, state, said);
      finish_render(*this, state, said);
      const bool spaced = edges.starts_word && said.starts_with(' ');
      expect(spaced == edges.starts_word && std::string_view(said).substr(spaced ? 1 : 0) == run &&
                 state.at_start == edges.opens,
             label, "ids of a word");
    }
  }
}

}  // namespace lydia::text
