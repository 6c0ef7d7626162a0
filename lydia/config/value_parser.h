// The grammar of values that overrides (`a=[1,{b:c}]`) and interpolations (`${f:x,'y z'}`) share:
// quoted strings, lists, maps and words. A word is a number, true, false or null where all of it is
// one, else a string; a backslash takes the meaning from \ ( ) [ ] { } : = , space and tab.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lydia/config/node.h"

namespace lydia::config {

class ValueParser {
 public:
  virtual ~ValueParser() = default;

 protected:
  struct Element {
    Node value;
    std::string text;  // as it was written
  };

  // `text` must outlive the parser; `subject` begins every message.
  ValueParser(std::string_view text, std::string subject)
      : text_(text), subject_(std::move(subject)) {}

  Element element();
  // Elements up to `close`, which is taken too.
  std::vector<Element> elements(char close);

  // Called at "${": takes the text up to the matching "}" and says what it stands for.
  virtual Node interpolation() = 0;
  // Whether "${" means something between quotes as well.
  virtual bool interpolates_in_quotes() const = 0;
  // Called after "name(": takes the text up to the matching ")".
  virtual Node function(const std::string& name);

  bool at_end() const { return at_ >= text_.size(); }
  char peek() const { return at_end() ? '\0' : text_[at_]; }
  bool starts(std::string_view token) const { return text_.substr(at_).starts_with(token); }
  bool take(char c);
  void expect(char c);
  void skip_blanks();
  // What a word stands for when it is no plain string; refuses integers beyond 64 bits.
  std::optional<Node> number_or_word(const std::string& text) const;
  // ValueError: subject, what is wrong, and how far the reading came.
  [[noreturn]] void refuse(const std::string& what) const;

  std::string_view text_;
  size_t at_ = 0;

 private:
  struct Word;

  Node element_value();
  Node quoted(char quote);
  Node list();
  Node map();
  Node word(bool is_key);
  void take_escapes(Word& word);
  Node finish(const Word& word);

  std::string subject_;
  int depth_ = 0;
};

}  // namespace lydia::config
