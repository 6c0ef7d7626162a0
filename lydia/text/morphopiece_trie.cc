#include "lydia/text/morphopiece_trie.h"

#include <algorithm>

namespace lydia::text {
namespace {

using Keys = std::vector<std::pair<std::string, int32_t>>;

// Places the children of one node after another, depth first, at the lowest base where all of them
// fit. The search starts behind the cells that are full for good.
class TrieBuilder {
 public:
  explicit TrieBuilder(const Keys& keys) : keys_(keys) { cells_.resize(1); }

  std::vector<TrieCell> build() {
    std::vector<Task> tasks = {{0, 0, keys_.size(), 0}};
    while (!tasks.empty()) {
      const Task task = tasks.back();
      tasks.pop_back();
      place(task, tasks);
    }
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

  void place(const Task& task, std::vector<Task>& tasks) {
    size_t first = task.first;
    if (first < task.last && keys_[first].first.size() == task.depth) {
      cells_[static_cast<size_t>(task.node)].value = keys_[first++].second;
    }
    std::vector<Child> children;
    for (size_t i = first; i < task.last; ++i) {
      const uint32_t label = static_cast<uint8_t>(keys_[i].first[task.depth]);
      if (children.empty() || children.back().label != label) children.push_back({label, i, i});
      children.back().last = i + 1;
    }
    if (children.empty()) return;
    const uint32_t base = find_base(children);
    cells_[static_cast<size_t>(task.node)].base = static_cast<int32_t>(base);
    for (const Child& child : children) cells_[base + child.label].check = task.node;
    for (auto child = children.rbegin(); child != children.rend(); ++child) {
      tasks.push_back(
          {static_cast<int32_t>(base + child->label), child->first, child->last, task.depth + 1});
    }
  }

  bool is_free(size_t at) const { return at >= cells_.size() || cells_[at].check < 0; }

  uint32_t find_base(const std::vector<Child>& children) {
    while (!is_free(first_free_)) ++first_free_;
    size_t tried = 0;
    for (size_t at = std::max<size_t>(first_free_, children[0].label);; ++at, ++tried) {
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

// child() looks at bounds itself; only numbers could lead elsewhere.
bool TrieView::is_sound(int64_t values) const {
  return !cells_.empty() && std::all_of(cells_.begin(), cells_.end(), [&](const TrieCell& cell) {
    return cell.value >= -1 && cell.value < values;
  });
}

}  // namespace lydia::text
