// An n-gram language model with interpolated modified Kneser-Ney smoothing: the baseline that a
// neural model has to beat. (Chen and Goodman, "An Empirical Study of Smoothing Techniques for
// Language Modeling", TR-10-98, Harvard 1998, section 3.)
//
//   P_n(w | h) = max(c(hw) - D(c(hw)), 0) / c(h·) + gamma(h) P_{n-1}(w | h without its first token)
//
// c is the count at the highest order and below it the number of different tokens seen before the
// n-gram; D is 0, D1, D2 or D3+ for counts 0, 1, 2 and more, estimated per order from the counts of
// counts; gamma(h) hands the discounted mass down, so that every P_n(· | h) sums to one; P_0 is
// uniform over the vocabulary. Every token has a probability above zero after every context.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

namespace lydia::text {

class NgramModel {
 public:
  // Tokens are numbers below `vocab_size`. Throws IndexError for others, and ValueError unless
  // 1 <= order and `order` tokens fit a 64-bit key.
  static NgramModel train(std::span<const int32_t> tokens, int32_t vocab_size, int order);

  int order() const { return order_; }
  int32_t vocab_size() const { return vocab_size_; }
  // P(token | context): uses the last order - 1 tokens; a shorter context is taken for the start of
  // a text.
  double probability(std::span<const int32_t> context, int32_t token) const;
  // -log2 P per token of a text that begins here; 0 for an empty one.
  double bits_per_token(std::span<const int32_t> tokens) const;

 private:
  struct Context {
    uint64_t total = 0;                  // the sum of the counts of what follows
    std::array<uint64_t, 3> kinds = {};  // how many followers have count 1, 2, 3 and more
  };
  struct Level {  // the n-grams of one length
    std::unordered_map<uint64_t, uint64_t> counts;
    std::unordered_map<uint64_t, Context> contexts;
    std::array<double, 3> discounts = {};
  };

  NgramModel(int32_t vocab_size, int order);
  uint64_t mask(int tokens) const;
  void add_level(const std::vector<uint64_t>& keys, int length);
  double probability_of_key(uint64_t key) const;

  int32_t vocab_size_;
  int order_;
  int bits_;                   // of a token in a key
  std::vector<Level> levels_;  // [n - 1]: n-grams of length n
};

}  // namespace lydia::text
