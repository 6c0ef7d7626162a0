// How often roots and sequences of morpheme classes are used: expectation and maximisation over the
// readings of the words of a text.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "lydia/text/morphopiece_compile.h"
#include "lydia/text/morphopiece_lattice.h"

namespace lydia::text {

// A lower case word without apostrophes, and what it weighs.
struct WeightedWord {
  std::string word;
  double weight = 1;
};

// The words among these runs in lower case, up to their apostrophes. A word weighs by the logarithm
// of how often it is there: the grammar is learned from many words, not from few frequent ones.
// Words in capitals do not tell how they are written.
std::vector<WeightedWord> weighted_words(const std::map<std::string, int64_t, std::less<>>& runs);

class MorphEstimator {
 public:
  MorphEstimator(const CompiledGrammar& grammar, ModelTables& tables, std::vector<double> priors,
                 const MorphWeights& weights)
      : grammar_(grammar),
        tables_(tables),
        priors_(std::move(priors)),
        weights_(weights),
        counts_(tables.suffixes.size(), grammar.roots().size()) {}

  // Costs without counts first; then counts from the words that have one reading; then `passes`
  // times from all readings, each with its share exp(-cost).
  void run(const std::vector<WeightedWord>& words, int passes,
           const std::function<void(int64_t done, int64_t total)>& progress);
  const MorphCounts& counts() const { return counts_; }

 private:
  void count(const MorphoPieceModel& model, const std::vector<Reading>& readings, double weight,
             MorphCounts& counts) const;

  const CompiledGrammar& grammar_;
  ModelTables& tables_;
  std::vector<double> priors_;
  MorphWeights weights_;
  MorphCounts counts_;
};

// The strings of suffixes that at least five words end in, with what they cost an unknown stem.
// Puts them into the tables.
void harvest_tails(const std::vector<WeightedWord>& words, const MorphWeights& weights,
                   ModelTables& tables);

}  // namespace lydia::text
