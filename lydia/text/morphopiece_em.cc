#include "lydia/text/morphopiece_em.h"

#include <algorithm>
#include <cmath>

#include "lydia/text/morphopiece_word.h"

namespace lydia::text {
namespace {

constexpr int kReadingsOfWord = 12;
constexpr int64_t kProgressStep = 4096;
constexpr int kLeastTailWords = 5;

}  // namespace

std::vector<WeightedWord> weighted_words(const std::map<std::string, int64_t, std::less<>>& runs) {
  std::map<std::string, int64_t> lower;
  for (const auto& [run, count] : runs) {
    Word word;
    if (!read_word(std::string_view(run).substr(0, end_of_part(run, 0).end), word)) continue;
    if (word.letter_case == LetterCase::Mixed || word.letter_case == LetterCase::Upper) continue;
    std::string text;
    append_lower(word, 0, word.size, text);
    lower[text] += count;
  }
  std::vector<WeightedWord> words;
  for (const auto& [word, count] : lower) {
    words.push_back({word, 1 + std::log(static_cast<double>(count))});
  }
  return words;
}

void MorphEstimator::count(const MorphoPieceModel& model, const std::vector<Reading>& readings,
                           double weight, MorphCounts& counts) const {
  double total = 0;
  const auto share = [&](const Reading& reading) {
    return std::exp(static_cast<double>(readings[0].cost - reading.cost) / kCostUnit);
  };
  for (const Reading& reading : readings) total += share(reading);
  for (const Reading& reading : readings) {
    const double w = weight * share(reading) / total;
    int before = counts.edge();
    for (int i = 0; i < reading.size; ++i) {
      const ReadMorph& morph = reading.morphs[static_cast<size_t>(i)];
      int now;
      if (morph.root >= 0) {
        const RootRecord& root = model.roots[static_cast<size_t>(morph.root)];
        counts.roots[static_cast<size_t>(root.lemma)] += w;
        now = grammar_.class_of_root(root);
      } else {
        now = suffix_class(model.arcs[static_cast<size_t>(morph.arc)].suffix);
      }
      counts.bigram(before, now) += w;
      before = now;
    }
    counts.bigram(before, counts.edge()) += w;
  }
}

void MorphEstimator::run(const std::vector<WeightedWord>& words, int passes,
                         const std::function<void(int64_t, int64_t)>& progress) {
  const auto total = static_cast<int64_t>(words.size()) * (passes + 1);
  grammar_.apply(counts_, priors_, weights_, tables_);
  int64_t done = 0;
  for (int pass = 0; pass <= passes; ++pass) {
    const MorphoPieceModel model(tables_.serialise(), "training");
    Lattice lattice(model);
    MorphCounts next(tables_.suffixes.size(), grammar_.roots().size());
    for (const WeightedWord& each : words) {
      if (++done % kProgressStep == 0) progress(done, total);
      Word word;
      if (!read_word(each.word, word)) continue;
      const std::vector<Reading> readings =
          lattice.cheapest(word, ReadFrom::Roots, pass == 0 ? 2 : kReadingsOfWord);
      if (readings.empty() || (pass == 0 && readings.size() > 1)) continue;
      count(model, readings, each.weight, next);
    }
    counts_ = std::move(next);
    grammar_.apply(counts_, priors_, weights_, tables_);
  }
  progress(total, total);
}

void harvest_tails(const std::vector<WeightedWord>& words, const MorphWeights& weights,
                   ModelTables& tables) {
  const MorphoPieceModel model(tables.serialise(), "training");
  Lattice lattice(model);
  struct Tail {
    int words = 0;
    double weight = 0, morphs = 0;
  };
  std::map<std::string, Tail> tails;  // spelled backwards
  double all = 0;
  for (const WeightedWord& each : words) {
    Word word;
    Reading reading;
    if (!read_word(each.word, word) || !lattice.best(word, ReadFrom::Roots, reading)) continue;
    all += each.weight;
    if (reading.size < 2) continue;
    std::string tail;
    for (int i = word.size; i-- > reading.morphs[0].end;) {
      tail += static_cast<char>(word.code[static_cast<size_t>(i)]);
    }
    Tail& found = tails[tail];
    ++found.words;
    found.weight += each.weight;
    found.morphs = reading.size - 1;
  }
  std::vector<std::pair<std::string, int32_t>> keys;
  tables.tail_costs.clear();
  for (const auto& [tail, found] : tails) {
    if (found.words < kLeastTailWords) continue;
    keys.emplace_back(tail, static_cast<int32_t>(keys.size()));
    // The tail is one choice among all: its morphemes do not cost alpha each.
    const double cost = -weights.tail * std::log(found.weight / all) - weights.alpha * found.morphs;
    tables.tail_costs.push_back(static_cast<int32_t>(std::lround(cost * kCostUnit)));
  }
  tables.tail_trie = keys.empty() ? std::vector<TrieCell>(1) : build_trie(keys);
}

}  // namespace lydia::text
