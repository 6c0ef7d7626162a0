// A double-array trie: keys are strings of bytes, each with a number; following one byte costs two
// loads. (J. Aoe, "An Efficient Digital Search Algorithm by Using a Double-Array Structure", IEEE
// Transactions on Software Engineering 15(9), 1989.)
//
// Node n's child by byte b is t = base[n] + b + 1 if check[t] == n. The child by the end of a key,
// base[n] + 0, holds the key's number, negated, in its base.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace lydia::text {

struct TrieCell {
  int32_t base = 0;
  int32_t check = -1;  // the parent; -1: free
};

// Sorted, distinct, not empty keys with numbers >= 0. The same keys give the same cells.
std::vector<TrieCell> build_trie(const std::vector<std::pair<std::string, int32_t>>& keys);

// Follows bytes through cells that lie elsewhere.
class TrieView {
 public:
  TrieView() = default;
  explicit TrieView(std::span<const TrieCell> cells) : cells_(cells) {}

  static constexpr int32_t kRoot = 0;
  // The child, or -1.
  int32_t child(int32_t node, uint8_t byte) const { return step(node, byte + 1); }
  // The number of the key that ends here, or -1.
  int32_t value(int32_t node) const {
    const int32_t end = step(node, 0);
    return end < 0 ? -1 : -cells_[static_cast<size_t>(end)].base;
  }
  // True when no byte sequence leads outside the cells and every number is below `values`.
  bool is_sound(int64_t values) const;
  bool empty() const { return cells_.empty(); }

 private:
  int32_t step(int32_t node, int32_t label) const {
    const auto target = static_cast<uint32_t>(cells_[static_cast<size_t>(node)].base) +
                        static_cast<uint32_t>(label);
    if (target >= cells_.size() || cells_[target].check != node) return -1;
    return static_cast<int32_t>(target);
  }

  std::span<const TrieCell> cells_;
};

}  // namespace lydia::text
