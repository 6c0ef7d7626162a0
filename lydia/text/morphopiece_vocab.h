// Which pieces a vocabulary gets.
//
// Every model has the special tokens, markers and bytes, all spellings of all suffixes, single
// letters, digits and the punctuation that occurs. What is left of its size goes to roots, to
// pieces that spell what is in no lexicon, and, in a compact vocabulary, to sequences of tokens
// inside a word (case marker + root + suffixes ...), each by the tokens it saves in the training
// text.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "lydia/text/morphopiece_compile.h"
#include "lydia/text/morphopiece_counts.h"

namespace lydia::text {

struct VocabOptions {
  int32_t size = 32000;
  MorphMode mode = MorphMode::Compact;
};

// Throws ValueError when the size has no room for the pieces that every model has.
void build_vocabulary(const RunCounts& counts, const CompiledGrammar& grammar,
                      const MorphCounts& morphs, const std::vector<double>& priors,
                      const VocabOptions& options,
                      const std::function<void(int64_t done, int64_t total)>& progress,
                      ModelTables& tables);

}  // namespace lydia::text
