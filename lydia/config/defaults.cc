// The walk goes backwards through each list, so that an override in a later file is known when an
// earlier group is reached; the parts are turned round at the end.
#include "lydia/config/defaults.h"

#include <algorithm>
#include <set>

#include "lydia/config/interpolation.h"
#include "lydia/core/error.h"
#include "lydia/core/nearest.h"

namespace lydia::config {
namespace {

constexpr int kMaxFiles = 10'000;
constexpr std::string_view kGlobal = "_global_";

std::string dotted(std::string path) {
  std::replace(path.begin(), path.end(), '/', '.');
  return path;
}

std::string joined(const std::string& a, const std::string& b, char separator) {
  if (a.empty() || b.empty()) return a + b;
  return a + separator + b;
}

// Where a file stands: the group its relative groups continue, and the package.
struct Base {
  std::string group, package;
};

// An item of a defaults list at its place, its option chosen.
struct Placed {
  DefaultItem item;
  Base parent;
  std::optional<std::string> header;  // the package of the file's head line
  bool primary = false;

  bool absolute() const { return item.path.starts_with('/'); }
  std::string own_path() const { return absolute() ? item.path.substr(1) : item.path; }
  std::string full_path() const {
    return absolute() ? own_path() : joined(parent.group, own_path(), '/');
  }
  // The folder of a config, or the group.
  std::string group() const { return item.is_group ? full_path() : folder_of(full_path()); }
  std::string relative_group() const { return item.is_group ? own_path() : folder_of(own_path()); }
  std::optional<std::string> name() const {
    if (!item.is_group) return item.path.substr(item.path.rfind('/') + 1);
    return item.options.empty() ? std::nullopt : std::optional(item.options[0]);
  }
  std::string config_path() const {
    return item.is_group ? full_path() + "/" + name().value_or("") : full_path();
  }

  std::string package(bool with_header = true) const {
    std::string own = dotted(relative_group());
    if (item.package) {
      own = *item.package;
      const size_t at = own.find("_group_");
      if (at != std::string::npos) {
        own = std::string(kGlobal) + "." + own.replace(at, 7, dotted(group()));
      }
    } else if (with_header && header) {
      own = *header;
    }
    std::string all = joined(parent.package, own, '.');
    const size_t global = all.rfind(kGlobal);
    if (global != std::string::npos)
      all.erase(0, std::min(all.size(), global + kGlobal.size() + 1));
    return all;
  }

  std::string override_key() const {
    const std::string own = package(false);
    if (own == dotted(group())) return group();
    return group() + "@" + (own.empty() ? std::string(kGlobal) : own);
  }

 private:
  static std::string folder_of(const std::string& path) {
    const size_t slash = path.rfind('/');
    return slash == std::string::npos ? "" : path.substr(0, slash);
  }
};

// A replaced option, a deletion: asked for by an override, used when its group comes.
struct Choice {
  std::vector<std::string> options;
  bool is_list = false;
  std::string file;  // empty: the command line
  bool used = false;
};
struct Deletion {
  std::optional<std::string> option;
  bool used = false;
};

class Walk {
 public:
  Walk(ConfigFolder& folder, bool skip_missing) : folder_(folder), skip_missing_(skip_missing) {}

  void take_overrides(const std::vector<Override>& overrides);
  void run(const std::string& name);
  void check_used() const;
  DefaultsResult result;

 private:
  using Parts = std::vector<Part>;  // last one first

  void take_group_override(const Override& override);
  Parts expand(Placed node, bool deferred);
  Parts expand_list(const Placed& node, std::vector<DefaultItem> items, bool deferred);
  Parts expand_item(const Placed& parent, DefaultItem item, bool deferred);
  void collect_overrides(const Placed& node, const std::vector<DefaultItem>& items, bool deferred);
  bool add_self(const Placed& node, std::vector<DefaultItem>& items) const;
  void know(const Placed& node);
  bool is_deleted(const Placed& node);
  void resolve_name(Placed& node) const;
  Placed place(const Placed& parent, DefaultItem item) const;
  [[noreturn]] void not_given(const Placed& node) const;
  [[noreturn]] void not_found(const Placed& node) const;

  ConfigFolder& folder_;
  bool skip_missing_;
  std::map<std::string, Choice> choices_;
  std::map<std::string, Deletion> deletions_;
  std::vector<DefaultItem> appended_;
  std::map<std::string, std::set<std::string>> keys_of_group_;
  int files_ = 0, depth_ = 0;
};

Part part_of(const Placed& node) {
  Part part{node.config_path(), node.package(), std::nullopt};
  if (node.item.is_group) part.group_key = node.override_key();
  return part;
}

void Walk::take_overrides(const std::vector<Override>& overrides) {
  for (const Override& override : overrides) {
    if (folder_.is_group(override.key) && !override.value.is_map()) {
      take_group_override(override);
    } else {
      result.value_overrides.push_back(override);
    }
  }
}

void Walk::take_group_override(const Override& override) {
  using Type = Override::Type;
  LYDIA_CHECK(!override.is(Type::ForceAdd), ValueError, "config: '", override.line,
              "': a group takes group=option or +group=option, not ++");
  std::string key = override.key + (override.has_package ? "@" + override.package : "");
  const Node& value = override.value;
  if (override.is(Type::Delete)) {
    Deletion& deletion = deletions_[key];
    if (override.has_value) deletion.option = value.as<std::string>(override.key);
    return;
  }
  if (!value.is_string() && !value.is_list()) {
    wrong_type(value, override.key,
               "an option's name or a list of names (~" + key + " drops the group)");
  }
  const auto options = value.is_list() ? value.as<std::vector<std::string>>(override.key)
                                       : std::vector<std::string>{value.string()};
  if (override.is(Type::Add)) {
    DefaultItem item;
    item.path = override.key;
    item.is_group = item.external = true;
    if (override.has_package) item.package = override.package;
    item.options = options;
    item.is_list = value.is_list();
    item.place = value.place();
    appended_.push_back(std::move(item));
  } else {
    choices_[key] = {options, value.is_list(), "", false};
  }
}

void Walk::run(const std::string& name) {
  Placed root;
  root.item.path = name;
  root.primary = true;
  result.parts = expand(std::move(root), false);
  std::reverse(result.parts.begin(), result.parts.end());
  std::set<std::string> seen;
  for (const Part& part : result.parts) {
    LYDIA_CHECK(!part.group_key || seen.insert(*part.group_key).second, ValueError,
                "config: ", *part.group_key, " appears twice in the defaults");
  }
}

Walk::Parts Walk::expand(Placed node, bool deferred) {
  LYDIA_CHECK(++files_ <= kMaxFiles && depth_ <= kMaxDepth, ValueError, "config: the defaults of '",
              node.config_path(), "' come back to themselves", show_place(node.item.place));
  const bool given = node.name().has_value() && *node.name() != "???";
  const bool exists = given && folder_.is_config(node.config_path());
  if (exists) {
    node.header = folder_.load(node.config_path()).package;
    // The head line names an absolute package.
    if (node.header && *node.header != kGlobal && !node.header->starts_with("_global_.")) {
      node.header = "_global_." + *node.header;
    }
  }
  if (is_deleted(node)) return {};
  know(node);
  if (!node.name()) return {};
  if (!given) {
    if (skip_missing_) return {};
    not_given(node);
  }
  if (!exists) {
    if (node.item.optional) return {};
    not_found(node);
  }
  std::vector<DefaultItem> items = folder_.load(node.config_path()).defaults;
  if (!add_self(node, items)) return {part_of(node)};
  if (node.primary) items.insert(items.end(), appended_.begin(), appended_.end());
  ++depth_;
  Parts parts = expand_list(node, std::move(items), deferred);
  --depth_;
  return parts;
}

// Without `_self_` a file comes after its defaults. False: there is no list to walk.
bool Walk::add_self(const Placed& node, std::vector<DefaultItem>& items) const {
  const auto selves =
      std::count_if(items.begin(), items.end(), [](const DefaultItem& i) { return i.is_self; });
  LYDIA_CHECK(selves <= 1, ValueError, "config: ", node.config_path(), ": _self_ appears twice");
  if (items.empty() && !(node.primary && !appended_.empty())) return false;
  if (selves == 0) {
    DefaultItem self;
    self.path = "_self_";
    self.is_self = true;
    // Overrides stay last.
    const auto first_override = std::find_if(items.begin(), items.end(),
                                             [](const DefaultItem& i) { return i.is_override; });
    items.insert(first_override, self);
  }
  return true;
}

Walk::Parts Walk::expand_list(const Placed& node, std::vector<DefaultItem> items, bool deferred) {
  collect_overrides(node, items, deferred);
  // Options that are interpolations wait until the others are known.
  struct Child {
    Parts parts;
    std::optional<Placed> waiting;
  };
  std::vector<Child> children;
  for (auto item = items.rbegin(); item != items.rend(); ++item) {
    if (item->is_override) continue;
    if (item->is_self) {
      Part self = part_of(node);
      self.group_key.reset();
      children.push_back({{self}, std::nullopt});
      continue;
    }
    Placed child = place(node, *item);
    if (const auto choice = choices_.find(child.override_key());
        item->is_group && choice != choices_.end()) {
      child.item.options = choice->second.options;
      child.item.is_list = choice->second.is_list;
      choice->second.used = true;
    }
    const std::string& text = child.item.is_group && !child.item.options.empty()
                                  ? child.item.options[0]
                                  : child.item.path;
    if (!child.item.is_list && text.find("${") != std::string::npos) {
      children.push_back({{}, std::move(child)});
    } else {
      children.push_back({expand_item(node, child.item, deferred), std::nullopt});
    }
  }
  Parts parts;
  for (Child& child : children) {
    if (child.waiting) {
      resolve_name(*child.waiting);
      child.parts = expand(*std::move(child.waiting), true);
    }
    parts.insert(parts.end(), child.parts.begin(), child.parts.end());
  }
  return parts;
}

// One option, or each of a list: group: [a, b].
Walk::Parts Walk::expand_item(const Placed& parent, DefaultItem item, bool deferred) {
  if (!item.is_list) return expand(place(parent, std::move(item)), deferred);
  Parts parts;
  for (auto option = item.options.rbegin(); option != item.options.rend(); ++option) {
    LYDIA_CHECK(option->find("${") == std::string::npos, ValueError,
                "config: ", parent.config_path(),
                ": an option in a list cannot be an interpolation", show_place(item.place));
    DefaultItem config;
    config.path = item.path + "/" + *option;
    config.package = item.package;
    config.optional = item.optional;
    config.place = item.place;
    const Parts more = expand(place(parent, std::move(config)), deferred);
    parts.insert(parts.end(), more.begin(), more.end());
  }
  return parts;
}

Placed Walk::place(const Placed& parent, DefaultItem item) const {
  Placed child;
  child.item = std::move(item);
  child.parent = {parent.group(), parent.package()};
  return child;
}

void Walk::collect_overrides(const Placed& node, const std::vector<DefaultItem>& items,
                             bool deferred) {
  bool seen = false;
  for (const DefaultItem& item : items) {
    if (!item.is_override) {
      LYDIA_CHECK(!seen || item.is_self || item.external, ValueError,
                  "config: ", node.config_path(),
                  ": overrides must be at the end of the defaults, before '", item.path, "'",
                  show_place(item.place));
      continue;
    }
    seen = true;
    LYDIA_CHECK(!deferred, ValueError, "config: ", node.config_path(),
                ": a file chosen by an interpolation cannot override '", item.path, "'",
                show_place(item.place));
    const std::string key = place(node, item).override_key();
    choices_.try_emplace(key, Choice{item.options, item.is_list, node.config_path(), false});
  }
}

void Walk::know(const Placed& node) {
  if (!node.item.is_group) return;
  const std::string key = node.override_key();
  const auto [known, is_new] = result.choices.try_emplace(key, node.name());
  LYDIA_CHECK(is_new || known->second == node.name(), ValueError, "config: two options for ", key,
              ": '", known->second.value_or("null"), "' and '", node.name().value_or("null"),
              "'; to replace one, write 'override ", key, ": option'", show_place(node.item.place));
  keys_of_group_[node.group()].insert(key);
}

bool Walk::is_deleted(const Placed& node) {
  if (!node.item.is_group) return false;
  const auto found = deletions_.find(node.override_key());
  if (found == deletions_.end()) return false;
  if (found->second.option && found->second.option != node.name()) return false;
  found->second.used = true;
  return true;
}

void Walk::resolve_name(Placed& node) const {
  Node known{Node::Map()};
  for (const auto& [key, option] : result.choices) known.set(key, option ? Node(*option) : Node());
  std::string& text = node.item.is_group ? node.item.options[0] : node.item.path;
  known.map().push_back({"", Node(text).at_place(node.item.place)});
  text = resolve_at(known, "").as<std::string>("defaults");
}

void Walk::not_given(const Placed& node) const {
  std::string options;
  for (const std::string& option : folder_.options(node.group()))
    options += (options.empty() ? "" : ", ") + option;
  const std::string key = node.item.is_group ? node.override_key() : node.config_path();
  fail<ValueError>("config: an option of '", key, "' must be given: ", key,
                   "=OPTION; options: ", options, show_place(node.item.place));
}

void Walk::not_found(const Placed& node) const {
  if (node.primary)
    fail<ValueError>("config: no primary config '", node.config_path(), "' in ", folder_.show());
  if (!node.item.is_group) {
    fail<ValueError>("config: no file '", node.config_path(), "' in ", folder_.show(),
                     show_place(node.item.place));
  }
  const std::vector<std::string> options = folder_.options(node.group());
  const std::vector<std::string_view> views(options.begin(), options.end());
  std::string list;
  for (const std::string& option : options) list += (list.empty() ? "" : ", ") + option;
  fail<ValueError>("config: '", node.group(), "' has no option '", *node.name(), "'",
                   nearest_hint(*node.name(), views), "; options: ", list,
                   show_place(node.item.place));
}

void Walk::check_used() const {
  for (const auto& [key, choice] : choices_) {
    if (choice.used) continue;
    std::string others;
    if (const auto keys = keys_of_group_.find(key.substr(0, key.find('@')));
        keys != keys_of_group_.end()) {
      for (const std::string& other : keys->second)
        others += (others.empty() ? "; did you mean " : ", ") + other;
    }
    const std::string from = choice.file.empty() ? "" : choice.file + ": ";
    const std::string add = choice.file.empty() ? " (to add the group: +" + key + "=...)" : "";
    fail<ValueError>("config: ", from, "could not override '", key, "': it is not in the defaults",
                     others, add);
  }
  for (const auto& [key, deletion] : deletions_) {
    LYDIA_CHECK(deletion.used, ValueError, "config: could not delete '", key,
                deletion.option ? "=" + *deletion.option : "", "': it is not in the defaults");
  }
}

}  // namespace

DefaultsResult expand_defaults(ConfigFolder& folder, const std::string& name,
                               const std::vector<Override>& overrides, bool skip_missing) {
  Walk walk(folder, skip_missing);
  walk.take_overrides(overrides);
  walk.run(name);
  walk.check_used();
  return std::move(walk.result);
}

}  // namespace lydia::config
