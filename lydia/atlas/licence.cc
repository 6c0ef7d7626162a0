#include "lydia/atlas/licence.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <deque>
#include <optional>
#include <set>

#include "lydia/atlas/licence_matrix.h"
#include "lydia/atlas/plan_expand.h"
#include "lydia/atlas/plan_paths.h"
#include "lydia/core/error.h"
#include "lydia/core/nearest.h"

namespace lydia::atlas {
namespace {

// For every task the next task on a shortest way over data edges to one that hands things on: the
// task itself when it does, -1 when there is no way.
std::vector<int> ways_out(const PlanGraph& graph) {
  const auto& tasks = graph.plan().tasks;
  std::vector<std::vector<int>> readers_of(tasks.size());
  for (const Edge& edge : graph.edges())
    if (edge.kind == Edge::Kind::Data && graph.active(edge.from) && graph.active(edge.to))
      readers_of[static_cast<size_t>(edge.to)].push_back(edge.from);
  std::vector<int> way(tasks.size(), -1);
  std::deque<int> queue;
  for (int i = 0; i < graph.size(); ++i) {
    if (!graph.active(i) || tasks[static_cast<size_t>(i)].delivery == Delivery::None) continue;
    way[static_cast<size_t>(i)] = i;
    queue.push_back(i);
  }
  for (; !queue.empty(); queue.pop_front())
    for (const int from : readers_of[static_cast<size_t>(queue.front())])
      if (way[static_cast<size_t>(from)] < 0) {
        way[static_cast<size_t>(from)] = queue.front();
        queue.push_back(from);
      }
  return way;
}

std::vector<int> path_from(int task, const std::vector<int>& way) {
  std::vector<int> path;
  if (task < 0 || way[static_cast<size_t>(task)] < 0) return path;
  for (;; task = way[static_cast<size_t>(task)]) {
    path.push_back(task);
    if (way[static_cast<size_t>(task)] == task) return path;
  }
}

void leaves(const SpdxExpression& e, std::set<std::string>& out) {
  if (e.kind == SpdxExpression::Kind::License) out.insert(to_string(e));
  for (const SpdxExpression& part : e.parts) leaves(part, out);
}

// Whether `declared` says what `shown` does; one of several parts that all bind is not enough.
bool agrees(const SpdxExpression& declared, const SpdxExpression& shown) {
  if (to_string(declared) == to_string(shown)) return true;
  std::set<std::string> said, all;
  leaves(declared, said), leaves(shown, all);
  return said == all && declared.kind == shown.kind;
}

bool all_known(const SpdxExpression& e) {
  if (e.kind == SpdxExpression::Kind::License) return e.known || e.is_reference();
  return std::all_of(e.parts.begin(), e.parts.end(), all_known);
}

// Whether a note claims that the licences are in order: "Diğerleri uyumlu", "All compatible".
bool claims_compatible(const std::string& note) {
  for (const char* word : {"uyumlu", "uygun", "izin ver", "ompatible", "permitted", "allow"})
    if (note.find(word) != std::string::npos) return true;
  return false;
}

class Judge {
 public:
  Judge(const PlanGraph& graph, const LicenceOptions& options)
      : graph_(graph),
        plan_(graph.plan()),
        policy_(LicencePolicy::of(plan_)),
        way_(ways_out(graph)),
        today_(options.today.empty() ? today_utc() : options.today),
        waiver_used_(plan_.waivers.size()) {
    const Policy& said = plan_.policy;
    if (!said.classifications.empty())
      kinds_.add_classifications(
          file_in_root(plan_, said.classifications, "policy.classifications"));
    if (!said.matrix.empty()) matrix_.read(file_in_root(plan_, said.matrix, "policy.matrix"));
    if (!said.evidence.empty())
      book_.add_file(file_in_root(plan_, said.evidence, "policy.evidence"));
  }

  LicenceReport judge() {
    for (size_t i = 0; i < plan_.inputs.size(); ++i) given_input(static_cast<int>(i));
    for (int i = 0; i < graph_.size(); ++i)
      if (graph_.active(i)) task(i);
    waivers();
    return std::move(report_);
  }

 private:
  const Task& task_at(int i) const { return plan_.tasks[static_cast<size_t>(i)]; }

  std::string path_text(const std::vector<int>& path) const {
    std::string out;
    for (const int i : path) out += (out.empty() ? "" : " → ") + task_at(i).id.value;
    return out;
  }

  // Adds a finding about an item; a waiver that covers it makes it a note.
  void add(LicenceItem& item, Severity severity, const char* code, Source at, Message message,
           Message hint = {}) {
    Finding f{severity, code, {}, at, std::move(message), std::move(hint)};
    if (item.task >= 0) f.subject = task_at(item.task).id.value;
    f.purl = item.purl.empty() ? item.name : item.purl;
    if (severity != Severity::Note) {
      for (size_t i = 0; i < plan_.waivers.size() && !f.waived; ++i)
        f.waived = covers(plan_.waivers[i], f, item) && (waiver_used_[i] = true);
      item.waived |= f.waived && (f.code == "license-review" || f.code == "license-deny");
    }
    report_.findings.push_back(std::move(f));
  }

  bool covers(const Waiver& w, const Finding& f, const LicenceItem& item) const {
    if (!w.code.empty() && w.code.value != f.code) return false;
    if (!w.task.empty() && !is_copy_of(f.subject, w.task.value)) return false;
    const std::string& purl = w.purl.value;
    const bool named = purl.empty() || purl == item.purl || purl == item.name ||
                       (!item.purl.empty() && item.purl.starts_with(purl + "@"));
    return named && !(w.task.empty() && purl.empty()) && in_force(w);
  }
  bool in_force(const Waiver& w) const {
    return !w.owner.empty() && !w.reason.empty() && is_date(w.expires.value) &&
           w.expires.value >= today_;
  }

  void waivers() {
    for (size_t i = 0; i < plan_.waivers.size(); ++i) {
      const Waiver& w = plan_.waivers[i];
      const auto say = [&](Severity severity, const char* code, Message message) {
        report_.findings.push_back(
            {severity, code, w.task.value, w.at, std::move(message), {}, w.purl.value});
      };
      const std::string what = w.purl.empty() ? w.task.value : w.purl.value;
      if (what.empty()) {
        say(Severity::Error, "waiver-incomplete",
            {"a waiver needs a task, a purl or both",
             "muafiyet bir görev, purl ya da ikisini ister"});
      } else if (w.owner.empty() || w.reason.empty() || !is_date(w.expires.value)) {
        say(Severity::Error, "waiver-incomplete",
            {"waiver of '" + what + "' needs an owner, a reason and an expiry date YYYY-MM-DD",
             "'" + what + "' muafiyetinde sahip, gerekçe ve YYYY-AA-GG bitiş tarihi gerekli"});
      } else if (w.expires.value < today_) {
        say(Severity::Error, "waiver-expired",
            {"waiver of '" + what + "' by " + w.owner.value + " expired on " + w.expires.value,
             "'" + what + "' muafiyeti (" + w.owner.value + ") " + w.expires.value +
                 " tarihinde sona erdi"});
      } else if (!waiver_used_[i] && (w.code.empty() || w.code->starts_with("license"))) {
        say(Severity::Warning, "waiver-unused",
            {"waiver of '" + what + "' covers no finding",
             "'" + what + "' muafiyeti hiçbir bulguyu kapsamıyor"});
      }
    }
  }

  void given_input(int index) {
    const auto& [name, input] = plan_.inputs[static_cast<size_t>(index)];
    if (input.license.empty() && input.role == Role::Unsaid) return;  // its digest is all we know
    LicenceItem item;
    item.plan_input = index;
    item.name = name.value;
    item.purl = input.purl.value;
    item.role = input.role == Role::Unsaid ? Role::Dataset : input.role;
    bool read = false;
    for (const Link& link : graph_.links()) {
      if (link.plan_input != index || !graph_.active(link.task)) continue;
      read = true;
      item.path = path_from(link.task, way_);
      if (!item.path.empty()) break;
    }
    if (!read) return;
    Use use;
    use.purl = input.purl;
    use.license = input.license;
    judge_item(item, use, input.license.empty() ? input.at : input.license.at);
    report_.items.push_back(std::move(item));
  }

  void task(int index) {
    const Task& t = task_at(index);
    const size_t first = report_.items.size();
    bool doubtful = false;
    for (size_t i = 0; i < t.uses.size(); ++i) {
      const Use& use = t.uses[i];
      LicenceItem item;
      item.task = index;
      item.use = static_cast<int>(i);
      item.name = use_name(use);
      item.version = use_version(use);
      item.purl = use.purl.value;
      item.role = use.role;
      if (use.role != Role::BuildTool) item.path = path_from(index, way_);
      const bool clear = judge_item(item, use, use.license.empty() ? use.at : use.license.at);
      doubtful |= !clear || item.verdict.level >= VerdictLevel::Review;
      report_.items.push_back(std::move(item));
    }
    if (doubtful && claims_compatible(t.license_note.value)) {
      LicenceItem whole;
      whole.task = index;
      add(whole, Severity::Warning, "license-claim-unsupported", t.license_note.at,
          {"the note says that the licences fit, but at least one of them needs review or is not "
           "known",
           "not lisansların uyumlu olduğunu söylüyor; oysa en az biri inceleme bekliyor ya da "
           "bilinmiyor"},
          {"say it of each library with its SPDX licence, or drop the claim",
           "her kütüphane için SPDX lisansıyla söyleyin ya da iddiayı kaldırın"});
    }
    conflicts(t, first);
  }

  // Finds the licence and the verdict; false when the declared text is no SPDX expression.
  bool judge_item(LicenceItem& item, const Use& use, Source at) {
    item.declared = use.license.value;
    const LicenceEvidence* shown = book_.find(use);
    const std::optional<SpdxExpression> declared = read_declared(item, use, at, shown);
    std::optional<SpdxExpression> judged = declared;
    if (shown) {
      const SpdxExpression proof = parse_spdx(shown->licence).expression;
      if (declared && all_known(*declared) && !agrees(*declared, proof))
        mismatch(item, at, *shown, *declared, proof);
      judged = proof;
      item.evidence = shown->kind;
      item.source = shown->source;
    }
    if (judged) {
      item.licence = to_string(*judged);
      item.verdict = policy_.judge(*judged, item.role, kinds_);
    } else {
      item.verdict.level = VerdictLevel::Review;
      item.verdict.licence = item.declared;
      item.verdict.because = {"its licence is not known", "lisansı bilinmiyor"};
    }
    verdict(item, at, declared.has_value());
    return declared && all_known(*declared);
  }

  std::optional<SpdxExpression> read_declared(LicenceItem& item, const Use& use, Source at,
                                              const LicenceEvidence* shown) {
    if (use.license.empty()) {
      if (!shown)
        add(item, Severity::Warning, "license-missing", at,
            {"'" + item.name + "' has no licence", "'" + item.name + "' için lisans yok"},
            {"add license: with an SPDX expression", "license: alanına SPDX ifadesi yazın"});
      return {};
    }
    const std::string& text = use.license.value;
    std::string reason;
    try {
      const SpdxReading reading = parse_spdx(text);
      for (const std::string& note : reading.notes)
        add(item, Severity::Note, "license-deprecated", at, {note, note});
      if (all_known(reading.expression)) return reading.expression;
      reason = unknown_hint(reading.expression);
      not_spdx(item, at, text, shown, reason);
      return reading.expression;
    } catch (const ValueError&) {
      // A known agreement behind the words says more than their form (see verdict()).
      if (!shown || !is_agreement(*shown)) not_spdx(item, at, text, shown, reason);
      return {};
    }
  }

  static bool is_agreement(const LicenceEvidence& shown) {
    return shown.licence.starts_with("LicenseRef-");
  }

  static std::string unknown_hint(const SpdxExpression& e) {
    std::set<std::string> all;
    leaves(e, all);
    for (const std::string& id : all)
      if (spdx_id(id).empty()) return nearest_hint(id, spdx_ids());
    return {};
  }

  void not_spdx(LicenceItem& item, Source at, const std::string& text, const LicenceEvidence* shown,
                const std::string& nearest) {
    Message hint{"write an SPDX expression" + nearest, "SPDX ifadesi yazın" + nearest};
    if (shown)
      hint = {"write \"" + shown->licence + "\" (" + shown->source + ")",
              "\"" + shown->licence + "\" yazın (" + shown->source + ")"};
    add(item, Severity::Warning, "license-not-spdx", at,
        {"licence of '" + item.name + "' is no SPDX expression: '" + text + "'",
         "'" + item.name + "' lisansı bir SPDX ifadesi değil: '" + text + "'"},
        std::move(hint));
  }

  void mismatch(LicenceItem& item, Source at, const LicenceEvidence& shown,
                const SpdxExpression& declared, const SpdxExpression& proof) {
    const bool changes = policy_.judge(declared, item.role, kinds_).level !=
                         policy_.judge(proof, item.role, kinds_).level;
    const bool other = !item.version.empty() && shown.version != item.version;
    Message seen;  // where the evidence is of another version
    if (other && shown.version.empty()) {
      seen = {"; the newest version then, not " + item.version,
              "; o günün en yeni sürümü, " + item.version + " değil"};
    } else if (other) {
      seen = {"; version " + shown.version + ", not " + item.version,
              "; sürüm " + shown.version + ", " + item.version + " değil"};
    }
    add(item, changes ? Severity::Error : Severity::Warning, "license-mismatch", at,
        {"'" + item.name + "' is declared " + to_string(declared) + ", but " +
             std::string(evidence_name(shown.kind)) + " says " + shown.licence + " (" +
             shown.source + seen.en + "), which is what is judged",
         "'" + item.name + "' için " + to_string(declared) + " bildirilmiş, oysa kanıt " +
             shown.licence + " diyor (" + shown.source + seen.tr + "); karar kanıta göre verildi"},
        {"declare " + shown.licence +
             (other ? ", or give evidence of " + item.version + " in the file of policy.evidence"
                    : ""),
         shown.licence + " olarak bildirin" +
             (other ? " ya da policy.evidence dosyasında " + item.version + " için kanıt verin"
                    : "")});
  }

  void verdict(LicenceItem& item, Source at, bool declared) {
    const Verdict& v = item.verdict;
    Message message{"'" + item.name + "': " + v.because.en, "'" + item.name + "': " + v.because.tr};
    if (!declared && !item.declared.empty() && !item.licence.empty()) {
      message.en += "; the plan calls it '" + item.declared + "'";
      message.tr += "; plan bunu '" + item.declared + "' diye anıyor";
    }
    if (item.delivered()) {
      message.en += "; reaches " + path_text(item.path);
      message.tr += "; ulaştığı yol: " + path_text(item.path);
    }
    const Severity severity = item.delivered() ? Severity::Error : Severity::Warning;
    if (v.level == VerdictLevel::Deny) {
      add(item, severity, "license-deny", at, std::move(message),
          {"replace it, or record a waiver with owner, reason and expiry",
           "değiştirin ya da sahibi, gerekçesi ve bitiş tarihi olan bir muafiyet kaydedin"});
    } else if (v.level == VerdictLevel::Review) {
      add(item, severity, "license-review", at, std::move(message),
          {"have the terms read, then record a waiver with owner, reason and expiry",
           "koşulları inceletin, sonra sahibi, gerekçesi ve bitiş tarihi olan bir muafiyet "
           "kaydedin"});
    } else if (v.warn) {
      add(item, Severity::Warning, "license-build-tool", at, std::move(message));
    }
  }

  // Libraries of one task end up in one program.
  void conflicts(const Task& t, size_t first) {
    std::vector<std::pair<LicenceItem*, std::set<std::string>>> linked;
    for (size_t i = first; i < report_.items.size(); ++i) {
      LicenceItem& item = report_.items[i];
      const bool code = item.role == Role::Unsaid || item.role == Role::LinkedStatic ||
                        item.role == Role::LinkedDynamic;
      if (!code || item.licence.empty()) continue;
      std::set<std::string> ids;
      const std::string& taken = item.verdict.licence;  // the branch of OR
      leaves(parse_spdx(taken).expression, ids);
      linked.emplace_back(&item, std::move(ids));
    }
    for (size_t i = 0; i < linked.size(); ++i) {
      outbound(*linked[i].first, linked[i].second, t);
      for (size_t j = 0; j < i; ++j)
        conflict(*linked[j].first, linked[j].second, *linked[i].first, linked[i].second, t);
    }
  }

  void conflict(LicenceItem& a, const std::set<std::string>& a_ids, LicenceItem& b,
                const std::set<std::string>& b_ids, const Task& t) {
    for (const std::string& x : a_ids)
      for (const std::string& y : b_ids) {
        if (!matrix_.conflict(x, y)) continue;
        add(b, b.delivered() ? Severity::Error : Severity::Warning, "license-conflict",
            t.uses[static_cast<size_t>(b.use)].at,
            {x + " ('" + a.name + "') and " + y + " ('" + b.name + "') cannot be in one program",
             x + " ('" + a.name + "') ile " + y + " ('" + b.name + "') tek programda olamaz"});
        return;
      }
  }

  // The matrix judges relicensing: of copyleft by file it says No though separate files are fine.
  void outbound(LicenceItem& item, const std::set<std::string>& ids, const Task& t) {
    if (policy_.outbound.empty() || !matrix_.loaded()) return;
    for (const std::string& id : ids) {
      if (matrix_.of(policy_.outbound, id) != Compatibility::No) continue;
      const LicenceCategory category = kinds_.of(parse_spdx(id).expression).category;
      const bool strong =
          category == LicenceCategory::CopyleftStrong || category == LicenceCategory::Network;
      add(item, item.delivered() ? Severity::Error : Severity::Warning,
          strong ? "license-deny" : "license-review", t.uses[static_cast<size_t>(item.use)].at,
          {id + " ('" + item.name + "') may not be passed on under " + policy_.outbound +
               " by OSADL's matrix",
           "OSADL matrisine göre " + id + " ('" + item.name + "') " + policy_.outbound +
               " altında aktarılamaz"});
      return;
    }
  }

  const PlanGraph& graph_;
  const Plan& plan_;
  LicencePolicy policy_;
  LicenceKinds kinds_;
  LicenceMatrix matrix_;
  EvidenceBook book_;
  std::vector<int> way_;
  std::string today_;
  std::vector<bool> waiver_used_;
  LicenceReport report_;
};

}  // namespace

std::vector<const LicenceItem*> LicenceReport::blockers(const PlanGraph& graph, int task) const {
  std::vector<std::vector<int>> sources(static_cast<size_t>(graph.size()));
  for (const Edge& edge : graph.edges())
    if (edge.kind == Edge::Kind::Data) sources[static_cast<size_t>(edge.to)].push_back(edge.from);
  std::vector<bool> feeds(static_cast<size_t>(graph.size()));  // its outputs flow into the task
  feeds[static_cast<size_t>(task)] = true;
  for (std::deque<int> queue{task}; !queue.empty(); queue.pop_front())
    for (const int from : sources[static_cast<size_t>(queue.front())]) {
      if (feeds[static_cast<size_t>(from)]) continue;
      feeds[static_cast<size_t>(from)] = true;
      queue.push_back(from);
    }
  const auto flows_in = [&](const LicenceItem& item) {
    if (item.task >= 0)
      return feeds[static_cast<size_t>(item.task)] && item.role != Role::BuildTool;
    return std::any_of(graph.links().begin(), graph.links().end(), [&](const Link& link) {
      return link.plan_input == item.plan_input && feeds[static_cast<size_t>(link.task)];
    });
  };
  std::vector<const LicenceItem*> out;
  for (const LicenceItem& item : items)
    if (item.verdict.level >= VerdictLevel::Review && !item.waived && flows_in(item))
      out.push_back(&item);
  return out;
}

std::string LicenceReport::gate(const PlanGraph& graph, int task) const {
  if (graph.plan().tasks[static_cast<size_t>(task)].delivery == Delivery::None) return "";
  const auto shut = blockers(graph, task);
  return shut.empty() ? ""
                      : "licence gate: '" + shut[0]->name + "': " + shut[0]->verdict.because.en;
}

LicenceReport judge_licences(const PlanGraph& graph, const LicenceOptions& options) {
  return Judge(graph, options).judge();
}

std::string today_utc() {
  const std::chrono::year_month_day day(
      std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now()));
  char text[16];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(day.year()),
                static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()));
  return text;
}

bool is_date(const std::string& text) {
  if (text.size() != 10) return false;
  for (size_t i = 0; i < text.size(); ++i)
    if (i == 4 || i == 7 ? text[i] != '-' : text[i] < '0' || text[i] > '9') return false;
  return std::chrono::year_month_day(
             std::chrono::year(std::stoi(text.substr(0, 4))),
             std::chrono::month(static_cast<unsigned>(std::stoi(text.substr(5, 2)))),
             std::chrono::day(static_cast<unsigned>(std::stoi(text.substr(8, 2)))))
      .ok();
}

}  // namespace lydia::atlas
