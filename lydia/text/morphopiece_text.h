// A whole text as tokens: runs, the spaces between them, and the caches in front of the lattice.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "lydia/text/morphopiece.h"
#include "lydia/text/morphopiece_model.h"
#include "lydia/text/morphopiece_word.h"

namespace lydia::text {

// Where the run that starts at `at` ends. A run of letters takes apostrophes with letters on both
// sides along, a run of digits an apostrophe with letters behind it.
struct Run {
  size_t end = 0;
  RunKind kind = RunKind::Other;
  size_t first_end = 0;  // of the letters or digits in front, up to an apostrophe
};
Run next_run(std::string_view text, size_t at);

// Appends the ids of a text that holds no special tokens to be parsed.
void encode_plain(const MorphoPieceModel& model, std::string_view text,
                  const MorphEncodeOptions& options, std::vector<int32_t>& ids);

// The same with spans (that begin at `base`), types and categories as the options ask.
void encode_spans(const MorphoPieceModel& model, std::string_view text, uint32_t base,
                  const MorphEncodeOptions& options, int32_t& words, MorphEncoding& encoding);

}  // namespace lydia::text
