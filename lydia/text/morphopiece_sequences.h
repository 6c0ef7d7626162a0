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

// At most `limit` sequences of 2 to kMaxParts tokens: first those with the most count * (length -
// 1), then, of these, the ones that the encoding with fewest tokens really uses. Deterministic.
std::vector<std::vector<int32_t>> choose_sequences(const std::vector<CountedTokens>& runs,
                                                   size_t limit);

}  // namespace lydia::text
