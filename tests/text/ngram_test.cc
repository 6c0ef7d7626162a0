// The n-gram model against the formulas written out slowly, and against what must hold of any
// model.
#include "lydia/text/ngram.h"

#include <doctest/doctest.h>

#include <cmath>
#include <map>
#include <random>
#include <set>

#include "lydia/core/error.h"

namespace lydia::text {
namespace {

using Tokens = std::vector<int32_t>;

// Skewed, with repetitions, so that counts of 1, 2, 3 and more all occur.
Tokens random_tokens(size_t size, int32_t vocab, uint32_t seed) {
  std::mt19937 random(seed);
  Tokens tokens;
  while (tokens.size() < size) {
    const auto draw = static_cast<int32_t>(random() % static_cast<uint32_t>(vocab));
    tokens.push_back(static_cast<int32_t>(random() % 3) != 0 ? draw * draw / vocab : draw);
  }
  return tokens;
}

double sum_over_vocab(const NgramModel& model, const Tokens& context) {
  double sum = 0;
  for (int32_t t = 0; t < model.vocab_size(); ++t) sum += model.probability(context, t);
  return sum;
}

// The same model by its definition: maps of vectors, recursion, no keys.
class SlowModel {
 public:
  SlowModel(const Tokens& tokens, int32_t vocab, int order) : vocab_(vocab), counts_(order + 1) {
    Tokens padded(static_cast<size_t>(order - 1), vocab);
    padded.insert(padded.end(), tokens.begin(), tokens.end());
    for (size_t end = static_cast<size_t>(order); end <= padded.size(); ++end) {
      const auto at = padded.begin() + static_cast<std::ptrdiff_t>(end);
      ++counts_[static_cast<size_t>(order)][Tokens(at - order, at)];
    }
    for (auto n = static_cast<size_t>(order); n > 1; --n) {
      for (const auto& [gram, count] : counts_[n]) {
        ++counts_[n - 1][Tokens(gram.begin() + 1, gram.end())];
      }
    }
  }

  double probability(const Tokens& context, int32_t token) const {
    if (counts_.size() == 1) return 1.0 / vocab_;
    return level(counts_.size() - 1, context, token);
  }

 private:
  double discount(size_t n, double count) const {
    std::array<double, 5> of = {};
    for (const auto& [gram, c] : counts_[n]) {
      if (c <= 4) ++of[static_cast<size_t>(c)];
    }
    // Too few rare n-grams to estimate from.
    if (of[1] == 0 || of[2] == 0) return count == 1 ? 0.5 : count == 2 ? 1 : 1.5;
    const double y = of[1] / (of[1] + 2 * of[2]);
    if (count == 1) return 1 - 2 * y * of[2] / of[1];
    if (count == 2) return 2 - 3 * y * of[3] / of[2];
    return 3 - 4 * y * of[4] / of[3];
  }

  double level(size_t n, const Tokens& context, int32_t token) const {
    if (n == 0) return 1.0 / vocab_;
    const Tokens history(context.end() - static_cast<std::ptrdiff_t>(n - 1), context.end());
    double total = 0, kept = 0, handed_down = 0;
    for (int32_t t = 0; t < vocab_; ++t) {
      Tokens gram = history;
      gram.push_back(t);
      const auto found = counts_[n].find(gram);
      if (found == counts_[n].end()) continue;
      const double count = found->second, d = discount(n, count);
      total += count;
      handed_down += d;
      if (t == token) kept = count - d;
    }
    const double below = level(n - 1, context, token);
    return total == 0 ? below : kept / total + handed_down / total * below;
  }

  int32_t vocab_;
  std::vector<std::map<Tokens, double>> counts_;
};

TEST_CASE("the model is the one of the formulas") {
  const int32_t vocab = 30;
  const Tokens tokens = random_tokens(3000, vocab, 1);
  for (const int order : {1, 2, 3, 4}) {
    const NgramModel model = NgramModel::train(tokens, vocab, order);
    const SlowModel slow(tokens, vocab, order);
    const Tokens probes = random_tokens(60, vocab, 2);
    for (size_t i = 4; i < probes.size(); ++i) {
      const Tokens context(probes.begin() + static_cast<std::ptrdiff_t>(i) - 4,
                           probes.begin() + static_cast<std::ptrdiff_t>(i));
      CHECK(model.probability(context, probes[i]) ==
            doctest::Approx(slow.probability(context, probes[i])).epsilon(1e-10));
    }
  }
}

TEST_CASE("probabilities sum to one after every context, seen or not") {
  const int32_t vocab = 40;
  for (const size_t size : {size_t{0}, size_t{1}, size_t{3}, size_t{50}, size_t{5000}}) {
    // Tokens from 30 on never occur.
    const Tokens tokens = random_tokens(size, 30, 3);
    for (const int order : {1, 2, 5}) {
      const NgramModel model = NgramModel::train(tokens, vocab, order);
      CHECK(sum_over_vocab(model, {}) == doctest::Approx(1));
      const Tokens probes = random_tokens(200, vocab, 4);
      for (size_t i = 0; i < 150; ++i) {
        const Tokens context(probes.begin() + static_cast<std::ptrdiff_t>(i),
                             probes.begin() + static_cast<std::ptrdiff_t>(i + i % 7));
        CHECK(sum_over_vocab(model, context) == doctest::Approx(1));
        CHECK(model.probability(context, 39) > 0);
      }
    }
  }
}

TEST_CASE("a token that follows many contexts beats one that is frequent after one") {
  // 1 always follows 0 (ten times); 2 follows 3, 4, 5, 6 once each. After the unseen context 7, the
  // rarer 2 is the likelier: that is the point of Kneser-Ney.
  Tokens tokens;
  for (int i = 0; i < 10; ++i) tokens.insert(tokens.end(), {0, 1});
  for (const int32_t before : {3, 4, 5, 6}) tokens.insert(tokens.end(), {before, 2});
  const NgramModel model = NgramModel::train(tokens, 8, 2);
  const Tokens context = {7};
  CHECK(model.probability(context, 2) > 2 * model.probability(context, 1));
}

TEST_CASE("bits per token: uniform text, learnt text, longer contexts") {
  CHECK(NgramModel::train({}, 8, 3).bits_per_token(Tokens{1, 2, 3}) == doctest::Approx(3));
  CHECK(NgramModel::train({}, 8, 3).bits_per_token({}) == 0);
  Tokens cycle;
  for (int i = 0; i < 3000; ++i) cycle.push_back(i % 6);
  CHECK(NgramModel::train(cycle, 6, 2).bits_per_token(cycle) < 0.02);
  CHECK(NgramModel::train(cycle, 6, 1).bits_per_token(cycle) ==
        doctest::Approx(std::log2(6)).epsilon(0.01));
}

TEST_CASE("only the last order - 1 tokens of the context count") {
  const Tokens tokens = random_tokens(500, 10, 5);
  const NgramModel model = NgramModel::train(tokens, 10, 3);
  CHECK(model.probability(Tokens{9, 9, 9, 1, 2}, 3) == model.probability(Tokens{4, 1, 2}, 3));
}

TEST_CASE("wrong arguments are typed errors") {
  CHECK_THROWS_AS(NgramModel::train(Tokens{5}, 5, 2), IndexError);
  CHECK_THROWS_AS(NgramModel::train(Tokens{-1}, 5, 2), IndexError);
  CHECK_THROWS_AS(NgramModel::train(Tokens{0}, 5, 0), ValueError);
  CHECK_THROWS_AS(NgramModel::train(Tokens{0}, 0, 1), ValueError);
  CHECK_THROWS_AS(NgramModel::train(Tokens{0}, 1000, 7), ValueError);
  const NgramModel model = NgramModel::train(Tokens{0, 1}, 2, 6);
  CHECK_THROWS_AS(model.probability(Tokens{}, 2), IndexError);
  CHECK_THROWS_AS(model.probability(Tokens{7}, 1), IndexError);
  // The widest keys: 64 bits in all.
  CHECK(sum_over_vocab(NgramModel::train(Tokens{0, 200, 3, 7}, 255, 8), {3}) == doctest::Approx(1));
}

}  // namespace
}  // namespace lydia::text
