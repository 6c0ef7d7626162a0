#include "lydia/text/morphopiece_trie.h"

#include <algorithm>

namespace lydia::text {
namespace {

using Keys = std::vector<std::pair<std::string, int32_t>>;

// Places the children of one node after another, breadth first, at the lowest base where all of
// them fit. The search starts behind the cells that are full for good.
class TrieBuilder {
 public:
  explicit TrieBuilder(const Keys& keys) : keys_(keys) { cells_.resize(1); }

  std::vector<TrieCell> build() {
    cells_[0].check = 0;
    std::vector<Task> tasks = {{0, 0, keys_.size(), 0}};
    for (size_t next = 0; next < tasks.size(); ++next) place(tasks[next], tasks);
    return std::move(cells_);
  }

 private:
  struct Task {  // keys [first, last) share `depth` bytes and the node
    int32_t node;
    size_t first, last, depth;
  };
  struct Child {
    uint32_t label;
    size_t first, last;
  };

  void place(const Task task, std::vector<Task>& tasks) {
    std::vector<Child> children;
    for (size_t i = task.first; i < task.last; ++i) {
      const std::string& key = keys_[i].first;
      const uint32_t label =
          key.size() == task.depth ? 0 : static_cast<uint8_t>(key[task.depth]) + 1u;
      if (children.empty() || children.back().label != label) children.push_back({label, i, i});
      children.back().last = i + 1;
    }
    if (children.empty()) return;
    const uint32_t base = find_base(children);
    cells_[static_cast<size_t>(task.node)].base = static_cast<int32_t>(base);
    for (const Child& child : children) {
      TrieCell& cell = cells_[base + child.label];
      cell.check = task.node;
      if (child.label == 0) {
        cell.base = -keys_[child.first].second;
      } else {
        tasks.push_back(
            {static_cast<int32_t>(base + child.label), child.first, child.last, task.depth + 1});
      }
    }
  }

  bool is_free(size_t at) const { return at >= cells_.size() || cells_[at].check < 0; }

  uint32_t find_base(const std::vector<Child>& children) {
    while (!is_free(first_free_)) ++first_free_;
    size_t tried = 0;
    for (size_t at = std::max<size_t>(first_free_, children[0].label + 1u);; ++at, ++tried) {
      const size_t base = at - children[0].label;
      const bool fits = std::all_of(children.begin(), children.end(), [&](const Child& child) {
        return is_free(base + child.label);
      });
      if (!fits) continue;
      const size_t needed = base + children.back().label + 1;
      if (cells_.size() < needed) cells_.resize(needed);
      // Crowded beginnings are not searched again for ever.
      if (tried > kCrowded) first_free_ = at;
      return static_cast<uint32_t>(base);
    }
  }

  static constexpr size_t kCrowded = 256;
  const Keys& keys_;
  std::vector<TrieCell> cells_;
  size_t first_free_ = 1;
};

}  // namespace

std::vector<TrieCell> build_trie(const Keys& keys) { return TrieBuilder(keys).build(); }

// Numbers are read only where check says so: there every base must be a number or lead somewhere.
bool TrieView::is_sound(int64_t values) const {
  if (cells_.empty() || cells_[0].check != 0) return false;
  for (size_t i = 1; i < cells_.size(); ++i) {
    const int32_t parent = cells_[i].check;
    if (parent < 0) continue;
    if (static_cast<size_t>(parent) >= cells_.size() ||
        cells_[static_cast<size_t>(parent)].base < 0)
      return false;
    const bool ends_key = static_cast<size_t>(cells_[static_cast<size_t>(parent)].base) == i;
    if (ends_key ? -static_cast<int64_t>(cells_[i].base) >= values || cells_[i].base > 0
                 : cells_[i].base < 0)
      return false;
  }
  return true;
}

}  // namespace lydia::text
