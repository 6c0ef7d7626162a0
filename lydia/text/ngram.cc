// An n-gram is one 64-bit key: `bits_` bits a token, the newest lowest. So dropping the first token
// is a mask and dropping the last one a shift.
#include "lydia/text/ngram.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "lydia/core/error.h"

namespace lydia::text {
namespace {

constexpr int kKeyBits = 64;

// D1, D2, D3+ from how many n-grams occur 1, 2, 3 and 4 times (Chen and Goodman, equation 26). Tiny
// texts lack some of these; then halfway between no discount and a full one. A discount never
// exceeds its count, which keeps every probability at or above zero.
std::array<double, 3> discounts_from(const std::array<uint64_t, 4>& n) {
  std::array<double, 3> discounts = {0.5, 1, 1.5};
  if (n[0] == 0 || n[1] == 0) return discounts;
  const auto count = [&](size_t i) { return static_cast<double>(n[i]); };
  const double y = count(0) / (count(0) + 2 * count(1));
  for (size_t i = 0; i < 3; ++i) {
    if (n[i] == 0) continue;
    const auto occurrences = static_cast<double>(i + 1);
    const double d = occurrences - (occurrences + 1) * y * count(i + 1) / count(i);
    discounts[i] = std::clamp(d, 0.0, occurrences);
  }
  return discounts;
}

}  // namespace

NgramModel::NgramModel(int32_t vocab_size, int order) : vocab_size_(vocab_size), order_(order) {
  LYDIA_CHECK(vocab_size >= 1 && order >= 1, ValueError,
              "NgramModel: expected a vocabulary and an order of at least 1, got ", vocab_size,
              " and ", order);
  // One number more than the vocabulary: it stands before the start of a text.
  bits_ = std::bit_width(static_cast<uint32_t>(vocab_size));
  LYDIA_CHECK(order <= kKeyBits / bits_, ValueError, "NgramModel: expected an order of at most ",
              kKeyBits / bits_, " for a vocabulary of ", vocab_size, ", got ", order);
}

uint64_t NgramModel::mask(int tokens) const {
  const int used = tokens * bits_;
  return used >= kKeyBits ? ~uint64_t{0} : (uint64_t{1} << used) - 1;
}

NgramModel NgramModel::train(std::span<const int32_t> tokens, int32_t vocab_size, int order) {
  NgramModel model(vocab_size, order);
  model.levels_.resize(static_cast<size_t>(order));
  uint64_t key = 0;
  for (int i = 0; i < order; ++i) key = key << model.bits_ | static_cast<uint64_t>(vocab_size);
  std::vector<uint64_t> keys;
  keys.reserve(tokens.size());
  for (const int32_t token : tokens) {
    LYDIA_CHECK(token >= 0 && token < vocab_size, IndexError, "NgramModel: expected tokens below ",
                vocab_size, ", got ", token);
    key = (key << model.bits_ | static_cast<uint64_t>(token)) & model.mask(order);
    keys.push_back(key);
  }
  for (int length = order; length >= 1; --length) {
    std::sort(keys.begin(), keys.end());
    model.add_level(keys, length);
    // Below the highest order each different n-gram counts once for its last tokens.
    keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
    for (uint64_t& k : keys) k &= model.mask(length - 1);
  }
  return model;
}

// `keys` are sorted, one entry per occurrence.
void NgramModel::add_level(const std::vector<uint64_t>& keys, int length) {
  Level& level = levels_[static_cast<size_t>(length - 1)];
  std::array<uint64_t, 4> counts_of_counts = {};
  for (size_t first = 0; first < keys.size();) {
    const auto end = std::upper_bound(keys.begin() + static_cast<std::ptrdiff_t>(first), keys.end(),
                                      keys[first]);
    const auto last = static_cast<size_t>(end - keys.begin());
    const uint64_t count = last - first;
    level.counts.emplace(keys[first], count);
    Context& context = level.contexts[keys[first] >> bits_];
    context.total += count;
    ++context.kinds[std::min<uint64_t>(count, 3) - 1];
    if (count <= 4) ++counts_of_counts[count - 1];
    first = last;
  }
  level.discounts = discounts_from(counts_of_counts);
}

double NgramModel::probability_of_key(uint64_t key) const {
  double p = 1.0 / vocab_size_;
  for (int length = 1; length <= order_; ++length) {
    const Level& level = levels_[static_cast<size_t>(length - 1)];
    const uint64_t gram = key & mask(length);
    const auto context = level.contexts.find(gram >> bits_);
    if (context == level.contexts.end()) break;  // a longer context is unseen as well
    const auto total = static_cast<double>(context->second.total);
    double handed_down = 0;
    for (size_t i = 0; i < 3; ++i) {
      handed_down += level.discounts[i] * static_cast<double>(context->second.kinds[i]);
    }
    p *= handed_down / total;
    const auto found = level.counts.find(gram);
    if (found == level.counts.end()) continue;
    const uint64_t count = found->second;
    p += (static_cast<double>(count) - level.discounts[std::min<uint64_t>(count, 3) - 1]) / total;
  }
  return p;
}

double NgramModel::probability(std::span<const int32_t> context, int32_t token) const {
  const auto check = [this](int32_t t) {
    LYDIA_CHECK(t >= 0 && t < vocab_size_, IndexError, "NgramModel: expected tokens below ",
                vocab_size_, ", got ", t);
    return static_cast<uint64_t>(t);
  };
  uint64_t key = 0;
  for (int back = order_ - 1; back >= 1; --back) {
    const auto distance = static_cast<size_t>(back);
    const bool inside = distance <= context.size();
    key = key << bits_ |
          (inside ? check(context[context.size() - distance]) : static_cast<uint64_t>(vocab_size_));
  }
  return probability_of_key(key << bits_ | check(token));
}

double NgramModel::bits_per_token(std::span<const int32_t> tokens) const {
  double bits = 0;
  for (size_t i = 0; i < tokens.size(); ++i) {
    bits -= std::log2(probability(tokens.first(i), tokens[i]));
  }
  return tokens.empty() ? 0 : bits / static_cast<double>(tokens.size());
}

}  // namespace lydia::text
