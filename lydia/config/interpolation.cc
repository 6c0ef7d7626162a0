// Values are resolved on demand along a chain of frames from the root, so that relative paths know
// where they stand; the values that are being resolved are remembered, so that a cycle is seen.
#include "lydia/config/interpolation.h"

#include <algorithm>
#include <cstdlib>
#include <deque>

#include "lydia/config/scalar.h"
#include "lydia/config/suggest.h"
#include "lydia/config/value_parser.h"
#include "lydia/core/error.h"

namespace lydia::config {
namespace {

constexpr size_t kMaxValues = 1'000'000;
constexpr size_t kMaxText = size_t{16} << 20;
constexpr size_t kMaxActive = 256;

// A value and how one comes to it.
struct Frame {
  const Node* node;
  const Frame* up;  // null: the root
  std::string_view key;
};

std::string path_of(const Frame& frame) {
  if (frame.up == nullptr) return "";
  const std::string above = path_of(*frame.up);
  return above.empty() ? std::string(frame.key) : above + "." + std::string(frame.key);
}

std::string join(const std::vector<std::string>& keys) {
  std::string out;
  for (const std::string& key : keys) out += (out.empty() ? "" : ".") + key;
  return out;
}

class Resolver {
 public:
  Resolver(const Node& root, const ResolveOptions& options)
      : root_{&root, nullptr, ""}, now_(options.now != 0 ? options.now : std::time(nullptr)) {}

  const Frame& root() const { return root_; }
  Node resolve(const Frame& frame);
  // The value that `keys` lead to from `frame`: `dots` 0 from the root, 1 from the container around
  // `frame`, 2 from the one around that.
  Node lookup(const Frame& frame, size_t dots, const std::vector<std::string>& keys);
  Node call(const Frame& frame, const std::string& name, const std::vector<Node>& arguments);
  void count_text(const Frame& frame, size_t bytes);

 private:
  struct Active;

  const Frame* walk(const Frame& base, const std::vector<std::string>& keys,
                    std::deque<Frame>& made);
  const Frame& base_of(const Frame& frame, size_t dots) const;
  Node select(const Frame& frame, const std::vector<Node>& arguments);
  Node env(const Frame& frame, const std::vector<Node>& arguments) const;
  Node now(const std::vector<Node>& arguments) const;
  Node decode(const Frame& frame, const Node& text);
  Node dict(const Frame& frame, const std::vector<Node>& arguments, bool keys);

  Frame root_;
  std::time_t now_;
  std::vector<const Node*> active_;
  std::deque<Node> made_;  // resolved values that paths lead through
  size_t values_ = 0, text_ = 0;
};

// Reads one string and puts in what its interpolations stand for.
class TextParser : public ValueParser {
 public:
  TextParser(Resolver& resolver, const Frame& frame, std::string_view text)
      : ValueParser(text, "in '" + path_of(frame) + "'" + show_place(frame.node->place())),
        resolver_(resolver),
        frame_(frame) {}

  // The whole string: text with interpolations in it.
  Node text() {
    std::string out;
    while (!at_end()) {
      size_t slashes = 0;
      while (peek() == '\\') ++slashes, ++at_;
      if (!starts("${")) {
        out.append(slashes, '\\');
        if (!at_end()) out += text_[at_++];
        continue;
      }
      out.append(slashes / 2, '\\');
      if (slashes % 2 == 1) {
        out += "${";
        at_ += 2;
        continue;
      }
      Node value = interpolation();
      if (out.empty() && at_end()) return value;
      out += python_text(value);
      resolver_.count_text(frame_, out.size());
    }
    return Node(std::move(out));
  }

  // The whole string as one value of the override grammar.
  Node value() {
    Node out = element().value;
    skip_blanks();
    if (!at_end()) refuse("expected one value");
    return out;
  }

 private:
  Node interpolation() override {
    at_ += 2;
    if (++open_ > kMaxDepth) refuse("nested too deeply");
    skip_blanks();
    size_t dots = 0;
    while (take('.')) ++dots;
    std::vector<std::string> keys;
    bool brackets = false;
    do {
      if (keys.empty() && peek() == '[') break;
      keys.push_back(key());
      while (take('[')) {
        brackets = true;
        keys.push_back(key());
        expect(']');
      }
    } while (take('.'));
    while (take('[')) {
      brackets = true;
      keys.push_back(key());
      expect(']');
      if (take('.')) keys.push_back(key());
    }
    skip_blanks();
    if (dots == 0 && !brackets && take(':')) {
      const std::vector<Node> arguments = resolver_arguments();
      --open_;
      return resolver_.call(frame_, join(keys), arguments);
    }
    expect('}');
    --open_;
    return resolver_.lookup(frame_, dots, keys);
  }
  bool interpolates_in_quotes() const override { return true; }

  std::string key() {
    if (starts("${")) return python_text(interpolation());
    const size_t begin = at_;
    while (!at_end() && std::string_view("\\{}()[]:. \t'\"").find(peek()) == std::string_view::npos)
      ++at_;
    if (at_ == begin) refuse("expected a key");
    return std::string(text_.substr(begin, at_ - begin));
  }

  std::vector<Node> resolver_arguments() {
    std::vector<Node> arguments;
    skip_blanks();
    if (take('}')) return arguments;
    do {
      skip_blanks();
      const bool empty = peek() == ',' || peek() == '}';
      arguments.push_back(empty ? Node("") : element().value);
      skip_blanks();
    } while (take(','));
    expect('}');
    return arguments;
  }

  Resolver& resolver_;
  const Frame& frame_;
  int open_ = 0;  // interpolations that have begun
};

// Marks a value as being resolved while it lives.
struct Resolver::Active {
  Active(Resolver& resolver, const Frame& frame) : active(resolver.active_) {
    const std::string where = frame.up == nullptr ? "" : "in '" + path_of(frame) + "'";
    LYDIA_CHECK(std::find(active.begin(), active.end(), frame.node) == active.end(), ValueError,
                "config: ", where, ": the interpolation comes back to itself",
                show_place(frame.node->place()));
    LYDIA_CHECK(active.size() < kMaxActive, ValueError, "config: ", where,
                ": interpolations nested too deeply", show_place(frame.node->place()));
    active.push_back(frame.node);
  }
  ~Active() { active.pop_back(); }
  Active(const Active&) = delete;
  Active& operator=(const Active&) = delete;
  std::vector<const Node*>& active;
};

void Resolver::count_text(const Frame& frame, size_t bytes) {
  text_ += bytes;
  LYDIA_CHECK(text_ <= kMaxText, ValueError, "config: in '", path_of(frame),
              "': interpolations make more than ", kMaxText, " bytes of text");
}

Node Resolver::resolve(const Frame& frame) {
  const Node& node = *frame.node;
  LYDIA_CHECK(++values_ <= kMaxValues, ValueError, "config: in '", path_of(frame),
              "': interpolations make more than ", kMaxValues, " values");
  if (!node.is_container() && !node.is_interpolation()) return node;
  const Active active(*this, frame);
  Node out;
  if (node.is_list()) {
    out = Node(Node::List());
    for (size_t i = 0; i < node.list().size(); ++i) {
      const std::string key = std::to_string(i);
      out.list().push_back(resolve({&node.list()[i], &frame, key}));
    }
  } else if (node.is_map()) {
    out = Node(Node::Map());
    for (const Node::Entry& entry : node.map()) {
      out.map().push_back({entry.key, resolve({&entry.value, &frame, entry.key}), entry.place});
    }
  } else {
    out = TextParser(*this, frame, node.string()).text();
  }
  out.at_place(node.place());
  return out;
}

const Frame& Resolver::base_of(const Frame& frame, size_t dots) const {
  if (dots == 0) return root_;
  const Frame* base = &frame;
  for (size_t i = 0; i < dots; ++i) {
    base = base->up;
    LYDIA_CHECK(base != nullptr, ValueError, "config: in '", path_of(frame), "': ", dots,
                " dots lead above the root", show_place(frame.node->place()));
  }
  return *base;
}

// Null when a key is not there. A value on the way that is an interpolation is resolved first.
const Frame* Resolver::walk(const Frame& base, const std::vector<std::string>& keys,
                            std::deque<Frame>& made) {
  const Frame* at = &base;
  for (const std::string& key : keys) {
    if (at->node->is_interpolation()) {
      made_.push_back(resolve(*at));
      made.push_back({&made_.back(), at->up, at->key});
      at = &made.back();
    }
    const Node* child = at->node->child(key);
    if (child == nullptr) return nullptr;
    made.push_back({child, at, key});
    at = &made.back();
  }
  return at;
}

Node Resolver::lookup(const Frame& frame, size_t dots, const std::vector<std::string>& keys) {
  std::deque<Frame> made;
  const Frame& base = base_of(frame, dots);
  const Frame* target = walk(base, keys, made);
  if (target == nullptr) {
    fail<ValueError>("config: in '", path_of(frame), "': ${", std::string(dots, '.'), join(keys),
                     "}: no such key", suggest_path(*base.node, join(keys)),
                     show_place(frame.node->place()));
  }
  LYDIA_CHECK(!target->node->is_missing(), ValueError, "config: in '", path_of(frame), "': '",
              path_of(*target), "' is a mandatory value that is not given; give it as ",
              path_of(*target), "=VALUE", show_place(target->node->place()));
  return resolve(*target);
}

Node Resolver::call(const Frame& frame, const std::string& name,
                    const std::vector<Node>& arguments) {
  const auto count = [&](size_t least, size_t most) {
    LYDIA_CHECK(arguments.size() >= least && arguments.size() <= most, ValueError, "config: in '",
                path_of(frame), "': ${", name, ":...} takes ", least, " to ", most,
                " arguments, got ", arguments.size(), show_place(frame.node->place()));
  };
  if (name == "oc.env") return count(1, 2), env(frame, arguments);
  if (name == "oc.select") return count(1, 2), select(frame, arguments);
  if (name == "now") return count(1, 1), now(arguments);
  if (name == "oc.decode") return count(1, 1), decode(frame, arguments[0]);
  if (name == "oc.create") return count(1, 1), arguments[0];
  if (name == "oc.dict.keys") return count(1, 1), dict(frame, arguments, true);
  if (name == "oc.dict.values") return count(1, 1), dict(frame, arguments, false);
  fail<ValueError>("config: in '", path_of(frame),
                   "': expected ${oc.env:...}, oc.select, oc.decode, ",
                   "oc.create, oc.dict.keys, oc.dict.values or now, got '", name, "'",
                   show_place(frame.node->place()));
}

Node Resolver::env(const Frame& frame, const std::vector<Node>& arguments) const {
  const std::string name = python_text(arguments[0]);
  if (const char* value = std::getenv(name.c_str())) return Node(value);
  LYDIA_CHECK(arguments.size() == 2, ValueError, "config: in '", path_of(frame),
              "': the environment variable ", name, " is not set, and ${oc.env:", name,
              "} has no default", show_place(frame.node->place()));
  return arguments[1].is_null() ? Node() : Node(python_text(arguments[1]));
}

Node Resolver::select(const Frame& frame, const std::vector<Node>& arguments) {
  std::string path = python_text(arguments[0]);
  const size_t dots = std::min(path.find_first_not_of('.'), path.size());
  path.erase(0, dots);
  const std::vector<std::string> keys = split_path(path);  // frames point into it
  std::deque<Frame> made;
  const Frame* target = walk(base_of(frame, dots), keys, made);
  if (target == nullptr || target->node->is_missing()) {
    return arguments.size() == 2 ? arguments[1] : Node();
  }
  return resolve(*target);
}

Node Resolver::now(const std::vector<Node>& arguments) const {
  std::tm local{};
  localtime_r(&now_, &local);
  char text[256];
  const size_t size = std::strftime(text, sizeof text, python_text(arguments[0]).c_str(), &local);
  return Node(std::string(text, size));
}

Node Resolver::decode(const Frame& frame, const Node& text) {
  if (text.is_null()) return Node();
  LYDIA_CHECK(text.is_string(), TypeError, "config: in '", path_of(frame),
              "': oc.decode takes a string or null, got ", show_value(text));
  return TextParser(*this, frame, text.string()).value();
}

Node Resolver::dict(const Frame& frame, const std::vector<Node>& arguments, bool keys) {
  const Node map = select(frame, {arguments[0]});
  LYDIA_CHECK(map.is_map(), TypeError, "config: in '", path_of(frame), "': oc.dict.",
              keys ? "keys" : "values", " takes the path of a map, got ", show_value(map));
  Node out{Node::List()};
  for (const Node::Entry& entry : map.map()) {
    out.list().push_back(keys ? Node(entry.key) : entry.value);
  }
  return out;
}

}  // namespace

Node resolve(const Node& root, const ResolveOptions& options) {
  Resolver resolver(root, options);
  return resolver.resolve(resolver.root());
}

Node resolve_at(const Node& root, std::string_view path, const ResolveOptions& options) {
  Resolver resolver(root, options);
  return resolver.lookup(resolver.root(), 0, split_path(path));
}

}  // namespace lydia::config
