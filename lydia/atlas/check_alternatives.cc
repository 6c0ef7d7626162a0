// Tasks of one group that make the same thing in different ways: only one of them counts.
#include <algorithm>
#include <map>

#include "lydia/atlas/check_parts.h"
#include "lydia/atlas/fold.h"

namespace lydia::atlas {
namespace {

// "TensorFlow için", "for TensorFlow": one way of several.
bool is_way(const Text& alias) {
  const std::string folded = fold(*alias);
  return folded.ends_with(" için") || folded.starts_with("for ");
}

bool share_output(const Task& a, const Task& b) {
  for (const auto& [name, mine] : a.out) {
    const std::vector<std::string> kinds = kinds_of(mine);
    for (const auto& [other_name, theirs] : b.out) {
      if (!mine.path.empty() && mine.path == theirs.path) return true;
      const std::vector<std::string> other_kinds = kinds_of(theirs);
      for (const std::string& kind : kinds) {
        if (std::find(other_kinds.begin(), other_kinds.end(), kind) != other_kinds.end()) {
          return true;
        }
      }
    }
  }
  return false;
}

bool offers_choice(const Group& group) {
  return std::any_of(group.out.begin(), group.out.end(),
                     [](const auto& out) { return out.second.any_of.size() > 1; });
}

void check_siblings(Checker& c, int index) {
  const Group& group = c.group(index);
  if (offers_choice(group)) return;
  std::vector<int> ways;
  for (const int task : c.graph.child_tasks(index)) {
    if (!is_way(c.task(task).alias)) continue;
    if (ways.empty() || share_output(c.task(ways.front()), c.task(task))) ways.push_back(task);
  }
  if (ways.size() < 2) return;
  std::vector<std::string> names, ports;
  for (const int task : ways) {
    names.push_back(*c.task(task).id + " (" + *c.task(task).alias + ")");
    ports.push_back(*c.task(task).id + "." + *c.task(task).out.front().first);
  }
  const std::string port = *c.task(ways.front()).out.front().first, list = join(ports, ", ");
  for (const int task : ways) {
    c.error("alternatives", *c.task(task).id, c.task(task).at,
            {"these are alternatives, not two steps: " + join(names, " or "),
             "bunlar birbirinin seçeneği, ardışık iki adım değil: " + join(names, " ya da ")},
            {*group.id + ": choose: <id>, out: {" + port + ": {any_of: [" + list + "]}}",
             *group.id + ": choose: <kimlik>, out: {" + port + ": {any_of: [" + list + "]}}"});
  }
}

void check_choice(Checker& c, int index) {
  const Group& group = c.group(index);
  bool found = false, several = false;
  const std::vector<int> chosen = c.graph.tasks_named(*group.choose);
  for (const auto& [name, output] : group.out) {
    several = several || output.any_of.size() > 1;
    for (const Text& choice : output.any_of) {
      const Reference reference = c.graph.resolve(*choice);
      const bool task = reference.kind == Reference::Kind::Task;
      const bool port =
          task &&
          std::any_of(c.task(reference.index).out.begin(), c.task(reference.index).out.end(),
                      [&](const auto& out) { return *out.first == reference.port; });
      if (!port) {
        c.error("dangling-edge", *group.id, choice.at,
                {"any_of: there is no output '" + *choice + "'",
                 "any_of: '" + *choice + "' diye bir çıktı yok"},
                {"write <task>.<output>", "<görev>.<çıktı> yazın"});
      }
      found = found ||
              (task && std::find(chosen.begin(), chosen.end(), reference.index) != chosen.end());
    }
  }
  if (group.choose.empty() && several) {
    c.error("alternatives", *group.id, group.at,
            {"alternatives, and none is chosen", "seçenekler var, ama seçim yapılmamış"},
            {"add choose: <task>", "choose: <görev> ekleyin"});
  } else if (!group.choose.empty() && !found) {
    c.error("alternatives", *group.id, group.choose.at,
            {"'" + *group.choose + "' is none of its alternatives",
             "'" + *group.choose + "' seçeneklerden biri değil"});
  }
}

}  // namespace

bool are_alternatives(const Checker& c, int a, int b) {
  return c.graph.parent_of_task(a) == c.graph.parent_of_task(b) && is_way(c.task(a).alias) &&
         is_way(c.task(b).alias) && share_output(c.task(a), c.task(b));
}

void check_alternatives(Checker& c) {
  for (size_t i = 0; i < c.plan.groups.size(); ++i) {
    check_siblings(c, static_cast<int>(i));
    check_choice(c, static_cast<int>(i));
  }
}

}  // namespace lydia::atlas
