#include "lydia/atlas/finding.h"

#include <algorithm>
#include <tuple>

#include "lydia/io/json.h"
#include "lydia/report/terminal.h"

namespace lydia::atlas {
namespace {

report::Style style_of(const Finding& finding) {
  if (finding.waived) return report::Style::Dim;
  switch (finding.severity) {
    case Severity::Error: return report::Style::Red;
    case Severity::Warning: return report::Style::Yellow;
    default: return report::Style::Cyan;
  }
}

// One line whatever a quoted text holds.
std::string one_line(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < ' ' || c == 0x7F; }, ' ');
  return text;
}

}  // namespace

std::span<const std::string_view> finding_codes() {
  static constexpr std::string_view kCodes[] = {
      "yaml",
      "markdown",
      "unread-value",
      "unknown-label",
      "unknown-key",
      "wrong-type",
      "bad-value",
      "foreach",
      "bad-id",
      "duplicate-id",
      "no-parent",
      "bad-parent",
      "orphan",
      "unknown-persona",
      "cycle",
      "dangling-edge",
      "undeclared-input",
      "two-producers",
      "unused-output",
      "no-path",
      "alternatives",
      "module-missing",
      "symbol-missing",
      "module-order",
      "placeholder",
      "missing-reference",
      "no-run",
      "no-check",
      "no-effort",
      "unknown-variable",
      "version-open",
      "version-missing",
      "path-escape",
      "reserved-path",
      "license-missing",
      "license-not-spdx",
      "license-deprecated",
      "license-mismatch",
      "license-review",
      "license-deny",
      "license-build-tool",
      "license-conflict",
      "license-claim-unsupported",
      "license-policy",
      "waiver-incomplete",
      "waiver-expired",
      "waiver-unused",
  };
  return kCodes;
}

bool is_finding_code(std::string_view code) {
  const auto codes = finding_codes();
  return std::find(codes.begin(), codes.end(), code) != codes.end();
}

std::string_view severity_name(Severity severity, Language language) {
  constexpr std::string_view kNames[][2] = {
      {"note", "not"}, {"warning", "uyarı"}, {"error", "hata"}};
  return kNames[static_cast<size_t>(severity)][language == Language::Turkish ? 1 : 0];
}

void sort_findings(Findings& findings) {
  std::stable_sort(findings.begin(), findings.end(), [](const Finding& a, const Finding& b) {
    return std::tie(a.at.line, a.at.column, a.code) < std::tie(b.at.line, b.at.column, b.code);
  });
}

bool has_errors(const Findings& findings) {
  return std::any_of(findings.begin(), findings.end(),
                     [](const Finding& f) { return f.severity == Severity::Error && !f.waived; });
}

std::string findings_text(const Findings& findings, const std::string& file, Language language,
                          bool color) {
  std::string out;
  for (const Finding& finding : findings) {
    const Severity severity = finding.waived ? Severity::Note : finding.severity;
    out += file + ":" + std::to_string(finding.at.line) + ":" + std::to_string(finding.at.column) +
           ": " + report::paint(severity_name(severity, language), style_of(finding), color) + " " +
           report::paint(finding.code, report::Style::Bold, color) + " ";
    if (finding.waived) out += language == Language::Turkish ? "(muaf) " : "(waived) ";
    if (!finding.subject.empty()) out += one_line(finding.subject) + ": ";
    out += one_line(finding.message.in(language));
    const std::string& hint = finding.hint.in(language);
    if (!hint.empty()) out += "; " + one_line(hint);
    out += "\n";
  }
  return out;
}

std::string findings_json(const Findings& findings, const std::string& file) {
  using io::Json;
  Json::List list;
  int64_t errors = 0, warnings = 0;
  for (const Finding& f : findings) {
    if (!f.waived) {
      errors += f.severity == Severity::Error;
      warnings += f.severity == Severity::Warning;
    }
    const auto both = [](const Message& m) { return Json::Object{{"en", m.en}, {"tr", m.tr}}; };
    Json::Object item = {{"line", int64_t{f.at.line}},
                         {"column", int64_t{f.at.column}},
                         {"severity", std::string(severity_name(f.severity, Language::English))},
                         {"code", f.code},
                         {"subject", f.subject},
                         {"message", both(f.message)},
                         {"hint", both(f.hint)},
                         {"waived", f.waived}};
    if (!f.purl.empty()) item.emplace_back("purl", f.purl);
    list.emplace_back(std::move(item));
  }
  return io::to_json(Json::Object{{"file", file},
                                  {"errors", errors},
                                  {"warnings", warnings},
                                  {"findings", std::move(list)}}) +
         "\n";
}

}  // namespace lydia::atlas
