// The parser: recursive descent over words and parentheses, with a limit on nesting.
#include "lydia/atlas/spdx.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "lydia/core/error.h"

namespace lydia::atlas {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

struct NoCase {
  using is_transparent = void;
  bool operator()(std::string_view a, std::string_view b) const {
    return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(),
                                        [](char x, char y) { return lower(x) < lower(y); });
  }
};

struct Listed {
  std::string_view id, replacement;  // replacement: of a deprecated id
};
using List = std::map<std::string_view, Listed, NoCase>;

const List& licences() {
  static const List list = {
#define VERSION(number)
#define LICENSE(id, replacement) {id, {id, replacement}},
#define EXCEPTION(id)
#include "lydia/atlas/spdx_ids.inc"
#undef LICENSE
#undef EXCEPTION
  };
  return list;
}

const List& exceptions() {
  static const List list = {
#define LICENSE(id, replacement)
#define EXCEPTION(id) {id, {id, ""}},
#include "lydia/atlas/spdx_ids.inc"
#undef LICENSE
#undef EXCEPTION
#undef VERSION
  };
  return list;
}

bool starts_with_no_case(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() &&
         std::equal(prefix.begin(), prefix.end(), text.begin(),
                    [](char a, char b) { return lower(a) == lower(b); });
}

bool is_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  });
}

constexpr std::string_view kLicenseRef = "LicenseRef-", kDocumentRef = "DocumentRef-";

// The reference in its usual spelling; nullopt when the text is none.
std::optional<std::string> reference(std::string_view text) {
  std::string document;
  if (starts_with_no_case(text, kDocumentRef)) {
    const size_t colon = text.find(':');
    if (colon == text.npos) return {};
    const std::string_view name = text.substr(kDocumentRef.size(), colon - kDocumentRef.size());
    if (!is_name(name)) return {};
    document = std::string(kDocumentRef) + std::string(name) + ":";
    text = text.substr(colon + 1);
  }
  if (!starts_with_no_case(text, kLicenseRef)) return {};
  const std::string_view name = text.substr(kLicenseRef.size());
  if (!is_name(name)) return {};
  return document + std::string(kLicenseRef) + std::string(name);
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  SpdxReading read() {
    next();
    SpdxReading reading;
    reading.expression = any(0);
    if (!word_.empty()) expected("AND, OR or the end");
    reading.notes = std::move(notes_);
    return reading;
  }

 private:
  using Kind = SpdxExpression::Kind;

  // The next word or parenthesis; empty at the end.
  void next() {
    at_ = end_;
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
    end_ = at_;
    if (end_ < text_.size() && is_paren(text_[end_])) {
      ++end_;
    } else {
      while (end_ < text_.size() && !is_space(text_[end_]) && !is_paren(text_[end_])) ++end_;
    }
    word_ = text_.substr(at_, end_ - at_);
  }

  static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
  static bool is_paren(char c) { return c == '(' || c == ')'; }
  bool is_operator(std::string_view capital, std::string_view small) const {
    return word_ == capital || word_ == small;
  }
  bool is_and() const { return is_operator("AND", "and"); }
  bool is_or() const { return is_operator("OR", "or"); }
  bool is_with() const { return is_operator("WITH", "with"); }

  [[noreturn]] void expected(const char* what) const {
    const std::string got =
        word_.empty() ? "the end" : "'" + std::string(word_.substr(0, 64)) + "'";
    fail<ValueError>("spdx: column ", at_ + 1, ": expected ", what, ", got ", got);
  }

  SpdxExpression any(int depth) { return chain(Kind::Or, depth, &Parser::is_or, &Parser::all); }
  SpdxExpression all(int depth) { return chain(Kind::And, depth, &Parser::is_and, &Parser::term); }

  // part (operator part)*, flat: (A OR B) OR C has three parts.
  SpdxExpression chain(Kind kind, int depth, bool (Parser::*is_operator)() const,
                       SpdxExpression (Parser::*part)(int)) {
    SpdxExpression first = (this->*part)(depth);
    if (!(this->*is_operator)()) return first;
    SpdxExpression all;
    all.kind = kind;
    take(all, std::move(first));
    while ((this->*is_operator)()) {
      next();
      take(all, (this->*part)(depth));
    }
    return all;
  }

  static void take(SpdxExpression& all, SpdxExpression part) {
    if (part.kind == all.kind) {
      for (SpdxExpression& p : part.parts) all.parts.push_back(std::move(p));
    } else {
      all.parts.push_back(std::move(part));
    }
  }

  SpdxExpression term(int depth) {
    if (word_ == "(") {
      LYDIA_CHECK(depth < kMaxSpdxDepth, ValueError, "spdx: column ", at_ + 1,
                  ": expected at most ", kMaxSpdxDepth, " parentheses inside each other, got more");
      next();
      SpdxExpression inside = any(depth + 1);
      if (word_ != ")") expected("')'");
      next();
      if (is_with()) expected("AND, OR or the end (WITH follows one licence)");
      return inside;
    }
    if (word_.empty() || word_ == ")" || is_and() || is_or() || is_with()) expected("a licence");
    SpdxExpression licence = simple();
    if (is_with()) {
      next();
      with(licence);
    }
    return licence;
  }

  SpdxExpression simple() {
    SpdxExpression licence;
    std::string_view id = word_;
    if (auto name = reference(id)) {
      licence.id = *std::move(name);
      licence.known = false;
      next();
      return licence;
    }
    auto found = licences().find(id);  // "GPL-2.0+" is an id of its own
    if (found == licences().end() && id.back() == '+') {
      licence.or_later = true;
      id.remove_suffix(1);
      found = licences().find(id);
    }
    if (found == licences().end()) {
      if (starts_with_no_case(id, kLicenseRef) || starts_with_no_case(id, kDocumentRef))
        expected("LicenseRef-name or DocumentRef-name:LicenseRef-name");
      if (!is_name(id)) expected("a licence id of letters, digits, '-' and '.'");
      licence.id = std::string(id);
      licence.known = false;
    } else if (!found->second.replacement.empty()) {
      replace(licence, found->second);
    } else {
      licence.id = std::string(found->second.id);
    }
    next();
    return licence;
  }

  void replace(SpdxExpression& licence, const Listed& old) {
    const bool or_later = licence.or_later;
    licence = Parser(old.replacement).read().expression;
    licence.or_later = or_later;
    notes_.push_back(std::string(old.id) + " is deprecated: read as " + to_string(licence));
  }

  void with(SpdxExpression& licence) {
    if (!licence.exception.empty()) expected("AND, OR or the end (the licence has an exception)");
    if (!is_name(word_) || is_and() || is_or() || is_with()) expected("an exception");
    const auto found = exceptions().find(word_);
    licence.exception = found == exceptions().end() ? word_ : found->second.id;
    licence.known = licence.known && found != exceptions().end();
    next();
  }

  std::string_view text_, word_;
  size_t at_ = 0, end_ = 0;
  std::vector<std::string> notes_;
};

}  // namespace

bool SpdxExpression::is_reference() const {
  return id.starts_with(kLicenseRef) || id.starts_with(kDocumentRef);
}

SpdxReading parse_spdx(std::string_view text) { return Parser(text).read(); }

std::string to_string(const SpdxExpression& e) {
  if (e.kind == SpdxExpression::Kind::License)
    return e.id + (e.or_later ? "+" : "") + (e.exception.empty() ? "" : " WITH " + e.exception);
  const bool conjunction = e.kind == SpdxExpression::Kind::And;
  std::string out;
  for (const SpdxExpression& part : e.parts) {
    if (!out.empty()) out += conjunction ? " AND " : " OR ";
    const bool inside = conjunction && part.kind == SpdxExpression::Kind::Or;
    out += inside ? "(" + to_string(part) + ")" : to_string(part);
  }
  return out;
}

std::string_view spdx_id(std::string_view any_case) {
  const auto found = licences().find(any_case);
  return found == licences().end() ? std::string_view() : found->second.id;
}

std::string_view spdx_list_version() {
#define VERSION(number) return number;
#define LICENSE(id, replacement)
#define EXCEPTION(id)
#include "lydia/atlas/spdx_ids.inc"
#undef VERSION
#undef LICENSE
#undef EXCEPTION
}

const std::vector<std::string_view>& spdx_ids() {
  static const std::vector<std::string_view> ids = [] {
    std::vector<std::string_view> out;
    for (const auto& [id, listed] : licences())
      if (listed.replacement.empty()) out.push_back(id);
    return out;
  }();
  return ids;
}

}  // namespace lydia::atlas
