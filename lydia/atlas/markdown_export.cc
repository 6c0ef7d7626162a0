// A plan to Markdown. Each group and task is written with labels, read back on its own, and
// compared key by key; what does not come back the same goes into a fenced block of YAML instead.
// That way nothing is lost whatever a text holds.
#include <algorithm>
#include <set>
#include <unordered_set>

#include "lydia/atlas/labels.h"
#include "lydia/atlas/library_item.h"
#include "lydia/atlas/markdown_fields.h"
#include "lydia/atlas/plan_fields.h"
#include "lydia/atlas/plan_markdown.h"
#include "lydia/atlas/plan_node.h"
#include "lydia/atlas/yaml_layout.h"
#include "lydia/config/node.h"
#include "lydia/core/error.h"

namespace lydia::atlas {
namespace {

using config::Node;
using Keys = std::set<std::string>;

// A heading that nothing before it may swallow.
constexpr std::string_view kSentinel = "### Macro-Task 999999: sentinel\n";

Label group_label(GroupKind kind) {
  constexpr Label kLabels[] = {Label::MainTask, Label::SubTask, Label::MacroTask, Label::MicroTask};
  return kLabels[static_cast<size_t>(kind)];
}

std::string fence(const std::string& yaml, const std::string& of = "") {
  size_t longest = 2, run = 0;
  for (const char c : yaml) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  const std::string ticks(longest + 1, '`');
  return ticks + "yaml atlas" + of + "\n" + yaml + ticks + "\n\n";
}

// The entries of `map` under those keys.
Node only(const Node& map, const Keys& keys) {
  Node::Map out;
  for (const Node::Entry& entry : map.map()) {
    if (keys.contains(entry.key)) out.push_back(entry);
  }
  return Node(std::move(out));
}

// Keys whose values differ, in either map.
Keys differing(const Node& a, const Node& b) {
  Keys out;
  const auto compare = [&](const Node& from, const Node& with) {
    for (const Node::Entry& entry : from.map()) {
      const Node* other = with.child(entry.key);
      if (!other || !(*other == entry.value)) out.insert(entry.key);
    }
  };
  compare(a, b);
  compare(b, a);
  return out;
}

class Exporter {
 public:
  Exporter(const Plan& plan, Language language) : plan_(plan), language_(language) {}

  std::string run() {
    check_ids();
    sort_as_tree(plan_);
    const std::string nodes = body();
    LYDIA_CHECK(nodes.size() < kPlanLimits.bytes / 2, ValueError, "atlas: expected at most ",
                kPlanLimits.bytes / 2, " bytes of Markdown, got ", nodes.size());
    std::string out = head(nodes) + nodes;
    while (out.ends_with("\n\n")) out.pop_back();
    return out;
  }

 private:
  std::string label(Label label) const { return std::string(label_name(label, language_)); }

  std::string bullet(Label name, const std::string& value) const {
    return "*   **" + label(name) + ":**" + (value.empty() ? "" : " " + value) + "\n";
  }

  // One text as a block of its own.
  static std::string paragraph(const std::string& text) { return text + "\n\n"; }

  std::string body() {
    std::string out;
    size_t task = 0;
    int ordinals[4] = {};
    std::vector<const Group*> open;
    std::unordered_set<std::string_view> known;
    for (const Group& group : plan_.groups) known.insert(*group.id);
    while (task < plan_.tasks.size() && !known.contains(*plan_.tasks[task].parent)) {
      out += task_text(plan_.tasks[task++], "");
    }
    for (const Group& group : plan_.groups) {
      while (!open.empty() && open.back()->kind >= group.kind) open.pop_back();
      const std::string structural = parent_by_heading(group, open.empty() ? "" : *open.back()->id);
      out += group_text(group, ++ordinals[static_cast<size_t>(group.kind)], structural);
      open.push_back(&group);
      while (task < plan_.tasks.size() && *plan_.tasks[task].parent == *group.id) {
        out += task_text(plan_.tasks[task++], *group.id);
      }
    }
    return plan_.after.empty() ? out : out + tail();
  }

  // The parent that the reader gives a group: micro 2.1 goes to macro-2 where there is one before
  // it, everything else to what is open.
  std::string parent_by_heading(const Group& group, const std::string& open) const {
    const size_t dot = group.number->rfind('.');
    if (group.kind != GroupKind::Micro || dot == std::string::npos) return open;
    const std::string wanted = "macro-" + group.number->substr(0, dot);
    for (const Group& before : plan_.groups) {
      if (&before == &group) break;
      if (*before.id == wanted && before.kind == GroupKind::Macro) return wanted;
    }
    return open;
  }

  // A heading can hold the ids that `check` takes for good, and no others.
  void check_ids() const {
    const auto check = [](const std::string& id) {
      const bool good = !id.empty() && std::all_of(id.begin(), id.end(), [](unsigned char c) {
        return std::isalnum(c) || c == '.' || c == '_' || c == '-' || c == '[' || c == ']' ||
               c == ',';
      });
      LYDIA_CHECK(good, ValueError,
                  "atlas: expected ids of letters, digits, '.', '_' and '-' for Markdown, got '",
                  id, "'");
    };
    for (const Group& group : plan_.groups) check(*group.id);
    for (const Task& task : plan_.tasks) check(*task.id);
  }

  // ---- the plan itself

  // Held against the whole document: who the persons are depends on every owner in it.
  std::string head(const std::string& nodes) {
    Keys fenced = {"root", "policy", "params", "inputs", "waivers"};
    const Node wanted = plan_head_node(plan_);
    for (int round = 0; round < 3; ++round) {
      const std::string text = head_text(fenced);
      Findings findings;
      const Plan back = parse_plan_markdown(text + nodes, "", findings);
      Keys lost = differing(wanted, plan_head_node(back));
      if (language_name() == *plan_.language) lost.erase("language");
      lost.erase("atlas");
      const bool whole =
          back.groups.size() == plan_.groups.size() && back.tasks.size() == plan_.tasks.size();
      if (!whole) lost.insert("before");
      const size_t before = fenced.size();
      fenced.insert(lost.begin(), lost.end());
      if (fenced.size() == before) return text;
    }
    return head_text({"title", "language", "root", "policy", "params", "personas", "inputs",
                      "waivers", "before"});
  }

  std::string language_name() const { return language_ == Language::Turkish ? "tr" : "en"; }

  std::string head_text(const Keys& fenced) const {
    std::string out;
    if (!plan_.title.empty() && !fenced.contains("title")) out += paragraph("# " + *plan_.title);
    const Node extras = only(plan_head_node(plan_), fenced);
    if (!extras.map().empty()) out += fence(layout_yaml(extras, 1), " plan");
    if (!plan_.before.empty() && !fenced.contains("before")) out += paragraph(*plan_.before);
    return out;
  }

  std::string owners(const std::vector<Text>& owner) const { return owners_text(plan_, owner); }

  std::string tail() const {
    const std::string plain = paragraph(*plan_.after);
    Findings findings;
    const Plan back = parse_plan_markdown(std::string(kSentinel) + "\n" + plain, "", findings);
    if (back.after == plan_.after && back.tasks.empty() && back.groups.size() == 1) return plain;
    Node::Map map;
    map.push_back({"after", Node(*plan_.after)});
    return fence(layout_yaml(Node(std::move(map)), 0), " plan");
  }

  // ---- groups and tasks

  // Writes with labels what comes back from them, and the rest as YAML. `write(fenced)` gives the
  // text, `read(plan)` the keys of the one node that came back, or null.
  template <class Write, class Read>
  std::string faithful(const Node& wanted, Keys fenced, Write write, Read read) const {
    for (int round = 0; round < 4; ++round) {
      const std::string text = write(fenced);
      Plan back;
      back.personas = plan_.personas;
      Findings findings;
      back = parse_plan_markdown(persona_fence() + text + std::string(kSentinel), "", findings);
      const std::optional<Node> got = read(back);
      Keys lost;
      const bool whole = got && !has_errors(findings);
      if (!whole && !fenced.contains("notes") && wanted.child("notes")) {
        lost = {"notes", "before"};  // a note may speak as a label does
      } else if (!whole) {
        for (const Node::Entry& entry : wanted.map()) lost.insert(entry.key);
      } else {
        lost = differing(wanted, *got);
      }
      lost.erase("parent");
      const size_t before = fenced.size();
      fenced.insert(lost.begin(), lost.end());
      if (fenced.size() == before) return text;
    }
    for (const Node::Entry& entry : wanted.map()) {
      if (entry.key != "parent") fenced.insert(entry.key);
    }
    return write(fenced);
  }

  // The persons that owners name, for a text that is read on its own.
  const std::string& persona_fence() const {
    if (persona_fence_.empty()) {
      const Node personas = only(plan_head_node(plan_), {"personas"});
      persona_fence_ = personas.map().empty() ? "\n" : fence(layout_yaml(personas, 1), " plan");
    }
    return persona_fence_;
  }

  static bool sentinel_came(const Plan& back, size_t groups) {
    return back.groups.size() == groups + 1 && *back.groups.back().number == "999999" &&
           back.groups.back().before.empty() && back.after.empty();
  }

  std::string group_text(const Group& group, int ordinal, const std::string& structural) const {
    Keys fenced;
    if (*group.parent != structural) fenced.insert("parent");
    return faithful(
        group_node(group), fenced,
        [&](const Keys& keys) { return write_group(group, ordinal, keys); },
        [&](const Plan& back) -> std::optional<Node> {
          if (!sentinel_came(back, 1) || !back.tasks.empty()) return std::nullopt;
          return group_node(back.groups[0]);
        });
  }

  std::string write_group(const Group& group, int ordinal, const Keys& fenced) const {
    const auto shown = [&](const Text& text, const char* key) {
      return !text.empty() && !fenced.contains(key);
    };
    std::string out;
    if (shown(group.before, "before")) out += paragraph(*group.before);
    std::string name = label(group_label(group.kind));
    if (group.kind >= GroupKind::Macro) {
      const bool example = group.example && !fenced.contains("example");
      if (example) name = std::string(example_name(language_)) + " " + name;
      if (shown(group.number, "number")) name += " " + *group.number;
    }
    std::string title = fenced.contains("title") ? "" : *group.title;
    const std::string number = fenced.contains("number") ? "" : *group.number;
    if (*group.id != derived_group_id(group.kind, number, ordinal)) {
      title += (title.empty() ? "" : " ") + std::string("{#") + *group.id + "}";
    }
    title = title.empty() ? "" : " " + title;
    if (group.kind < GroupKind::Macro) {
      out += paragraph("**" + name + ":**" + title);
    } else {
      out += paragraph((group.kind == GroupKind::Macro ? "### " : "#### ") + name + ":" + title);
    }
    std::string fields;
    if (!group.owner.empty() && !fenced.contains("owner")) {
      fields += bullet(Label::Owner, owners(group.owner));
    }
    if (shown(group.description, "description")) {
      fields += bullet(Label::Description, *group.description);
    }
    if (shown(group.choose, "choose")) fields += bullet(Label::Choice, "`" + *group.choose + "`");
    if (shown(group.license_note, "license_note")) {
      fields += bullet(Label::LicenseNote, *group.license_note);
    }
    if (!fields.empty()) out += fields + "\n";
    out += extras(group_node(group), fenced);
    if (shown(group.notes, "notes")) out += paragraph(*group.notes);
    return out;
  }

  static std::string extras(const Node& node, const Keys& fenced) {
    const Node rest = only(node, fenced);
    return rest.map().empty() ? "" : fence(layout_yaml(rest, 1));
  }

  std::string task_text(const Task& task, const std::string& structural) const {
    Keys fenced;
    if (*task.parent != structural) fenced.insert("parent");
    return faithful(
        task_node(task), fenced, [&](const Keys& keys) { return write_task(task, keys); },
        [&](const Plan& back) -> std::optional<Node> {
          if (!sentinel_came(back, 0) || back.tasks.size() != 1 || *back.tasks[0].id != *task.id) {
            return std::nullopt;
          }
          return task_node(back.tasks[0]);
        });
  }

  std::string write_task(const Task& task, const Keys& fenced) const {
    const auto shown = [&](const Text& text, const char* key) {
      return !text.empty() && !fenced.contains(key);
    };
    std::string out;
    if (shown(task.before, "before")) out += paragraph(*task.before);
    out += "*   **" + label(Label::AtlasTask) + " " + *task.id;
    if (shown(task.alias, "alias")) out += " (" + *task.alias + ")";
    out += ":**" + (shown(task.title, "title") ? " " + *task.title : "") + "\n";
    std::string fields;
    if (!task.owner.empty() && !fenced.contains("owner")) {
      fields += bullet(Label::Owner, owners(task.owner));
    }
    if (shown(task.description, "description")) {
      fields += bullet(Label::Description, *task.description);
    }
    if (!fenced.contains("module")) {
      for (const Module& module : task.modules) {
        fields += bullet(Label::Module, module_text(module));
      }
    }
    fields += list(Label::Libraries, libraries(task, fenced));
    fields += list(Label::Relations, relations(task, fenced));
    fields += execution(task, fenced);
    if (shown(task.license_note, "license_note")) {
      fields += bullet(Label::LicenseNote, *task.license_note);
    }
    out += indented(fields) + "\n" + extras(task_node(task), fenced);
    if (shown(task.notes, "notes")) out += paragraph(*task.notes);
    return out;
  }

  std::vector<std::string> libraries(const Task& task, const Keys& fenced) const {
    std::vector<std::string> items;
    if (fenced.contains("uses")) return items;
    for (const Use& use : task.uses) items.push_back(library_item(use, language_));
    return items;
  }

  std::vector<std::string> relations(const Task& task, const Keys& fenced) const {
    std::vector<std::string> items;
    const auto add = [&](Label name, const std::string& value) {
      items.push_back("**" + label(name) + ":** " + value);
    };
    if (!fenced.contains("in")) {
      for (const auto& [name, input] : task.in) add(Label::Input, input_text(name, input));
    }
    if (!fenced.contains("out")) {
      for (const auto& [name, output] : task.out) add(Label::Output, output_text(name, output));
    }
    if (!fenced.contains("requires")) {
      for (const Text& text : task.requirements) items.push_back(*text);
    }
    return items;
  }

  std::string execution(const Task& task, const Keys& fenced) const {
    const Node node = task_node(task);
    std::string out;
    const auto add = [&](Label name, const char* key) {
      const Node* value = node.child(key);
      if (value && !fenced.contains(key)) out += bullet(name, "`" + flow_yaml(*value) + "`");
    };
    add(Label::Run, "run");
    if (!fenced.contains("check")) {
      std::vector<std::string> commands;
      for (const Command& command : task.checks) {
        commands.push_back("`" + flow_yaml(command_node(command)) + "`");
      }
      out += list(Label::Check, commands);
    }
    add(Label::Effort, "effort");
    add(Label::Needs, "needs");
    return out;
  }

  // A label with its items below it.
  std::string list(Label name, const std::vector<std::string>& items) const {
    if (items.empty()) return "";
    std::string out = bullet(name, "");
    for (const std::string& item : items) out += "    *   " + item + "\n";
    return out;
  }

  static std::string indented(const std::string& lines) {
    std::string out;
    for (size_t at = 0; at < lines.size();) {
      const size_t end = lines.find('\n', at);
      out += "    " + lines.substr(at, end - at) + "\n";
      at = end + 1;
    }
    return out;
  }

  Plan plan_;
  Language language_;
  mutable std::string persona_fence_;
};

}  // namespace

std::string plan_markdown(const Plan& plan, Language language) {
  return Exporter(plan, language).run();
}

}  // namespace lydia::atlas
