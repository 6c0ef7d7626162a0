// The page works without its script: hierarchy, times and verdicts are plain HTML. The script adds
// search and draws the graph around a task, so that plans of thousands of tasks stay usable.
#include <algorithm>

#include "lydia/atlas/show.h"
#include "lydia/io/sha256.h"
#include "lydia/report/escape.h"
#include "lydia/report/format.h"
#include "lydia/report/html.h"
#include "lydia/report/table.h"

namespace lydia::atlas {
namespace {

using report::escape_xml;

constexpr size_t kMaxBars = 150;  // of the schedule's picture
constexpr int kOpenTasks = 200;   // plans of so many tasks come unfolded

constexpr std::string_view kStyle =
    "body { max-width: 80rem; }\n"
    ".tree details { margin-left: 1rem; content-visibility: auto; contain-intrinsic-size: 2rem; }\n"
    ".tree summary { cursor: pointer; }\n"
    ".task { margin-left: 2rem; padding: 0.1rem 0.4rem; display: flex; gap: 0.8rem;"
    " flex-wrap: wrap; border-left: 3px solid #8886; }\n"
    ".task b { cursor: pointer; }\n"
    ".critical { border-left-color: #7c3aed; }\n"
    ".unchosen { opacity: 0.5; }\n"
    ".chip { border-radius: 0.6rem; padding: 0 0.5rem; border: 1px solid; font-size: 0.85rem; }\n"
    ".allow { color: #2a7d4f; } .allow-with-obligations, .waived { color: #2b6cb0; }\n"
    ".review { color: #b7791f; } .deny { color: #c53030; font-weight: bold; }\n"
    ".hit { color: #2a7d4f; } .open { color: #6b7280; }\n"
    ".small { font-size: 0.85rem; opacity: 0.8; }\n"
    "#search { font: inherit; width: 24rem; max-width: 100%; padding: 0.3rem; }\n"
    "#graph { overflow: auto; border: 1px solid #8886; max-height: 32rem; }\n"
    "[hidden] { display: none !important; }\n";

size_t at(int index) { return static_cast<size_t>(index); }

// The digest as the page's policy wants it.
std::string base64_of_hex(const std::string& hex) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  uint32_t bits = 0, count = 0;
  for (const char c : hex) {
    bits = bits << 4 | static_cast<uint32_t>(c <= '9' ? c - '0' : c - 'a' + 10);
    count += 4;
    if (count < 6) continue;
    count -= 6;
    out += kDigits[bits >> count & 63];
  }
  if (count > 0) out += kDigits[bits << (6 - count) & 63];
  while (out.size() % 4 != 0) out += '=';
  return out;
}

class Page {
 public:
  explicit Page(const PlanView& view)
      : view_(view),
        page_(view.plan().title.empty() ? view.plan().file : *view.plan().title,
              view.language == Language::Turkish ? "tr" : "en") {}

  std::string run() {
    page_.style(kStyle);
    summary();
    heading("Search", "Ara");
    page_.markup("<p><input id=\"search\" type=\"search\" placeholder=\"" +
                 escape_xml(say("id, title, person, verdict", "kimlik, başlık, kişi, karar")) +
                 "\"> <span id=\"count\" class=\"small\"></span></p>\n");
    heading("Graph", "Çizge");
    page_.markup("<p class=\"small\">" +
                 escape_xml(say("Click a task to see what it waits for and what waits for it.",
                                "Neyi beklediğini ve neyin onu beklediğini görmek için bir göreve "
                                "tıklayın.")) +
                 "</p>\n<div id=\"graph\"></div>\n");
    heading("Schedule", "Takvim");
    page_.figure(gantt(), say("Earliest schedule; critical path in violet.",
                              "En erken takvim; kritik yol mor."));
    if (!view_.attempts.empty()) {
      heading("Past attempts", "Geçmiş denemeler");
      page_.figure(past(), say("What ran when, the last attempts; time in which nothing ran is cut "
                               "short. Failed ones in red.",
                               "Son denemeler, ne zaman ne çalıştı; boş geçen süre kısaltılmıştır. "
                               "Başarısızlar kırmızı."));
    }
    heading("Tasks", "Görevler");
    tree();
    page_.data("plan", show_json(view_));
    page_.script(show_script(), base64_of_hex(io::sha256_hex(show_script())));
    return page_.html();
  }

 private:
  std::string say(std::string_view en, std::string_view tr) const {
    return std::string(view_.language == Language::Turkish ? tr : en);
  }
  void heading(std::string_view en, std::string_view tr) { page_.heading(2, say(en, tr)); }

  void summary() {
    const Schedule& schedule = view_.schedule;
    report::Table table({say("figure", "ölçü"), say("value", "değer")});
    table.row({say("tasks", "görev"), std::to_string(view_.graph.size())});
    table.row({say("finish, p50", "bitiş, p50"), report::format_duration(schedule.p50)});
    table.row({say("finish, p90", "bitiş, p90"), report::format_duration(schedule.p90)});
    if (schedule.unknown > 0) {
      table.row({say("tasks without effort or history", "eforu ya da geçmişi olmayan görev"),
                 std::to_string(schedule.unknown)});
    }
    for (const PersonLoad& person : schedule.persons) {
      if (person.tasks == 0) continue;
      std::string text = report::format_number(person.work / 3600) + " h, " +
                         std::to_string(person.tasks) + say(" tasks", " görev");
      if (person.finished > 0)
        text += say("; actual / estimate ", "; gerçek / tahmin ") +
                report::format_number(person.factor, 3) + " (" + std::to_string(person.finished) +
                say(" finished)", " bitmiş)");
      table.row({person.persona, text});
    }
    const auto done = std::count_if(view_.states.begin(), view_.states.end(),
                                    [](const ShownState& state) { return state.done; });
    table.row({say("up to date (cache hits)", "güncel (önbellekten)"), std::to_string(done)});
    page_.table(table);
    std::string path;
    for (const int task : schedule.critical_path) {
      path += (path.empty() ? "" : " → ") + *view_.plan().tasks[at(task)].id;
    }
    page_.paragraph(say("Critical path: ", "Kritik yol: ") + path);
    page_.paragraph(
        say("Licence verdicts are a help for the people who decide; they are no legal "
            "advice.",
            "Lisans kararları karar verenlere yardımdır; hukuki görüş değildir."));
  }

  // Bars of the earliest schedule: those of the critical path first in line to be shown.
  std::string gantt() const {
    std::vector<int> shown = view_.schedule.critical_path;
    if (shown.size() > kMaxBars) shown.resize(kMaxBars);
    for (int i = 0; i < view_.graph.size() && shown.size() < kMaxBars; ++i) {
      const TaskTimes& times = view_.schedule.tasks[at(i)];
      if (!times.critical && times.finish > 0) shown.push_back(i);
    }
    std::stable_sort(shown.begin(), shown.end(), [&](int a, int b) {
      return view_.schedule.tasks[at(a)].start < view_.schedule.tasks[at(b)].start;
    });
    const double scale = view_.schedule.finish > 0 ? 700 / view_.schedule.finish : 0;
    std::string out = picture(shown.size());
    for (size_t row = 0; row < shown.size(); ++row) {
      const TaskTimes& times = view_.schedule.tasks[at(shown[row])];
      out +=
          bar(shown[row], row, times.start * scale, times.finish * scale,
              times.critical ? "#7c3aed" : "#4a90a4",
              report::format_duration(times.start) + " - " + report::format_duration(times.finish));
    }
    return out + "</svg>\n";
  }

  std::string past() const {
    const std::vector<AttemptBar> bars = attempt_bars(view_, kMaxBars);
    std::string out = picture(bars.size());
    for (size_t row = 0; row < bars.size(); ++row) {
      const PastAttempt& a = bars[row].attempt;
      const bool well = a.state == AttemptState::Done || a.state == AttemptState::Running;
      const char* colour = well                                 ? "#2a7d4f"
                           : a.state == AttemptState::Cancelled ? "#b7791f"
                                                                : "#c53030";
      out += bar(a.task, row, bars[row].begin * 700, bars[row].end * 700, colour,
                 say("attempt ", "deneme ") + std::to_string(a.number) + ", " +
                     std::string(attempt_state_name(a.state)) + ", " +
                     report::format_duration(a.seconds));
    }
    return out + "</svg>\n";
  }

  static std::string picture(size_t rows) {
    return "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" viewBox=\"0 0 960 " +
           std::to_string(rows * 18 + 4) +
           "\" width=\"100%\" font-size=\"11\" fill=\"currentColor\">\n";
  }

  std::string bar(int task, size_t row, double begin, double end, const char* colour,
                  const std::string& text) const {
    const std::string top = std::to_string(row * 18 + 2), text_at = std::to_string(row * 18 + 14);
    const std::string id = *view_.plan().tasks[at(task)].id;
    return "<text x=\"244\" y=\"" + text_at + "\" text-anchor=\"end\">" + escape_xml(id) +
           "</text><rect x=\"" + report::format_fixed(250 + begin, 1) + "\" y=\"" + top +
           "\" width=\"" + report::format_fixed(std::max(1.5, end - begin), 1) +
           "\" height=\"14\" rx=\"2\" fill=\"" + colour + "\"><title>" +
           escape_xml(id + ": " + text) + "</title></rect>\n";
  }

  void tree() {
    std::string html = "<div class=\"tree\">\n";
    for (size_t i = 0; i < view_.plan().groups.size(); ++i) {
      if (view_.graph.parent_of_group(static_cast<int>(i)) < 0) group(static_cast<int>(i), html);
    }
    for (int i = 0; i < view_.graph.size(); ++i) {
      if (view_.graph.parent_of_task(i) < 0) task(i, html);
    }
    page_.markup(html + "</div>\n");
  }

  void group(int index, std::string& html) const {
    const Group& group = view_.plan().groups[at(index)];
    const bool open = view_.graph.size() <= kOpenTasks || group.kind < GroupKind::Macro;
    html += open ? "<details open>" : "<details>";
    html += "<summary><b>" + escape_xml(*group.id) + "</b> " + escape_xml(*group.title) +
            " <span class=\"small\">" + escape_xml(rollup_text(view_, index)) +
            "</span></summary>\n";
    for (const int child : view_.graph.child_tasks(index)) task(child, html);
    for (const int child : view_.graph.child_groups(index)) this->group(child, html);
    html += "</details>\n";
  }

  void task(int index, std::string& html) const {
    const Task& task = view_.plan().tasks[at(index)];
    const TaskTimes& times = view_.schedule.tasks[at(index)];
    const bool chosen = view_.graph.active(index);
    html += std::string("<div class=\"task") + (times.critical ? " critical" : "") +
            (chosen ? "" : " unchosen") + "\" data-task=\"" + std::to_string(index) + "\"><b>" +
            escape_xml(*task.id) + "</b>";
    const std::string& title = task.title.empty() ? *task.description : *task.title;
    if (!title.empty()) html += "<span>" + escape_xml(title) + "</span>";
    const auto small = [&](const std::string& text) {
      html += "<span class=\"small\">" + escape_xml(text) + "</span>";
    };
    std::string owners;
    for (const Text& owner : view_.graph.owners(index)) {
      owners += (owners.empty() ? "" : ", ") + *owner;
    }
    if (!owners.empty()) small(owners);
    if (!chosen) small(say("not chosen", "seçilmedi"));
    if (times.critical) small(say("critical path", "kritik yol"));
    if (chosen && times.finish > 0) {
      small(report::format_duration(times.start) + " - " + report::format_duration(times.finish) +
            say(", slack ", ", bolluk ") + report::format_duration(times.slack));
    }
    const ShownState& state = view_.states[at(index)];
    if (!state.state.empty()) {
      const std::string text =
          state.state + (state.seconds > 0 ? ", " + report::format_duration(state.seconds) : "");
      html += std::string("<span class=\"chip ") + (state.done ? "hit" : "open") + "\">" +
              escape_xml(text) + "</span>";
    }
    const std::string& verdict = view_.verdicts[at(index)];
    if (!verdict.empty()) {
      html += "<span class=\"chip " + escape_xml(verdict) + "\">" +
              escape_xml(say("licence: ", "lisans: ") + verdict_text(verdict, view_.language)) +
              "</span>";
    }
    html += "</div>\n";
  }

  const PlanView& view_;
  report::HtmlPage page_;
};

}  // namespace

std::string show_html(const PlanView& view) { return Page(view).run(); }

}  // namespace lydia::atlas
