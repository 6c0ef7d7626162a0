// The names of MorphoPiece's enumerations, as the command line and Python show them.
#include <array>

#include "lydia/core/error.h"
#include "lydia/text/morphopiece.h"

namespace lydia::text {
namespace {

constexpr std::array<const char*, 3> kModes = {"morph", "compact", "canonical"};
constexpr std::array<const char*, kMorphTypes> kTypes = {
    "pad",         "special", "noun root", "verb root", "adjective root", "adverb root",
    "poss 1s",     "poss 2s", "poss 3s",   "poss 1p",   "poss 2p",        "poss 3p",
    "accusative",  "dative",  "locative",  "ablative",  "genitive",       "past",
    "progressive", "future",  "aorist",    "plural",    "other"};
constexpr std::array<const char*, kSemanticCategories> kCategories = {
    "pad",     "special", "place", "time",   "person",    "animal",
    "emotion", "object",  "food",  "action", "adjective", "unknown"};
constexpr std::array<const char*, 11> kPieceKinds = {"special", "marker",    "byte",     "root",
                                                     "suffix",  "canonical", "spelling", "digits",
                                                     "symbol",  "space",     "sequence"};

}  // namespace

const char* morph_mode_name(MorphMode mode) { return kModes[static_cast<size_t>(mode)]; }

MorphMode parse_morph_mode(std::string_view name) {
  for (size_t i = 0; i < kModes.size(); ++i) {
    if (name == kModes[i]) return static_cast<MorphMode>(i);
  }
  fail<ValueError>("tokenizer mode: expected morph, compact or canonical, got '", name, "'");
}

const char* morph_type_name(MorphType type) { return kTypes[static_cast<size_t>(type)]; }

const char* semantic_category_name(SemanticCategory category) {
  return kCategories[static_cast<size_t>(category)];
}

const char* piece_kind_name(PieceKind kind) { return kPieceKinds[static_cast<size_t>(kind)]; }

}  // namespace lydia::text
