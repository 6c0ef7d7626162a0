// Splitting examples into parts (training, validation, test) so that no group straddles two parts:
// all images of a patient, all sentences of a document fall on the same side.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lydia/train/sampler.h"

namespace lydia::train {

// The indices of each part, ascending. `fractions` are positive and sum to 1 (ValueError).
using Split = std::vector<Indices>;

// A group's part follows from a hash of (seed, its name) alone: more data moves no group, and the
// fractions hold on average only.
Split split_by_hash(const std::vector<std::string>& groups, const std::vector<double>& fractions,
                    uint64_t seed = 0);

// As near to the fractions as whole groups allow: groups come in shuffled order, the largest first,
// each to the part that lacks most of its share.
Split split_by_group(const std::vector<std::string>& groups, const std::vector<double>& fractions,
                     uint64_t seed = 0);

// Without groups: shuffled, then cut; sizes are the fractions' to within one example.
Split split_random(int64_t size, const std::vector<double>& fractions, uint64_t seed = 0);

}  // namespace lydia::train
