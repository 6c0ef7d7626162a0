// The order in which a tree lists groups and tasks, and the ids that headings give them.
#include <algorithm>
#include <unordered_map>

#include "lydia/atlas/fold.h"
#include "lydia/atlas/plan_markdown.h"
#include "lydia/core/utf8.h"

namespace lydia::atlas {
namespace {

class TreeOrder {
 public:
  explicit TreeOrder(const Plan& plan) : plan_(plan) {
    for (size_t i = 0; i < plan.groups.size(); ++i) ids_.emplace(*plan.groups[i].id, i);
    children_.resize(plan.groups.size());
    tasks_.resize(plan.groups.size());
    std::vector<size_t> roots;
    for (size_t i = 0; i < plan.groups.size(); ++i) {
      const size_t parent = find(*plan.groups[i].parent);
      const bool above = parent != kNone && plan.groups[parent].kind < plan.groups[i].kind;
      (above ? children_[parent] : roots).push_back(i);
    }
    // Tasks of no group come first: a task after a heading would belong to it.
    for (size_t i = 0; i < plan.tasks.size(); ++i) {
      const size_t parent = find(*plan.tasks[i].parent);
      (parent == kNone ? task_order_ : tasks_[parent]).push_back(i);
    }
    visit(roots);
  }

  const std::vector<size_t>& groups() const { return group_order_; }
  const std::vector<size_t>& tasks() const { return task_order_; }

 private:
  static constexpr size_t kNone = static_cast<size_t>(-1);

  size_t find(const std::string& id) const {
    const auto found = ids_.find(id);
    return found == ids_.end() ? kNone : found->second;
  }

  // Finer kinds first: a heading closes finer ones only. At most four levels deep.
  void visit(std::vector<size_t> groups) {
    std::stable_sort(groups.begin(), groups.end(), [&](size_t a, size_t b) {
      return plan_.groups[a].kind > plan_.groups[b].kind;
    });
    for (const size_t group : groups) {
      group_order_.push_back(group);
      task_order_.insert(task_order_.end(), tasks_[group].begin(), tasks_[group].end());
      visit(children_[group]);
    }
  }

  const Plan& plan_;
  std::unordered_map<std::string_view, size_t> ids_;
  std::vector<std::vector<size_t>> children_, tasks_;
  std::vector<size_t> group_order_, task_order_;
};

template <class T>
void reorder(std::vector<T>& items, const std::vector<size_t>& order) {
  std::vector<T> out;
  out.reserve(items.size());
  for (const size_t i : order) out.push_back(std::move(items[i]));
  items = std::move(out);
}

}  // namespace

void sort_as_tree(Plan& plan) {
  const TreeOrder order(plan);
  const std::vector<size_t> groups = order.groups(), tasks = order.tasks();
  reorder(plan.groups, groups);
  reorder(plan.tasks, tasks);
}

std::string derived_group_id(GroupKind kind, const std::string& number, int ordinal) {
  switch (kind) {
    case GroupKind::Main: return ordinal == 1 ? "main" : "main-" + std::to_string(ordinal);
    case GroupKind::Sub: return "sub-" + std::to_string(ordinal);
    default: return number.empty() ? "" : std::string(kind_name(kind)) + "-" + number;
  }
}

std::string persona_slug(std::string_view name) {
  constexpr std::pair<std::string_view, char> kLetters[] = {{"ç", 'c'}, {"ğ", 'g'}, {"ö", 'o'},
                                                            {"ş", 's'}, {"ü", 'u'}, {"â", 'a'},
                                                            {"î", 'i'}, {"û", 'u'}};
  const std::string folded = fold(name);
  std::string word;
  for (size_t at = 0; at <= folded.size();) {
    const bool end = at == folded.size() || folded[at] == ' ';
    if (end && !word.empty()) return word;
    if (end) {
      ++at;
      continue;
    }
    const CodePoint c = decode_code_point(folded, at);
    const std::string_view letter = std::string_view(folded).substr(at, c.length);
    at += c.length;
    if (c.value < 0x80) {
      if (letter[0] == '.') word.clear();  // a title such as "Dr."
      if (std::isalnum(static_cast<unsigned char>(letter[0]))) word += letter;
      continue;
    }
    for (const auto& [from, to] : kLetters) {
      if (from == letter) word += to;
    }
  }
  return word;
}

std::string port_name(std::string_view text, std::string_view fallback) {
  for (size_t at = text.find("`."); at != std::string_view::npos; at = text.find("`.", at + 1)) {
    const size_t begin = at + 2, end = text.find('`', begin);
    if (end == std::string_view::npos) break;
    const std::string_view word = text.substr(begin, end - begin);
    const bool plain = !word.empty() && std::all_of(word.begin(), word.end(), [](unsigned char c) {
      return std::isalnum(c) != 0;
    });
    if (plain) return std::string(word);
  }
  return std::string(fallback);
}

}  // namespace lydia::atlas
