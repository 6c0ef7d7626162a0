// What a word looks like, as numbers for a table of embeddings: the hashing trick of Weinberger et
// al. 2009, "Feature Hashing for Large Scale Multitask Learning". Nothing is learned or stored, so
// words never seen have features too.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace lydia::text {

inline constexpr size_t kWordFeatures = 8;

// The word, the word in lower case, its last 1 to 4 letters, its first 3, and its shape (capitals,
// digits, other signs), each hashed to 1 .. buckets - 1; 0 is left for padding.
std::array<int64_t, kWordFeatures> word_features(std::string_view word, int64_t buckets);

}  // namespace lydia::text
