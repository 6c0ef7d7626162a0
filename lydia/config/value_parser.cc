// Recursive descent over the text itself.
#include "lydia/config/value_parser.h"

#include <utility>

#include "lydia/config/scalar.h"
#include "lydia/core/error.h"

namespace lydia::config {
namespace {

constexpr std::string_view kEscapable = "\\()[]{}:=, \t";

bool is_name_start(char c) { return std::isalpha(static_cast<unsigned char>(c)) || c == '_'; }

bool is_word_char(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return std::isalnum(byte) || byte >= 0x80 ||
         std::string_view("_/-\\+.$%*@?|").find(c) != std::string_view::npos;
}

bool is_name(std::string_view text) {
  if (text.empty() || !is_name_start(text[0])) return false;
  for (const char c : text) {
    if (!is_name_start(c) && !std::isdigit(static_cast<unsigned char>(c)) && c != '-') return false;
  }
  return true;
}

}  // namespace

// A word as it grows. An interpolation that stands alone keeps its value, which may be a list or
// map.
struct ValueParser::Word {
  std::string text = {};
  size_t kept = 0;      // length without trailing blanks
  bool literal = true;  // neither escapes nor interpolations
  std::optional<Node> only = {};

  bool empty() const { return !only && kept == 0; }
  void add_blank(char c) { text += c; }
  void add_text(std::string_view more) {
    if (only) text = python_text(*std::exchange(only, std::nullopt)) + text;
    text += more;
    kept = text.size();
  }
  void add_value(Node value) {
    literal = false;
    if (empty()) {
      only = std::move(value);
    } else {
      add_text(python_text(value));
    }
  }
};

bool ValueParser::take(char c) {
  if (at_end() || text_[at_] != c) return false;
  ++at_;
  return true;
}

void ValueParser::expect(char c) {
  if (!take(c)) {
    refuse(std::string("expected '") + c + "', got " +
           (at_end() ? "the end" : std::string("'") + peek() + "'"));
  }
}

void ValueParser::skip_blanks() {
  while (peek() == ' ' || peek() == '\t') ++at_;
}

void ValueParser::refuse(const std::string& what) const {
  fail<ValueError>("config: ", subject_, ": ", what, " at character ", at_ + 1);
}

Node ValueParser::function(const std::string& name) {
  refuse("'" + name + "(...)' means nothing here; quote it to make it a string");
}

ValueParser::Element ValueParser::element() {
  skip_blanks();
  const size_t begin = at_;
  if (++depth_ > kMaxDepth) refuse("nested too deeply");
  Node value = element_value();
  --depth_;
  size_t end = at_;
  while (end > begin && (text_[end - 1] == ' ' || text_[end - 1] == '\t') &&
         !(end - 1 > begin && text_[end - 2] == '\\')) {
    --end;
  }
  return {std::move(value), std::string(text_.substr(begin, end - begin))};
}

Node ValueParser::element_value() {
  switch (peek()) {
    case '\'':
    case '"': return quoted(peek());
    case '[': return list();
    case '{': return map();
    default: return word(false);
  }
}

std::vector<ValueParser::Element> ValueParser::elements(char close) {
  std::vector<Element> out;
  skip_blanks();
  if (take(close)) return out;
  do {
    out.push_back(element());
    skip_blanks();
  } while (take(','));
  expect(close);
  return out;
}

// A run of backslashes counts only before the quote or "${": half of them stay, and an odd one
// takes the meaning from what follows.
Node ValueParser::quoted(char quote) {
  expect(quote);
  std::string out;
  while (true) {
    if (at_end()) refuse(std::string("no closing ") + quote);
    size_t slashes = 0;
    while (peek() == '\\') ++slashes, ++at_;
    const bool opens = interpolates_in_quotes() && starts("${");
    if (peek() != quote && !opens) {
      out.append(slashes, '\\');
      if (!at_end()) out += text_[at_++];
      continue;
    }
    out.append(slashes / 2, '\\');
    if (slashes % 2 == 1) {
      out += text_[at_++];
    } else if (opens) {
      out += python_text(interpolation());
    } else {
      ++at_;
      skip_blanks();
      return Node(std::move(out));
    }
  }
}

Node ValueParser::list() {
  expect('[');
  Node::List items;
  for (Element& item : elements(']')) items.push_back(std::move(item.value));
  skip_blanks();
  return Node(std::move(items));
}

Node ValueParser::map() {
  expect('{');
  Node out{Node::Map()};
  skip_blanks();
  if (!take('}')) {
    do {
      skip_blanks();
      const Node key = peek() == '\'' || peek() == '"' ? quoted(peek()) : word(true);
      const std::string name = python_text(key);
      if (out.child(name) != nullptr) refuse("the key '" + name + "' appears twice");
      expect(':');
      out.map().push_back({name, element().value});
      skip_blanks();
    } while (take(','));
    expect('}');
  }
  skip_blanks();
  return out;
}

void ValueParser::take_escapes(Word& word) {
  while (peek() == '\\' && at_ + 1 < text_.size() &&
         kEscapable.find(text_[at_ + 1]) != std::string_view::npos) {
    word.add_text(text_.substr(at_ + 1, 1));
    word.literal = false;
    at_ += 2;
  }
}

Node ValueParser::word(bool is_key) {
  Word word;
  skip_blanks();
  while (!at_end()) {
    take_escapes(word);
    const char c = peek();
    if (starts("${") && !is_key) {
      word.add_value(interpolation());
    } else if (c == ' ' || c == '\t') {
      word.add_blank(c);
      ++at_;
    } else if (is_word_char(c) || (c == ':' && !is_key)) {
      word.add_text(text_.substr(at_++, 1));
    } else {
      break;
    }
  }
  const std::string name = word.text.substr(0, word.kept);
  if (peek() == '(' && word.literal && is_name(name) && !is_key) {
    ++at_;
    return function(name);
  }
  if (!at_end() && std::string_view(",)]}").find(peek()) == std::string_view::npos &&
      !(is_key && peek() == ':')) {
    refuse(std::string("'") + peek() + "' must be quoted or escaped with \\");
  }
  return finish(word);
}

std::optional<Node> ValueParser::number_or_word(const std::string& text) const {
  try {
    return word_scalar(text);
  } catch (const ValueError& error) {
    refuse(error.what());
  }
}

Node ValueParser::finish(const Word& word) {
  if (word.empty()) refuse("expected a value");
  if (word.only) return *word.only;
  std::string text = word.text.substr(0, word.kept);
  if (word.literal) {
    if (auto value = number_or_word(text)) return *std::move(value);
  }
  return Node(std::move(text));
}

}  // namespace lydia::config
