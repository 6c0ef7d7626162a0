// Finds the weights of MorphoPiece's score on the tuning half of a gold list of cut words: one
// weight after another is made larger and smaller, and what cuts better stays. The held half is
// scored once, at the end.
//
//   tune_morphopiece GOLD.tsv TEXT... [--rounds=2]
//
// The lexicon is lydia's own list and, when it is installed, Debian's hunspell-tr.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "lydia/io/file_bytes.h"
#include "lydia/text/morphopiece_counts.h"
#include "lydia/text/morphopiece_em.h"
#include "lydia/text/morphopiece_eval.h"
#include "lydia/text/morphopiece_roots.h"
#include "lydia/text/morphopiece_train.h"

namespace lydia::text {
namespace {

struct Knob {
  const char* name;
  double MorphWeights::*weight;
};
constexpr Knob kKnobs[] = {
    {"alpha", &MorphWeights::alpha}, {"beta", &MorphWeights::beta},
    {"gamma", &MorphWeights::gamma}, {"delta", &MorphWeights::delta},
    {"guess", &MorphWeights::guess}, {"from_noun", &MorphWeights::from_noun},
    {"tail", &MorphWeights::tail},   {"guess_letter", &MorphWeights::guess_letter}};

class Tuner {
 public:
  Tuner(const std::string& gold, const std::vector<std::string>& texts)
      : tune_(read_gold(gold, GoldPart::Tune)), hold_(read_gold(gold, GoldPart::Hold)) {
    RunCounts counts;
    for (const std::string& path : texts) counts.add_text(io::FileBytes::open(path).text());
    words_ = weighted_words(counts.words);
    const auto [dic, aff] = find_hunspell_turkish();
    if (dic.empty()) {
      std::printf("hunspell-tr is not installed: lydia's own list alone\n");
      lexicon_ = collect_roots(true, {}, {}, {});
    } else {
      const io::FileBytes dic_bytes = io::FileBytes::open(dic);
      const io::FileBytes aff_bytes = io::FileBytes::open(aff);
      lexicon_ = collect_roots(true, {}, dic_bytes.text(), aff_bytes.text());
    }
  }

  CutScore score(const MorphWeights& weights, GoldPart part) const {
    CompiledGrammar grammar(lexicon_.roots);
    ModelTables tables;
    add_fixed_pieces(tables);
    grammar.fill(tables);
    MorphEstimator estimator(grammar, tables, lexicon_.priors, weights);
    estimator.run(words_, MorphTrainOptions().em_passes, [](int64_t, int64_t) {});
    harvest_tails(words_, weights, tables);
    const MorphoPiece tokenizer = MorphoPiece::from_bytes(tables.serialise(), "tuned model");
    const auto cut = [&](std::string_view word) { return segment_cuts(tokenizer, word); };
    return score_cuts(part == GoldPart::Tune ? tune_ : hold_, cut).types;
  }

  // The mean of both figures that count.
  double value(const CutScore& score) const { return (score.f1() + score.exact_share()) / 2; }

 private:
  std::vector<GoldWord> tune_, hold_;
  std::vector<WeightedWord> words_;
  TrainLexicon lexicon_;
};

void print(const char* what, const CutScore& score) {
  std::printf("%s: P %.2f R %.2f F1 %.2f exact %.2f\n", what, 100 * score.precision(),
              100 * score.recall(), 100 * score.f1(), 100 * score.exact_share());
  std::fflush(stdout);
}

void run(const std::string& gold, const std::vector<std::string>& texts, int rounds) {
  const Tuner tuner(gold, texts);
  MorphWeights best;
  CutScore score = tuner.score(best, GoldPart::Tune);
  print("start, tune", score);
  for (int round = 0; round < rounds; ++round) {
    for (const Knob& knob : kKnobs) {
      for (const double factor : {0.5, 0.8, 1.25, 2.0}) {
        MorphWeights tried = best;
        tried.*knob.weight *= factor;
        const CutScore found = tuner.score(tried, GoldPart::Tune);
        if (tuner.value(found) <= tuner.value(score)) continue;
        score = found;
        best = tried;
        std::printf("%s = %.4g  ", knob.name, best.*knob.weight);
        print("tune", score);
      }
    }
  }
  for (const Knob& knob : kKnobs) std::printf("%s = %.4g\n", knob.name, best.*knob.weight);
  print("tune", score);
  print("hold", tuner.score(best, GoldPart::Hold));
}

}  // namespace
}  // namespace lydia::text

int main(int argc, char** argv) {
  std::vector<std::string> files;
  int rounds = 2;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument.starts_with("--rounds=")) {
      rounds = std::atoi(argument.substr(9).data());
    } else {
      files.emplace_back(argument);
    }
  }
  if (files.size() < 2) {
    std::fprintf(stderr, "usage: tune_morphopiece GOLD.tsv TEXT... [--rounds=2]\n");
    return 2;
  }
  try {
    lydia::text::run(files[0], {files.begin() + 1, files.end()}, rounds);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "tune_morphopiece: %s\n", error.what());
    return 1;
  }
}
