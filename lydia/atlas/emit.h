// A plan for a cluster: one file for Slurm, Argo Workflows, Kubernetes Jobs or Airflow. Every node
// calls `lydia atlas run-one KEY --store URI` (node.h), so that keys, cache, checks, retries and
// licence gate stay what they are; the cluster only orders and places the calls.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lydia/atlas/plan_graph.h"

namespace lydia::atlas {

enum class EmitTarget { Slurm, Argo, Kubernetes, Airflow };

// "slurm", "argo", "k8s", "airflow"; ValueError with the nearest name for others.
EmitTarget emit_target(std::string_view name);

struct EmitOptions {
  std::vector<std::string> keys;  // of the tasks' nodes; those of no key are left out
  std::string store;              // the folder of the store, the same on all machines
  std::string lydia = "lydia";    // the program
  std::string image = "lydia";    // of containers
  std::string name = "plan";      // of the workflow
};

// The file's text. ValueError when the graph has a cycle. The same plan gives the same bytes.
std::string emit_plan(const PlanGraph& graph, EmitTarget target, const EmitOptions& options);

}  // namespace lydia::atlas
