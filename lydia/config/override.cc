// Key, sign and sweeps; the values themselves are value_parser.h's.
#include "lydia/config/override.h"

#include <algorithm>
#include <cmath>

#include "lydia/config/scalar.h"
#include "lydia/config/value_parser.h"
#include "lydia/core/error.h"

namespace lydia::config {
namespace {

constexpr size_t kMaxChoices = 100'000;

bool is_key_char(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return std::isalnum(byte) || byte >= 0x80 ||
         std::string_view("_-$./").find(c) != std::string_view::npos;
}

class OverrideParser : public ValueParser {
 public:
  explicit OverrideParser(std::string_view line)
      : ValueParser(line, "override '" + std::string(line) + "'") {
    out_.line = line;
  }

  Override parse() {
    sign();
    out_.key = key("a key");
    if (take('@')) {
      out_.has_package = true;
      out_.package = at_end() || peek() == '=' ? "" : key("a package");
    }
    if (take('=')) {
      out_.has_value = true;
      value();
    } else if (!out_.is(Override::Type::Delete) || !at_end()) {
      refuse("expected key=value");
    }
    set_places();
    return std::move(out_);
  }

 private:
  void sign() {
    if (take('~')) {
      out_.type = Override::Type::Delete;
    } else if (take('+')) {
      out_.type = take('+') ? Override::Type::ForceAdd : Override::Type::Add;
    }
  }

  std::string key(const char* what) {
    const size_t begin = at_;
    while (!at_end() && is_key_char(peek())) ++at_;
    const std::string_view text = text_.substr(begin, at_ - begin);
    const bool well_formed = !text.empty() && text.find("..") == std::string_view::npos &&
                             text.find("//") == std::string_view::npos &&
                             text.find(".-") == std::string_view::npos &&
                             std::string_view("./-").find(text.front()) == std::string_view::npos &&
                             std::string_view("./").find(text.back()) == std::string_view::npos;
    if (!well_formed) refuse(std::string("expected ") + what + " such as a.b or group/subgroup");
    return std::string(text);
  }

  void value() {
    skip_blanks();
    if (at_end()) {
      out_.value = Node("");
      return;
    }
    std::vector<Element> parts;
    do {
      in_list_ = !parts.empty();
      parts.push_back(element());
      skip_blanks();
    } while (take(','));
    if (!at_end()) refuse(std::string("'") + peek() + "' is not expected here");
    if (parts.size() > 1) {
      if (out_.is_sweep) refuse("a sweep cannot be part of another");
      sweep(parts);
    } else if (!out_.is_sweep) {
      out_.value = std::move(parts[0].value);
    }
  }

  void sweep(const std::vector<Element>& parts) {
    out_.is_sweep = true;
    for (const Element& part : parts) out_.choices.push_back(part.text);
  }

  // The text as it stands: it is resolved once the whole configuration is known.
  Node interpolation() override {
    const size_t begin = at_;
    int open = 0;
    do {
      if (at_end()) refuse("no closing } of ${");
      open += peek() == '{';
      open -= peek() == '}';
      ++at_;
    } while (open > 0 || at_ < begin + 2);
    return Node(text_.substr(begin, at_ - begin));
  }
  bool interpolates_in_quotes() const override { return false; }

  Node function(const std::string& name) override {
    if (name == "int" || name == "float" || name == "str" || name == "bool") return cast(name);
    if (name == "interval" || name == "shuffle" || name == "tag" || name == "json_str") {
      refuse("'" + name + "' is not supported; a sweep takes choice, range, sort or glob");
    }
    if (name != "choice" && name != "range" && name != "sort" && name != "glob") {
      return ValueParser::function(name);
    }
    if (in_list_ || out_.is_sweep) refuse("a sweep cannot be part of another");
    Arguments arguments = named_elements();
    out_.is_sweep = true;
    if (name == "choice") choice(arguments);
    if (name == "range") range(arguments);
    if (name == "sort") sort(arguments);
    if (name == "glob") glob(arguments);
    return Node();
  }

  struct Arguments {
    std::vector<Element> plain;
    std::vector<std::pair<std::string, Node>> named;
    const Node* find(std::string_view name) const {
      for (const auto& [key, value] : named) {
        if (key == name) return &value;
      }
      return nullptr;
    }
  };

  Arguments named_elements() {
    Arguments out;
    skip_blanks();
    if (take(')')) return out;
    do {
      skip_blanks();
      size_t end = at_;
      while (end < text_.size() && (std::isalpha(static_cast<unsigned char>(text_[end])) != 0))
        ++end;
      if (end > at_ && end < text_.size() && text_[end] == '=') {
        const std::string name(text_.substr(at_, end - at_));
        at_ = end + 1;
        out.named.emplace_back(name, element().value);
      } else {
        if (!out.named.empty()) refuse("an argument without name follows one with a name");
        out.plain.push_back(element());
      }
      skip_blanks();
    } while (take(','));
    expect(')');
    return out;
  }

  void choice(const Arguments& arguments) {
    if (arguments.plain.empty() || !arguments.named.empty())
      refuse("choice() takes one value or more");
    sweep(arguments.plain);
  }

  void range(const Arguments& arguments) {
    const char* names[] = {"start", "stop", "step"};
    std::vector<Node> given;
    for (const Element& part : arguments.plain) given.push_back(part.value);
    for (const char* name : names) {
      if (const Node* value = arguments.find(name)) given.push_back(*value);
    }
    const bool named_right =
        std::all_of(arguments.named.begin(), arguments.named.end(), [&](const auto& argument) {
          return std::find(std::begin(names), std::end(names), argument.first) != std::end(names);
        });
    bool whole = true;
    for (const Node& value : given) {
      const bool number = value.kind() == Node::Kind::Int || value.kind() == Node::Kind::Float;
      if (!number) refuse("range(start, stop, step) takes numbers");
      whole = whole && value.kind() == Node::Kind::Int;
    }
    if (given.empty() || given.size() > 3 || !named_right)
      refuse("range(start, stop, step) takes 1 to 3 numbers");
    if (given.size() == 1) given.insert(given.begin(), Node(0));
    if (given.size() == 2) given.push_back(Node(1));
    add_range(given[0].as<double>("start"), given[1].as<double>("stop"),
              given[2].as<double>("step"), whole);
  }

  void add_range(double start, double stop, double step, bool whole) {
    const double count = step == 0 ? -1 : std::ceil((stop - start) / step - 1e-9);
    if (step == 0 || !(count <= static_cast<double>(kMaxChoices))) {
      refuse("range() has no step or more than " + std::to_string(kMaxChoices) + " values");
    }
    for (int64_t i = 0; i < static_cast<int64_t>(std::max(count, 0.0)); ++i) {
      const double value = start + static_cast<double>(i) * step;
      // Twelve digits: 0.1 + 2 x 0.1 is 0.3, as in the decimals that were typed.
      char text[40];
      std::snprintf(text, sizeof text, "%.12g", value);
      out_.choices.push_back(whole ? std::to_string(static_cast<int64_t>(value))
                                   : float_text(std::strtod(text, nullptr)));
    }
  }

  void sort(const Arguments& arguments) {
    if (arguments.plain.empty()) refuse("sort() takes one value or more");
    std::vector<Element> parts = arguments.plain;
    const bool words = std::all_of(parts.begin(), parts.end(),
                                   [](const Element& part) { return part.value.is_string(); });
    const bool numbers = std::all_of(parts.begin(), parts.end(), [](const Element& part) {
      return part.value.kind() == Node::Kind::Int || part.value.kind() == Node::Kind::Float;
    });
    if (!words && !numbers) refuse("sort() takes numbers or strings, not both");
    std::stable_sort(parts.begin(), parts.end(), [&](const Element& a, const Element& b) {
      if (words) return a.value.string() < b.value.string();
      return a.value.as<double>("sort") < b.value.as<double>("sort");
    });
    const Node* reverse = arguments.find("reverse");
    if (reverse != nullptr && reverse->as<bool>("reverse"))
      std::reverse(parts.begin(), parts.end());
    sweep(parts);
  }

  void glob(const Arguments& arguments) {
    const auto patterns = [](const Node& node) {
      return node.is_list() ? node.as<std::vector<std::string>>("glob")
                            : std::vector<std::string>{node.as<std::string>("glob")};
    };
    const Node* exclude = arguments.find("exclude");
    if (arguments.plain.size() == 2) exclude = &arguments.plain[1].value;
    if (arguments.plain.empty() || arguments.plain.size() > 2)
      refuse("glob(include, exclude) takes patterns");
    out_.glob = patterns(arguments.plain[0].value);
    if (exclude != nullptr) out_.glob_exclude = patterns(*exclude);
  }

  Node cast(const std::string& type) {
    const std::vector<Element> parts = elements(')');
    if (parts.size() != 1 || parts[0].value.is_container())
      refuse(type + "() takes one number or word");
    const Node& value = parts[0].value;
    Node word = value.is_string() ? number_or_word(value.string()).value_or(value) : value;
    if (type == "str")
      return Node(value.kind() == Node::Kind::Bool ? (value.boolean() ? "true" : "false")
                                                   : python_text(value));
    const bool number = word.kind() == Node::Kind::Int || word.kind() == Node::Kind::Float;
    if (type == "bool" && word.kind() == Node::Kind::Bool) return word;
    if (type == "bool" && number && !value.is_string()) return Node(word.as<double>("bool") != 0);
    if (type == "float" && number) return Node(word.as<double>("float"));
    if (type == "int" && number && std::abs(word.as<double>("int")) < 9e15) {
      return Node(static_cast<int64_t>(std::trunc(word.as<double>("int"))));
    }
    refuse(show_value(value) + " cannot become " + type);
  }

  void set_places() {
    auto origin = std::make_shared<const std::string>("override '" + out_.line + "'");
    const auto mark = [&](auto&& self, Node& node) -> void {
      node.at_place({origin, 0, 0});
      if (node.is_list()) {
        for (Node& item : node.list()) self(self, item);
      } else if (node.is_map()) {
        for (Node::Entry& entry : node.map()) self(self, entry.value);
      }
    };
    mark(mark, out_.value);
  }

  Override out_;
  bool in_list_ = false;  // further values of a=1,2,3 are being read
};

}  // namespace

std::string Override::key_text() const {
  constexpr const char* kSigns[] = {"", "+", "++", "~"};
  return kSigns[static_cast<int>(type)] + key + (has_package ? "@" + package : "");
}

Override parse_override(std::string_view line) { return OverrideParser(line).parse(); }

}  // namespace lydia::config
