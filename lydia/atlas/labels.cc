#include "lydia/atlas/labels.h"

#include <algorithm>
#include <array>

#include "lydia/atlas/fold.h"

namespace lydia::atlas {
namespace {

struct Name {
  Label label;
  Language language;
  std::string_view written;
  std::string_view folded;  // empty: fold(written)
};

constexpr Language kTr = Language::Turkish, kEn = Language::English;

// The first row of a label and language is how it is written; the others are read as well.
constexpr Name kNames[] = {
    {Label::MainTask, kTr, "Ana Görev", "ana görev"},
    {Label::MainTask, kEn, "Main Task", "main task"},
    {Label::SubTask, kTr, "Alt Görev", "alt görev"},
    {Label::SubTask, kEn, "Sub-Task", "sub-task"},
    {Label::SubTask, kEn, "", "sub task"},
    {Label::MacroTask, kTr, "Makro Görev", "makro görev"},
    {Label::MacroTask, kEn, "Macro-Task", "macro-task"},
    {Label::MacroTask, kEn, "", "macro task"},
    {Label::MicroTask, kTr, "Mikro Görev", "mikro görev"},
    {Label::MicroTask, kEn, "Micro-Task", "micro-task"},
    {Label::MicroTask, kEn, "", "micro task"},
    {Label::AtlasTask, kTr, "Atlas Görevi", "atlas görevi"},
    {Label::AtlasTask, kEn, "Atlas Task", "atlas task"},
    {Label::Owner, kTr, "Sorumlu Persona", "sorumlu persona"},
    {Label::Owner, kEn, "Responsible Persona", "responsible persona"},
    {Label::Description, kTr, "Açıklama", "açiklama"},
    {Label::Description, kEn, "Description", "description"},
    {Label::Module, kTr, "İlgili Modül", "ilgili modül"},
    {Label::Module, kTr, "", "ilgili modüller"},
    {Label::Module, kEn, "Related Module", "related module"},
    {Label::Module, kEn, "", "related modules"},
    {Label::Libraries, kTr, "Kullanılacak Kütüphane(ler)", "kullanilacak kütüphane(ler)"},
    {Label::Libraries, kTr, "", "kullanilacak kütüphane"},
    {Label::Libraries, kTr, "", "kullanilacak kütüphaneler"},
    {Label::Libraries, kEn, "Libraries Used", "libraries used"},
    {Label::Libraries, kEn, "", "library used"},
    {Label::Relations, kTr, "Bağımlılıklar/İlişkiler", "bağimliliklar/ilişkiler"},
    {Label::Relations, kEn, "Dependencies/Relations", "dependencies/relations"},
    {Label::Input, kTr, "Girdi", "girdi"},
    {Label::Input, kEn, "Input", "input"},
    {Label::Output, kTr, "Çıktı", "çikti"},
    {Label::Output, kEn, "Output", "output"},
    {Label::LicenseNote, kTr, "Lisans Uyumluluğu", "lisans uyumluluğu"},
    {Label::LicenseNote, kEn, "License Compatibility", "license compatibility"},
    {Label::License, kTr, "Lisans", "lisans"},
    {Label::License, kEn, "License", "license"},
    {Label::Run, kTr, "Çalıştır", "çaliştir"},
    {Label::Run, kEn, "Run", "run"},
    {Label::Check, kTr, "Kontrol", "kontrol"},
    {Label::Check, kEn, "Check", "check"},
    {Label::Effort, kTr, "Efor", "efor"},
    {Label::Effort, kEn, "Effort", "effort"},
    {Label::Needs, kTr, "Kaynaklar", "kaynaklar"},
    {Label::Needs, kEn, "Needs", "needs"},
    {Label::Choice, kTr, "Seçim", "seçim"},
    {Label::Choice, kEn, "Choice", "choice"},
};

constexpr size_t kMaxHead = 300;  // bytes before the colon

bool is_number(std::string_view text) {
  const bool plain = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || c == '.';
  });
  return plain && text.front() != '.' && text.back() != '.' &&
         text.find("..") == std::string_view::npos;
}

bool is_id(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) || c == '.' || c == '_' || c == '-' || c == '[' || c == ']' || c == ',';
  });
}

// The label whose folded name `head` begins with, and the rest. The rest must be apart from it.
const Name* match_name(std::string_view head, std::string_view& rest) {
  const Name* best = nullptr;
  for (const Name& name : kNames) {
    if (!head.starts_with(name.folded)) continue;
    const std::string_view after = head.substr(name.folded.size());
    const bool apart = after.empty() || after.front() == ' ';
    if (apart && (!best || best->folded.size() < name.folded.size())) {
      best = &name;
      rest = trim(after);
    }
  }
  return best;
}

bool takes_number(Label label) { return label == Label::MacroTask || label == Label::MicroTask; }

// The colon that ends the label: outside parentheses and code.
size_t find_colon(std::string_view text) {
  int depth = 0;
  for (size_t i = 0; i < std::min(text.size(), kMaxHead); ++i) {
    if (text[i] == '(') ++depth;
    if (text[i] == ')') --depth;
    if (text[i] == '`' || text[i] == '\n') break;
    if (text[i] == ':' && depth <= 0) return i;
  }
  return std::string_view::npos;
}

// What stands in the text's first parentheses, as written.
std::string parenthesised(std::string_view text) {
  const size_t open = text.find('('), close = text.rfind(')');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) return "";
  return std::string(trim(text.substr(open + 1, close - open - 1)));
}

// The words of a head as written, without folding: "AG-1" must keep its capitals.
std::string word_at(std::string_view text, size_t& at) {
  while (at < text.size() && text[at] == ' ') ++at;
  size_t end = at;
  while (end < text.size() && text[end] != ' ' && text[end] != '(') ++end;
  return std::string(text.substr(at, end - at));
}

// Fills number, id and alias from what follows the label's name in the head; false when the head
// is prose after all.
bool read_name(std::string_view head, std::string_view rest, bool bold, LabelMatch& match) {
  if (match.label == Label::AtlasTask) {
    // The label is two words; the id is the third as written.
    size_t at = 0;
    for (int word = 0; word < 2; ++word) at += word_at(head, at).size();
    match.number = word_at(head, at);
    match.name_at = at;
    const std::string_view after =
        trim(head.substr(std::min(head.size(), at + match.number.size())));
    match.alias = parenthesised(after);
    const bool whole = after.empty() || (after.front() == '(' && after.back() == ')');
    const bool coded = match.number.find_first_of("0123456789") != std::string::npos;
    return is_id(match.number) && whole && (bold || coded);
  }
  match.number = std::string(rest);
  if (takes_number(match.label)) return rest.empty() || is_number(rest);
  return rest.empty();
}

// How many bytes of the longer differ between the common beginning and the common end.
size_t difference(std::string_view a, std::string_view b) {
  while (!a.empty() && !b.empty() && a.front() == b.front()) a.remove_prefix(1), b.remove_prefix(1);
  while (!a.empty() && !b.empty() && a.back() == b.back()) a.remove_suffix(1), b.remove_suffix(1);
  return std::max(a.size(), b.size());
}

// The first words of a text, as many as `like` has, and what follows them.
std::pair<std::string_view, std::string_view> split_like(std::string_view text,
                                                         std::string_view like) {
  size_t at = 0;
  for (auto words = std::count(like.begin(), like.end(), ' ') + 1; words > 0; --words) {
    at = std::min(text.find(' ', at + 1), text.size());
  }
  return {text.substr(0, at), trim(text.substr(at))};
}

bool is_numbered(Label label) { return takes_number(label) || label == Label::AtlasTask; }

}  // namespace

std::string near_label(std::string_view text) {
  const bool bold = text.starts_with("**") || text.starts_with("__");
  const size_t begin = bold ? 2 : 0, colon = find_colon(text);
  if (colon == std::string_view::npos || colon <= begin) return "";
  std::string_view head = trim(text.substr(begin, colon - begin));
  if (bold && head.ends_with(text.substr(0, 2))) head.remove_suffix(2);
  const std::string folded = fold(head);
  std::string_view look = folded;
  for (const Language language : {kTr, kEn}) {
    const std::string example = fold(example_name(language)) + " ";
    if (look.starts_with(example)) look.remove_prefix(example.size());
  }
  for (const Name& name : kNames) {
    auto [words, rest] = split_like(look, name.folded);
    const bool number = rest.find_first_of("0123456789") != std::string_view::npos;
    if (is_numbered(name.label) ? !number : !rest.empty()) continue;
    const size_t differ = difference(words, name.folded);
    if (differ == 0 || differ > (name.folded.size() < 6 ? 1 : 2)) continue;
    return std::string(label_name(name.label, name.language));
  }
  return "";
}

std::optional<LabelMatch> match_label(std::string_view text) {
  const bool bold = text.starts_with("**") || text.starts_with("__");
  const std::string mark(bold ? text.substr(0, 2) : "");
  const size_t begin = mark.size();
  const size_t colon = find_colon(text);
  if (colon == std::string_view::npos || colon <= begin) return std::nullopt;
  std::string_view head = text.substr(begin, colon - begin);
  bool closed = !bold;
  if (bold && trim(head).ends_with(mark)) {
    head = trim(head).substr(0, trim(head).size() - 2);
    closed = true;
  }
  const std::string folded = fold(head);
  std::string_view rest;
  LabelMatch match;
  std::string_view look = folded;
  for (const Language language : {kTr, kEn}) {
    const std::string word = fold(example_name(language)) + " ";
    if (look.starts_with(word)) {
      match.example = true;
      look.remove_prefix(word.size());
    }
  }
  const Name* name = match_name(look, rest);
  if (!name) return std::nullopt;
  match.label = name->label;
  match.language = name->language;
  if (match.example && !takes_number(match.label)) return std::nullopt;
  size_t skipped = 0;
  while (skipped < head.size() && head[skipped] == ' ') ++skipped;
  if (!read_name(head.substr(skipped), rest, bold, match)) return std::nullopt;
  match.name_at += begin + skipped;
  std::string_view value = text.substr(colon + 1);
  if (!closed && value.starts_with(mark)) {
    value.remove_prefix(2);
    closed = true;
  }
  const std::string_view trimmed = trim(value);
  match.value_at =
      trimmed.empty() ? text.size() : static_cast<size_t>(trimmed.data() - text.data());
  match.value = (closed ? "" : mark) + std::string(trimmed);
  return match;
}

std::string_view label_name(Label label, Language language) {
  for (const Name& name : kNames) {
    if (name.label == label && name.language == language) return name.written;
  }
  return "";
}

std::string_view example_name(Language language) { return language == kTr ? "Örnek" : "Example"; }

std::optional<std::string> find_reference(std::string_view text) {
  const std::string folded = fold(text);
  size_t best = std::string::npos;
  std::string id;
  for (const Name& name : kNames) {
    if (!takes_number(name.label)) continue;
    const size_t found = folded.find(name.folded);
    if (found == std::string::npos || found >= best) continue;
    size_t at = found + name.folded.size();
    while (at < folded.size() && folded[at] == ' ') ++at;
    size_t end = at;
    while (end < folded.size() && (std::isdigit(static_cast<unsigned char>(folded[end])) ||
                                   (folded[end] == '.' && end + 1 < folded.size() &&
                                    std::isdigit(static_cast<unsigned char>(folded[end + 1]))))) {
      ++end;
    }
    if (end == at) continue;
    best = found;
    id = (name.label == Label::MacroTask ? "macro-" : "micro-") + folded.substr(at, end - at);
  }
  if (!id.empty()) return id;
  // An Atlas task by its id: a word such as AG-MOD-ONNX-001, as written.
  for (size_t at = text.find("AG-"); at != std::string_view::npos; at = text.find("AG-", at + 3)) {
    size_t end = at;
    while (end < text.size() &&
           (std::isalnum(static_cast<unsigned char>(text[end])) || text[end] == '-')) {
      ++end;
    }
    if (end > at + 3) return std::string(text.substr(at, end - at));
  }
  return std::nullopt;
}

}  // namespace lydia::atlas
