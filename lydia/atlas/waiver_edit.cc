#include "lydia/atlas/waiver_edit.h"

#include <algorithm>
#include <utility>

#include "lydia/atlas/plan_fields.h"
#include "lydia/atlas/plan_node.h"
#include "lydia/atlas/yaml_layout.h"
#include "lydia/core/error.h"

namespace lydia::atlas {
namespace {

using config::Node;

// The byte at which line `line` (from 1) begins.
size_t line_start(const std::string& text, int line) {
  size_t at = 0;
  for (int i = 1; i < line && at != std::string::npos; ++i) {
    at = text.find('\n', at);
    if (at != std::string::npos) ++at;
  }
  return std::min(at, text.size());
}

// Where a list begins: its bracket, or its first dash. Columns count bytes.
size_t place_of(const std::string& text, const Node& list) {
  const auto column = static_cast<size_t>(std::max(list.place().column, 1));
  return std::min(line_start(text, list.place().line) + column, text.size()) - 1;
}

// "- {...}" as the writer lays it out, below `indent` spaces.
std::string block_item(const Waiver& waiver, size_t indent) {
  const Node list(Node::List{waiver_node(waiver)});
  const std::string laid_out = layout_yaml(Node(Node::Map{{"waivers", list}}), 1);
  std::string out;
  for (size_t at = laid_out.find('\n') + 1; at < laid_out.size();) {
    const size_t end = laid_out.find('\n', at);
    out += std::string(indent, ' ') + laid_out.substr(at, end + 1 - at);
    at = end + 1;
  }
  return out;
}

size_t count_waivers(const std::string& yaml) {
  const Node root = config::parse_yaml(yaml, "", kPlanLimits);
  const Node* list = root.child("waivers");
  return list && list->is_list() ? list->list().size() : 0;
}

}  // namespace

std::string add_waiver(std::string yaml, const Waiver& waiver) {
  if (!yaml.empty() && yaml.back() != '\n') yaml += '\n';
  const Node root = config::parse_yaml(yaml, "", kPlanLimits);
  LYDIA_CHECK(root.is_map(), ValueError, "atlas: expected a plan as a map of keys");
  const Node* list = root.child("waivers");
  const size_t before = list && list->is_list() ? list->list().size() : 0;
  if (!list) {
    yaml += "waivers:\n" + block_item(waiver, 0);
  } else if (const size_t at = place_of(yaml, *list); yaml[at] == '[') {
    yaml.insert(at + 1, flow_yaml(waiver_node(waiver)) + (before > 0 ? ", " : ""));
  } else {
    const size_t line = line_start(yaml, list->place().line);
    yaml.insert(line, block_item(waiver, at - line));
  }
  bool added = false;
  try {
    added = count_waivers(yaml) == before + 1;
  } catch (const ValueError&) {  // the text has a form of its own
  }
  LYDIA_CHECK(added, ValueError,
              "atlas: the plan has a form that no waiver can be added to; lydia atlas fmt puts it "
              "right");
  return yaml;
}

}  // namespace lydia::atlas
