// Files are merged in the order of the defaults; then the keys are closed, and overrides may change
// only what is there unless they begin with '+'.
#include "lydia/config/compose.h"

#include <algorithm>

#include "lydia/config/defaults.h"
#include "lydia/config/suggest.h"
#include "lydia/core/error.h"

namespace lydia::config {
namespace {

constexpr size_t kMaxRuns = 100'000;

std::vector<Override> parse_all(const std::vector<std::string>& lines) {
  std::vector<Override> out;
  out.reserve(lines.size());
  for (const std::string& line : lines) out.push_back(parse_override(line));
  return out;
}

// Puts `config` under the dotted `package`.
Node embed(const Node& config, const std::string& package) {
  if (package.empty()) return config;
  const std::vector<std::string> keys = split_path(package);
  Node out = config;
  for (auto key = keys.rbegin(); key != keys.rend(); ++key) {
    Node::Map map;
    map.push_back({*key, std::move(out)});
    out = Node(std::move(map)).at_place(config.place());
  }
  return out;
}

[[noreturn]] void unknown_key(const Node& root, const Override& override, const std::string& path) {
  const std::string add =
      override.is(Override::Type::Delete) ? "" : "; to add it: +" + override.line;
  const char* verb = override.is(Override::Type::Delete) ? "delete" : "override";
  fail<ValueError>("config: could not ", verb, " '", path, "': no such key",
                   suggest_path(root, path), add);
}

// The keys of `value` that `into` does not have may not come in by a plain override.
void check_known(const Node& root, const Node& into, const Node& value, const Override& override,
                 const std::string& path) {
  if (!value.is_map() || !into.is_map()) return;
  for (const Node::Entry& entry : value.map()) {
    const std::string inner = path + "." + entry.key;
    const Node* child = into.child(entry.key);
    if (child == nullptr) unknown_key(root, override, inner);
    check_known(root, *child, entry.value, override, inner);
  }
}

void put(Node& slot, const Node& value, const Override& override) {
  if (slot.is_container() && value.is_container()) {
    if (slot.kind() != value.kind()) wrong_type(value, override.key, kind_name(slot.kind()));
    merge(slot, value);
  } else {
    slot = value;
  }
}

void change(Node& root, const Override& override) {
  Node* node = &root;
  for (const std::string& key : split_path(override.key)) {
    node = node->child(key);
    if (node == nullptr) unknown_key(root, override, override.key);
  }
  check_known(root, *node, override.value, override, override.key);
  put(*node, override.value, override);
}

void add(Node& root, const Override& override) {
  const Node* old = root.find(override.key);
  const bool free = old == nullptr || old->is_null() || old->is_missing();
  LYDIA_CHECK(free || override.value.is_container() || override.is(Override::Type::ForceAdd),
              ValueError, "config: could not add '", override.key,
              "': it is already there; to change it: ", override.key,
              "=..., to change or add it: +", override.line);
  Node* node = &root;
  for (const std::string& key : split_path(override.key)) {
    if (!node->is_container()) *node = Node(Node::Map()).at_place(override.value.place());
    if (node->child(key) == nullptr) {
      LYDIA_CHECK(node->is_map(), ValueError, "config: could not add '", override.key, "': '", key,
                  "' is no index of a list of ", node->list().size());
      node->set(key, Node());
    }
    node = node->child(key);
  }
  put(*node, override.value, override);
}

void remove(Node& root, const Override& override) {
  const Node* old = root.find(override.key);
  if (old == nullptr || old->is_null() || old->is_missing())
    unknown_key(root, override, override.key);
  LYDIA_CHECK(!override.has_value || override.value.is_null() || override.value == *old, ValueError,
              "config: could not delete '", override.key, "': it is ", show_value(*old), ", not ",
              show_value(override.value));
  const size_t dot = override.key.rfind('.');
  Node* parent = &root;
  if (dot != std::string::npos) {
    for (const std::string& key : split_path(override.key.substr(0, dot)))
      parent = parent->child(key);
  }
  parent->erase(dot == std::string::npos ? override.key : override.key.substr(dot + 1));
}

void apply(Node& root, const Override& override) {
  LYDIA_CHECK(!override.has_package && override.key.find('/') == std::string::npos, ValueError,
              "config: '", override.line, "': there is no group '", override.key, "'");
  switch (override.type) {
    case Override::Type::Change: return change(root, override);
    case Override::Type::Add:
    case Override::Type::ForceAdd: return add(root, override);
    case Override::Type::Delete: return remove(root, override);
  }
}

void refuse_sweep(const Override& override) {
  LYDIA_CHECK(!override.is_sweep, ValueError, "config: '", override.line,
              "' gives several values; run it with --multirun, or quote it to make it one string");
}

Composed compose_parsed(ConfigFolder& folder, const std::string& name,
                        const std::vector<Override>& overrides) {
  Composed out;
  for (const Override& override : overrides) {
    refuse_sweep(override);
    out.overrides.push_back(override.line);
  }
  DefaultsResult defaults = expand_defaults(folder, name, overrides);
  out.config = Node(Node::Map());
  for (const Part& part : defaults.parts) {
    merge(out.config, embed(folder.load(part.path).config, part.package));
  }
  if (!out.config.is_map()) wrong_type(out.config, name, "a map");
  for (const Override& override : defaults.value_overrides) apply(out.config, override);
  out.choices = std::move(defaults.choices);
  return out;
}

bool matches(std::string_view text, std::string_view pattern) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] == '*') {
    return matches(text, pattern.substr(1)) || (!text.empty() && matches(text.substr(1), pattern));
  }
  return !text.empty() && (pattern[0] == '?' || pattern[0] == text[0]) &&
         matches(text.substr(1), pattern.substr(1));
}

// The values of one override as "key=value".
std::vector<std::string> choices_of(const ConfigFolder& folder, const Override& override) {
  if (!override.is_sweep) return {override.line};
  std::vector<std::string> values = override.choices;
  const auto any = [](const std::vector<std::string>& patterns, const std::string& name) {
    return std::any_of(patterns.begin(), patterns.end(),
                       [&](const std::string& p) { return matches(name, p); });
  };
  if (!override.glob.empty()) {
    for (const std::string& option : folder.options(override.key)) {
      if (any(override.glob, option) && !any(override.glob_exclude, option))
        values.push_back(option);
    }
  }
  LYDIA_CHECK(!values.empty(), ValueError, "config: '", override.line,
              "': the sweep has no values");
  const std::string key = override.key_text() + "=";
  for (std::string& value : values) value.insert(0, key);
  return values;
}

}  // namespace

void merge(Node& into, const Node& from) {
  if (!into.is_map() || !from.is_map()) {
    if (!from.is_missing()) into = from;
    return;
  }
  for (const Node::Entry& entry : from.map()) {
    if (Node* old = into.child(entry.key)) {
      merge(*old, entry.value);
    } else {
      into.map().push_back(entry);
    }
  }
}

Composed compose(const std::vector<std::string>& folders, const std::string& name,
                 const std::vector<std::string>& overrides) {
  ConfigFolder folder(folders);
  return compose_parsed(folder, name, parse_all(overrides));
}

Node override_values(Node config, const std::vector<std::string>& overrides) {
  for (const Override& override : parse_all(overrides)) {
    refuse_sweep(override);
    apply(config, override);
  }
  return config;
}

std::vector<std::vector<std::string>> expand_sweeps(const std::vector<std::string>& folders,
                                                    const std::string& name,
                                                    const std::vector<std::string>& overrides) {
  ConfigFolder folder(folders);
  // A key that is given twice counts once, with its last value, at its first place.
  std::vector<std::pair<std::string, std::vector<std::string>>> axes;
  size_t runs = 1;
  for (const Override& override : parse_all(overrides)) {
    const std::string key = override.key_text();
    const auto old =
        std::find_if(axes.begin(), axes.end(), [&](const auto& axis) { return axis.first == key; });
    if (old != axes.end()) {
      old->second = choices_of(folder, override);
    } else {
      axes.emplace_back(key, choices_of(folder, override));
    }
  }
  for (const auto& [key, values] : axes) {
    runs = runs * values.size();
    LYDIA_CHECK(runs <= kMaxRuns, ValueError, "config: the sweep has more than ", kMaxRuns,
                " runs");
  }
  std::vector<std::vector<std::string>> out(1);
  for (const auto& [key, values] : axes) {
    std::vector<std::vector<std::string>> longer;
    for (const auto& run : out) {
      for (const std::string& value : values) {
        longer.push_back(run);
        longer.back().push_back(value);
      }
    }
    out = std::move(longer);
  }
  for (const auto& run : out) compose_parsed(folder, name, parse_all(run));
  return out;
}

}  // namespace lydia::config
