// A double-array trie: keys are strings of bytes, each with a number; following one byte costs two
// loads. (J. Aoe, "An Efficient Digital Search Algorithm by Using a Double-Array Structure", IEEE
// Transactions on Software Engineering 15(9), 1989.)
//
// Node n's child by byte b is t = base[n] + b if check[t] == n. A node at the end of a key has its
// number. What hangs together lies together: children are placed depth first.
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
  int32_t value = -1;
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
  int32_t child(int32_t node, uint8_t byte) const {
    const uint32_t target = target_of(node, byte);
    return is_child(target, node) ? static_cast<int32_t>(target) : -1;
  }
  // The two halves of that: where the child would be, and whether it is there.
  uint32_t target_of(int32_t node, uint8_t byte) const {
    return static_cast<uint32_t>(cells_[static_cast<size_t>(node)].base) + byte;
  }
  bool is_child(uint32_t target, int32_t node) const {
    return target < cells_.size() && cells_[target].check == node;
  }
  void prefetch(uint32_t target) const {
    if (target < cells_.size()) __builtin_prefetch(&cells_[target]);
  }
  // The number of the key that ends here, or -1.
  int32_t value(int32_t node) const { return cells_[static_cast<size_t>(node)].value; }
  // True when every number is below `values` and there is a root.
  bool is_sound(int64_t values) const;
  bool empty() const { return cells_.empty(); }

 private:
  std::span<const TrieCell> cells_;
};

}  // namespace lydia::text
