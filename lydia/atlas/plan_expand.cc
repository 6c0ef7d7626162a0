#include "lydia/atlas/plan_expand.h"

#include <algorithm>

#include "lydia/core/error.h"
#include "lydia/core/nearest.h"

namespace lydia::atlas {
namespace {

constexpr size_t kMaxTasks = 200'000;

using Values = std::vector<std::pair<std::string, std::string>>;

const std::string* find_value(const Values& values, const std::string& name) {
  for (const auto& [key, value] : values) {
    if (key == name) return &value;
  }
  return nullptr;
}

// Replaces what `values` knows ("params.x", "each.y"); the rest stays.
void replace(Text& text, const Values& values) {
  if (text->find('{') == std::string::npos) return;
  std::string out;
  size_t from = 0;
  for (const Variable& variable : find_variables(*text)) {
    const std::string* value = find_value(values, variable.space + "." + variable.name);
    if (!value) continue;
    out += text->substr(from, variable.begin - from) + *value;
    from = variable.end;
  }
  text.value = out + text->substr(from);
}

void replace(std::vector<Text>& texts, const Values& values) {
  for (Text& text : texts) replace(text, values);
}

void replace_in_task(Task& task, const Values& values) {
  for (auto& [name, input] : task.in) replace(input.from, values);
  for (auto& [name, output] : task.out) replace(output.path, values);
  for (Module& module : task.modules) replace(module.path, values);
  if (task.run) replace(task.run->argv, values);
  for (Command& command : task.checks) replace(command.argv, values);
  if (task.needs) replace(task.needs->locks, values);
  replace(task.after, values);
  replace(task.persist, values);
}

// The next combination of digits below `counts`; false after the last.
bool advance(std::vector<size_t>& digits, const Named<std::vector<Text>>& lists) {
  for (size_t i = digits.size(); i-- > 0;) {
    if (++digits[i] < lists[i].second.size()) return true;
    digits[i] = 0;
  }
  return false;
}

Finding at_task(const Task& task, Message message) {
  Finding finding;
  finding.code = "foreach";
  finding.subject = *task.id;
  finding.at = task.at;
  finding.message = std::move(message);
  return finding;
}

void expand_task(const Task& task, const Values& params, std::vector<Task>& out,
                 Findings& findings) {
  const bool empty = std::any_of(task.foreach.begin(), task.foreach.end(),
                                 [](const auto& list) { return list.second.empty(); });
  if (empty) {
    findings.push_back(at_task(task, {"a list of foreach is empty: there is no task to run",
                                      "foreach listelerinden biri boş: çalışacak görev yok"}));
    return;
  }
  size_t room = kMaxTasks - std::min(out.size(), kMaxTasks);
  for (const auto& [name, list] : task.foreach) room /= list.size();
  if (room == 0) {  // said before any is made
    findings.push_back(at_task(
        task, {"foreach makes more than 200000 tasks", "foreach 200000'den çok görev üretiyor"}));
    return;
  }
  Task pattern = task;
  pattern.foreach.clear();  // long lists are not copied for each of their values
  std::vector<size_t> digits(task.foreach.size());
  do {
    Task made = pattern;
    Values values = params;
    std::string suffix;
    for (size_t i = 0; i < digits.size(); ++i) {
      const std::string& value = *task.foreach[i].second[digits[i]];
      values.emplace_back("each." + *task.foreach[i].first, value);
      suffix += (i == 0 ? "" : ",") + value;
    }
    if (!digits.empty()) made.id.value += "[" + suffix + "]";
    replace_in_task(made, values);
    out.push_back(std::move(made));
  } while (advance(digits, task.foreach));
}

bool is_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) || c == '_' || c == '-';
  });
}

}  // namespace

Plan expand_plan(const Plan& plan, Findings& findings) {
  Values params;
  for (const auto& [name, value] : plan.params) params.emplace_back("params." + *name, *value);
  Plan out = plan;
  for (auto& [name, input] : out.inputs) replace(input.path, params);
  std::vector<Task> tasks;
  tasks.reserve(plan.tasks.size());
  for (Task& task : out.tasks) {
    if (task.foreach.empty()) {
      replace_in_task(task, params);
      tasks.push_back(std::move(task));
    } else {
      expand_task(task, params, tasks, findings);
    }
  }
  out.tasks = std::move(tasks);
  return out;
}

void set_param(Plan& plan, const std::string& name, const std::string& value) {
  std::vector<std::string_view> names;
  for (auto& [param, current] : plan.params) {
    if (*param == name) {
      current.value = value;
      return;
    }
    names.push_back(*param);
  }
  fail<ValueError>("--param: the plan has no parameter '", name, "'", nearest_hint(name, names));
}

bool is_copy_of(std::string_view id, std::string_view task) {
  return id.starts_with(task) && (id.size() == task.size() || id[task.size()] == '[');
}

std::vector<Variable> find_variables(std::string_view text) {
  std::vector<Variable> out;
  for (size_t at = text.find('{'); at != std::string_view::npos; at = text.find('{', at + 1)) {
    const size_t end = text.find_first_of("{}", at + 1);
    if (end == std::string_view::npos) break;
    if (text[end] == '{') continue;
    const std::string_view inner = text.substr(at + 1, end - at - 1);
    const size_t dot = inner.find('.');
    if (dot == std::string_view::npos) {
      if (inner == "root") out.push_back({"root", "", at, end + 1});
      continue;
    }
    const std::string_view space = inner.substr(0, dot), name = inner.substr(dot + 1);
    if (!is_name(space) || !is_name(name)) continue;
    out.push_back({std::string(space), std::string(name), at, end + 1});
  }
  return out;
}

}  // namespace lydia::atlas
