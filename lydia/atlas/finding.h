// What a check has found: a code, a place, and a message with a hint in English and Turkish.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lydia/atlas/plan.h"

namespace lydia::atlas {

enum class Severity { Note, Warning, Error };
enum class Language { English, Turkish };

// The same sentence in both languages.
struct Message {
  std::string en, tr;

  const std::string& in(Language language) const { return language == Language::Turkish ? tr : en; }
};

struct Finding {
  Severity severity = Severity::Error;
  std::string code;     // "dangling-edge"
  std::string subject;  // the id of the task or group; empty: the plan itself
  Source at = {};
  Message message = {}, hint = {};
  std::string purl = {};  // or name: of the use, for license-* and version-*
  bool waived = false;    // a waiver covers it: shown as a note, never an error
};

using Findings = std::vector<Finding>;

// Every code there is, as docs/atlas.md lists them.
std::span<const std::string_view> finding_codes();
bool is_finding_code(std::string_view code);

std::string_view severity_name(Severity severity, Language language);

// By line, column, code; the order of equals is kept.
void sort_findings(Findings& findings);
// Whether any is an error that no waiver covers.
bool has_errors(const Findings& findings);

// "plan.md:12:5: error dangling-edge message; hint", one line each.
std::string findings_text(const Findings& findings, const std::string& file, Language language,
                          bool color = false);
// {"file", "errors", "warnings", "findings": [...]}; both languages.
std::string findings_json(const Findings& findings, const std::string& file);

}  // namespace lydia::atlas
