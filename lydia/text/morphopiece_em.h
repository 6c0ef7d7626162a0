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

// The strings of suffixes that at least `least` words end in, with what they cost an unknown stem.
// Puts them into the tables.
void harvest_tails(const std::vector<WeightedWord>& words, int least, const MorphWeights& weights,
                   ModelTables& tables);

}  // namespace lydia::text
