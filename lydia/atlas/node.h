// One task of a plan for another machine: all that `run-one KEY --store URI` needs, in a store that
// both machines reach. A node names the plan's file, its parameters, the files that the task reads
// (inputs of the plan, modules, its own programs, the licence gate's tables) and the nodes of the
// tasks before it; its key is the digest of all that. The machine that runs it makes a folder of
// its own, puts these files and the results of the tasks before there, and runs the one task with
// the same engine: keys, cache, checks, retries and gate are those of `run`.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "lydia/atlas/plan_graph.h"
#include "lydia/atlas/runner.h"

namespace lydia::atlas {

// Where an expanded plan came from.
struct PlanSource {
  std::string file;
  std::vector<std::pair<std::string, std::string>> params;
};

struct PublishedNodes {
  std::vector<std::string> keys;  // by task; empty for those that no machine is to run
  std::vector<int> left_out;      // people's open tasks, and what waits for them
};

// Puts a node of every active task into the store, with the files it needs and the results of
// people's tasks that are closed. ValueError when a file is missing, or the plan has a cycle.
PublishedNodes publish_nodes(const PlanGraph& graph, const PlanSource& source,
                             const std::string& store);

// A node made ready to run: its plan and the files it needs, in `folder`.
struct FetchedNode {
  std::unique_ptr<Plan> plan;  // the graph keeps its address
  std::unique_ptr<PlanGraph> graph;
  std::string task;
  RunOptions options;  // run just this task, with the results of those before it
};

// ValueError when the store has no such node, or a task before it has no result there.
FetchedNode fetch_node(const std::string& store, const std::string& key, const std::string& folder);
// Notes what a run of the node that ended well gave: nodes behind it may run now.
void finish_node(const std::string& store, const std::string& key, const FetchedNode& node);

}  // namespace lydia::atlas
