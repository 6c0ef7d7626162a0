// What makes a task executable and plannable: a command, a check, an effort; and versions that can
// be locked.
#include <algorithm>

#include "lydia/atlas/check_parts.h"
#include "lydia/atlas/markdown_fields.h"
#include "lydia/atlas/plan_expand.h"
#include "lydia/atlas/plan_file.h"
#include "lydia/core/nearest.h"

namespace lydia::atlas {
namespace {

std::vector<std::string_view> names_in(const Checker& c, const Task& task,
                                       const std::string& space) {
  std::vector<std::string_view> out;
  const auto collect = [&](const auto& items) {
    for (const auto& item : items) out.push_back(*item.first);
  };
  if (space == "in") collect(task.in);
  if (space == "out") collect(task.out);
  if (space == "params") collect(c.plan.params);
  if (space == "persist") {
    for (const Text& folder : task.persist) out.push_back(*folder);
  }
  return out;
}

// {in.model} must name an input. What an expanded plan still says of params and each is unknown.
void check_variables(Checker& c, const Task& task, const std::vector<Text>& words) {
  constexpr std::string_view kSpaces[] = {"in", "out", "params", "each", "persist"};
  for (const Text& word : words) {
    for (const Variable& variable : find_variables(*word)) {
      if (variable.space == "root") continue;
      const bool space =
          std::find(std::begin(kSpaces), std::end(kSpaces), variable.space) != std::end(kSpaces);
      if (!space) continue;  // braces of some other language
      const std::vector<std::string_view> known = names_in(c, task, variable.space);
      if (std::find(known.begin(), known.end(), variable.name) != known.end()) continue;
      const std::string shown = "{" + variable.space + "." + variable.name + "}";
      const std::string best(nearest(variable.name, known));
      c.error("unknown-variable", *task.id, word.at,
              {shown + " is not declared", shown + " tanımlı değil"},
              best.empty()
                  ? Message{}
                  : Message{"did you mean '" + best + "'?", "'" + best + "' mi demek istediniz?"});
    }
  }
}

bool is_variable_name(const std::string& name) {
  return !name.empty() && !std::isdigit(static_cast<unsigned char>(name[0])) &&
         std::all_of(name.begin(), name.end(),
                     [](unsigned char ch) { return std::isalnum(ch) || ch == '_'; });
}

void check_environment(Checker& c, const Task& task) {
  for (const Text& name : task.env) {
    if (is_variable_name(*name)) continue;
    c.error("bad-value", *task.id, name.at,
            {"env: '" + *name + "' is no name of an environment variable",
             "env: '" + *name + "' bir ortam değişkeni adı değil"},
            {"write names only: [CUDA_HOME]", "yalnızca adları yazın: [CUDA_HOME]"});
  }
}

// What to add, as the plan's own form writes it.
Message add_field(const Checker& c, Label label, const std::string& yaml_en,
                  const std::string& yaml_tr) {
  if (format_of(c.plan.file) == PlanFormat::Yaml) {
    return {"add " + yaml_en, yaml_tr + " ekleyin"};
  }
  const auto item = [&](Language language) {
    return "**" + std::string(label_name(label, language)) + ":** " +
           field_form(label).in(language);
  };
  return {"add an item " + item(Language::English), item(Language::Turkish) + " maddesini ekleyin"};
}

void check_task(Checker& c, const Task& task) {
  if (!task.run && !task.human) {
    c.error("no-run", *task.id, task.at,
            {"it has no command: it cannot be run", "komutu yok: çalıştırılamaz"},
            add_field(c, Label::Run, "run: [program, words...] or run: human",
                      "run: [program, sözcükler...] ya da run: human"));
  }
  if (task.checks.empty() && !task.human) {
    c.error("no-check", *task.id, task.at,
            {"nothing checks its result: it would never be done",
             "sonucunu denetleyen bir şey yok: hiç bitmiş sayılmaz"},
            add_field(c, Label::Check, "check: [[program, words...]]",
                      "check: [[program, sözcükler...]]"));
  }
  if (task.effort.empty()) {
    c.warning(
        "no-effort", *task.id, task.at,
        {"no effort: it cannot be scheduled by persons", "eforu yok: kişilere göre planlanamaz"},
        add_field(c, Label::Effort, "effort: {<persona>: [2h, 4h, 8h]}",
                  "effort: {<persona>: [2h, 4h, 8h]}"));
  }
  check_environment(c, task);
  if (task.run) check_variables(c, task, task.run->argv);
  for (const Command& command : task.checks) check_variables(c, task, command.argv);
}

// "v1.13+", "8.x", ">=2", "latest": more than one version.
bool is_open(const std::string& version) {
  return version.find_first_of("+*<>^~|, ") != std::string::npos ||
         version.find(".x") != std::string::npos || version == "latest";
}

void check_version(Checker& c, const Task& task, const Use& use) {
  const std::string name = use_name(use), version = use_version(use);
  const Source at = use.version.empty() ? use.at : use.version.at;
  const std::string subject = use.purl.empty() ? name : *use.purl;
  if (version.empty()) {
    c.error("version-missing", *task.id, at,
            {name + " has no version", name + " için sürüm verilmemiş"},
            {"write the version that is installed", "kurulu sürümü yazın"})
        .purl = subject;
  } else if (is_open(version)) {
    c.error("version-open", *task.id, at,
            {name + " " + version + " is no single version: it cannot be locked",
             name + " " + version + " tek bir sürüm değil: kilitlenemez"},
            {"write one version, such as the one in use now", "tek bir sürüm yazın"})
        .purl = subject;
  }
}

}  // namespace

void check_execution(Checker& c) {
  for (int i = 0; i < c.graph.size(); ++i) {
    if (c.graph.active(i)) check_task(c, c.task(i));
  }
}

void check_versions(Checker& c) {
  for (int i = 0; i < c.graph.size(); ++i) {
    if (!c.graph.active(i)) continue;
    for (const Use& use : c.task(i).uses) {
      if (use.name.empty() && use.purl.empty()) {
        c.error("bad-value", *c.task(i).id, use.at,
                {"a use needs a purl or a name", "kullanımın purl ya da adı olmalı"});
      } else {
        check_version(c, c.task(i), use);
      }
    }
  }
}

}  // namespace lydia::atlas
