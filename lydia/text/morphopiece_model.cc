#include "lydia/text/morphopiece_model.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstring>
#include <numeric>

#include "lydia/core/error.h"
#include "lydia/text/morphopiece_letters.h"
#include "lydia/text/turkish_suffixes.h"

namespace lydia::text {
namespace {

uint32_t next_serial() {
  static std::atomic<uint32_t> last = 0;
  return ++last;
}

template <class T>
bool are_ascending(std::span<const T> list, size_t end) {
  return !list.empty() && list[0] == 0 && std::is_sorted(list.begin(), list.end()) &&
         list.back() == end;
}

// 1 to 8 of them, and zeros behind: so an arc never matches beyond the end of a word.
bool has_letters(const ArcRecord& arc) {
  if (arc.size < 1 || arc.size > 8) return false;
  for (int i = 0; i < 8; ++i) {
    const uint64_t code = arc.letters >> (8 * i) & 0xFF;
    if (i < arc.size ? code == 0 || code >= kLetterCodes : code != 0) return false;
  }
  return true;
}

bool is_cost(int32_t cost) { return cost >= -kMaxCost && cost <= kMaxCost; }

}  // namespace

// 8 bytes at a time; the rest padded with zeros, told apart by the size.
uint64_t hash_bytes(std::string_view bytes) {
  constexpr uint64_t kFactor = 0x9E3779B97F4A7C15u;
  uint64_t hash = bytes.size() * kFactor;
  const char* at = bytes.data();
  size_t left = bytes.size();
  for (; left >= 8; at += 8, left -= 8) {
    uint64_t block;
    std::memcpy(&block, at, 8);
    hash = std::rotl((hash ^ block) * kFactor, 31);
  }
  uint64_t block = 0;
  if (left >= 4) {  // two loads that may overlap instead of a copy of unknown length
    uint32_t low, high;
    std::memcpy(&low, at, 4);
    std::memcpy(&high, at + left - 4, 4);
    block = uint64_t{high} << 32 | low;
  } else if (left > 0) {
    block = static_cast<uint8_t>(at[0]) |
            static_cast<uint64_t>(static_cast<uint8_t>(at[left / 2])) << 8 |
            static_cast<uint64_t>(static_cast<uint8_t>(at[left - 1])) << 16;
  }
  hash = (hash ^ block) * kFactor;
  return hash ^ hash >> 29;
}

uint64_t mix_hash(uint64_t hash, uint64_t seed) {
  uint64_t x = (hash ^ seed * 0xD6E8FEB86659FD93u) * 0xBF58476D1CE4E5B9u;
  x ^= x >> 32;
  return x * 0x94D049BB133111EBu >> 16;
}

MorphoPieceModel::MorphoPieceModel(std::string content, const std::string& label)
    : content_(std::move(content)) {
  file_bytes = content_;
  read(ModelReader(file_bytes, label));
}

MorphoPieceModel::MorphoPieceModel(io::MappedFile file, const std::string& label)
    : mapped_(std::move(file)) {
  file_bytes = mapped_->text();
  read(ModelReader(file_bytes, label));
}

void MorphoPieceModel::read(const ModelReader& file) {
  serial = next_serial();
  const std::string& label = file.label();
  meta = file.bytes(Section::Meta);
  strings = file.bytes(Section::Strings);
  const auto heads = file.records<ModelHeader>(Section::Header);
  expect(heads.size() == 1, label, "one header");
  header = heads[0];
  pieces = file.records<PieceRecord>(Section::Pieces);
  parts = file.records<int32_t>(Section::Parts);
  name_order = file.records<int32_t>(Section::NameOrder);
  suffixes = file.records<SuffixRecord>(Section::Suffixes);
  starts = file.records<int32_t>(Section::Starts);
  states = file.records<StateRecord>(Section::States);
  letters = file.records<uint32_t>(Section::Letters);
  arcs = file.records<ArcRecord>(Section::Arcs);
  root_trie = TrieView(file.records<TrieCell>(Section::RootTrie));
  roots = file.records<RootRecord>(Section::Roots);
  lemmas = file.records<uint32_t>(Section::Lemmas);
  lemma_forms = file.records<LemmaForm>(Section::LemmaForms);
  piece_cells = file.records<TrieCell>(Section::PieceTrie);
  spellings = file.records<SpellingRecord>(Section::Spellings);
  tail_trie = TrieView(file.records<TrieCell>(Section::TailTrie));
  tail_costs = file.records<int32_t>(Section::TailCosts);
  sequences = file.records<SequenceSlot>(Section::Sequences);
  word_seeds = file.records<uint32_t>(Section::WordSeeds);
  words = file.records<WordRecord>(Section::Words);
  word_ids = file.records<int32_t>(Section::WordIds);
  check_vocabulary(label);
  check_automaton(label);
  reverse = ReverseAutomaton(states, letters, arcs, label);
  check_lexicon(label);
  check_words(label);
  check_meta(label);
  collect();
  check_pieces(label);
  check_spellings(piece_cells, label);
  check_sequences(label);
  check_frequent_words(label);
}

void MorphoPieceModel::expect(bool holds, const std::string& label, const char* what) {
  LYDIA_CHECK(holds, ValueError, label, ": the model contradicts itself: ", what);
}

// What is small enough to be kept beside the file in a form of its own.
void MorphoPieceModel::collect() {
  traits_.reserve(pieces.size());
  for (const PieceRecord& p : pieces) {
    traits_.push_back({static_cast<PieceKind>(p.kind), static_cast<MorphType>(p.type),
                       static_cast<SemanticCategory>(p.category), p.flags, 0, p.text});
  }
  collect_spelling();
  word_bits_.resize(kWordBits / 64);
  for (const WordRecord& word : words) {
    RunKey key;
    key.words = word.run;
    const uint64_t bit = key.hash(word.bytes) % kWordBits;
    word_bits_[bit / 64] |= uint64_t{1} << bit % 64;
    std::array<RunEdges, 3>& edges = word_edges_.emplace_back();
    for (const auto mode : {MorphMode::Morph, MorphMode::Compact, MorphMode::Canonical}) {
      edges[static_cast<size_t>(mode)] = edges_of(ids_of(word, mode));
    }
  }
  sequence_bits_.resize((sequences.size() << kSequenceBitsMore) / 64 + 1);
  for (const SequenceSlot& slot : sequences) {
    if (slot.node == kNoNode) continue;
    if (slot.node == 0) traits_[static_cast<size_t>(slot.token)].sequences = slot.next;
    const uint64_t bit = sequence_bit(mix_hash(slot.node, static_cast<uint32_t>(slot.token)));
    sequence_bits_[bit / 64] |= uint64_t{1} << bit % 64;
  }
}

// Only pieces that stand for their text and nothing else, also where no trie leads to them: what
// they spell is not compared with what they were found by.
void MorphoPieceModel::collect_spelling() {
  std::vector<PieceAutomaton::Piece> pieces;
  const auto add = [&](int32_t id, int32_t cost, bool initial) {
    if (id < 0) return;
    const PieceTraits& t = traits(id);
    const bool is_text = t.kind == PieceKind::Spelling || t.kind == PieceKind::Digits ||
                         t.kind == PieceKind::Symbol || t.kind == PieceKind::Space;
    if (is_text && ((t.flags & kStartsWord) != 0) == initial) {
      pieces.push_back({text(t.text), id, cost, initial});
    }
  };
  for (const SpellingRecord& s : spellings) {
    add(s.initial, s.initial_cost, true);
    add(s.inner, s.inner_cost, false);
  }
  // What is used often lies together.
  std::stable_sort(pieces.begin(), pieces.end(),
                   [](const auto& a, const auto& b) { return a.cost < b.cost; });
  spelling = PieceAutomaton(pieces, header.byte_cost);
}

void MorphoPieceModel::check_vocabulary(const std::string& label) const {
  const auto in_strings = [&](TextRef ref) {
    return ref.at <= strings.size() && ref.size <= strings.size() - ref.at;
  };
  expect(pieces.size() == header.vocab_size && pieces.size() < (1u << 24) &&
             pieces.size() >= MorphoPiece::kFirstByte + 256u && header.mode <= 2,
         label, "size of the vocabulary");
  for (size_t id = 0; id < pieces.size(); ++id) {
    const PieceRecord& p = pieces[id];
    expect(in_strings(p.text) && in_strings(p.name) && p.text.size <= kMaxPieceBytes, label,
           "text of a piece");
    const bool sequence = p.kind == static_cast<uint8_t>(PieceKind::Sequence);
    expect(p.kind <= static_cast<uint8_t>(PieceKind::Sequence) && p.type < kMorphTypes &&
               p.category < kSemanticCategories,
           label, "kind of a piece");
    expect(p.parts_at <= parts.size() && p.parts_size <= parts.size() - p.parts_at &&
               p.parts_size <= kMaxParts && (p.parts_size > 1) == sequence,
           label, "parts of a piece");
    const bool is_byte = id >= MorphoPiece::kFirstByte && id < MorphoPiece::kFirstByte + 256u;
    expect((p.kind == static_cast<uint8_t>(PieceKind::Byte)) == is_byte &&
               (!is_byte || (p.text.size == 1 && static_cast<uint8_t>(strings[p.text.at]) ==
                                                     id - MorphoPiece::kFirstByte)),
           label, "the bytes");
    const auto kind = static_cast<PieceKind>(p.kind);
    const bool owned_by_suffix = kind == PieceKind::Suffix || kind == PieceKind::Canonical;
    const auto owners = owned_by_suffix           ? suffixes.size()
                        : kind == PieceKind::Root ? std::max<size_t>(lemmas.size(), 1) - 1
                                                  : 0;
    expect(p.owner >= (owned_by_suffix ? 0 : -1) && p.owner < static_cast<int64_t>(owners), label,
           "owner of a piece");
  }
  for (const int32_t part : parts) {
    expect(part >= 0 && static_cast<size_t>(part) < pieces.size() &&
               piece(part).kind != static_cast<uint8_t>(PieceKind::Sequence),
           label, "parts of a sequence");
  }
  expect(name_order.size() == pieces.size(), label, "names");
  for (const int32_t id : name_order) {
    expect(id >= 0 && static_cast<size_t>(id) < pieces.size(), label, "names");
  }
  for (const SuffixRecord& suffix : suffixes) {
    expect(in_strings(suffix.label) && suffix.type < kMorphTypes, label, "suffixes");
  }
  for (const LemmaForm& form : lemma_forms) {
    expect(in_strings(form.text) && form.root < roots.size(), label, "forms of a lemma");
  }
}

void MorphoPieceModel::check_automaton(const std::string& label) const {
  const auto is_piece = [&](int32_t id) {
    return id >= 0 && static_cast<size_t>(id) < pieces.size();
  };
  for (const StateRecord& state : states) {
    const auto kinds = static_cast<size_t>(std::popcount(state.first_letters));
    expect(state.letters_at < letters.size() && kinds < letters.size() - state.letters_at, label,
           "arcs of a state");
    const auto begin = letters.subspan(state.letters_at, kinds + 1);
    expect(std::is_sorted(begin.begin(), begin.end()) && begin.back() <= arcs.size(), label,
           "arcs of a state");
    expect(state.final_cost == kNever || is_cost(state.final_cost), label, "cost of a state");
  }
  for (const ArcRecord& arc : arcs) {
    expect(arc.target < states.size() && is_cost(arc.cost) && is_piece(arc.piece) &&
               arc.suffix < suffixes.size() && has_letters(arc),
           label, "arcs");
  }
  expect(starts.size() == kStemKinds * kSounds, label, "start states");
  for (const int32_t state : starts) {
    expect(state >= -1 && state < static_cast<int64_t>(states.size()), label, "start states");
  }
  expect(is_cost(header.guess_cost) && is_cost(header.guess_letter_cost) &&
             is_cost(header.byte_cost) && header.first_canonical >= 0 &&
             static_cast<size_t>(header.first_canonical) + suffixes.size() <= pieces.size() &&
             header.space_piece >= 0 && header.space_piece < static_cast<int64_t>(pieces.size()),
         label, "the header");
}

void MorphoPieceModel::check_lexicon(const std::string& label) const {
  expect(root_trie.is_sound(static_cast<int64_t>(roots.size())) &&
             (roots.empty() || roots.back().more == 0),
         label, "roots");
  expect(are_ascending(lemmas, lemma_forms.size()), label, "lemmas");
  for (const RootRecord& root : roots) {
    expect(root.state < states.size() && is_cost(root.cost) && root.piece >= -1 &&
               root.piece < static_cast<int64_t>(pieces.size()) && root.type < kMorphTypes &&
               root.category < kSemanticCategories && root.lemma >= 0 &&
               root.root_class < kRootClasses &&
               static_cast<size_t>(root.lemma) + 1 < lemmas.size(),
           label, "roots");
  }
  expect(TrieView(piece_cells).is_sound(static_cast<int64_t>(spellings.size())), label,
         "spellings");
  for (const SpellingRecord& s : spellings) {
    for (const auto& [piece, cost] :
         {std::pair(s.initial, s.initial_cost), std::pair(s.inner, s.inner_cost)}) {
      expect(piece < static_cast<int64_t>(pieces.size()) && piece >= -1 &&
                 (piece < 0 ? cost == kNever : is_cost(cost)),
             label, "spellings");
    }
  }
  expect(tail_trie.is_sound(static_cast<int64_t>(tail_costs.size())), label, "tails");
  for (const int32_t cost : tail_costs) expect(is_cost(cost), label, "tails");
}

void MorphoPieceModel::check_words(const std::string& label) const {
  expect(header.sequence_bits < 31 && sequences.size() == size_t{1} << header.sequence_bits, label,
         "sequences");
  size_t free_slots = 0;
  for (const SequenceSlot& slot : sequences) {
    free_slots += slot.node == kNoNode;
    if (slot.node == kNoNode) continue;
    expect(slot.token >= 0 && slot.token < static_cast<int64_t>(pieces.size()) &&
               slot.piece >= -1 && slot.piece < static_cast<int64_t>(pieces.size()),
           label, "sequences");
  }
  expect(free_slots > 0, label, "sequences");
  expect(header.word_count == words.size() && word_seeds.empty() == words.empty(), label, "words");
  for (const WordRecord& word : words) {
    const size_t size = size_t{word.sizes[0]} + word.sizes[1] + word.sizes[2];
    expect(word.ids_at <= word_ids.size() && size <= word_ids.size() - word.ids_at &&
               std::min({word.sizes[0], word.sizes[1], word.sizes[2]}) > 0,
           label, "words");
  }
  for (const int32_t id : word_ids) {
    expect(id >= 0 && static_cast<size_t>(id) < pieces.size(), label, "words");
  }
}

void MorphoPieceModel::check_id(int32_t id, const char* op) const {
  LYDIA_CHECK(id >= 0 && static_cast<size_t>(id) < pieces.size(), IndexError, op,
              ": expected token ids from 0 to ", pieces.size() - 1, ", got ", id);
}

int32_t MorphoPieceModel::find(std::string_view name) const {
  const auto at = std::lower_bound(
      name_order.begin(), name_order.end(), name,
      [&](int32_t id, std::string_view wanted) { return text(piece(id).name) < wanted; });
  return at != name_order.end() && text(piece(*at).name) == name ? *at : -1;
}

const SequenceSlot* MorphoPieceModel::follow(uint32_t node, int32_t token) const {
  const uint64_t hash = mix_hash(node, static_cast<uint32_t>(token));
  if (!may_follow(hash)) return nullptr;
  const size_t mask = sequences.size() - 1;
  for (size_t at = hash & mask;; at = (at + 1) & mask) {
    const SequenceSlot& slot = sequences[at];
    if (slot.node == kNoNode) return nullptr;
    if (slot.node == node && slot.token == token) return &slot;
  }
}

// A perfect hash (hash and displace: the seed of a word's bucket sends it to a slot of its own).
const WordRecord* MorphoPieceModel::word_slot(uint64_t hash) const {
  const uint64_t bit = hash % kWordBits;
  if ((word_bits_[bit / 64] >> bit % 64 & 1) == 0) return nullptr;
  return &words[mix_hash(hash, word_seeds[hash % word_seeds.size()]) % words.size()];
}

std::span<const int32_t> MorphoPieceModel::ids_of(const WordRecord& word, MorphMode mode) const {
  const auto m = static_cast<size_t>(mode);
  const auto first = std::accumulate(word.sizes, word.sizes + m, size_t{word.ids_at});
  return word_ids.subspan(first, word.sizes[m]);
}

RunEdges MorphoPieceModel::edges_of(std::span<const int32_t> ids) const {
  size_t first = 0;
  while (first + 1 < ids.size() && kind(ids[first]) == PieceKind::Marker) ++first;
  return {(traits(ids[first]).flags & kStartsWord) != 0, (traits(ids.back()).flags & kOpens) != 0};
}

}  // namespace lydia::text
