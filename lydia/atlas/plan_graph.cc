// Resolves references and chooses alternatives; the walks over the edges are in graph_walks.cc.
#include "lydia/atlas/plan_graph.h"

#include <algorithm>

namespace lydia::atlas {
namespace {

size_t at(int index) { return static_cast<size_t>(index); }

template <class Map>
int look_up(const Map& map, std::string_view id) {
  const auto found = map.find(id);
  return found == map.end() ? -1 : found->second;
}

// A kind that one side leaves open fits; what lives in one process never reaches another.
bool fits(const std::vector<std::string>& wanted, const std::vector<std::string>& made) {
  if (std::find(wanted.begin(), wanted.end(), "object") != wanted.end()) return false;
  if (wanted.empty() || made.empty()) return true;
  return std::any_of(wanted.begin(), wanted.end(), [&](const std::string& kind) {
    return std::find(made.begin(), made.end(), kind) != made.end();
  });
}

int find_output(const Task& task, std::string_view port) {
  for (size_t i = 0; i < task.out.size(); ++i) {
    if (*task.out[i].first == port) return static_cast<int>(i);
  }
  return -1;
}

}  // namespace

TooManyEdges::TooManyEdges(const std::string& task, const Text& reference)
    : ValueError("atlas: " + task + ": with the tasks of '" + *reference +
                 "' the plan has more than " + std::to_string(PlanGraph::kMaxEdges) +
                 " edges; let one task collect them, and the others take it"),
      task(task),
      at(reference.at) {}

PlanGraph::PlanGraph(const Plan& plan) : plan_(&plan) {
  const size_t count = plan.tasks.size();
  tasks_.reserve(count);
  for (size_t i = 0; i < count; ++i) {
    const std::string& id = *plan.tasks[i].id;
    tasks_.emplace(id, static_cast<int>(i));
    const size_t bracket = id.find('[');
    if (bracket != std::string::npos) {
      families_[id.substr(0, bracket)].push_back(static_cast<int>(i));
    }
  }
  for (size_t i = 0; i < plan.groups.size(); ++i) {
    groups_.emplace(*plan.groups[i].id, static_cast<int>(i));
  }
  for (size_t i = 0; i < plan.inputs.size(); ++i) {
    inputs_.emplace(*plan.inputs[i].first, static_cast<int>(i));
  }
  next_.resize(count);
  previous_.resize(count);
  index_groups();
  choose();
  link_inputs();
  link_order();
}

int PlanGraph::task(std::string_view id) const { return look_up(tasks_, id); }
int PlanGraph::group(std::string_view id) const { return look_up(groups_, id); }

std::vector<int> PlanGraph::tasks_named(std::string_view id) const {
  if (const int found = task(id); found >= 0) return {found};
  const auto family = families_.find(std::string(id));
  return family == families_.end() ? std::vector<int>() : family->second;
}

const std::vector<int>& PlanGraph::tasks_in(int group) const { return group_tasks_[at(group)]; }
const std::vector<int>& PlanGraph::child_groups(int group) const {
  return child_groups_[at(group)];
}
const std::vector<int>& PlanGraph::child_tasks(int group) const { return child_tasks_[at(group)]; }

const Link& PlanGraph::link(int task, int input) const {
  return links_[first_link_[at(task)] + at(input)];
}

const std::vector<Text>& PlanGraph::owners(int task) const {
  const Task& own = plan_->tasks[at(task)];
  if (!own.owner.empty()) return own.owner;
  for (int group = parent_of_task(task); group >= 0; group = parent_of_group(group)) {
    if (!plan_->groups[at(group)].owner.empty()) return plan_->groups[at(group)].owner;
  }
  return own.owner;
}

void PlanGraph::index_groups() {
  const size_t count = plan_->groups.size();
  group_parent_.assign(count, -1);
  group_tasks_.resize(count);
  child_groups_.resize(count);
  child_tasks_.resize(count);
  for (size_t i = 0; i < count; ++i) {
    const int parent = group(*plan_->groups[i].parent);
    // A parent of a finer kind, or of the same, is a finding; it would allow rings.
    const bool above = parent >= 0 && plan_->groups[at(parent)].kind < plan_->groups[i].kind;
    if (!above) continue;
    group_parent_[i] = parent;
    child_groups_[at(parent)].push_back(static_cast<int>(i));
  }
  task_parent_.resize(plan_->tasks.size());
  for (size_t i = 0; i < plan_->tasks.size(); ++i) {
    task_parent_[i] = group(*plan_->tasks[i].parent);
    if (task_parent_[i] >= 0) child_tasks_[at(task_parent_[i])].push_back(static_cast<int>(i));
    for (int g = task_parent_[i]; g >= 0; g = group_parent_[at(g)]) {
      group_tasks_[at(g)].push_back(static_cast<int>(i));
    }
  }
}

void PlanGraph::choose() {
  active_.assign(plan_->tasks.size(), true);
  for (const Group& group : plan_->groups) {
    const std::vector<int> chosen = tasks_named(*group.choose);
    if (chosen.empty()) continue;
    for (const auto& [name, output] : group.out) {
      for (const Text& choice : output.any_of) {
        const std::string_view id = std::string_view(*choice).substr(0, choice->rfind('.'));
        for (const int task : tasks_named(id)) active_[at(task)] = false;
      }
    }
    for (const int task : chosen) active_[at(task)] = true;
  }
}

Reference PlanGraph::resolve(std::string_view text) const {
  if (text.starts_with("inputs.")) {
    const int input = look_up(inputs_, text.substr(7));
    if (input >= 0) return {Reference::Kind::PlanInput, input, ""};
  }
  const auto exact = [&](std::string_view id, std::string port) -> Reference {
    if (const int found = task(id); found >= 0) {
      return {Reference::Kind::Task, found, std::move(port)};
    }
    if (const auto found = families_.find(std::string(id)); found != families_.end()) {
      return {Reference::Kind::Task, found->second.front(), std::move(port)};
    }
    if (const int found = group(id); found >= 0) {
      return {Reference::Kind::Group, found, std::move(port)};
    }
    return {};
  };
  const Reference whole = exact(text, "");
  const size_t dot = text.rfind('.');
  if (whole.kind != Reference::Kind::None || dot == std::string_view::npos) return whole;
  return exact(text.substr(0, dot), std::string(text.substr(dot + 1)));
}

// Every output that a reference may mean, whatever its kind.
std::vector<OutputRef> PlanGraph::outputs_of(const Reference& reference) const {
  std::vector<OutputRef> out;
  const auto add_task = [&](int index) {
    const Task& task = plan_->tasks[at(index)];
    if (!reference.port.empty()) {
      const int output = find_output(task, reference.port);
      if (output >= 0) out.push_back({index, output});
      return;
    }
    for (size_t i = 0; i < task.out.size(); ++i) out.push_back({index, static_cast<int>(i)});
  };
  if (reference.kind == Reference::Kind::Task) {
    const std::string& id = *plan_->tasks[at(reference.index)].id;
    const auto family = families_.find(id.substr(0, id.find('[')));
    add_task(reference.index);
    if (family != families_.end() && family->second.front() == reference.index) {
      for (size_t i = 1; i < family->second.size(); ++i) add_task(family->second[i]);
    }
  } else if (reference.kind == Reference::Kind::Group) {
    const Group& group = plan_->groups[at(reference.index)];
    for (const auto& [name, output] : group.out) {
      if (!reference.port.empty() && *name != reference.port) continue;
      for (const Text& choice : output.any_of) {
        const Reference inner = resolve(*choice);
        if (inner.kind != Reference::Kind::Task || inner.port.empty()) continue;
        for (const OutputRef& ref : outputs_of(inner)) {
          if (active(ref.task)) out.push_back(ref);
        }
      }
      return out;
    }
    if (!reference.port.empty()) return out;
    for (const int task : tasks_in(reference.index)) {
      if (active(task)) add_task(task);
    }
  }
  return out;
}

void PlanGraph::link_inputs() {
  first_link_.resize(plan_->tasks.size());
  for (size_t task = 0; task < plan_->tasks.size(); ++task) {
    first_link_[task] = links_.size();
    for (size_t input = 0; input < plan_->tasks[task].in.size(); ++input) {
      link_one(static_cast<int>(task), static_cast<int>(input));
    }
  }
}

void PlanGraph::link_one(int task, int input) {
  const Input& wanted = plan_->tasks[at(task)].in[at(input)].second;
  Link link{task, input};
  if (!wanted.from.empty()) link.reference = resolve(*wanted.from);
  if (link.reference.kind == Reference::Kind::PlanInput) link.plan_input = link.reference.index;
  const std::vector<std::string> kinds = kinds_of(wanted);
  for (const OutputRef& ref : outputs_of(link.reference)) {
    const Output& made = plan_->tasks[at(ref.task)].out[at(ref.output)].second;
    (fits(kinds, kinds_of(made)) ? link.producers : link.mismatched).push_back(ref);
  }
  for (const OutputRef& ref : link.producers) {
    add_edge(ref.task, task, Edge::Kind::Data, wanted.from);
  }
  links_.push_back(std::move(link));
}

void PlanGraph::link_order() {
  const auto targets = [&](const Text& text) {
    const Reference reference = resolve(*text);
    std::vector<int> out;
    if (reference.kind == Reference::Kind::Task) {
      for (const OutputRef& ref : outputs_of({Reference::Kind::Task, reference.index, ""})) {
        if (out.empty() || out.back() != ref.task) out.push_back(ref.task);
      }
      if (out.empty()) out.push_back(reference.index);  // a task without outputs
    }
    if (reference.kind == Reference::Kind::Group) out = tasks_in(reference.index);
    return out;
  };
  for (int task = 0; task < size(); ++task) {
    const Task& own = plan_->tasks[at(task)];
    for (const Text& text : own.after) {
      for (const int before : targets(text)) add_edge(before, task, Edge::Kind::Order, text);
    }
    // A reader that an output names waits for it, even when it does not name the output.
    for (const auto& [name, output] : own.out) {
      for (const Text& text : output.feeds) {
        for (const int reader : targets(text)) {
          const std::vector<int>& known = previous(reader);
          const bool linked = std::find(known.begin(), known.end(), task) != known.end();
          if (!linked) add_edge(task, reader, Edge::Kind::Order, text);
        }
      }
    }
  }
}

void PlanGraph::add_edge(int from, int to, Edge::Kind kind, const Text& reference) {
  if (edges_.size() >= kMaxEdges) throw TooManyEdges(*plan_->tasks[at(to)].id, reference);
  edges_.push_back({from, to, kind, reference.at});
  next_[at(from)].push_back(to);
  previous_[at(to)].push_back(from);
}

}  // namespace lydia::atlas
