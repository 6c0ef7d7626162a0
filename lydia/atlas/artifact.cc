// Kinds of artifact, told from paths and from what texts say.
#include <algorithm>
#include <filesystem>

#include "lydia/atlas/fold.h"
#include "lydia/atlas/plan_graph.h"

namespace lydia::atlas {
namespace {

struct Word {
  std::string_view folded;
  std::string_view kind;
};

// Words, and word beginnings in Turkish, that name what is no file of a known format.
constexpr Word kWords[] = {
    {"log", "log"},
    {"hata mesaj", "log"},
    {"error message", "log"},
    {"motoru", "engine"},
    {"engine", "engine"},
    {"network tanim", "object"},
    {"network definition", "object"},
    {"in-memory", "object"},
    {"bellekteki nesne", "object"},
};

void add(std::vector<std::string>& kinds, std::string kind) {
  if (std::find(kinds.begin(), kinds.end(), kind) == kinds.end()) kinds.push_back(std::move(kind));
}

// A word that begins at `at` rather than ends there: "log" is not in "katalog".
bool begins_word(const std::string& text, size_t at) {
  return at == 0 || text[at - 1] == ' ' || text[at - 1] == '(' || text[at - 1] == '`';
}

std::vector<std::string> explicit_kinds(const std::string& kind) {
  std::vector<std::string> out;
  for (size_t from = 0; from <= kind.size();) {
    const size_t end = std::min(kind.find(',', from), kind.size());
    const std::string_view part = trim(std::string_view(kind).substr(from, end - from));
    if (!part.empty()) add(out, std::string(part));
    from = end + 1;
  }
  return out;
}

}  // namespace

std::vector<std::string> artifact_kinds(std::string_view text) {
  std::vector<std::string> kinds;
  for (size_t at = text.find("`."); at != std::string_view::npos; at = text.find("`.", at + 1)) {
    size_t end = at + 2;
    while (end < text.size() && std::isalnum(static_cast<unsigned char>(text[end]))) ++end;
    if (end > at + 2 && end < text.size() && text[end] == '`') {
      add(kinds, std::string(text.substr(at + 1, end - at - 1)));
    }
  }
  if (!kinds.empty()) return kinds;  // a format says more than a word
  const std::string folded = fold(text);
  for (const Word& word : kWords) {
    const size_t at = folded.find(word.folded);
    if (at != std::string::npos && begins_word(folded, at)) add(kinds, std::string(word.kind));
  }
  return kinds;
}

std::vector<std::string> kinds_of(const Input& input) {
  if (!input.kind.empty()) return explicit_kinds(*input.kind);
  return input.text.empty() ? std::vector<std::string>() : artifact_kinds(*input.text);
}

std::vector<std::string> kinds_of(const Output& output) {
  if (!output.kind.empty()) return explicit_kinds(*output.kind);
  if (!output.path.empty()) {
    const std::string extension = std::filesystem::path(*output.path).extension().string();
    return extension.empty() ? std::vector<std::string>() : std::vector{extension};
  }
  return output.text.empty() ? std::vector<std::string>() : artifact_kinds(*output.text);
}

}  // namespace lydia::atlas
