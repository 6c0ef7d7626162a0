// Ids, parents, owners, and groups that hold nothing.
#include <algorithm>
#include <unordered_map>

#include "lydia/atlas/check_parts.h"
#include "lydia/atlas/plan_file.h"
#include "lydia/core/nearest.h"

namespace lydia::atlas {
namespace {

// Ids name folders and appear in references: letters, digits and a few signs. Copies of a foreach
// task end in their values.
bool is_id(std::string_view id) {
  const size_t values = id.find('[');
  if (values != std::string_view::npos && !id.ends_with(']')) return false;
  id = id.substr(0, values);
  return !id.empty() && std::isalnum(static_cast<unsigned char>(id[0])) &&
         std::all_of(id.begin(), id.end(), [](unsigned char ch) {
           return std::isalnum(ch) || ch == '.' || ch == '_' || ch == '-';
         });
}

bool is_port(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char ch) {
    return std::isalnum(ch) || ch == '_' || ch == '-';
  });
}

void check_id(Checker& c, const Text& id) {
  if (is_id(*id)) return;
  c.error("bad-id", *id, id.at,
          {"an id is made of letters, digits, '.', '_' and '-'",
           "kimlik yalnızca harf, rakam, '.', '_' ve '-' içerebilir"});
}

void check_ports(Checker& c, const Task& task) {
  const auto check = [&](const Text& name) {
    if (is_port(*name)) return;
    c.error("bad-id", *task.id, name.at,
            {"'" + *name + "': the name of an input or output is made of letters, digits, '_', '-'",
             "'" + *name + "': girdi ya da çıktı adı harf, rakam, '_' ve '-' içerebilir"});
  };
  for (const auto& [name, input] : task.in) check(name);
  for (const auto& [name, output] : task.out) check(name);
}

void check_unique(Checker& c) {
  std::unordered_map<std::string_view, Source> seen;
  const auto check = [&](const Text& id) {
    const auto [first, fresh] = seen.emplace(*id, id.at);
    if (fresh) return;
    const std::string line = std::to_string(first->second.line);
    c.error("duplicate-id", *id, id.at,
            {"the id is taken already, on line " + line,
             "bu kimlik daha önce kullanılmış, satır " + line});
  };
  for (const Group& group : c.plan.groups) check(group.id);
  for (const Task& task : c.plan.tasks) check(task.id);
}

std::vector<std::string_view> group_ids(const Checker& c) {
  std::vector<std::string_view> out;
  for (const Group& group : c.plan.groups) out.push_back(*group.id);
  return out;
}

Message meant(std::string_view word, const std::vector<std::string_view>& known) {
  const std::string best(nearest(word, known));
  if (best.empty()) return {};
  return {"did you mean '" + best + "'?", "'" + best + "' mi demek istediniz?"};
}

void check_parent(Checker& c, const Text& id, const Text& parent, Source at) {
  if (parent.empty()) {
    c.error("no-parent", *id, at, {"it belongs to no group", "hiçbir gruba bağlı değil"});
  } else if (c.graph.group(*parent) < 0) {
    c.error("no-parent", *id, parent.at,
            {"there is no group '" + *parent + "'", "'" + *parent + "' diye bir grup yok"},
            meant(*parent, group_ids(c)));
  }
}

void check_groups(Checker& c) {
  for (size_t i = 0; i < c.plan.groups.size(); ++i) {
    const Group& group = c.plan.groups[i];
    const int index = static_cast<int>(i);
    check_id(c, group.id);
    if (group.kind == GroupKind::Main && !group.parent.empty()) {
      c.error("bad-parent", *group.id, group.parent.at,
              {"a main task has no parent", "ana görevin üst grubu olmaz"},
              {"leave parent out, or write kind: sub",
               "parent alanını kaldırın ya da kind: sub yazın"});
    } else if (group.kind != GroupKind::Main) {
      check_parent(c, group.id, group.parent, group.at);
      const int parent = c.graph.group(*group.parent);
      if (parent >= 0 && c.group(parent).kind >= group.kind) {
        const std::string kinds = std::string(kind_name(group.kind)) + " < " +
                                  std::string(kind_name(c.group(parent).kind));
        c.error("bad-parent", *group.id, group.parent.at,
                {"a parent must be of a coarser kind (" + kinds + ")",
                 "üst grup daha üst düzeyde olmalı (" + kinds + ")"});
      }
    }
    if (c.graph.child_groups(index).empty() && c.graph.child_tasks(index).empty()) {
      const bool micro = group.kind == GroupKind::Micro;
      c.warning("orphan", *group.id, group.at,
                micro ? Message{"a micro task without an Atlas task: nobody knows how it is done",
                                "Atlas görevi olmayan mikro görev: nasıl yapılacağı belli değil"}
                      : Message{"a group with nothing in it", "içinde bir şey olmayan grup"});
    }
  }
}

void check_people(Checker& c) {
  std::vector<std::string_view> known;
  for (const auto& [id, persona] : c.plan.personas) known.push_back(*id);
  const auto check = [&](const std::string& subject, const Text& person) {
    if (std::find(known.begin(), known.end(), *person) != known.end()) return;
    c.error("unknown-persona", subject, person.at,
            {"there is no persona '" + *person + "'", "'" + *person + "' diye bir persona yok"},
            meant(*person, known));
  };
  for (const Group& group : c.plan.groups) {
    for (const Text& owner : group.owner) check(*group.id, owner);
  }
  for (const Task& task : c.plan.tasks) {
    for (const Text& owner : task.owner) check(*task.id, owner);
    for (const auto& [person, effort] : task.effort) check(*task.id, person);
  }
}

}  // namespace

void check_structure(Checker& c) {
  check_unique(c);
  check_groups(c);
  for (const Task& task : c.plan.tasks) {
    check_id(c, task.id);
    check_ports(c, task);
    check_parent(c, task.id, task.parent, task.at);
  }
  check_people(c);
  if (c.plan.tasks.empty() && !has_errors(c.findings)) {
    const bool markdown = format_of(c.plan.file) == PlanFormat::Markdown;
    c.error("orphan", "", {1, 1}, {"the plan has no Atlas task", "planda Atlas görevi yok"},
            markdown ? Message{"a task begins with **Atlas Task AG-1:** in a list",
                               "bir görev listede **Atlas Görevi AG-1:** diye başlar"}
                     : Message{"add tasks: {AG-1: {...}}", "tasks: {AG-1: {...}} ekleyin"});
  }
}

}  // namespace lydia::atlas
