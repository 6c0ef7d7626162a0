// The tables of a model while they are made: as in the file, but growing.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "lydia/text/morphopiece_model.h"
#include "lydia/text/morphopiece_trie.h"

namespace lydia::text {

struct ModelTables {
  std::string meta = "{}", strings;
  ModelHeader header = {};
  std::vector<PieceRecord> pieces;
  std::vector<int32_t> parts;
  std::vector<SuffixRecord> suffixes;
  std::vector<int32_t> starts;
  std::vector<StateRecord> states;
  std::vector<uint32_t> letters;
  std::vector<ArcRecord> arcs;
  std::vector<TrieCell> root_trie;
  std::vector<RootRecord> roots;
  std::vector<uint32_t> lemmas;
  std::vector<LemmaForm> lemma_forms;
  std::vector<TrieCell> piece_trie;
  std::vector<SpellingRecord> spellings;
  std::vector<TrieCell> tail_trie;
  std::vector<int32_t> tail_costs;
  std::vector<SequenceSlot> sequences;
  std::vector<uint32_t> word_seeds;
  std::vector<WordRecord> words;
  std::vector<int32_t> word_ids;

  ModelTables();
  // Where the text is in `strings`; equal texts are kept once.
  TextRef text(std::string_view text);
  // The id of a new piece.
  int32_t add_piece(PieceKind kind, std::string_view text, std::string_view name, MorphType type,
                    uint8_t flags, int32_t owner = -1,
                    SemanticCategory category = SemanticCategory::Unknown);
  std::string serialise() const;

 private:
  std::unordered_map<std::string, TextRef> known_;
};

// The pieces that every model starts with: special tokens, markers, bytes and one space.
void add_fixed_pieces(ModelTables& tables);

// A hash table of sequences with their pieces; of prefixes too.
void build_sequences(const std::vector<std::pair<std::vector<int32_t>, int32_t>>& sequences,
                     ModelTables& tables);

// A frequent word and its ids in the three modes.
struct TableWord {
  std::string word;
  std::vector<int32_t> ids[3];
};
// A perfect hash of words that are all different, each of 1 to RunKey::kMaxRun bytes.
void build_words(const std::vector<TableWord>& words, ModelTables& tables);

}  // namespace lydia::text
