// One run of a text as tokens: letters with inner apostrophes, digits, or anything else.
//
// A run of letters is read by the lattice, in both readings of I where it has one; then its
// morphemes become tokens of the mode. What the tokens say is always compared with the run: when it
// is not the same, byte by byte, the run is spelled instead. So nothing can get lost, whatever the
// lexicon holds.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lydia/text/morphopiece.h"
#include "lydia/text/morphopiece_lattice.h"
#include "lydia/text/morphopiece_model.h"
#include "lydia/text/morphopiece_render.h"
#include "lydia/text/morphopiece_speller.h"

namespace lydia::text {

enum class RunKind : uint8_t { Word, Number, Other };

struct Token {
  int32_t id = 0;
  uint32_t end = 0;  // bytes of the run up to here
  MorphType type = MorphType::Other;
  SemanticCategory category = SemanticCategory::Unknown;
};

// How to choose among readings.
struct ReadingChoice {
  double temperature = 0;  // 0: the cheapest
  uint64_t seed = 0;
};

// A part of a word between apostrophes as it was read.
struct PartReading {
  Word word;
  Reading reading;
  bool readable = false;  // else it is spelled
};

// What a part stands behind: a space that its first token implies, or anything else; a word that
// stands behind neither a space nor an apostrophe may be written with <glue>.
enum class PartStart : uint8_t { Word, Glued, Inner };

// Scratch memory of one thread; nothing is kept from one run to the next.
class WordEncoder {
 public:
  explicit WordEncoder(const MorphoPieceModel& model) : model_(&model), lattice_(model) {}
  void bind(const MorphoPieceModel& model);

  // Appends the tokens of a run. `glued`: no space is before it, but a token would imply one.
  // `roots`: its first part (up to an apostrophe) and the roots of it, when they are known already.
  RunEdges encode(std::string_view run, RunKind kind, bool glued, MorphMode mode,
                  const ReadingChoice& choice, std::vector<Token>& out,
                  const WordRoots* roots = nullptr);

  // A part of a run of letters: the first one, or one behind an apostrophe that follows `before`
  // (empty: digits).
  PartReading read_first(std::string_view part, bool before_apostrophe,
                         const ReadingChoice& choice = {}, const WordRoots* roots = nullptr);
  PartReading read_suffix(std::string_view part, std::string_view before,
                          const ReadingChoice& choice = {});
  Lattice& lattice() { return lattice_; }

 private:
  bool read_as(const Word& word, ReadFrom from, const ReadingChoice& choice, Reading& reading,
               const RootEnds* ends = nullptr);
  void encode_parts(std::string_view run, RunKind kind, bool glued, MorphMode mode,
                    const ReadingChoice& choice, const WordRoots* roots, std::vector<Token>& out);
  void encode_part(std::string_view part, const PartReading& read, PartStart start, MorphMode mode,
                   uint32_t begin, std::vector<Token>& out);
  bool has_root_piece(const PartReading& read) const;
  bool encode_canonical(std::string_view part, const PartReading& read, uint32_t begin,
                        std::vector<Token>& out);
  bool encode_surface(std::string_view part, const PartReading& read, bool starts_word,
                      uint32_t begin, std::vector<Token>& out);
  void encode_spelled(std::string_view part, bool starts_word, uint32_t begin,
                      std::vector<Token>& out);
  void add_spelled(std::string_view part, bool starts_word, const Word& word, ReadMorph morph,
                   uint32_t begin, std::vector<Token>& out);
  bool says(std::span<const Token> tokens, std::string_view part);
  void merge_sequences(size_t first, std::vector<Token>& out);

  const MorphoPieceModel* model_;
  Lattice lattice_;
  Speller speller_;
  std::vector<int32_t> ids_;
  std::string lower_, text_;
  RenderState render_;
};

// Where the letters up to the next apostrophe end, and how long that apostrophe is (0 at the end).
struct PartEnd {
  size_t end = 0, apostrophe = 0;
};
PartEnd end_of_part(std::string_view run, size_t at);
// Bytes of the apostrophe (' or ’) at `at`, or 0.
size_t apostrophe_size(std::string_view text, size_t at);

}  // namespace lydia::text
