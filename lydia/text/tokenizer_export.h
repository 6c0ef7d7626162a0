// A MorphoPiece model as a tokenizer.json of Hugging Face `tokenizers`: a Unigram model over the
// same pieces, with byte fallback. It is an approximation: a unigram model knows no morphotactics,
// no case markers and no lattice, so that pieces come in their cased spellings too, ids are others,
// and cuts agree for most words only (agreement() says for how many).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "lydia/text/morphopiece.h"

namespace lydia::text {

class UnigramExport {
 public:
  explicit UnigramExport(const MorphoPiece& tokenizer);

  // The pieces of a word without white space that stands behind a space: of all ways to spell it
  // the one with the highest sum of scores. Bytes of unknown characters are joined to one piece.
  std::vector<std::string> segment(std::string_view word) const;
  // The file. `agreement` is written into it beside the word "approximate".
  std::string json(std::optional<double> agreement) const;
  size_t size() const { return pieces_.size(); }

 private:
  void add(const std::string& piece, double score);

  std::vector<std::pair<std::string, double>> pieces_;
  std::unordered_map<std::string, size_t> index_;
  size_t longest_ = 0;
  double unknown_score_ = 0;
};

// The share of the words of `text` that both cut at the same places, in the model's own mode.
double agreement(const MorphoPiece& tokenizer, const UnigramExport& exported,
                 std::string_view text);

}  // namespace lydia::text
