// How well words are cut, against a gold list.
//
// Gold lines: "word<TAB>m1|m2|...<TAB>cuts<TAB>optional cuts<TAB>count". Cuts are letter positions,
// separated by spaces; optional ones are not scored. A word may stand on several lines: its best
// variant counts (type level), or each by its count (token level).
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "lydia/text/morphopiece.h"

namespace lydia::text {

struct GoldWord {
  std::string word;               // lower-cased, without apostrophes
  std::vector<int32_t> cuts;      // letters before each cut
  std::vector<int32_t> optional;  // not scored
  int64_t count = 1;
};

// Which words of a gold list. SHA-256 of the word, read as one number, splits them: even is Tune,
// odd is Hold.
enum class GoldPart : uint8_t { All, Tune, Hold };
GoldPart parse_gold_part(std::string_view name);  // "all", "tune", "hold"; else ValueError

// Throws IoError when the file cannot be read and ValueError for a malformed line.
std::vector<GoldWord> read_gold(const std::string& path, GoldPart part = GoldPart::All);

struct CutScore {
  int64_t words = 0, exact = 0;  // words with all cuts right
  int64_t hits = 0, given = 0, gold = 0;
  double precision() const;
  double recall() const;
  double f1() const;
  double exact_share() const;
};

struct SegmentationScore {
  CutScore types, tokens;
  double pieces_per_word = 0;  // weighted by count
};

// Where a word is cut, as letter positions.
using CutFunction = std::function<std::vector<int32_t>(std::string_view word)>;
SegmentationScore score_cuts(const std::vector<GoldWord>& gold, const CutFunction& cut);
// Cuts of the best segmentation, and cuts between the tokens of a mode (markers aside).
std::vector<int32_t> segment_cuts(const MorphoPiece& tokenizer, std::string_view word);
std::vector<int32_t> token_cuts(const MorphoPiece& tokenizer, std::string_view word,
                                MorphMode mode);

// In which ways the best segmentation of a word is not the gold one: by its root, then its
// suffixes.
enum class CutError : uint8_t {
  UnknownRoot,   // in no lexicon
  RootTooLong,   // gold cuts what is one root here
  RootTooShort,  // a gold root is cut
  OtherRoot,     // neither alone
  MissedSuffix,  // the same root, two suffixes taken as one
  ExtraSuffix,   // one taken as two
  OtherSuffix    // cut elsewhere
};
inline constexpr int kCutErrors = 7;
const char* cut_error_name(CutError error);
// Words by their error, each once, at its best gold variant.
std::array<int64_t, kCutErrors> count_cut_errors(const MorphoPiece& tokenizer,
                                                 const std::vector<GoldWord>& gold);

// Tokens a text takes.
struct Fertility {
  int64_t bytes = 0, words = 0, tokens = 0;  // words between white space
  double tokens_per_word() const;
  double bytes_per_token() const;
};
// Line by line and without line breaks, which many tokenizers cannot write. `tokens` counts those
// of a line.
Fertility measure_fertility(std::string_view text,
                            const std::function<size_t(std::string_view line)>& tokens);
Fertility measure_fertility(const MorphoPiece& tokenizer, std::string_view text, MorphMode mode);

}  // namespace lydia::text
