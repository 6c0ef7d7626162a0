// Which sequences of tokens inside words deserve a token of their own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace lydia::text {

// The tokens of a run and how often the text has it.
struct CountedTokens {
  std::vector<int32_t> ids;
  int64_t count = 0;
};

struct ChosenSequence {
  std::vector<int32_t> ids;
  double saved = 0;  // tokens of a text like this one
};

// At most `limit` sequences, the ones that save most first. Candidates are the parts of 2 to
// kMaxParts tokens that several runs have, and whole runs. Round by round, all runs are encoded
// with the fewest tokens, and the candidates go whose loss would cost least. A run counts in two
// ways, by absolute discounting: as seen before, and, with the share of its count that is chance,
// as new, without the candidates that no other run has. So words that are met once do not crowd out
// the parts that the next new words are made of. Deterministic.
std::vector<ChosenSequence> choose_sequences(const std::vector<CountedTokens>& runs, size_t limit);

}  // namespace lydia::text
