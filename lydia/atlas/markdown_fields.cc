#include "lydia/atlas/markdown_fields.h"

#include <algorithm>

#include "lydia/atlas/fold.h"
#include "lydia/atlas/library_item.h"
#include "lydia/atlas/plan_fields.h"
#include "lydia/atlas/plan_markdown.h"
#include "lydia/core/error.h"

namespace lydia::atlas {
namespace {

// Fills a text that is not there yet.
bool set_once(Text& target, const Text& value) {
  if (!target.empty() || value.empty()) return false;
  target = value;
  return true;
}

// The content of a value that is one `code span`.
std::optional<std::string> code_of(std::string_view value) {
  const bool code = value.size() > 2 && value.front() == '`' && value.back() == '`' &&
                    value.find('`', 1) == value.size() - 1;
  if (!code) return std::nullopt;
  return std::string(value.substr(1, value.size() - 2));
}

// A field whose value is `YAML` in a code span, read by the task's table of keys.
bool read_yaml_field(Task& task, const FieldText& field, const std::string& key, Unread& unread) {
  const std::optional<std::string> code = code_of(*field.value);
  if (!code) return false;
  const Source shift = {field.value.at.line - 1, field.value.at.column};
  Findings findings;
  FieldReader reader(findings, shift);
  Task read;
  try {
    config::Node::Map map;
    map.push_back({key, config::parse_yaml(*code, "", kPlanLimits)});
    reader.read_task(config::Node(std::move(map)), read);
  } catch (const config::YamlError& error) {
    unread = {{error.line + shift.line, error.column + shift.column}, {error.reason, error.reason}};
    return false;
  }
  if (!findings.empty()) {
    unread = {findings[0].at, findings[0].message};
    return false;
  }
  const bool taken = (key == "run" && (task.run || task.human)) || (key == "needs" && task.needs) ||
                     (key == "effort" && !task.effort.empty());
  if (taken) return false;
  if (key == "run") {
    task.run = read.run;
    task.human = read.human;
  } else if (key == "check") {
    task.checks.insert(task.checks.end(), read.checks.begin(), read.checks.end());
  } else if (key == "needs") {
    task.needs = read.needs;
  } else {
    task.effort = read.effort;
  }
  return true;
}

ModuleState state_of(std::string_view note) {
  for (const ModuleState state : {ModuleState::Create, ModuleState::Modify, ModuleState::Use}) {
    if (note == state_name(state)) return state;
  }
  const std::string folded = fold(note);
  constexpr std::string_view kCreated[] = {"oluştur", "newly created", "be created", "new file"};
  const bool created = std::any_of(std::begin(kCreated), std::end(kCreated), [&](auto word) {
    return folded.find(word) != std::string::npos;
  });
  return created ? ModuleState::Create : ModuleState::Unsaid;
}

// `path` `symbol` (note)
bool read_module(Task& task, const Text& value) {
  std::string_view rest = *value;
  const auto code = [&]() -> std::string {
    if (!rest.starts_with('`')) return "";
    const size_t end = rest.find('`', 1);
    if (end == std::string_view::npos) return "";
    const std::string out(rest.substr(1, end - 1));
    rest = trim(rest.substr(end + 1));
    return out;
  };
  Module module;
  module.at = value.at;
  module.path = {{code(), value.at}};
  if (module.path.empty()) return false;
  module.symbol = {{code(), value.at}};
  if (rest.ends_with('.')) rest.remove_suffix(1);
  if (rest.size() > 2 && rest.front() == '(' && rest.back() == ')') {
    const std::string_view note = rest.substr(1, rest.size() - 2);
    module.state = state_of(note);
    if (note != state_name(module.state)) module.note = {{std::string(note), value.at}};
  } else if (!rest.empty()) {
    return false;
  }
  task.modules.push_back(std::move(module));
  return true;
}

// "`name` = `value`" taken apart.
std::optional<std::pair<std::string, std::string>> read_port(std::string_view text) {
  constexpr std::string_view kBetween = "` = `";
  const size_t between = text.find(kBetween);
  if (!text.starts_with('`') || !text.ends_with('`') || between == std::string_view::npos) {
    return std::nullopt;
  }
  const std::string name(text.substr(1, between - 1));
  const size_t from = between + kBetween.size();
  if (from + 1 > text.size() || name.empty()) return std::nullopt;
  const std::string value(text.substr(from, text.size() - 1 - from));
  if (value.empty() || (name + value).find('`') != std::string::npos) return std::nullopt;
  return std::pair(name, value);
}

template <class T>
Text unused_name(const Named<T>& items, const std::string& name, Source at) {
  std::string out = name;
  const auto taken = [&] {
    return std::any_of(items.begin(), items.end(), [&](const auto& i) { return *i.first == out; });
  };
  for (int n = 2; taken(); ++n) out = name + "-" + std::to_string(n);
  return {{out, at}};
}

bool read_input(Task& task, const Text& value) {
  if (value.empty()) return false;
  Input input;
  if (const auto port = read_port(*value)) {
    input.from = {{port->second, value.at}};
    task.in.emplace_back(unused_name(task.in, port->first, value.at), std::move(input));
    return true;
  }
  input.text = value;
  if (const auto reference = find_reference(*value)) input.from = {{*reference, value.at}};
  task.in.emplace_back(unused_name(task.in, port_name(*value, "input"), value.at),
                       std::move(input));
  return true;
}

bool read_output(Task& task, const Text& value) {
  if (value.empty()) return false;
  Output output;
  if (const auto port = read_port(*value)) {
    output.path = {{port->second, value.at}};
    task.out.emplace_back(unused_name(task.out, port->first, value.at), std::move(output));
    return true;
  }
  output.text = value;
  if (const auto reference = find_reference(*value)) {
    output.feeds.push_back({{*reference, value.at}});
  }
  task.out.emplace_back(unused_name(task.out, port_name(*value, "output"), value.at),
                        std::move(output));
  return true;
}

bool read_uses(Task& task, const Text& value) {
  std::vector<Use> uses = parse_library_items(*value, value.at);
  std::move(uses.begin(), uses.end(), std::back_inserter(task.uses));
  return !uses.empty();
}

const Persona* persona_named(const Plan& plan, std::string_view name) {
  for (const auto& [id, persona] : plan.personas) {
    if (*persona.name == name) return &persona;
  }
  return nullptr;
}

Text persona_id(Plan& plan, std::string_view title, std::string_view name, Source at) {
  for (const auto& [id, persona] : plan.personas) {
    if (*persona.name == name) return {{*id, at}};
  }
  const std::string slug = persona_slug(name);
  const Text id = unused_name(plan.personas, slug.empty() ? "persona" : slug, at);
  Persona made;
  made.name = {{std::string(name), at}};
  made.title = {{std::string(title), at}};
  made.at = at;
  plan.personas.emplace_back(id, std::move(made));
  return id;
}

}  // namespace

bool read_group_field(Plan& plan, Group& group, const FieldText& field) {
  switch (field.label) {
    case Label::Description: return set_once(group.description, field.value);
    case Label::LicenseNote: return set_once(group.license_note, field.value);
    case Label::Choice: {
      const std::optional<std::string> code = code_of(*field.value);
      return code && set_once(group.choose, {{*code, field.value.at}});
    }
    case Label::Owner: {
      if (!group.owner.empty()) return false;
      const auto owners = read_owners(plan, field.value);
      if (owners) group.owner = *owners;
      return owners.has_value();
    }
    default: return false;
  }
}

bool read_task_field(Plan& plan, Task& task, const FieldText& field, Unread& unread) {
  const bool list = field.value.empty();  // items follow below
  switch (field.label) {
    case Label::Description: return set_once(task.description, field.value);
    case Label::LicenseNote: return set_once(task.license_note, field.value);
    case Label::Owner: {
      if (!task.owner.empty()) return false;
      const auto owners = read_owners(plan, field.value);
      if (owners) task.owner = *owners;
      return owners.has_value();
    }
    case Label::Module: return read_module(task, field.value);
    case Label::Libraries: return list ? task.uses.empty() : read_uses(task, field.value);
    case Label::Relations: return list;
    case Label::Input: return read_input(task, field.value);
    case Label::Output: return read_output(task, field.value);
    case Label::Run: return read_yaml_field(task, field, "run", unread);
    case Label::Check: return list || read_yaml_field(task, field, "check", unread);
    case Label::Effort: return read_yaml_field(task, field, "effort", unread);
    case Label::Needs: return read_yaml_field(task, field, "needs", unread);
    default: return false;
  }
}

bool read_task_item(Task& task, const FieldText& item, Unread& unread) {
  switch (item.label) {
    case Label::Libraries: return read_uses(task, item.value);
    case Label::Check: return read_yaml_field(task, item, "check", unread);
    case Label::Relations: task.requirements.push_back(item.value); return true;
    default: return false;
  }
}

Message field_form(Label label) {
  switch (label) {
    case Label::Run:
      return {"`[program, word, \"{in.x}\", \"{out.y}\"]` or `human`",
              "`[program, sözcük, \"{in.x}\", \"{out.y}\"]` ya da `human`"};
    case Label::Check:
      return {"`[program, word, \"{out.y}\"]`, or a list of them below",
              "`[program, sözcük, \"{out.y}\"]` ya da altında bunların listesi"};
    case Label::Effort:
      return {"`{persona: [1h, 2h, 4h]}`, or `{persona: 2h}`",
              "`{persona: [1h, 2h, 4h]}` ya da `{persona: 2h}`"};
    case Label::Needs: return {"`{cpu: 2, mem: 4G}`", "`{cpu: 2, mem: 4G}`"};
    case Label::Choice:
      return {"`AG-1`, the id of a micro task's alternative",
              "`AG-1`, mikro görevin seçilen Atlas görevi"};
    case Label::Owner:
      return {"Title (Name), Title (Name), or `persona`", "Unvan (Ad), Unvan (Ad) ya da `persona`"};
    case Label::Module:
      return {"`path` `symbol` (create, modify or use)",
              "`yol` `simge` (create, modify ya da use)"};
    case Label::Libraries:
      return {"`torch` (v2.4.1, BSD-3-Clause) - License: Compatible, or a list of such items below",
              "`torch` (v2.4.1, BSD-3-Clause) - Lisans: Uyumlu ya da altında böyle maddeler"};
    case Label::Relations:
      return {"nothing after the colon, and a list below", "iki noktadan sonra boş, altında liste"};
    case Label::Input:
      return {"`name` = `TASK.port`, or a text", "`ad` = `GÖREV.kapı` ya da bir metin"};
    case Label::Output: return {"`name` = `path`, or a text", "`ad` = `yol` ya da bir metin"};
    default: return {};
  }
}

std::optional<std::vector<Text>> read_owners(Plan& plan, const Text& value) {
  std::vector<std::pair<std::string, std::string>> people;  // title, name; "" and an id
  int depth = 0;
  size_t from = 0;
  for (size_t i = 0; i <= value->size(); ++i) {
    if (i < value->size() && ((*value)[i] != ',' || depth > 0)) {
      depth += (*value)[i] == '(' ? 1 : (*value)[i] == ')' ? -1 : 0;
      continue;
    }
    const std::string_view part = trim(std::string_view(*value).substr(from, i - from));
    from = i + 1;
    const size_t open = part.find('(');
    if (const auto id = code_of(part)) {
      people.emplace_back("", *id);
    } else if (open != std::string_view::npos && open > 0 && part.ends_with(')')) {
      people.emplace_back(trim(part.substr(0, open)),
                          part.substr(open + 1, part.size() - open - 2));
    } else {
      return std::nullopt;
    }
  }
  std::vector<Text> owners;
  for (const auto& [title, name] : people) {
    owners.push_back(title.empty() ? Text{{name, value.at}}
                                   : persona_id(plan, title, name, value.at));
  }
  return owners;
}

std::string owners_text(const Plan& plan, const std::vector<Text>& owners) {
  std::string out;
  for (const Text& owner : owners) {
    const auto found = std::find_if(plan.personas.begin(), plan.personas.end(),
                                    [&](const auto& item) { return item.first == owner; });
    const bool known = found != plan.personas.end() && !found->second.name.empty() &&
                       !found->second.title.empty() &&
                       persona_named(plan, *found->second.name) == &found->second;
    out += out.empty() ? "" : ", ";
    out += known ? *found->second.title + " (" + *found->second.name + ")" : "`" + *owner + "`";
  }
  return out;
}

std::string module_text(const Module& module) {
  std::string out = "`" + *module.path + "`";
  if (!module.symbol.empty()) out += " `" + *module.symbol + "`";
  const std::string note =
      module.note.empty() ? std::string(state_name(module.state)) : *module.note;
  return note.empty() ? out : out + " (" + note + ")";
}

std::string input_text(const Text& name, const Input& input) {
  return input.text.empty() ? "`" + *name + "` = `" + *input.from + "`" : *input.text;
}

std::string output_text(const Text& name, const Output& output) {
  return output.text.empty() ? "`" + *name + "` = `" + *output.path + "`" : *output.text;
}

}  // namespace lydia::atlas
