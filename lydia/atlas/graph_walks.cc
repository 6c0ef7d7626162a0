// Walks over the edges of a plan. Nothing recurses: a chain may be as long as the plan.
#include <algorithm>
#include <queue>

#include "lydia/atlas/plan_graph.h"

namespace lydia::atlas {
namespace {

size_t at(int index) { return static_cast<size_t>(index); }

// Tarjan's strongly connected components (1972), with its own stack.
class Components {
 public:
  explicit Components(const PlanGraph& graph)
      : graph_(graph), number_(at(graph.size()), -1), low_(number_), on_stack_(number_.size()) {
    for (int task = 0; task < graph.size(); ++task) {
      if (number_[at(task)] < 0) walk(task);
    }
  }

  std::vector<std::vector<int>> take() { return std::move(found_); }

 private:
  struct Frame {
    int task;
    size_t next = 0;
  };

  void enter(int task) {
    number_[at(task)] = low_[at(task)] = count_++;
    stack_.push_back(task);
    on_stack_[at(task)] = true;
    frames_.push_back({task});
  }

  void walk(int root) {
    enter(root);
    while (!frames_.empty()) {
      Frame& frame = frames_.back();
      const int task = frame.task;
      const std::vector<int>& next = graph_.next(task);
      if (frame.next < next.size()) {
        const int to = next[frame.next++];
        if (number_[at(to)] < 0) {
          enter(to);
        } else if (on_stack_[at(to)]) {
          low_[at(task)] = std::min(low_[at(task)], number_[at(to)]);
        }
        continue;
      }
      if (low_[at(task)] == number_[at(task)]) close(task);
      frames_.pop_back();
      if (frames_.empty()) continue;
      const int parent = frames_.back().task;
      low_[at(parent)] = std::min(low_[at(parent)], low_[at(task)]);
    }
  }

  void close(int root) {
    std::vector<int> component;
    int task = -1;
    do {
      task = stack_.back();
      stack_.pop_back();
      on_stack_[at(task)] = false;
      component.push_back(task);
    } while (task != root);
    const std::vector<int>& next = graph_.next(root);
    const bool itself = std::find(next.begin(), next.end(), root) != next.end();
    if (component.size() > 1 || itself) found_.push_back(std::move(component));
  }

  const PlanGraph& graph_;
  std::vector<int> number_, low_;
  std::vector<bool> on_stack_;
  std::vector<int> stack_;
  std::vector<Frame> frames_;
  std::vector<std::vector<int>> found_;
  int count_ = 0;
};

// A shortest ring through the component's first task of the plan.
std::vector<int> ring(const PlanGraph& graph, std::vector<int> component) {
  std::sort(component.begin(), component.end());
  const int start = component.front();
  std::vector<int> before(at(graph.size()), -1);
  std::queue<int> open;
  open.push(start);
  while (!open.empty()) {
    const int task = open.front();
    open.pop();
    for (const int to : graph.next(task)) {
      if (to == start) {
        std::vector<int> out = {task};
        while (out.back() != start) out.push_back(before[at(out.back())]);
        std::reverse(out.begin(), out.end());
        return out;
      }
      if (before[at(to)] >= 0 || !std::binary_search(component.begin(), component.end(), to)) {
        continue;
      }
      before[at(to)] = task;
      open.push(to);
    }
  }
  return component;
}

}  // namespace

std::vector<std::vector<int>> PlanGraph::cycles() const {
  std::vector<std::vector<int>> out;
  for (std::vector<int>& component : Components(*this).take()) {
    out.push_back(ring(*this, std::move(component)));
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<int> PlanGraph::order() const {
  std::vector<int> waits(at(size()), 0), out;
  for (const Edge& edge : edges_) {
    if (active(edge.from) && active(edge.to)) ++waits[at(edge.to)];
  }
  std::priority_queue<int, std::vector<int>, std::greater<>> ready;
  for (int task = 0; task < size(); ++task) {
    if (active(task) && waits[at(task)] == 0) ready.push(task);
  }
  while (!ready.empty()) {
    const int task = ready.top();
    ready.pop();
    out.push_back(task);
    for (const int to : next(task)) {
      if (active(to) && --waits[at(to)] == 0) ready.push(to);
    }
  }
  return out;
}

std::vector<bool> PlanGraph::reachable(int from) const {
  std::vector<bool> seen(at(size()));
  std::vector<int> open = {from};
  while (!open.empty()) {
    const int task = open.back();
    open.pop_back();
    for (const int reached : next(task)) {
      if (!seen[at(reached)]) open.push_back(reached);
      seen[at(reached)] = true;
    }
  }
  return seen;
}

}  // namespace lydia::atlas
