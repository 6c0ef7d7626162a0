// Training of a MorphoPiece model: a lexicon from lists of roots, how often what is used from text,
// and the vocabulary of the tokens that pay most. The same inputs give the same bytes.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lydia/text/morphopiece.h"

namespace lydia::text {

// cost = alpha * morphs - beta * sum log P(class | class before) - gamma * sum log P(morph | class)
//        - delta * letters of the root (+ from_noun). Tuned on one half of the development words by
// bench/tune_morphopiece; all at least 0.
struct MorphWeights {
  double alpha = 8, beta = 0.3125, gamma = 0.3, delta = 0.1;
  // Of a stem that is in no lexicon: once, and for each of its letters.
  double guess = 10, guess_letter = 1.6;
  double from_noun = 0.6;  // of a verb in -lA beside its noun
  double tail = 0.4;       // times -log of how often words end in its suffixes
};

struct MorphTrainOptions {
  int32_t vocab_size = 32000;
  MorphMode mode = MorphMode::Compact;  // the model's own; without Compact there are no sequences
  // Plain text, UTF-8, read whole; files that end in ".gz" are unpacked.
  std::vector<std::string> text_files;
  // Text that comes from elsewhere: called until it says false. Read behind the files.
  std::function<bool(std::string&)> next_text;
  // "word<TAB>count" a line.
  std::vector<std::string> count_files;
  // "root<TAB>class<TAB>flags<TAB>category" a line, or one root a line (nouns then).
  std::vector<std::string> root_files;
  // Both or neither: a Hunspell dictionary with numeric flags, such as Debian's tr_TR.
  std::string hunspell_dic, hunspell_aff;
  // What is written down about the sources in the model, beside names and digests.
  std::string hunspell_licence = "MPL-2.0", text_licence = "unknown";
  bool core_list = true;  // lydia's own roots
  int em_passes = 2;
  MorphWeights weights;
  // Told of every stage: its name, what is done and of how much.
  std::function<void(std::string_view stage, int64_t done, int64_t total)> progress;
};

// Throws IoError for sources that cannot be read, ValueError for malformed ones, for options out of
// range and for a vocabulary that is too small for the bytes and suffixes (the message says how
// large it must be).
MorphoPiece train_morphopiece(const MorphTrainOptions& options);

// Debian's places of the Turkish dictionary, when it is installed: {dic, aff}, else empty strings.
std::pair<std::string, std::string> find_hunspell_turkish();

}  // namespace lydia::text
