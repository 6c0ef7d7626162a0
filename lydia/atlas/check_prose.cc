// Texts: tasks that are only promised, documents that are not there.
#include <algorithm>
#include <filesystem>

#include "lydia/atlas/check_parts.h"
#include "lydia/atlas/fold.h"
#include "lydia/atlas/plan_file.h"
#include "lydia/atlas/plan_paths.h"

namespace lydia::atlas {
namespace {

namespace fs = std::filesystem;

// The place of line `index` of a text of several lines. A block of YAML begins on the line below.
Source line_of(const Checker& c, const Text& text, int index) {
  const bool block =
      format_of(c.plan.file) == PlanFormat::Yaml && text->find('\n') != std::string::npos;
  return {text.at.line + index + (block ? 1 : 0), index == 0 && !block ? text.at.column : 1};
}

bool promises_task(const std::string& folded) {
  constexpr std::string_view kPromises[] = {"tanimlanabilir", "tanimlanacak",   "eklenecek",
                                            "eklenebilir",    "can be defined", "to be defined",
                                            "will be added",  "can be added"};
  constexpr std::string_view kMarks[] = {"todo", "tbd", "fixme"};
  const auto holds = [&](std::string_view word) { return folded.find(word) != std::string::npos; };
  const bool task = holds("görev") || holds("task");
  const auto whole = [&](std::string_view mark) {
    return folded.starts_with(std::string(mark) + ":") || folded == mark ||
           folded.starts_with(std::string(mark) + " ");
  };
  return (task && std::any_of(std::begin(kPromises), std::end(kPromises), holds)) ||
         std::any_of(std::begin(kMarks), std::end(kMarks), whole);
}

// "*(...)*": an aside that stands for something to come.
bool is_aside(std::string_view line) {
  const bool emphasised = (line.starts_with("*(") && line.ends_with(")*")) ||
                          (line.starts_with("_(") && line.ends_with(")_"));
  return emphasised || (line.starts_with('(') && line.ends_with(')'));
}

void check_placeholder(Checker& c, const std::string& subject, std::string_view line, Source at) {
  const std::string folded = fold(line);
  const bool mark = folded.starts_with("todo") || folded.starts_with("tbd");
  if ((!is_aside(line) && !mark) || !promises_task(folded)) return;
  const std::string text(line);
  c.error("placeholder", subject, at,
          {"tasks that are only promised: " + text, "yalnızca sözü edilen görevler: " + text},
          {"write the tasks, or take the sentence out", "görevleri yazın ya da cümleyi çıkarın"});
}

// A `code span` or [link](target) that names a document of the plan's tree.
bool is_document(std::string_view word) {
  if (word.empty() || word.find_first_of(" *<>{}$()\"'") != std::string_view::npos ||
      word.find("://") != std::string_view::npos || word.find('/') == std::string_view::npos) {
    return false;
  }
  constexpr std::string_view kEndings[] = {".md",  ".markdown", ".txt",  ".pdf", ".rst",
                                           ".doc", ".docx",     ".yaml", ".yml", ".html"};
  return std::any_of(std::begin(kEndings), std::end(kEndings),
                     [&](std::string_view ending) { return word.ends_with(ending); });
}

void check_reference(Checker& c, const std::string& subject, std::string_view word, Source at) {
  if (!is_document(word)) return;
  std::string_view path = word;
  while (path.starts_with('/')) path.remove_prefix(1);  // from the root of the plan
  std::error_code error;
  // What lies outside the root is not looked at: nobody learns from a plan what is there.
  if (leaves_root(path) || fs::exists(c.plan.resolve(path), error)) return;
  const std::string name(word);
  c.error("missing-reference", subject, at,
          {"the document '" + name + "' is not there", "'" + name + "' belgesi bulunamadı"},
          {"add the file, or correct the path", "dosyayı ekleyin ya da yolu düzeltin"});
}

void check_references(Checker& c, const std::string& subject, std::string_view line, Source at) {
  const auto place = [&](size_t byte) {
    const std::string_view head = line.substr(0, byte);
    const auto chars =
        std::count_if(head.begin(), head.end(), [](char ch) { return (ch & 0xC0) != 0x80; });
    return Source{at.line, at.column + static_cast<int>(chars)};
  };
  for (size_t open = line.find('`'); open != std::string_view::npos;) {
    const size_t close = line.find('`', open + 1);
    if (close == std::string_view::npos) break;
    check_reference(c, subject, line.substr(open + 1, close - open - 1), place(open + 1));
    open = line.find('`', close + 1);
  }
  for (size_t open = line.find("]("); open != std::string_view::npos;
       open = line.find("](", open + 1)) {
    const size_t close = line.find(')', open);
    if (close == std::string_view::npos) break;
    check_reference(c, subject, line.substr(open + 2, close - open - 2), place(open + 2));
  }
}

void check_text(Checker& c, const std::string& subject, const Text& text) {
  int index = 0;
  for (size_t from = 0; from <= text->size() && !text.empty(); ++index) {
    const size_t end = std::min(text->find('\n', from), text->size());
    const std::string_view line = std::string_view(*text).substr(from, end - from);
    const Source at = line_of(c, text, index);
    check_placeholder(c, subject, trim(line), at);
    if (c.options.files) check_references(c, subject, line, at);
    from = end + 1;
  }
}

}  // namespace

void check_prose(Checker& c) {
  check_text(c, "", c.plan.before);
  for (const Group& group : c.plan.groups) {
    check_text(c, *group.id, group.before);
    check_text(c, *group.id, group.description);
    check_text(c, *group.id, group.notes);
  }
  for (const Task& task : c.plan.tasks) {
    check_text(c, *task.id, task.before);
    check_text(c, *task.id, task.description);
    check_text(c, *task.id, task.notes);
  }
  check_text(c, "", c.plan.after);
}

}  // namespace lydia::atlas
