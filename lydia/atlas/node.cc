#include "lydia/atlas/node.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "lydia/atlas/plan_expand.h"
#include "lydia/atlas/plan_file.h"
#include "lydia/atlas/plan_paths.h"
#include "lydia/atlas/shared_store.h"
#include "lydia/core/error.h"

namespace lydia::atlas {
namespace {

namespace fs = std::filesystem;
using io::Json;

size_t at(int index) { return static_cast<size_t>(index); }

// Puts files of the plan's root into the store, each once.
class Publisher {
 public:
  Publisher(const PlanGraph& graph, const PlanSource& source, const std::string& store)
      : graph_(graph), resolver_(graph, Resolver::Access::Write, store), shared_(store) {
    LYDIA_CHECK(graph.cycles().empty(), ValueError, "emit: expected a plan without cycles");
    const std::string digest = digest_path(source.file);
    resolver_.store().put(source.file, digest);
    plan_ = Json::Object{{"name", fs::path(source.file).filename().string()}, {"digest", digest}};
    for (const auto& [name, value] : source.params) params_.emplace_back(name, value);
    for (const Task& task : graph.plan().tasks)
      for (const auto& [port, output] : task.out) made_.insert(output.path.value);
    out_.keys.resize(at(graph.size()));
  }

  PublishedNodes run() {
    const std::vector<TaskProbe> probes = probe(resolver_);
    for (const int task : graph_.order()) {
      const bool human = graph_.plan().tasks[at(task)].human;
      const auto& before = graph_.previous(task);
      const bool blocked = std::any_of(before.begin(), before.end(), [&](int b) {
        return graph_.active(b) && out_.keys[at(b)].empty();
      });
      if (blocked || (human && !probes[at(task)].done())) {
        out_.left_out.push_back(task);
        continue;
      }
      out_.keys[at(task)] = shared_.add_node(node(task));
      if (!human) continue;
      const ActionRecord& closed = *resolver_.action(task);
      resolver_.add_action(closed);
      shared_.set_result(out_.keys[at(task)], closed.key);
    }
    return std::move(out_);
  }

 private:
  std::string node(int index) {
    const Task& task = graph_.plan().tasks[at(index)];
    Json::List files, before;
    std::set<int> previous;
    for (const int b : graph_.previous(index))
      if (graph_.active(b)) previous.insert(b);
    for (const int b : previous)
      before.push_back(
          Json::Object{{"task", *graph_.plan().tasks[at(b)].id}, {"node", out_.keys[at(b)]}});
    for (const std::string& path : paths(index)) files.push_back(file(path));
    Json::Object text{{"lydia_atlas_node", int64_t{1}},
                      {"task", *task.id},
                      {"plan", plan_},
                      {"params", params_},
                      {"files", std::move(files)},
                      {"before", std::move(before)}};
    // A person's task is what its evidence says.
    if (task.human) text.emplace_back("evidence", resolver_.action(index)->key);
    return io::to_json(text);
  }

  // Files of the root that the task reads and that no task makes.
  std::set<std::string> paths(int index) {
    const Plan& plan = graph_.plan();
    const Task& task = plan.tasks[at(index)];
    std::set<std::string> out;
    for (size_t i = 0; i < task.in.size(); ++i) {
      const int input = graph_.link(index, static_cast<int>(i)).plan_input;
      if (input >= 0) out.insert(*plan.inputs[at(input)].second.path);
    }
    const auto add_file = [&](const std::string& path) {
      const bool there = !path.empty() && fs::is_regular_file(plan.resolve(path));
      if (there && !made_.contains(path)) out.insert(path);
    };
    for (const Module& module : task.modules)
      if (module.state != ModuleState::Create) add_file(*module.path);
    const auto add_program = [&](const Command& command) {
      const std::string word = command.argv.empty() ? "" : *command.argv[0];
      if (word.find('/') != word.npos && word.front() != '/') add_file(word);
    };
    if (task.run) add_program(*task.run);
    for (const Command& check : task.checks) add_program(check);
    for (const Text* path : {&plan.policy.table, &plan.policy.classifications, &plan.policy.matrix,
                             &plan.policy.evidence})
      add_file(**path);
    return out;
  }

  Json file(const std::string& path) {
    const auto [found, is_new] = files_.try_emplace(path);
    if (!is_new) return found->second;
    const std::string real = graph_.plan().resolve(path);
    LYDIA_CHECK(fs::exists(real), ValueError, "emit: ", path, " is not there");
    const std::string digest = resolver_.digest(real);
    resolver_.store().put(real, digest);
    return found->second = Json::Object{
               {"path", path}, {"digest", digest}, {"executable", is_executable(real)}};
  }

  const PlanGraph& graph_;
  Resolver resolver_;
  SharedStore shared_;
  Json plan_;
  Json::Object params_;
  std::set<std::string> made_;
  std::map<std::string, Json> files_;
  PublishedNodes out_;
};

// Puts a content to its place below the folder, and nowhere else.
void place(const Store& store, const std::string& digest, bool executable,
           const std::string& folder, const std::string& path) {
  LYDIA_CHECK(!leaves_root(path) && plain_path(path) != ".", ValueError, "run-one: '", path,
              "' leads out of the plan's folder");
  LYDIA_CHECK(store.has(digest), ValueError, "run-one: the store has no ", path, " (", digest, ")");
  const std::string to = (fs::path(folder) / path).lexically_normal().string();
  store.restore(digest, to);
  if (executable) chmod(to.c_str(), 0755);
}

// The outputs of the tasks before that the task reads.
void place_results(const Store& store, const FetchedNode& node, int task) {
  const PlanGraph& graph = *node.graph;
  const Plan& plan = *node.plan;
  std::set<std::pair<int, std::string>> wanted;
  for (size_t i = 0; i < plan.tasks[at(task)].in.size(); ++i)
    for (const OutputRef& from : graph.link(task, static_cast<int>(i)).producers)
      wanted.emplace(from.task, *plan.tasks[at(from.task)].out[at(from.output)].first);
  for (const auto& [before, action] : node.options.given)
    for (const ActionOutput& output : action.outputs)
      if (wanted.contains({before, output.port}))
        place(store, output.digest, output.executable, plan.folder, output.path);
}

}  // namespace

PublishedNodes publish_nodes(const PlanGraph& graph, const PlanSource& source,
                             const std::string& store) {
  return Publisher(graph, source, store).run();
}

FetchedNode fetch_node(const std::string& store_path, const std::string& key,
                       const std::string& folder) {
  const SharedStore shared(store_path);
  const Store store(store_path);
  const Json text = io::parse_json(shared.node(key), "node " + key);
  FetchedNode node;
  node.task = text.at("task").as_string();
  // The plan's own folder is not the root: a file of the plan may have its name.
  const std::string plans = folder + "/" + std::string(kStateFolder) + "/plan";
  const std::string name = fs::path(text.at("plan").at("name").as_string()).filename().string();
  place(store, text.at("plan").at("digest").as_string(), false, plans, name);
  Plan plan = read_plan(plans + "/" + name);
  plan.folder = folder;
  plan.root = {};
  for (const auto& [param, value] : text.at("params").as_object())
    set_param(plan, param, value.as_string());
  Findings findings;
  node.plan = std::make_unique<Plan>(expand_plan(plan, findings));
  LYDIA_CHECK(!has_errors(findings), ValueError, "run-one: ", name, " has errors");
  node.graph = std::make_unique<PlanGraph>(*node.plan);
  for (const Json& file : text.at("files").as_list())
    place(store, file.at("digest").as_string(), file.at("executable").as_bool(), folder,
          file.at("path").as_string());
  const auto index_of = [&](const std::string& id) {
    const int index = node.graph->task(id);
    LYDIA_CHECK(index >= 0, ValueError, "run-one: ", name, " has no task '", id, "'");
    return index;
  };
  for (const Json& before : text.at("before").as_list()) {
    const std::string& id = before.at("task").as_string();
    const auto action = shared.result(before.at("node").as_string());
    LYDIA_CHECK(action, ValueError, "run-one: '", node.task, "' needs the result of '", id,
                "', and ", store_path, " has none");
    node.options.given.emplace_back(index_of(id), *action);
  }
  place_results(store, node, index_of(node.task));
  node.options.targets = {node.task};
  node.options.only = true;
  node.options.store = store_path;
  return node;
}

void finish_node(const std::string& store, const std::string& key, const FetchedNode& node) {
  Resolver resolver(*node.graph, Resolver::Access::Write, store);
  const auto done = resolver.journal().latest(node.task);
  LYDIA_CHECK(done, Error, "run-one: '", node.task, "' has no result");
  SharedStore(store).set_result(key, done->key);
}

}  // namespace lydia::atlas
