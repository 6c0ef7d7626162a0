// The tasks of a plan as a graph: every reference resolved, alternatives chosen. Tasks, groups and
// inputs are named by their index in the plan, which must outlive the graph and stay as it is.
// Tasks with `foreach` must have been expanded (plan_expand.h).
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "lydia/atlas/plan.h"
#include "lydia/core/error.h"

namespace lydia::atlas {

// What a text such as "micro-1.1.onnx" or "inputs.trained" names.
struct Reference {
  enum class Kind { None, Task, Group, PlanInput };
  Kind kind = Kind::None;
  int index = -1;
  std::string port;  // empty: not said
};

struct OutputRef {
  int task = -1, output = -1;
  friend bool operator==(const OutputRef&, const OutputRef&) = default;
};

// Where one input of a task comes from: outputs of tasks, an input of the plan, or nowhere.
struct Link {
  int task = -1, input = -1;
  Reference reference = {};
  std::vector<OutputRef> producers = {};  // one, but of a `foreach` task or open alternatives
  int plan_input = -1;
  // Producers that the reference names, were their kinds of artifact not others.
  std::vector<OutputRef> mismatched = {};
};

struct Edge {
  enum class Kind { Data, Order };
  int from = -1, to = -1;
  Kind kind = Kind::Data;
  Source at = {};
};

// What PlanGraph throws for a plan of more edges than a machine should hold.
class TooManyEdges : public ValueError {
 public:
  TooManyEdges(const std::string& task, const Text& reference);
  const std::string task;
  const Source at;
};

class PlanGraph {
 public:
  static constexpr size_t kMaxEdges = 2'000'000;

  explicit PlanGraph(const Plan& plan);

  const Plan& plan() const { return *plan_; }
  int size() const { return static_cast<int>(plan_->tasks.size()); }

  Reference resolve(std::string_view reference) const;
  int task(std::string_view id) const;   // -1 when there is none
  int group(std::string_view id) const;  // -1 when there is none
  // The task of that id, or all copies of the foreach task of that id.
  std::vector<int> tasks_named(std::string_view id) const;
  // The parent groups, by index; -1: none or unknown. A group's ancestors never form a ring.
  int parent_of_task(int task) const { return task_parent_[static_cast<size_t>(task)]; }
  int parent_of_group(int group) const { return group_parent_[static_cast<size_t>(group)]; }
  const std::vector<int>& tasks_in(int group) const;  // of it and of the groups below it
  const std::vector<int>& child_groups(int group) const;
  const std::vector<int>& child_tasks(int group) const;
  // The task's own owners, or those of the nearest group above it that names some.
  const std::vector<Text>& owners(int task) const;

  // False for an alternative that its group did not choose: it is neither run nor judged.
  bool active(int task) const { return active_[static_cast<size_t>(task)]; }

  const std::vector<Link>& links() const { return links_; }  // of all tasks, in order
  const Link& link(int task, int input) const;
  const std::vector<Edge>& edges() const { return edges_; }
  const std::vector<int>& next(int task) const { return next_[static_cast<size_t>(task)]; }
  const std::vector<int>& previous(int task) const { return previous_[static_cast<size_t>(task)]; }

  // Rings of tasks (strongly connected components of two tasks or more, and tasks that wait for
  // themselves), each in the order of its edges.
  std::vector<std::vector<int>> cycles() const;
  // Active tasks, each after those it waits for; equals in the plan's order. Tasks on a cycle and
  // behind one are missing.
  std::vector<int> order() const;
  // By task: whether a path of edges leads there from `from`.
  std::vector<bool> reachable(int from) const;
  bool reaches(int from, int to) const { return reachable(from)[static_cast<size_t>(to)]; }

 private:
  void index_groups();
  void choose();
  void link_inputs();
  void link_order();
  void link_one(int task, int input);
  std::vector<OutputRef> outputs_of(const Reference& reference) const;
  void add_edge(int from, int to, Edge::Kind kind, const Text& reference);

  const Plan* plan_;
  std::unordered_map<std::string_view, int> tasks_, groups_, inputs_;
  std::unordered_map<std::string, std::vector<int>> families_;  // of expanded foreach tasks
  std::vector<int> task_parent_, group_parent_;
  std::vector<std::vector<int>> group_tasks_, child_groups_, child_tasks_;
  std::vector<bool> active_;
  std::vector<Link> links_;
  std::vector<size_t> first_link_;
  std::vector<Edge> edges_;
  std::vector<std::vector<int>> next_, previous_;
};

// What kinds of artifact a text speaks of: file extensions in it (".onnx"), "log", "engine",
// "object" for what lives in one process only. Empty: it does not say.
std::vector<std::string> artifact_kinds(std::string_view text);
std::vector<std::string> kinds_of(const Input& input);
std::vector<std::string> kinds_of(const Output& output);

}  // namespace lydia::atlas
