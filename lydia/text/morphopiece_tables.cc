#include "lydia/text/morphopiece_tables.h"

#include <algorithm>
#include <bit>
#include <map>
#include <numeric>

namespace lydia::text {

// Nothing anywhere, in the form that a model must have.
ModelTables::ModelTables()
    : starts(kStemKinds * kSounds, -1),
      letters(1, 0),
      root_trie(1),
      lemmas(1, 0),
      piece_trie(1),
      tail_trie(1),
      sequences(1, {kNoNode, -1, 0, -1}) {}

TextRef ModelTables::text(std::string_view text) {
  const auto [at, is_new] = known_.try_emplace(std::string(text));
  if (is_new) {
    at->second = {static_cast<uint32_t>(strings.size()), static_cast<uint32_t>(text.size())};
    strings += text;
  }
  return at->second;
}

int32_t ModelTables::add_piece(PieceKind kind, std::string_view piece_text, std::string_view name,
                               MorphType type, uint8_t flags, int32_t owner,
                               SemanticCategory category) {
  PieceRecord record = {};
  record.text = text(piece_text);
  record.name = text(name);
  record.owner = owner;
  record.kind = static_cast<uint8_t>(kind);
  record.type = static_cast<uint8_t>(type);
  record.category = static_cast<uint8_t>(category);
  record.flags = flags;
  pieces.push_back(record);
  return static_cast<int32_t>(pieces.size()) - 1;
}

std::string ModelTables::serialise() const {
  std::vector<int32_t> name_order(pieces.size());
  std::iota(name_order.begin(), name_order.end(), 0);
  const auto name = [&](int32_t id) {
    const TextRef ref = pieces[static_cast<size_t>(id)].name;
    return std::string_view(strings).substr(ref.at, ref.size);
  };
  std::sort(name_order.begin(), name_order.end(),
            [&](int32_t a, int32_t b) { return name(a) < name(b); });
  ModelHeader head = header;
  head.vocab_size = static_cast<uint32_t>(pieces.size());
  head.word_count = static_cast<uint32_t>(words.size());
  head.sequence_bits = static_cast<uint32_t>(std::countr_zero(sequences.size()));
  ModelWriter writer;
  writer.set(Section::Meta, meta);
  writer.set(Section::Header, std::vector<ModelHeader>{head});
  writer.set(Section::Strings, strings);
  writer.set(Section::Pieces, pieces);
  writer.set(Section::Parts, parts);
  writer.set(Section::NameOrder, name_order);
  writer.set(Section::Suffixes, suffixes);
  writer.set(Section::Starts, starts);
  writer.set(Section::States, states);
  writer.set(Section::Letters, letters);
  writer.set(Section::Arcs, arcs);
  writer.set(Section::RootTrie, root_trie);
  writer.set(Section::Roots, roots);
  writer.set(Section::Lemmas, lemmas);
  writer.set(Section::LemmaForms, lemma_forms);
  writer.set(Section::PieceTrie, piece_trie);
  writer.set(Section::Spellings, spellings);
  writer.set(Section::TailTrie, tail_trie);
  writer.set(Section::TailCosts, tail_costs);
  writer.set(Section::Sequences, sequences);
  writer.set(Section::WordSeeds, word_seeds);
  writer.set(Section::Words, words);
  writer.set(Section::WordIds, word_ids);
  return writer.finish();
}

void add_fixed_pieces(ModelTables& tables) {
  for (const char* name : {"<pad>", "<unk>", "<bos>", "<eos>", "<mask>"}) {
    const bool pad = tables.pieces.empty();
    tables.add_piece(PieceKind::Special, "", name, pad ? MorphType::Pad : MorphType::Special, 0, -1,
                     pad ? SemanticCategory::Pad : SemanticCategory::Special);
  }
  for (const char* name : {"<cap>", "<upper>", "<cap-latin>", "<upper-latin>", "<glue>"}) {
    tables.add_piece(PieceKind::Marker, "", name, MorphType::Special, 0, -1,
                     SemanticCategory::Special);
  }
  constexpr std::string_view kHex = "0123456789ABCDEF";
  for (unsigned byte = 0; byte < 256; ++byte) {
    const std::string name = {'<', '0', 'x', kHex[byte / 16], kHex[byte % 16], '>'};
    const char value = static_cast<char>(byte);
    tables.add_piece(PieceKind::Byte, std::string_view(&value, 1), name, MorphType::Other, 0);
  }
  tables.header.space_piece =
      tables.add_piece(PieceKind::Space, " ", "<space>", MorphType::Other, kOpens);
  tables.header.byte_cost = 14 * kCostUnit;
}

void build_sequences(const std::vector<std::pair<std::vector<int32_t>, int32_t>>& sequences,
                     ModelTables& tables) {
  struct Node {
    uint32_t id;
    int32_t piece = -1;
  };
  std::map<std::pair<uint32_t, int32_t>, Node> nodes;  // in an order of its own
  uint32_t next = 1;
  for (const auto& [parts, piece] : sequences) {
    uint32_t at = 0;
    Node* node = nullptr;
    for (const int32_t part : parts) {
      const auto [found, is_new] = nodes.try_emplace({at, part}, Node{next});
      next += is_new;
      node = &found->second;
      at = node->id;
    }
    if (node != nullptr) node->piece = piece;
  }
  const size_t slots = std::bit_ceil(nodes.size() * 2 + 1);
  tables.sequences.assign(slots, {kNoNode, -1, 0, -1});
  for (const auto& [key, node] : nodes) {
    size_t at = mix_hash(key.first, static_cast<uint32_t>(key.second)) & (slots - 1);
    while (tables.sequences[at].node != kNoNode) at = (at + 1) & (slots - 1);
    tables.sequences[at] = {key.first, key.second, node.id, node.piece};
  }
}

// Hash and displace (D. Belazzougui, F. Botelho, M. Dietzfelbinger, ESA 2009): large buckets first,
// each takes the first seed that sends its words to free slots.
void build_words(const std::vector<TableWord>& words, ModelTables& tables) {
  const size_t count = words.size();
  tables.words.assign(count, {});
  tables.word_seeds.assign(count == 0 ? 0 : count / 3 + 1, 0);
  std::vector<std::vector<size_t>> buckets(tables.word_seeds.size());
  std::vector<uint64_t> hashes;
  for (size_t i = 0; i < count; ++i) {
    const std::string& word = words[i].word;
    hashes.push_back(RunKey(word, word.size()).hash(word.size()));
    buckets[hashes[i] % buckets.size()].push_back(i);
  }
  std::vector<size_t> order(buckets.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return buckets[a].size() > buckets[b].size(); });
  std::vector<bool> taken(count);
  std::vector<size_t> slots;
  const auto place = [&](const std::vector<size_t>& bucket, uint32_t seed) {
    slots.clear();
    for (const size_t i : bucket) {
      const size_t slot = mix_hash(hashes[i], seed) % count;
      if (taken[slot] || std::find(slots.begin(), slots.end(), slot) != slots.end()) return false;
      slots.push_back(slot);
    }
    return true;
  };
  for (const size_t b : order) {
    uint32_t seed = 0;
    while (!place(buckets[b], seed)) ++seed;
    tables.word_seeds[b] = seed;
    for (size_t i = 0; i < buckets[b].size(); ++i) {
      const TableWord& word = words[buckets[b][i]];
      WordRecord& record = tables.words[slots[i]];
      taken[slots[i]] = true;
      record.run = RunKey(word.word, word.word.size()).words;
      record.bytes = static_cast<uint8_t>(word.word.size());
      record.ids_at = static_cast<uint32_t>(tables.word_ids.size());
      for (size_t mode = 0; mode < 3; ++mode) {
        record.sizes[mode] = static_cast<uint8_t>(word.ids[mode].size());
        tables.word_ids.insert(tables.word_ids.end(), word.ids[mode].begin(), word.ids[mode].end());
      }
    }
  }
}

}  // namespace lydia::text
