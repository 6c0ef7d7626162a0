// The tables of a model as they lie in its file, and the checks that make them safe to follow.
//
// The automaton of suffixes reads letters: a state knows the class of the last morpheme and all
// that its sound asks of the next one, so that an arc (one suffix in one spelling) has a fixed
// cost. Costs are in 1/256 of a nat.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lydia/io/mapped_file.h"
#include "lydia/text/morphopiece.h"
#include "lydia/text/morphopiece_file.h"
#include "lydia/text/morphopiece_reverse.h"
#include "lydia/text/morphopiece_speller.h"
#include "lydia/text/morphopiece_trie.h"

namespace lydia::text {

inline constexpr int kCostUnit = 256;
inline constexpr int32_t kNever = std::numeric_limits<int32_t>::max();  // a cost: not at all
inline constexpr int kSounds = 48;    // Sound::kCount of turkish_phonology.h
inline constexpr int kStemKinds = 2;  // unknown stems: nouns, verbs
inline constexpr int32_t kMaxCost = 1 << 24;
inline constexpr int kMaxMorphs = 24;  // of one word; more is spelled
inline constexpr int kMaxParts = 24;   // tokens of one sequence
inline constexpr uint32_t kMaxPieceBytes = 64;

struct TextRef {
  uint32_t at = 0, size = 0;  // in Section::Strings
};

struct ModelHeader {
  uint32_t vocab_size, mode;
  int32_t guess_cost;  // of a stem that is in no lexicon, and for each of its letters
  int32_t guess_letter_cost;
  int32_t byte_cost;        // of spelling one byte as itself
  int32_t first_canonical;  // pieces of the suffixes in the order of Section::Suffixes
  int32_t space_piece;      // one U+0020 as a token of its own
  uint32_t sequence_bits;   // log2 of the slots
  uint32_t word_count;
};

// Flags of a piece.
inline constexpr uint8_t kStartsWord = 1;  // implies a space before it
inline constexpr uint8_t kOpens = 2;       // no space is implied behind it
inline constexpr uint8_t kHasLetters = 4;  // case markers concern it

struct PieceRecord {
  TextRef text, name;
  uint32_t parts_at, parts_size;  // in Section::Parts
  int32_t owner;                  // of a root its lemma, of a suffix its SuffixRecord, else -1
  int32_t score;                  // -log probability as a cost
  uint8_t kind, type, category, flags;
};
static_assert(sizeof(PieceRecord) == 36);

struct SuffixRecord {
  TextRef label;
  uint32_t type;
};

struct StateRecord {
  uint64_t first_letters;  // bit c: some arc begins with letter c
  uint32_t letters_at;     // in Section::Letters: one entry a set bit, and one behind the last
  int32_t final_cost;      // of ending the word here
};

struct ArcRecord {
  uint64_t letters;  // codes, the first one lowest
  uint32_t target;
  int32_t cost;
  int32_t piece;
  uint16_t suffix;
  uint16_t size;  // letters: 1 to 8

  // Whether these 8 codes begin with its letters. Behind the end of a word are zeros, which no arc
  // has.
  bool begins(uint64_t codes) const { return (codes ^ letters) << (64 - 8 * size) == 0; }
};
static_assert(sizeof(ArcRecord) == 24 && sizeof(StateRecord) == 16);

struct RootRecord {
  uint32_t state;
  int32_t cost;
  int32_t piece;  // -1: spelled
  int32_t lemma;
  uint8_t type, category;
  uint8_t root_class;  // MorphClass of turkish_suffixes.h
  uint8_t more;        // 1: the next record has the same spelling
};

struct LemmaForm {
  TextRef text;
  uint32_t root;
};

struct SpellingRecord {
  int32_t initial, inner;            // pieces, or -1
  int32_t initial_cost, inner_cost;  // kNever without a piece
};

// Sequences as a trie in a hash table: (node, token) -> node, which is a piece when piece >= 0.
struct SequenceSlot {
  uint32_t node;  // of the prefix; kNoNode: free
  int32_t token;
  uint32_t next;  // the node of the longer prefix
  int32_t piece;  // -1: only a prefix
};
inline constexpr uint32_t kNoNode = 0xFFFFFFFFu;

// A short run as three words, zeros behind its end: compared and hashed without a loop.
struct RunKey {
  static constexpr size_t kMaxRun = 24;
  std::array<uint64_t, 3> words{};

  RunKey() = default;
  // `room` bytes may be read from the start of the run.
  RunKey(std::string_view run, size_t room) {
    if (room >= kMaxRun) {
      std::memcpy(words.data(), run.data(), kMaxRun);
      const size_t whole = run.size() / 8;
      if (whole < 3) words[whole] &= (uint64_t{1} << (8 * (run.size() % 8))) - 1;
      for (size_t i = whole + 1; i < 3; ++i) words[i] = 0;
    } else {
      std::memcpy(words.data(), run.data(), run.size());
    }
  }
  uint64_t hash(uint64_t seed) const {
    constexpr uint64_t kFactor = 0x9E3779B97F4A7C15u;
    uint64_t hash = (words[0] ^ seed) * kFactor;
    hash = (std::rotl(hash, 31) ^ words[1]) * kFactor;
    hash = (std::rotl(hash, 31) ^ words[2]) * kFactor;
    return hash ^ hash >> 32;
  }
};

// A frequent word, at most RunKey::kMaxRun bytes long.
struct WordRecord {
  std::array<uint64_t, 3> run;
  uint32_t ids_at;
  uint8_t bytes;
  uint8_t sizes[3];  // ids by mode, one after the other
};
static_assert(sizeof(WordRecord) == 32);

// What the spaces around a run must know of its tokens.
struct RunEdges {
  bool starts_word : 1 = false;  // implies a space before it
  bool opens : 1 = false;        // none is implied behind it
};

// What is asked of a piece most often, close together.
struct PieceTraits {
  PieceKind kind;
  MorphType type;
  SemanticCategory category;
  uint8_t flags;
  uint32_t sequences;  // the node of `sequences` behind it as a first token; 0: none begins with it
  TextRef text;
};

// How the parts of a hash table are found: the same when it is built and when it is read.
uint64_t hash_bytes(std::string_view bytes);
uint64_t mix_hash(uint64_t hash, uint64_t seed);

class MorphoPieceModel {
 public:
  // Checks everything; throws ValueError beginning with `label`.
  MorphoPieceModel(std::string content, const std::string& label);
  MorphoPieceModel(io::MappedFile file, const std::string& label);
  MorphoPieceModel(const MorphoPieceModel&) = delete;
  MorphoPieceModel& operator=(const MorphoPieceModel&) = delete;

  std::string_view text(TextRef ref) const { return strings.substr(ref.at, ref.size); }
  const PieceRecord& piece(int32_t id) const { return pieces[static_cast<size_t>(id)]; }
  std::string_view piece_text(int32_t id) const { return text(traits(id).text); }
  const PieceTraits& traits(int32_t id) const { return traits_[static_cast<size_t>(id)]; }
  PieceKind kind(int32_t id) const { return traits(id).kind; }
  std::span<const int32_t> piece_parts(int32_t id) const {
    return parts.subspan(piece(id).parts_at, piece(id).parts_size);
  }
  // Throws IndexError.
  void check_id(int32_t id, const char* op) const;
  // The piece of that name, or -1.
  int32_t find(std::string_view name) const;
  // What follows a prefix of a sequence, or nullptr.
  const SequenceSlot* follow(uint32_t node, int32_t token) const;
  // Brings that nearer.
  void prefetch(uint32_t node, int32_t token) const {
    const uint64_t hash = mix_hash(node, static_cast<uint32_t>(token));
    if (may_follow(hash)) __builtin_prefetch(&sequences[hash & (sequences.size() - 1)]);
  }
  // The only record that a word of this hash (its key's, seeded with its bytes) may have among the
  // frequent words; nullptr when it is none of them for sure.
  const WordRecord* word_slot(uint64_t hash) const;
  // The ids of a frequent word, and their edges.
  std::span<const int32_t> ids_of(const WordRecord& word, MorphMode mode) const;
  RunEdges edges_of(const WordRecord& word, MorphMode mode) const {
    return word_edges_[static_cast<size_t>(&word - words.data())][static_cast<size_t>(mode)];
  }
  RunEdges edges_of(std::span<const int32_t> ids) const;

  std::string_view file_bytes;
  std::string_view meta, strings;
  ModelHeader header = {};
  std::span<const PieceRecord> pieces;
  std::span<const int32_t> parts, name_order;
  std::span<const SuffixRecord> suffixes;
  std::span<const int32_t> starts;
  std::span<const StateRecord> states;
  std::span<const uint32_t> letters;
  std::span<const ArcRecord> arcs;
  ReverseAutomaton reverse;  // made from these
  TrieView root_trie;
  std::span<const RootRecord> roots;
  std::span<const uint32_t> lemmas;
  std::span<const LemmaForm> lemma_forms;
  std::span<const TrieCell> piece_cells;
  std::span<const SpellingRecord> spellings;
  PieceAutomaton spelling;  // made from these
  TrieView tail_trie;
  std::span<const int32_t> tail_costs;
  std::span<const SequenceSlot> sequences;
  std::span<const uint32_t> word_seeds;
  std::span<const WordRecord> words;
  std::span<const int32_t> word_ids;
  uint32_t serial = 0;  // of this object, within the process: what caches go by

 private:
  void read(const ModelReader& file);
  void check_vocabulary(const std::string& label) const;
  void check_automaton(const std::string& label) const;
  void check_lexicon(const std::string& label) const;
  void check_words(const std::string& label) const;
  void collect();
  void collect_spelling();
  // morphopiece_check.cc: what losing nothing rests on.
  void check_meta(const std::string& label) const;
  void check_pieces(const std::string& label) const;
  void check_spellings(std::span<const TrieCell> trie, const std::string& label) const;
  void check_sequences(const std::string& label) const;
  void check_frequent_words(const std::string& label) const;
  // One line per broken promise of a file whose checksums are right.
  static void expect(bool holds, const std::string& label, const char* what);
  uint64_t sequence_bit(uint64_t hash) const {
    return hash & ((uint64_t{1} << (header.sequence_bits + kSequenceBitsMore)) - 1);
  }

  bool may_follow(uint64_t hash) const {
    const uint64_t bit = sequence_bit(hash);
    return (sequence_bits_[bit / 64] >> bit % 64 & 1) != 0;
  }

  static constexpr uint32_t kSequenceBitsMore = 3;  // bits for each slot, as a power of two
  static constexpr size_t kWordBits = size_t{1} << 18;

  std::vector<PieceTraits> traits_;
  std::vector<std::array<RunEdges, 3>> word_edges_;  // by mode
  // Bit hash(node, token) of those that `sequences` has: most that are asked for are not there.
  std::vector<uint64_t> sequence_bits_;
  std::vector<uint64_t> word_bits_;  // the same for the hashes of frequent words
  std::string content_;
  std::optional<io::MappedFile> mapped_;
};

}  // namespace lydia::text
