// One word as morphemes, for people: surfaces, labels, lemmas, and the second best readings.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lydia/text/morphopiece.h"
#include "lydia/text/morphopiece_model.h"

namespace lydia::text {

inline constexpr int kMaxReadings = 1000;

std::vector<Segmentation> segment_word(const MorphoPieceModel& model, std::string_view word,
                                       int nbest);
Segmentation sample_word(const MorphoPieceModel& model, std::string_view word, double temperature,
                         uint64_t seed);
// "noun" and its like for roots, the suffix's label, otherwise empty.
std::string piece_label(const MorphoPieceModel& model, int32_t id);

}  // namespace lydia::text
