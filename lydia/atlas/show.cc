#include "lydia/atlas/show.h"

#include <algorithm>
#include <cmath>

#include "lydia/io/json.h"
#include "lydia/report/format.h"
#include "lydia/report/terminal.h"

namespace lydia::atlas {
namespace {

size_t at(int index) { return static_cast<size_t>(index); }

std::vector<std::string> task_verdicts(const PlanGraph& graph, const LicenceReport& report) {
  std::vector<int> worst(at(graph.size()), -1);
  std::vector<bool> waived(at(graph.size()));
  for (const LicenceItem& item : report.items) {
    if (item.task < 0) continue;
    const int level = static_cast<int>(item.verdict.level);
    if (level <= worst[at(item.task)]) continue;
    worst[at(item.task)] = level;
    waived[at(item.task)] = item.waived;
  }
  std::vector<std::string> out;
  for (size_t i = 0; i < worst.size(); ++i) {
    if (worst[i] < 0) {
      out.emplace_back();
    } else {
      out.emplace_back(waived[i] ? "waived" : verdict_name(static_cast<VerdictLevel>(worst[i])));
    }
  }
  return out;
}

std::string say(const Message& word, Language language) { return word.in(language); }

class TextWriter {
 public:
  TextWriter(const PlanView& view, bool color) : view_(view), color_(color) {}

  std::string run() {
    if (!view_.plan().title.empty()) {
      out_ += report::paint(*view_.plan().title, report::Style::Bold, color_) + "\n";
    }
    for (size_t i = 0; i < view_.plan().groups.size(); ++i) {
      if (view_.graph.parent_of_group(static_cast<int>(i)) < 0) group(static_cast<int>(i), 0);
    }
    for (int i = 0; i < view_.graph.size(); ++i) {
      if (view_.graph.parent_of_task(i) < 0) task(i, 0);
    }
    summary();
    return std::move(out_);
  }

 private:
  void line(int depth, const std::string& text) {
    out_ += std::string(at(depth) * 2, ' ') + text + "\n";
  }

  void group(int index, int depth) {
    const Group& group = view_.plan().groups[at(index)];
    line(depth, report::paint(*group.id, report::Style::Bold, color_) +
                    (group.title.empty() ? "" : "  " + *group.title) + "  " +
                    report::paint(rollup_text(view_, index), report::Style::Dim, color_));
    for (const int child : view_.graph.child_tasks(index)) task(child, depth + 1);
    for (const int child : view_.graph.child_groups(index)) this->group(child, depth + 1);
  }

  void task(int index, int depth) {
    const Task& task = view_.plan().tasks[at(index)];
    const TaskTimes& times = view_.schedule.tasks[at(index)];
    std::string text = *task.id;
    if (!task.alias.empty()) text += " (" + *task.alias + ")";
    if (!view_.graph.active(index)) {
      line(depth, report::paint(text + "  " + say({"not chosen", "seçilmedi"}, view_.language),
                                report::Style::Dim, color_));
      return;
    }
    if (times.critical) text = report::paint(text, report::Style::Magenta, color_) + " *";
    std::vector<std::string> notes;
    for (const Text& owner : view_.graph.owners(index)) notes.push_back(*owner);
    if (times.finish > 0) {
      notes.push_back(report::format_duration(times.start) + " - " +
                      report::format_duration(times.finish));
    }
    const std::string& state = view_.states[at(index)].state;
    if (!state.empty()) notes.push_back(state);
    const std::string& verdict = view_.verdicts[at(index)];
    if (!verdict.empty()) {
      notes.push_back(say({"licence ", "lisans "}, view_.language) +
                      verdict_text(verdict, view_.language));
    }
    for (const std::string& note : notes) text += "  " + note;
    line(depth, text);
  }

  void summary() {
    const Schedule& schedule = view_.schedule;
    out_ += "\n" + say({"finish", "bitiş"}, view_.language) + ": p50 " +
            report::format_duration(schedule.p50) + ", p90 " +
            report::format_duration(schedule.p90) + "\n";
    out_ += say({"critical path (*)", "kritik yol (*)"}, view_.language) + ": ";
    for (size_t i = 0; i < schedule.critical_path.size(); ++i) {
      out_ += (i == 0 ? "" : " -> ") + *view_.plan().tasks[at(schedule.critical_path[i])].id;
    }
    out_ += "\n";
    for (const PersonLoad& person : schedule.persons) {
      if (person.tasks == 0) continue;
      out_ += person.persona + ": " + report::format_number(person.work / 3600) +
              say({" h of work, ", " saat iş, "}, view_.language) + std::to_string(person.tasks) +
              say({" tasks", " görev"}, view_.language) + calibration(person) + "\n";
    }
    if (schedule.critical_path.empty())
      out_ += say({"nothing is left to do\n", "yapılacak bir şey kalmadı\n"}, view_.language);
    out_ +=
        say({"Licence verdicts are no legal advice.", "Lisans kararları hukuki görüş değildir."},
            view_.language) +
        "\n";
  }

  std::string calibration(const PersonLoad& person) const {
    if (person.finished == 0) return "";
    const std::string factor = report::format_number(person.factor, 3);
    const std::string count = std::to_string(person.finished);
    return say({", takes " + factor + " of an estimate (" + count + " finished)",
                ", tahminin " + factor + " katı (" + count + " bitmiş görev)"},
               view_.language);
  }

  const PlanView& view_;
  bool color_;
  std::string out_;
};

io::Json::List text_list(const std::vector<Text>& texts) {
  io::Json::List out;
  for (const Text& text : texts) out.emplace_back(*text);
  return out;
}

io::Json task_json(const PlanView& view, int index) {
  const Task& task = view.plan().tasks[at(index)];
  const TaskTimes& times = view.schedule.tasks[at(index)];
  io::Json::List next;
  for (const int to : view.graph.next(index)) next.emplace_back(int64_t{to});
  return io::Json::Object{{"id", *task.id},
                          {"title", task.title.empty() ? *task.description : *task.title},
                          {"group", int64_t{view.graph.parent_of_task(index)}},
                          {"owner", text_list(view.graph.owners(index))},
                          {"chosen", view.graph.active(index)},
                          {"verdict", view.verdicts[at(index)]},
                          {"state", view.states[at(index)].state},
                          {"start", times.start},
                          {"finish", times.finish},
                          {"human", times.human},
                          {"machine", times.machine},
                          {"slack", times.slack},
                          {"critical", times.critical},
                          {"next", std::move(next)}};
}

}  // namespace

PlanView::PlanView(const Plan& expanded, const ShowOptions& options)
    : graph(expanded),
      licences(judge_licences(graph, {options.today})),
      schedule(make_schedule(graph, options.schedule)),
      attempts(options.attempts),
      verdicts(task_verdicts(graph, licences)),
      language(options.language) {
  std::vector<bool> done;
  for (int task = 0; task < graph.size(); ++task) {
    states.push_back(options.state ? options.state(task) : ShownState());
    known = known || !states.back().state.empty();
    done.push_back(states.back().done);
  }
  groups = roll_up(graph, schedule, done, verdicts);
}

std::string rollup_text(const PlanView& view, int group) {
  const Rollup& r = view.groups[at(group)];
  const auto hours = [](double seconds) {
    return report::format_number(std::round(seconds / 360) / 10);
  };
  const std::string tasks = std::to_string(r.tasks), done = std::to_string(r.done);
  std::string en, tr;
  const auto add = [](std::string& text, const std::string& part) {
    text += (text.empty() ? "" : ", ") + part;
  };
  add(en,
      view.known ? done + " of " + tasks + " done" : tasks + (r.tasks == 1 ? " task" : " tasks"));
  add(tr, view.known ? done + "/" + tasks + " bitti" : tasks + " görev");
  if (r.work > 0) {
    const bool partly = r.left < r.work;
    add(en, hours(r.work) + " h of work" + (partly ? " (" + hours(r.left) + " h left)" : ""));
    add(tr, hours(r.work) + " saat iş" + (partly ? " (" + hours(r.left) + " saat kaldı)" : ""));
  }
  if (r.finish > 0) {
    add(en, "finish in " + report::format_duration(r.finish));
    add(tr, report::format_duration(r.finish) + " sonra biter");
  }
  if (!r.verdict.empty()) {
    add(en, "licence " + verdict_text(r.verdict, Language::English));
    add(tr, "lisans " + verdict_text(r.verdict, Language::Turkish));
  }
  return view.language == Language::Turkish ? tr : en;
}

std::string verdict_text(std::string_view verdict, Language language) {
  if (language == Language::English) return std::string(verdict);
  if (verdict == "waived") return "muaf";
  for (const VerdictLevel level :
       {VerdictLevel::Allow, VerdictLevel::Obligations, VerdictLevel::Review, VerdictLevel::Deny}) {
    if (verdict == verdict_name(level)) return std::string(verdict_name(level, language));
  }
  return std::string(verdict);
}

std::string show_text(const PlanView& view, bool color) { return TextWriter(view, color).run(); }

std::string show_json(const PlanView& view) {
  using io::Json;
  Json::List groups, tasks, path, persons, attempts;
  for (size_t i = 0; i < view.plan().groups.size(); ++i) {
    const Group& group = view.plan().groups[i];
    const Rollup& rollup = view.groups[i];
    groups.push_back(
        Json::Object{{"id", *group.id},
                     {"kind", std::string(kind_name(group.kind))},
                     {"title", *group.title},
                     {"parent", int64_t{view.graph.parent_of_group(static_cast<int>(i))}},
                     {"tasks", int64_t{rollup.tasks}},
                     {"done", int64_t{rollup.done}},
                     {"work", rollup.work},
                     {"left", rollup.left},
                     {"finish", rollup.finish},
                     {"verdict", rollup.verdict}});
  }
  for (int i = 0; i < view.graph.size(); ++i) tasks.push_back(task_json(view, i));
  for (const int task : view.schedule.critical_path) path.emplace_back(int64_t{task});
  for (const PersonLoad& person : view.schedule.persons) {
    persons.push_back(Json::Object{{"persona", person.persona},
                                   {"hours", person.work / 3600},
                                   {"calibration", person.factor},
                                   {"finished", int64_t{person.finished}},
                                   {"tasks", int64_t{person.tasks}}});
  }
  for (const PastAttempt& attempt : view.attempts) {
    attempts.push_back(Json::Object{{"task", int64_t{attempt.task}},
                                    {"number", int64_t{attempt.number}},
                                    {"state", std::string(attempt_state_name(attempt.state))},
                                    {"began", attempt.began},
                                    {"seconds", attempt.seconds}});
  }
  return io::to_json(Json::Object{{"title", *view.plan().title},
                                  {"groups", std::move(groups)},
                                  {"tasks", std::move(tasks)},
                                  {"critical_path", std::move(path)},
                                  {"persons", std::move(persons)},
                                  {"attempts", std::move(attempts)},
                                  {"finish", view.schedule.finish},
                                  {"p50", view.schedule.p50},
                                  {"p90", view.schedule.p90},
                                  {"unknown", int64_t{view.schedule.unknown}}});
}

}  // namespace lydia::atlas
