// Builds the tree from yaml-cpp's events. Aliases are copied, so the number of values is counted
// while they are, and a few lines cannot grow into gigabytes.
#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <unordered_map>
#include <unordered_set>

#include "lydia/config/scalar.h"
#include "lydia/config/yaml.h"
#include "lydia/core/control_chars.h"
#include "lydia/core/error.h"
#include "lydia/core/utf8.h"

namespace lydia::config {
namespace {

constexpr size_t kMaxNesting = 64;
constexpr std::string_view kMergeKey = "<<";
constexpr std::string_view kTagPrefix = "tag:yaml.org,2002:";

[[noreturn]] void refuse_at(const std::string& name, int line, int column, std::string_view what) {
  throw YamlError(name, line, column, std::string(what));
}

class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(const std::string& name, const YamlLimits& limits)
      : origin_(std::make_shared<const std::string>(name)), limits_(limits) {}

  Node take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (documents_++ > 0) refuse(mark, "expected one document, found another");
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    add(mark, anchor, Node(), {"null"});
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (!limits_.sharing) refuse(mark, "aliases are not allowed here");
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) refuse(mark, "an alias inside the value that it stands for");
    Node copy = found->second;
    count(mark, copy);
    if (open_.size() + depth_of(copy) > kMaxNesting) refuse(mark, "nested too deeply");
    const Key key{copy.is_container() ? "" : python_text(copy)};
    attach(mark, std::move(copy), key);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    // yaml-cpp turns some escapes into single bytes ("\\_").
    if (!is_valid_utf8(text)) refuse(mark, "an escape that makes no UTF-8");
    if (!limits_.controls) {
      const std::u32string decoded = decode_utf8(text);
      if (std::any_of(decoded.begin(), decoded.end(), is_control_char))
        refuse(mark, "a control character");
    }
    const bool plain = tag == "?" || tag.empty();
    add(mark, anchor, scalar(mark, tag, text),
        plain && text == kMergeKey ? Key{text, true} : Key{text});
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    check_tag(mark, tag, "seq");
    open(mark, anchor, Node(Node::List()));
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    check_tag(mark, tag, "map");
    open(mark, anchor, Node(Node::Map()));
  }
  void OnMapEnd() override {
    merge_inherited();
    close();
  }

 private:
  // A scalar as the key of a map: as it is written.
  struct Key {
    std::string text;
    bool merge = false;  // the plain scalar "<<"
  };
  // A list or map that has begun and not ended.
  struct Open {
    Node node;
    YAML::Mark mark;
    YAML::anchor_t anchor;
    bool has_key = false;  // of a map: the next value belongs to `key`
    Key key = {};
    Place key_place = {};
    std::unordered_set<std::string> keys = {};
    std::vector<Node> inherited = {};  // values of "<<"
  };

  [[noreturn]] void refuse(const YAML::Mark& mark, std::string_view what) const {
    refuse_at(*origin_, mark.line + 1, mark.column + 1, what);
  }

  Place place(const YAML::Mark& mark) const { return {origin_, mark.line + 1, mark.column + 1}; }

  void check_tag(const YAML::Mark& mark, std::string_view tag, std::string_view kind) const {
    if (tag.empty() || tag == "?" || tag == "!") return;
    if (tag != std::string(kTagPrefix) + std::string(kind)) {
      refuse(mark, "the tag '" + std::string(tag) + "' is not allowed here");
    }
  }

  Node plain_scalar(const YAML::Mark& mark, const std::string& text) const {
    try {
      return yaml_scalar(text);
    } catch (const ValueError& error) {
      refuse(mark, error.what());
    }
  }

  Node scalar(const YAML::Mark& mark, std::string_view tag, const std::string& text) const {
    if (tag == "?" || tag.empty()) return plain_scalar(mark, text);
    if (tag == "!") return Node(text);
    if (!tag.starts_with(kTagPrefix)) check_tag(mark, tag, "str");
    const std::string_view type = tag.substr(kTagPrefix.size());
    if (type == "str") return Node(text);
    Node value = plain_scalar(mark, text);
    if (type == "float" && value.kind() == Node::Kind::Int) {
      return Node(static_cast<double>(value.integer()));
    }
    constexpr std::pair<std::string_view, Node::Kind> kTypes[] = {{"null", Node::Kind::Null},
                                                                  {"bool", Node::Kind::Bool},
                                                                  {"int", Node::Kind::Int},
                                                                  {"float", Node::Kind::Float}};
    for (const auto& [name, kind] : kTypes) {
      if (type == name && value.kind() == kind) return value;
    }
    refuse(mark, "the tag '" + std::string(tag) + "' does not fit '" + text + "'");
  }

  void count(const YAML::Mark& mark, const Node& node) {
    if (++values_ > limits_.values) {
      refuse(mark, "more than " + std::to_string(limits_.values) + " values");
    }
    if (node.is_list()) {
      for (const Node& item : node.list()) count(mark, item);
    } else if (node.is_map()) {
      for (const Node::Entry& entry : node.map()) count(mark, entry.value);
    }
  }

  static size_t depth_of(const Node& node) {
    size_t depth = 0;
    if (node.is_list()) {
      for (const Node& item : node.list()) depth = std::max(depth, 1 + depth_of(item));
    } else if (node.is_map()) {
      for (const Node::Entry& entry : node.map())
        depth = std::max(depth, 1 + depth_of(entry.value));
    }
    return depth;
  }

  void check_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) const {
    if (anchor != 0 && !limits_.sharing) refuse(mark, "anchors are not allowed here");
  }

  void open(const YAML::Mark& mark, YAML::anchor_t anchor, Node node) {
    check_anchor(mark, anchor);
    count(mark, node);
    if (open_.size() >= kMaxNesting) refuse(mark, "nested too deeply");
    if (!open_.empty() && open_.back().node.is_map() && !open_.back().has_key) {
      refuse(mark, "a key must be a scalar");
    }
    node.at_place(place(mark));
    open_.push_back({std::move(node), mark, anchor});
  }

  void close() {
    Open done = std::move(open_.back());
    open_.pop_back();
    if (done.anchor != 0) anchors_[done.anchor] = done.node;
    attach(done.mark, std::move(done.node), {});
  }

  void add(const YAML::Mark& mark, YAML::anchor_t anchor, Node node, const Key& key) {
    check_anchor(mark, anchor);
    count(mark, node);
    node.at_place(place(mark));
    if (anchor != 0) anchors_[anchor] = node;
    attach(mark, std::move(node), key);
  }

  // Hands a finished value to what is open: as a key of a map when one is due.
  void attach(const YAML::Mark& mark, Node node, const Key& key) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& parent = open_.back();
    if (parent.node.is_list()) {
      parent.node.list().push_back(std::move(node));
    } else if (!parent.has_key) {
      if (node.is_container()) refuse(mark, "a key must be a scalar");
      begin_key(parent, mark, key);
    } else {
      parent.has_key = false;
      if (parent.key.merge) {
        parent.inherited.push_back(std::move(node));
      } else {
        parent.node.map().push_back({parent.key.text, std::move(node), parent.key_place});
      }
    }
  }

  void begin_key(Open& parent, const YAML::Mark& mark, const Key& key) {
    if (key.merge && !limits_.sharing) refuse(mark, "the merge key '<<' is not allowed here");
    if (!key.merge && !parent.keys.insert(key.text).second) {
      refuse(mark, "the key '" + key.text + "' appears twice");
    }
    if (parent.keys.size() > limits_.keys) {
      refuse(mark, "more than " + std::to_string(limits_.keys) + " keys in one map");
    }
    parent.has_key = true;
    parent.key = key;
    parent.key_place = place(mark);
  }

  // `<<: *base` and `<<: [*a, *b]`: keys of the map itself win, then those of the earlier one.
  void merge_inherited() {
    Open& open = open_.back();
    Node::Map merged;
    const auto inherit = [&](const Node& from) {
      if (!from.is_map()) refuse(open.mark, "'<<' takes a map or a list of maps");
      for (const Node::Entry& entry : from.map()) {
        if (open.keys.insert(entry.key).second) merged.push_back(entry);
      }
    };
    for (const Node& from : open.inherited) {
      if (from.is_list()) {
        for (const Node& item : from.list()) inherit(item);
      } else {
        inherit(from);
      }
    }
    Node::Map& own = open.node.map();
    if (own.size() + merged.size() > limits_.keys) refuse(open.mark, "too many keys in one map");
    own.insert(own.begin(), merged.begin(), merged.end());
  }

  std::shared_ptr<const std::string> origin_;
  YamlLimits limits_;
  Node root_;
  std::vector<Open> open_;
  std::unordered_map<YAML::anchor_t, Node> anchors_;
  size_t values_ = 0;
  int documents_ = 0;
};

// yaml-cpp takes any bytes for characters; configuration is text.
void check_text(std::string_view text, const std::string& name, size_t max_bytes) {
  LYDIA_CHECK(text.size() <= max_bytes, ValueError, "config: ", name, ": expected at most ",
              max_bytes, " bytes, got ", text.size());
  int line = 1, column = 1;
  for (size_t at = 0; at < text.size();) {
    const CodePoint c = decode_code_point(text, at);
    if (!c.valid) refuse_at(name, line, column, "not UTF-8");
    const bool control =
        (c.value < 0x20 && c.value != '\t' && c.value != '\n' && c.value != '\r') ||
        c.value == 0x7F;
    if (control) refuse_at(name, line, column, "a control character");
    column = c.value == '\n' ? 1 : column + 1;
    line += c.value == '\n';
    at += c.length;
  }
}

}  // namespace

YamlError::YamlError(const std::string& name, int line, int column, const std::string& reason)
    : ValueError("config: " + name + ":" + std::to_string(line) + ":" + std::to_string(column) +
                 ": " + reason),
      line(line),
      column(column),
      reason(reason) {}

Node parse_yaml(std::string_view text, const std::string& name, const YamlLimits& limits) {
  check_text(text, name, limits.bytes);
  std::istringstream in{std::string(text)};
  TreeBuilder builder(name, limits);
  try {
    YAML::Parser parser(in);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::DeepRecursion& error) {
    refuse_at(name, error.mark.line + 1, error.mark.column + 1, "nested too deeply");
  } catch (const YAML::Exception& error) {
    refuse_at(name, error.mark.line + 1, error.mark.column + 1, error.msg);
  }
  return builder.take();
}

std::string read_text(const std::string& path, size_t max_bytes) {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::file_status status = fs::status(path, error);  // follows links; a loop of links fails
  LYDIA_CHECK(!error || status.type() == fs::file_type::not_found, IoError, "config: ", path, ": ",
              error.message());
  LYDIA_CHECK(fs::exists(status), IoError, "config: ", path, ": no such file");
  LYDIA_CHECK(fs::is_regular_file(status), IoError, "config: ", path, ": not a regular file");
  std::ifstream in(path, std::ios::binary);
  LYDIA_CHECK(in, IoError, "config: ", path, ": cannot be opened");
  std::string text(max_bytes + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(in.gcount()));
  LYDIA_CHECK(in.eof(), ValueError, "config: ", path, ": more than ", max_bytes, " bytes");
  return text;
}

Node read_yaml(const std::string& path) { return parse_yaml(read_text(path), path); }

}  // namespace lydia::config
