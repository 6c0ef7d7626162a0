#include "lydia/atlas/plan_yaml.h"

#include <utility>

#include "lydia/atlas/plan_fields.h"
#include "lydia/atlas/plan_node.h"
#include "lydia/atlas/yaml_layout.h"
#include "lydia/config/yaml.h"

namespace lydia::atlas {
namespace {

using config::Node;

// The section `key` of groups or tasks, one item after the other.
template <class Items, class ToNode>
std::string section(const std::string& key, const Items& items, int block_levels, ToNode to_node) {
  if (items.empty()) return "";
  Node::Map named;
  for (const auto& item : items) named.push_back({*item.id, to_node(item)});
  Node::Map map;
  map.push_back({key, Node(std::move(named))});
  return layout_yaml(Node(std::move(map)), block_levels);
}

}  // namespace

Plan parse_plan_yaml(std::string_view text, const std::string& file, Findings& findings) {
  Plan plan;
  plan.file = file;
  try {
    const Node root = config::parse_yaml(text, file, kPlanLimits);
    if (root.is_null()) {
      Finding& empty = findings.emplace_back();
      empty.code = "yaml";
      empty.at = {1, 1};
      empty.message = {"the plan is empty", "plan boş"};
      empty.hint = {"a plan begins with 'atlas: 1'", "bir plan 'atlas: 1' ile başlar"};
      return plan;
    }
    FieldReader(findings).read_plan(root, plan);
    if (root.is_map() && root.child("atlas") == nullptr) {
      FieldReader(findings).report(
          root, "bad-value", {"a plan begins with 'atlas: 1'", "bir plan 'atlas: 1' ile başlar"});
    }
  } catch (const config::YamlError& error) {
    Finding finding;
    finding.code = "yaml";
    finding.at = {error.line, error.column};
    finding.message = {error.reason, "YAML okunamadı: " + error.reason};
    findings.push_back(std::move(finding));
  } catch (const ValueError& error) {  // too large
    Finding finding;
    finding.code = "yaml";
    finding.at = {1, 1};
    finding.message = {error.what(), "dosya çok büyük: " + std::string(error.what())};
    findings.push_back(std::move(finding));
  }
  return plan;
}

std::string plan_yaml(const Plan& plan) {
  std::string out = layout_yaml(plan_head_node(plan), 1);
  out += section("groups", plan.groups, 1, group_node);
  out += section("tasks", plan.tasks, 2, task_node);
  if (!plan.after.empty()) {
    out += layout_yaml(Node(Node::Map{{"after", Node(*plan.after)}}), 0);
  }
  return out;
}

}  // namespace lydia::atlas
