// A folder with a plan that runs, for tests.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "lydia/atlas/plan_yaml.h"
#include "lydia/atlas/runner.h"

namespace lydia::atlas {

namespace fs = std::filesystem;

// A folder with a plan, gone afterwards.
class Workshop {
 public:
  Workshop() {
    std::string pattern = (fs::temp_directory_path() / "lydia_atlas_XXXXXX").string();
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~Workshop() {
    for (const auto& at : fs::recursive_directory_iterator(path_)) {
      std::error_code none;
      fs::permissions(at.path(), fs::perms::owner_write, fs::perm_options::add, none);
    }
    fs::remove_all(path_);
  }
  Workshop(const Workshop&) = delete;
  Workshop& operator=(const Workshop&) = delete;

  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ + "/" + name) << text;
  }
  std::string read(const std::string& name) const {
    std::ifstream in(path_ + "/" + name);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
  }
  // How often the commands called `mark NAME` have run.
  int marks(const std::string& name) const {
    const std::string text = read("marks." + name);
    return static_cast<int>(std::count(text.begin(), text.end(), '\n'));
  }

  void plan(const std::string& tasks) {
    graph_.reset();
    Findings findings;
    plan_ = std::make_unique<Plan>(parse_plan_yaml(
        "atlas: 1\ngroups:\n  g: {kind: micro}\n" + tasks, path_ + "/plan.yaml", findings));
    for (const Finding& f : findings) FAIL_CHECK(f.message.en);
    plan_->folder = path_;
    graph_ = std::make_unique<PlanGraph>(*plan_);
  }
  const PlanGraph& graph() const { return *graph_; }

  RunSummary run(RunOptions options = {}) {
    events.clear();
    if (options.cpu == 0) options.cpu = 4;
    summary = Runner(*graph_, options, [&](const RunEvent& e) { events.push_back(e); }).run();
    return summary;
  }
  TaskState state(const std::string& task) const {
    return summary.states[static_cast<size_t>(graph_->task(task))];
  }
  std::string message(const std::string& task) const {
    std::string last;
    for (const RunEvent& e : events)
      if (e.task == graph_->task(task) && !e.message.empty()) last = e.message;
    return last;
  }

  RunSummary summary;
  std::vector<RunEvent> events;

 private:
  std::string path_;
  std::unique_ptr<Plan> plan_;
  std::unique_ptr<PlanGraph> graph_;
};

// A task whose shell command leaves a mark that it ran.
inline std::string task(const std::string& id, const std::string& command,
                        const std::string& more = "") {
  return "  " + id + ":\n    parent: g\n    run: [sh, -c, 'echo x >> \"{root}/marks." + id +
         "\"; " + command + "']\n" + more;
}

inline const std::string kChain =
    "inputs:\n  text: {path: text.txt}\ntasks:\n" +
    task("A", "tr a-z A-Z < \"{in.text}\" > \"{out.upper}\"",
         "    in: {text: {from: inputs.text}}\n    out: {upper: out/upper.txt}\n") +
    task("B", "wc -c < \"{in.upper}\" > \"{out.count}\"",
         "    in: {upper: {from: A.upper}}\n    out: {count: out/count.txt}\n") +
    task("C", "cat \"{in.count}\" > \"{out.last}\"",
         "    in: {count: {from: B.count}}\n    out: {last: out/last.txt}\n");

}  // namespace lydia::atlas
