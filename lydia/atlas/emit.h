// A plan for a cluster: one file for Slurm, Argo Workflows, Kubernetes Jobs or Airflow. Every node
// calls `lydia atlas run-one TASK --plan FILE` in a folder that all machines share, so that keys,
// cache, journal and licence gate stay what they are; the cluster only orders and places the calls.
#pragma once

#include <string>
#include <string_view>

#include "lydia/atlas/plan_graph.h"

namespace lydia::atlas {

enum class EmitTarget { Slurm, Argo, Kubernetes, Airflow };

// "slurm", "argo", "k8s", "airflow"; ValueError with the nearest name for others.
EmitTarget emit_target(std::string_view name);

struct EmitOptions {
  std::string plan_file;        // as run-one is to find it, from `folder`
  std::string folder = ".";     // shared by all machines
  std::string lydia = "lydia";  // the program
  std::string image = "lydia";  // of containers
  std::string name = "plan";    // of the workflow
};

// The file's text. ValueError when the graph has a cycle. The same plan gives the same bytes.
std::string emit_plan(const PlanGraph& graph, EmitTarget target, const EmitOptions& options);

}  // namespace lydia::atlas
