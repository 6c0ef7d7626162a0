#include "lydia/atlas/plan_node.h"

#include <cmath>

namespace lydia::atlas {
namespace {

using config::Node;

Node empty_map() { return Node(Node::Map()); }

// The setters leave out what the plan does not say. Keys are set once each: no look-up is needed.
void put(Node& map, std::string_view key, Node value) {
  map.map().push_back({std::string(key), std::move(value)});
}

void put_text(Node& map, std::string_view key, const Text& text) {
  if (!text.empty()) put(map, key, Node(*text));
}

void put_name(Node& map, std::string_view key, std::string_view name) {
  if (!name.empty()) put(map, key, Node(name));
}

void put_flag(Node& map, std::string_view key, bool flag) {
  if (flag) put(map, key, Node(true));
}

Node text_list(const std::vector<Text>& texts) {
  Node::List list;
  for (const Text& text : texts) list.emplace_back(*text);
  return Node(std::move(list));
}

void put_texts(Node& map, std::string_view key, const std::vector<Text>& texts) {
  if (!texts.empty()) put(map, key, text_list(texts));
}

template <class T, class ToNode>
void put_named(Node& map, std::string_view key, const Named<T>& items, ToNode to_node) {
  if (items.empty()) return;
  Node named = empty_map();
  for (const auto& [name, item] : items) put(named, *name, to_node(item));
  put(map, key, std::move(named));
}

template <class T, class ToNode>
void put_list(Node& map, std::string_view key, const std::vector<T>& items, ToNode to_node) {
  if (items.empty()) return;
  Node::List list;
  for (const T& item : items) list.push_back(to_node(item));
  put(map, key, Node(std::move(list)));
}

Node number_node(double value) {
  const bool whole = std::floor(value) == value && std::fabs(value) < 0x1p53;
  return whole ? Node(static_cast<int64_t>(value)) : Node(value);
}

Node module_node(const Module& module) {
  Node map = empty_map();
  put_text(map, "path", module.path);
  put_text(map, "symbol", module.symbol);
  put_name(map, "state", state_name(module.state));
  put_text(map, "note", module.note);
  return map;
}

Node use_node(const Use& use) {
  Node map = empty_map();
  put_text(map, "purl", use.purl);
  put_text(map, "name", use.name);
  put_text(map, "version", use.version);
  put_text(map, "license", use.license);
  put_name(map, "role", role_name(use.role));
  put_text(map, "when", use.when);
  put_text(map, "claim", use.claim);
  put_text(map, "note", use.note);
  put_text(map, "declared", use.declared);
  return map;
}

Node input_node(const Input& input) {
  Node map = empty_map();
  put_text(map, "from", input.from);
  put_text(map, "text", input.text);
  put_text(map, "kind", input.kind);
  return map;
}

Node output_node(const Output& output) {
  if (!output.path.empty() && output.text.empty() && output.kind.empty() && output.feeds.empty()) {
    return Node(*output.path);
  }
  Node map = empty_map();
  put_text(map, "path", output.path);
  put_text(map, "text", output.text);
  put_text(map, "kind", output.kind);
  put_texts(map, "feeds", output.feeds);
  return map;
}

Node effort_node(const Effort& effort) {
  if (effort.optimistic == effort.likely && effort.likely == effort.pessimistic) {
    return Node(duration_text(effort.likely));
  }
  return Node(Node::List{duration_text(effort.optimistic), duration_text(effort.likely),
                         duration_text(effort.pessimistic)});
}

Node group_output_node(const GroupOutput& output) {
  Node map = empty_map();
  put(map, "any_of", text_list(output.any_of));
  return map;
}

Node policy_node(const Policy& policy) {
  Node map = empty_map();
  put_text(map, "goal", policy.goal);
  put_text(map, "delivery", policy.delivery);
  put_text(map, "outbound", policy.outbound);
  put_text(map, "table", policy.table);
  put_text(map, "classifications", policy.classifications);
  put_text(map, "matrix", policy.matrix);
  put_text(map, "evidence", policy.evidence);
  return map;
}

Node persona_node(const Persona& persona) {
  Node map = empty_map();
  put_text(map, "name", persona.name);
  put_text(map, "title", persona.title);
  if (persona.hours_per_day) put(map, "hours_per_day", number_node(**persona.hours_per_day));
  return map;
}

Node plan_input_node(const PlanInput& input) {
  Node map = empty_map();
  put_text(map, "path", input.path);
  put_text(map, "digest", input.digest);
  put_text(map, "license", input.license);
  put_text(map, "purl", input.purl);
  put_name(map, "role", role_name(input.role));
  put_text(map, "text", input.text);
  return map;
}

// How a task is run and scheduled.
void put_execution(Node& map, const Task& task) {
  if (task.human) put(map, "run", Node("human"));
  if (task.run) put(map, "run", command_node(*task.run));
  put_list(map, "check", task.checks, command_node);
  if (task.needs) put(map, "needs", needs_node(*task.needs));
  put_texts(map, "requires", task.requirements);
  put_texts(map, "after", task.after);
  put_named(map, "effort", task.effort, effort_node);
  if (task.retries) put(map, "retries", Node(**task.retries));
  if (task.timeout) put(map, "timeout", Node(duration_text(**task.timeout)));
  put_flag(map, "device_sensitive", task.device_sensitive);
  put_texts(map, "env", task.env);
  put_texts(map, "persist", task.persist);
  put_named(map, "foreach", task.foreach, text_list);
  put_name(map, "delivery", delivery_name(task.delivery));
}

}  // namespace

Node waiver_node(const Waiver& waiver) {
  Node map = empty_map();
  put_text(map, "task", waiver.task);
  put_text(map, "purl", waiver.purl);
  put_text(map, "code", waiver.code);
  put_text(map, "owner", waiver.owner);
  put_text(map, "reason", waiver.reason);
  put_text(map, "expires", waiver.expires);
  return map;
}

Node command_node(const Command& command) { return text_list(command.argv); }

Node needs_node(const Needs& needs) {
  Node map = empty_map();
  put(map, "cpu", number_node(needs.cpu));
  if (needs.gpu != 0) put(map, "gpu", Node(needs.gpu));
  if (needs.mem != 0) put(map, "mem", Node(bytes_text(needs.mem)));
  put_texts(map, "locks", needs.locks);
  return map;
}

Node plan_head_node(const Plan& plan) {
  Node map = empty_map();
  put(map, "atlas", Node(1));
  put_text(map, "title", plan.title);
  put_text(map, "language", plan.language);
  put_text(map, "root", plan.root);
  const Node policy = policy_node(plan.policy);
  if (!policy.map().empty()) put(map, "policy", policy);
  put_named(map, "params", plan.params, [](const Text& value) { return Node(*value); });
  put_named(map, "personas", plan.personas, persona_node);
  put_named(map, "inputs", plan.inputs, plan_input_node);
  put_list(map, "waivers", plan.waivers, waiver_node);
  put_text(map, "before", plan.before);
  return map;
}

Node group_node(const Group& group) {
  Node map = empty_map();
  put(map, "kind", Node(kind_name(group.kind)));
  put_text(map, "parent", group.parent);
  put_text(map, "number", group.number);
  put_flag(map, "example", group.example);
  put_text(map, "title", group.title);
  put_texts(map, "owner", group.owner);
  put_text(map, "description", group.description);
  put_text(map, "choose", group.choose);
  put_named(map, "out", group.out, group_output_node);
  put_text(map, "license_note", group.license_note);
  put_text(map, "before", group.before);
  put_text(map, "notes", group.notes);
  return map;
}

Node task_node(const Task& task) {
  Node map = empty_map();
  put_text(map, "parent", task.parent);
  put_text(map, "alias", task.alias);
  put_text(map, "title", task.title);
  put_texts(map, "owner", task.owner);
  put_text(map, "description", task.description);
  if (task.modules.size() == 1) put(map, "module", module_node(task.modules[0]));
  if (task.modules.size() > 1) put_list(map, "module", task.modules, module_node);
  put_list(map, "uses", task.uses, use_node);
  put_named(map, "in", task.in, input_node);
  put_named(map, "out", task.out, output_node);
  put_execution(map, task);
  put_text(map, "license_note", task.license_note);
  put_text(map, "before", task.before);
  put_text(map, "notes", task.notes);
  return map;
}

}  // namespace lydia::atlas
