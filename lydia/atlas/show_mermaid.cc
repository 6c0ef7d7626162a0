// A Mermaid flowchart: groups as subgraphs, order edges dotted, licence verdicts as classes.
#include "lydia/atlas/show.h"
#include "lydia/core/utf8.h"

namespace lydia::atlas {
namespace {

size_t at(int index) { return static_cast<size_t>(index); }

// Mermaid reads #<code>; in labels; everything that its grammar or HTML might take is written so.
std::string label(std::string_view text) {
  std::string out;
  for (const char32_t c : decode_utf8(text)) {
    const bool plain = c >= 0x80 || c == ' ' || c == '.' || c == '-' || c == '_' || c == '/' ||
                       c == ',' || c == ':' || std::isalnum(static_cast<int>(c)) != 0;
    if (plain) {
      append_utf8(out, c);
    } else {
      out += "#" + std::to_string(static_cast<uint32_t>(c)) + ";";
    }
  }
  return out;
}

class Writer {
 public:
  explicit Writer(const PlanView& view) : view_(view) {}

  std::string run() {
    out_ = "flowchart LR\n";
    for (size_t i = 0; i < view_.plan().groups.size(); ++i) {
      if (view_.graph.parent_of_group(static_cast<int>(i)) < 0) group(static_cast<int>(i), 1);
    }
    for (int i = 0; i < view_.graph.size(); ++i) {
      if (view_.graph.parent_of_task(i) < 0) task(i, 1);
    }
    for (const Edge& edge : view_.graph.edges()) {
      out_ += "  t" + std::to_string(edge.from) +
              (edge.kind == Edge::Kind::Data ? " --> " : " -.-> ") + "t" + std::to_string(edge.to) +
              "\n";
    }
    out_ +=
        "  classDef allow stroke:#2a7d4f\n  classDef obligations stroke:#2b6cb0\n"
        "  classDef review stroke:#b7791f,stroke-dasharray:4\n"
        "  classDef deny stroke:#c53030,stroke-width:3px\n"
        "  classDef critical fill:#7c3aed22,font-weight:bold\n"
        "  classDef unchosen opacity:0.4\n";
    return std::move(out_);
  }

 private:
  void line(int depth, const std::string& text) {
    out_ += std::string(at(depth) * 2, ' ') + text + "\n";
  }

  void group(int index, int depth) {
    const Group& group = view_.plan().groups[at(index)];
    const std::string title = *group.id + (group.title.empty() ? "" : ": " + *group.title);
    line(depth, "subgraph g" + std::to_string(index) + "[\"" + label(title) + "\"]");
    for (const int child : view_.graph.child_tasks(index)) task(child, depth + 1);
    for (const int child : view_.graph.child_groups(index)) this->group(child, depth + 1);
    line(depth, "end");
  }

  void task(int index, int depth) {
    const Task& task = view_.plan().tasks[at(index)];
    const std::string& verdict = view_.verdicts[at(index)];
    std::string text = label(*task.id);
    if (!task.alias.empty()) text += "<br>" + label(*task.alias);
    if (!verdict.empty()) text += "<br>" + label(verdict_text(verdict, view_.language));
    const std::string name = "t" + std::to_string(index);
    line(depth, name + "[\"" + text + "\"]");
    if (!view_.graph.active(index)) {
      line(depth, "class " + name + " unchosen");
      return;
    }
    if (!verdict.empty()) line(depth, "class " + name + " " + verdict_class(verdict));
    if (view_.schedule.tasks[at(index)].critical) line(depth, "class " + name + " critical");
  }

  static std::string verdict_class(const std::string& verdict) {
    if (verdict == "allow-with-obligations" || verdict == "waived") return "obligations";
    return verdict;
  }

  const PlanView& view_;
  std::string out_;
};

}  // namespace

std::string show_mermaid(const PlanView& view) { return Writer(view).run(); }

}  // namespace lydia::atlas
