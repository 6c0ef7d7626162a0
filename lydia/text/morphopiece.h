// MorphoPiece: a tokenizer for Turkish that cuts words where their morphemes meet and gives every
// byte of the text back.
//
//   "Kitaplarımızdan!" -> <cap> kitap lar ımız dan !
//
// A text is scanned into runs of letters, digits, white space and the rest. A run of letters is
// read by a root lexicon and an automaton of Turkish suffixes; of all readings the cheapest one is
// taken, and a word that has none is spelled with pieces or with bytes. Three ways to write the
// result down:
//
//   Morph      the root and each suffix as they are spelled
//   Compact    the fewest tokens, over morphemes and frequent sequences of them
//   Canonical  spellings of one suffix share a token (lar, ler -> PLU); what stands in the text is
//              rebuilt by vowel harmony and its like, and where that fails the spelling is kept
//
// Tokens carry no spaces: one that starts a word implies a space before it, except at the start of
// the text and behind white space and opening marks. <glue> takes the implied space away; any other
// white space has tokens of its own. <cap>, <upper> and their two Latin sisters (i <-> I instead of
// i <-> İ) say how the next run of letters is capitalised.
//
// A MorphoPiece never changes after it was loaded: all members may be called from any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lydia::text {

enum class MorphMode : uint8_t { Morph, Compact, Canonical };
// "morph", "compact", "canonical"; parse_morph_mode throws ValueError for anything else.
const char* morph_mode_name(MorphMode mode);
MorphMode parse_morph_mode(std::string_view name);

// The 23 coarse types of a token (morpho_types).
enum class MorphType : uint8_t {
  Pad,
  Special,
  NounRoot,
  VerbRoot,
  AdjectiveRoot,
  AdverbRoot,
  Poss1s,
  Poss2s,
  Poss3s,
  Poss1p,
  Poss2p,
  Poss3p,
  Accusative,
  Dative,
  Locative,
  Ablative,
  Genitive,
  Past,
  Progressive,
  Future,
  Aorist,
  Plural,
  Other
};  // clang-format keeps one row a group
inline constexpr int kMorphTypes = 23;
const char* morph_type_name(MorphType type);

// What a root speaks of; tokens without a root of the core list are Unknown.
enum class SemanticCategory : uint8_t {
  Pad,
  Special,
  Place,
  Time,
  Person,
  Animal,
  Emotion,
  Object,
  Food,
  Action,
  Adjective,
  Unknown
};
inline constexpr int kSemanticCategories = 12;
const char* semantic_category_name(SemanticCategory category);

// What kind of entry of the vocabulary a token is.
enum class PieceKind : uint8_t {
  Special,    // <pad> <unk> <bos> <eos> <mask>: no text
  Marker,     // <cap> <upper> <cap-latin> <upper-latin> <glue>: change the text that follows
  Byte,       // one byte
  Root,       // a root as spelled (kitap, kitab), starts a word
  Suffix,     // a suffix as spelled, with its class
  Canonical,  // a suffix whatever its spelling
  Spelling,   // letters without a meaning of their own
  Digits,     // one to three digits
  Symbol,     // punctuation and other characters
  Space,      // white space
  Sequence    // several of the above (compact mode)
};
const char* piece_kind_name(PieceKind kind);

// A span of the input, in bytes: [begin, end).
struct ByteSpan {
  uint32_t begin = 0, end = 0;
  friend bool operator==(const ByteSpan&, const ByteSpan&) = default;
};

struct MorphEncodeOptions {
  std::optional<MorphMode> mode;  // none: the model's own
  bool offsets = false;           // fill offsets and word_ids
  bool types = false;             // fill types and categories
  bool parse_special = false;     // "<mask>" in the text is the token, not six characters
  bool use_cache = true;          // off: the same result, more slowly
  // Above 0: segmentations are drawn with probability ~ exp(-cost / temperature), from `seed`.
  double temperature = 0;
  uint64_t seed = 0;
};

// Spans tile the input: each begins where the one before ends. An implied space belongs to the
// token that implies it; markers are empty spans. Tokens of one run share a word id; they count
// from 0. Types and categories come from the reading of the whole word: the pieces that spell a
// verb are verb roots, which the ids alone (morpho_types) cannot tell.
struct MorphEncoding {
  std::vector<int32_t> ids;
  std::vector<ByteSpan> offsets;
  std::vector<int32_t> word_ids;
  std::vector<MorphType> types;
  std::vector<SemanticCategory> categories;
};

// One morpheme of a word.
struct Morph {
  std::string surface;  // as the word has it, in its own case
  std::string label;    // "noun", "verb", ...; suffixes: "PLU", "P3SG", "ACC", ...
  MorphType type = MorphType::Other;
  ByteSpan span;      // within the word
  std::string lemma;  // of roots: the citation form (kitab -> kitap)
};

struct Segmentation {
  std::vector<Morph> morphs;  // their surfaces joined are the word
  double cost = 0;            // lower is better
  bool known = false;         // the root is in the lexicon
};

struct PieceInfo {
  std::string text;  // what the token adds to the text; names such as "<cap>" for the rest
  PieceKind kind = PieceKind::Special;
  MorphType type = MorphType::Other;
  SemanticCategory category = SemanticCategory::Unknown;
  bool starts_word = false;    // implies a space
  std::string label;           // as Morph::label
  std::vector<int32_t> parts;  // of a Sequence: the tokens it stands for
  double score = 0;            // log probability in the training text
};

// Where a model came from and what it is, for `info`.
struct MorphModelInfo {
  int format_major = 0, format_minor = 0;
  MorphMode mode = MorphMode::Morph;
  int64_t vocab_size = 0, roots = 0, states = 0, arcs = 0, words = 0, tails = 0, sequences = 0;
  uint64_t file_bytes = 0;
  std::string meta_json;  // sources with names, digests and licences; weights; options
};

class MorphoPieceModel;  // the tables, as they lie in the file

// What a decoder remembers from one token to the next.
struct RenderState {
  bool at_start = true;  // no space is implied here
  bool glue = false;
  bool fresh = false;   // the marker has not met a letter yet
  int32_t marker = -1;  // the case marker in force
  int32_t root = -1;    // waits for the canonical suffixes that may follow
  std::vector<int32_t> suffixes;
};

class MorphoPiece {
 public:
  static constexpr int32_t kPad = 0, kUnk = 1, kBos = 2, kEos = 3, kMask = 4, kCap = 5, kUpper = 6,
                           kCapLatin = 7, kUpperLatin = 8, kGlue = 9, kFirstByte = 10;

  // Maps the file. Throws IoError when it cannot be read, ValueError when it is no model, damaged,
  // cut short or of a newer format.
  static MorphoPiece load(const std::string& path);
  // The same from memory; `label` stands for the path in messages.
  static MorphoPiece from_bytes(std::string content, const std::string& label = "memory");
  // As one file, in one step: the path holds the old file or the new one, whole.
  void save(const std::string& path) const;
  // The bytes of that file.
  std::string_view bytes() const;

  MorphMode mode() const;  // what encode uses when it is given none
  int32_t vocab_size() const;
  MorphModelInfo info() const;

  // Any bytes are taken; kUnk is never given.
  MorphEncoding encode(std::string_view text, const MorphEncodeOptions& options = {}) const;
  // The same, appended to `ids`: nothing is allocated when it has room.
  void encode_to(std::string_view text, const MorphEncodeOptions& options,
                 std::vector<int32_t>& ids) const;
  // decode(encode(x)) == x for all bytes x, modes and options. IndexError for ids outside the
  // vocabulary. Special tokens add their names unless `skip_special`.
  std::string decode(std::span<const int32_t> ids, bool skip_special = true) const;

  // The readings of one word, the best first, at most `nbest`; never none. The word may hold any
  // bytes without white space; what no letter is becomes a morph labelled "other". An apostrophe
  // is a morph of its own.
  std::vector<Segmentation> segment(std::string_view word, int nbest = 1) const;
  // One reading, drawn with probability ~ exp(-cost / temperature).
  Segmentation sample(std::string_view word, double temperature, uint64_t seed) const;

  std::vector<MorphType> morpho_types(std::span<const int32_t> ids) const;
  // The types of all parts, for tokens that stand for several.
  std::vector<std::vector<MorphType>> morpho_type_lists(std::span<const int32_t> ids) const;
  std::vector<SemanticCategory> semantic_categories(std::span<const int32_t> ids) const;

  // Every token has a name of its own: "▁kitap", "lar:PLU", "<0x41>", "<cap>", ...
  std::string_view id_to_token(int32_t id) const;  // IndexError outside the vocabulary
  std::optional<int32_t> token_to_id(std::string_view token) const;
  PieceInfo piece(int32_t id) const;

  // Feeds tokens one by one, as they come from a model.
  class Decoder {
   public:
    explicit Decoder(const MorphoPiece& tokenizer, bool skip_special = true);
    // Appends the text that is certain by now. It may end within a UTF-8 character.
    void push(int32_t id, std::string& out);
    // Appends what was held back (canonical suffixes wait for their word's end).
    void finish(std::string& out);

   private:
    std::shared_ptr<const MorphoPieceModel> model_;
    bool skip_special_;
    RenderState state_;
  };

 private:
  explicit MorphoPiece(std::shared_ptr<const MorphoPieceModel> model);

  std::shared_ptr<const MorphoPieceModel> model_;
};

}  // namespace lydia::text
