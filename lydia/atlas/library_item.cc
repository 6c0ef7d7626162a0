#include "lydia/atlas/library_item.h"

#include <algorithm>

#include "lydia/atlas/fold.h"
#include "lydia/atlas/labels.h"

namespace lydia::atlas {
namespace {

struct LicenceName {
  std::string_view folded, id;
};

// Names that people write for licences. What names a family only ("BSD") is none of them.
constexpr LicenceName kLicenceNames[] = {
    {"apache 2", "Apache-2.0"},
    {"apache 2.0", "Apache-2.0"},
    {"apache license 2.0", "Apache-2.0"},
    {"apache license, version 2.0", "Apache-2.0"},
    {"apache-2.0", "Apache-2.0"},
    {"apache2", "Apache-2.0"},
    {"mit", "MIT"},
    {"mit license", "MIT"},
    {"mit lisansi", "MIT"},
    {"bsd 2-clause", "BSD-2-Clause"},
    {"bsd-2-clause", "BSD-2-Clause"},
    {"bsd 3-clause", "BSD-3-Clause"},
    {"bsd-3-clause", "BSD-3-Clause"},
    {"new bsd license", "BSD-3-Clause"},
    {"isc", "ISC"},
    {"isc license", "ISC"},
    {"mpl 2.0", "MPL-2.0"},
    {"mpl-2.0", "MPL-2.0"},
    {"mozilla public license 2.0", "MPL-2.0"},
    {"lgpl 2.1", "LGPL-2.1-only"},
    {"lgplv2.1", "LGPL-2.1-only"},
    {"lgpl 3.0", "LGPL-3.0-only"},
    {"lgplv3", "LGPL-3.0-only"},
    {"gpl 2.0", "GPL-2.0-only"},
    {"gplv2", "GPL-2.0-only"},
    {"gpl 3.0", "GPL-3.0-only"},
    {"gplv3", "GPL-3.0-only"},
    {"agplv3", "AGPL-3.0-only"},
    {"agpl 3.0", "AGPL-3.0-only"},
    {"boost software license 1.0", "BSL-1.0"},
    {"zlib", "Zlib"},
    {"zlib license", "Zlib"},
    {"unlicense", "Unlicense"},
    {"psf 2.0", "PSF-2.0"},
    {"cc0", "CC0-1.0"},
    {"cc by 4.0", "CC-BY-4.0"},
    {"cc-by-4.0", "CC-BY-4.0"},
    {"cc by-sa 4.0", "CC-BY-SA-4.0"},
    {"cc-by-sa-4.0", "CC-BY-SA-4.0"},
};

constexpr Role kRoles[] = {Role::BuildTool, Role::LinkedStatic, Role::LinkedDynamic,
                           Role::Shipped,   Role::Dataset,      Role::Weights};

bool is_version(std::string_view word) {
  if (word.starts_with('v')) word.remove_prefix(1);
  if (word.ends_with('+')) word.remove_suffix(1);
  if (word.empty() || !std::isdigit(static_cast<unsigned char>(word.front()))) return false;
  bool dot = false;
  for (size_t i = 0; i < word.size(); ++i) {
    const char c = word[i];
    dot = dot || c == '.';
    const bool letter = c == 'x' && i > 0 && word[i - 1] == '.';
    if (!std::isdigit(static_cast<unsigned char>(c)) && c != '.' && !letter) return false;
  }
  return dot;
}

bool is_condition(const std::string& folded) {
  return folded == "opsiyonel" || folded == "optional" || folded.starts_with("opsiyonel ") ||
         folded.starts_with("optional ") || folded.starts_with("eğer ") ||
         folded.starts_with("if ") || folded.starts_with("for ") || folded.ends_with(" için");
}

std::vector<std::string_view> split_parts(std::string_view text) {
  std::vector<std::string_view> out;
  int depth = 0;
  size_t from = 0;
  for (size_t i = 0; i <= text.size(); ++i) {
    if (i == text.size() || (text[i] == ',' && depth == 0)) {
      out.push_back(trim(text.substr(from, i - from)));
      from = i + 1;
    } else {
      depth += text[i] == '(' ? 1 : text[i] == ')' ? -1 : 0;
    }
  }
  return out;
}

void append(Text& text, std::string_view more, Source at) {
  if (more.empty()) return;
  if (text.empty()) text.at = at;
  text.value += (text.empty() ? "" : ", ") + std::string(more);
}

// The last word of "usually v8.x+".
std::string_view last_word(std::string_view part) {
  const size_t space = part.rfind(' ');
  return space == std::string_view::npos ? part : part.substr(space + 1);
}

Source shifted(Source at, std::string_view whole, const char* to) {
  // Columns count characters, not bytes.
  const auto bytes = static_cast<size_t>(to - whole.data());
  const auto chars = std::count_if(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(bytes),
                                   [](char c) { return (c & 0xC0) != 0x80; });
  return {at.line, at.column + static_cast<int>(chars)};
}

// Version, licence, condition and role, as parse_library_items reads them back.
std::string parts_of(const Use& use) {
  std::string parts;
  for (const std::string& part :
       {*use.version, *use.license, *use.when, std::string(role_name(use.role))}) {
    if (!part.empty()) parts += (parts.empty() ? "" : ", ") + part;
  }
  return parts;
}

void read_parts(std::string_view parts, std::string_view line, Source at, Use& use) {
  use.declared = {{std::string(parts), shifted(at, line, parts.data())}};
  for (const std::string_view part : split_parts(parts)) {
    const Source place = shifted(at, line, part.data());
    const std::string folded = fold(part);
    const auto role = std::find_if(std::begin(kRoles), std::end(kRoles),
                                   [&](Role r) { return role_name(r) == folded; });
    if (is_version(last_word(part)) && use.version.empty()) {
      use.version = {{std::string(last_word(part)), place}};
    } else if (role != std::end(kRoles)) {
      use.role = *role;
    } else if (is_condition(folded)) {
      append(use.when, part, place);
    } else {
      append(use.license, part, place);
    }
  }
  const std::string_view id = spdx_of_name(*use.license);
  if (!id.empty()) use.license.value = id;
  if (parts_of(use) == *use.declared) use.declared = {};  // it says nothing more
}

// The end of the parentheses that `text` begins with; npos when they do not close.
size_t matching(std::string_view text) {
  int depth = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    depth += text[i] == '(' ? 1 : text[i] == ')' ? -1 : 0;
    if (depth == 0) return i;
  }
  return std::string_view::npos;
}

// "License: Compatible (note)."
void read_claim(std::string_view text, std::string_view line, Source at, Use& use) {
  const std::optional<LabelMatch> match = match_label(text);
  if (!match || match->label != Label::License) {
    use.note = {{std::string(text), shifted(at, line, text.data())}};
    return;
  }
  std::string_view value = trim(text.substr(std::min(match->value_at, text.size())));
  if (value.ends_with('.')) value.remove_suffix(1);
  const size_t open = value.find('(');
  const std::string_view claim = trim(value.substr(0, open));
  use.claim = {{std::string(claim), shifted(at, line, claim.data())}};
  if (open == std::string_view::npos) return;
  std::string_view note = value.substr(open);
  if (matching(note) == note.size() - 1) note = note.substr(1, note.size() - 2);
  use.note = {{std::string(trim(note)), shifted(at, line, note.data())}};
}

// One item, from its `name` to before the next.
Use parse_item(std::string_view item, std::string_view line, Source at) {
  Use use;
  use.at = shifted(at, line, item.data());
  const size_t close = item.find('`', 1);
  const std::string_view name = item.substr(1, close - 1);
  (name.starts_with("pkg:") ? use.purl : use.name) = {{std::string(name), use.at}};
  std::string_view rest = trim(item.substr(close + 1));
  if (rest.starts_with('(')) {
    const size_t end = matching(rest);
    if (end != std::string_view::npos) {
      read_parts(trim(rest.substr(1, end - 1)), line, at, use);
      rest = trim(rest.substr(end + 1));
    }
  }
  constexpr std::string_view kDashes[] = {"-", "–", "—"};
  for (const std::string_view dash : kDashes) {
    if (rest.starts_with(dash)) rest = trim(rest.substr(dash.size()));
  }
  if (!rest.empty()) read_claim(rest, line, at, use);
  return use;
}

// Where the next item begins: a `name` after a comma or semicolon, outside parentheses.
size_t next_item(std::string_view text) {
  int depth = 0;
  bool code = false;
  for (size_t i = 0; i + 1 < text.size(); ++i) {
    if (text[i] == '`') code = !code;
    if (code) continue;
    depth += text[i] == '(' ? 1 : text[i] == ')' ? -1 : 0;
    if (depth != 0 || (text[i] != ',' && text[i] != ';')) continue;
    const size_t start = text.find_first_not_of(' ', i + 1);
    if (start != std::string_view::npos && text[start] == '`') return i;
  }
  return std::string_view::npos;
}

}  // namespace

std::string_view spdx_of_name(std::string_view name) {
  const std::string folded = fold(name);
  for (const LicenceName& row : kLicenceNames) {
    if (row.folded == folded) return row.id;
  }
  return {};
}

std::vector<Use> parse_library_items(std::string_view line, Source at) {
  std::vector<Use> out;
  std::string_view rest = trim(line);
  while (rest.starts_with('`') && rest.find('`', 1) != std::string_view::npos &&
         rest.find('`', 1) > 1) {
    const size_t end = next_item(rest);
    out.push_back(parse_item(trim(rest.substr(0, end)), line, at));
    if (end == std::string_view::npos) return out;
    rest = trim(rest.substr(end + 1));
  }
  return out;
}

std::string library_item(const Use& use, Language language) {
  std::string out = "`" + *(use.purl.empty() ? use.name : use.purl) + "`";
  const std::string parts = use.declared.empty() ? parts_of(use) : *use.declared;
  if (!parts.empty()) out += " (" + parts + ")";
  if (!use.claim.empty()) {
    out += " - " + std::string(label_name(Label::License, language)) + ": " + *use.claim;
    if (!use.note.empty()) out += " (" + *use.note + ")";
    out += ".";
  } else if (!use.note.empty()) {
    out += " - " + *use.note;
  }
  return out;
}

}  // namespace lydia::atlas
