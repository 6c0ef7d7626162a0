// The keys of a plan's maps, one table per kind of map: what the YAML reader, and the Markdown
// reader for its fenced blocks, fill the structs of plan.h with.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "lydia/atlas/finding.h"
#include "lydia/atlas/plan.h"
#include "lydia/config/node.h"
#include "lydia/config/yaml.h"

namespace lydia::atlas {

// What a plan may be at most: 10,000 tasks are about a tenth of it.
inline constexpr config::YamlLimits kPlanLimits = {size_t{16} << 20, 2'000'000, 200'000, false,
                                                   false};

// Reads values and turns what is wrong with them into findings.
class FieldReader {
 public:
  // `shift` is added to every position: where a fenced block begins in its file.
  explicit FieldReader(Findings& findings, Source shift = {})
      : findings_(findings), shift_(shift) {}

  void read_plan(const config::Node& map, Plan& plan);
  void read_group(const config::Node& map, Group& group);
  void read_task(const config::Node& map, Task& task);

  Source source(const config::Place& place) const {
    return {place.line + shift_.line, place.column + shift_.column};
  }
  Text key(const config::Node::Entry& entry) const { return {{entry.key, source(entry.place)}}; }

  // Each gives a default value, and a finding, for a node of another kind.
  Text text(const config::Node& node);
  std::vector<Text> texts(const config::Node& node);  // one text, or a list of them
  bool flag(const config::Node& node);
  double number(const config::Node& node, double low, double high);
  int whole(const config::Node& node, int low, int high);
  double duration(const config::Node& node);
  uint64_t bytes(const config::Node& node);
  Command command(const config::Node& node);
  std::vector<Command> commands(const config::Node& node);
  // The place of the text in `names`; 0 when it is none of them.
  size_t choice(const config::Node& node, std::span<const std::string_view> names);

  bool expect_map(const config::Node& node, std::string_view what);
  bool expect_list(const config::Node& node, std::string_view what);
  void unknown_key(const config::Node::Entry& entry, std::string_view what,
                   std::span<const std::string_view> known);
  void report(const config::Node& node, std::string code, Message message, Message hint = {});

 private:
  void wrong_type(const config::Node& node, Message expected);

  Findings& findings_;
  Source shift_;
};

}  // namespace lydia::atlas
