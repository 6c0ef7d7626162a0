// A plan shown: as text, as JSON, as a Mermaid flowchart, and as one HTML page that needs no
// network: hierarchy, graph, critical path, schedule, licence verdicts in colour and words.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "lydia/atlas/finding.h"
#include "lydia/atlas/journal.h"
#include "lydia/atlas/licence.h"
#include "lydia/atlas/plan_graph.h"
#include "lydia/atlas/rollup.h"
#include "lydia/atlas/schedule.h"

namespace lydia::atlas {

// How far a task is, when the journal of its runs says so.
struct ShownState {
  std::string state = "";  // a word for it; empty: nothing is known
  bool done = false;       // up to date
  double seconds = 0;      // that its last run took
};

struct PastAttempt {
  int task = -1;
  AttemptState state = AttemptState::Done;
  int number = 0;                 // of the task
  double began = 0, seconds = 0;  // since 1970; that it took
};

struct ShowOptions {
  Language language = Language::English;
  std::function<ShownState(int task)> state;
  std::vector<PastAttempt> attempts;
  ScheduleOptions schedule;
  std::string today;  // for waivers
};

// What all the forms are made from. Holds references: the plan must outlive it.
struct PlanView {
  PlanView(const Plan& expanded, const ShowOptions& options);

  PlanGraph graph;
  LicenceReport licences;
  Schedule schedule;
  std::vector<PastAttempt> attempts;
  std::vector<ShownState> states;
  // The worst licence verdict of a task's uses: "allow", ..., "waived"; empty when it has none.
  std::vector<std::string> verdicts;
  std::vector<Rollup> groups;  // by group
  bool known = false;          // whether a journal says what is done
  Language language;

  const Plan& plan() const { return graph.plan(); }
};

// Levels, owners, times and verdicts, a line each.
std::string show_text(const PlanView& view, bool color);
// The same for programs: groups, tasks, edges, schedule.
std::string show_json(const PlanView& view);
std::string show_mermaid(const PlanView& view);
std::string show_html(const PlanView& view);

// Past attempts and the schedule, a bar each.
std::string show_gantt(const PlanView& view, bool color);

// Where the last attempts stand on a picture from 0 to 1; time in which nothing ran is cut short.
struct AttemptBar {
  PastAttempt attempt;
  double begin = 0, end = 0;
};
std::vector<AttemptBar> attempt_bars(const PlanView& view, size_t most);

// The script of the page: search, and the graph around a task.
std::string_view show_script();
// A group in a line: "2 of 6 done, 12 h of work (5 h left), finish 2d, licence review".
std::string rollup_text(const PlanView& view, int group);
// A verdict in the language of the view: "review", "inceleme".
std::string verdict_text(std::string_view verdict, Language language);

}  // namespace lydia::atlas
