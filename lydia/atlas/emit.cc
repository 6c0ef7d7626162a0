#include "lydia/atlas/emit.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "lydia/atlas/yaml_layout.h"
#include "lydia/config/node.h"
#include "lydia/core/error.h"
#include "lydia/core/nearest.h"
#include "lydia/io/json.h"

namespace lydia::atlas {
namespace {

using config::Node;

constexpr double kMaxSeconds = 1e9;  // of a job: a limit beyond 30 years is none
constexpr std::string_view kTargets[] = {"slurm", "argo", "k8s", "airflow"};

size_t at(int index) { return static_cast<size_t>(index); }

Node::Map map(std::initializer_list<std::pair<const char*, Node>> entries) {
  Node::Map out;
  for (const auto& [key, value] : entries) out.push_back({key, value});
  return out;
}

// A word of a shell line.
std::string shell_word(std::string_view word) {
  const bool plain = !word.empty() && std::all_of(word.begin(), word.end(), [](unsigned char c) {
    return std::isalnum(c) || c == '/' || c == '.' || c == '_' || c == '-' || c == '=';
  });
  if (plain) return std::string(word);
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

class Emitter {
 public:
  Emitter(const PlanGraph& graph, const EmitOptions& options) : graph_(graph), options_(options) {
    const std::vector<std::vector<int>> cycles = graph.cycles();
    LYDIA_CHECK(cycles.empty(), ValueError,
                "emit: expected a plan without cycles, got one through '",
                *task(cycles.front().front()).id, "'");
    LYDIA_CHECK(options.keys.size() == at(graph.size()), ValueError,
                "emit: expected a key for each of ", graph.size(), " tasks, got ",
                options.keys.size());
    for (const int index : graph.order())
      if (runs(index)) order_.push_back(index);
  }

  std::string slurm() const {
    std::string out =
        "#!/bin/sh\n# Submits every task of the plan; each waits for those it needs.\nset -eu\n";
    for (const int index : order_) {
      const Task& said = task(index);
      std::string depends;
      for (const int before : waits_for(index)) depends += ":$j" + std::to_string(before);
      out += "j" + std::to_string(index) +
             "=$(sbatch --parsable --job-name=" + shell_word(*said.id) + slurm_needs(said);
      if (!depends.empty()) out += " --kill-on-invalid-dep=yes --dependency=afterok" + depends;
      out += " --wrap=" + shell_word(command(index)) + ")\n";
    }
    return out + "echo " + std::to_string(order_.size()) + " jobs\n";
  }

  std::string argo() const {
    Node::List dag, templates;
    for (const int index : order_) {
      Node::Map node = map({{"name", node_name(index)}, {"template", node_name(index)}});
      const Node::List depends = names(waits_for(index));
      if (!depends.empty()) node.push_back({"dependencies", Node(depends)});
      dag.emplace_back(std::move(node));
    }
    templates.emplace_back(map({{"name", "plan"}, {"dag", Node(map({{"tasks", Node(dag)}}))}}));
    for (const int index : order_) {
      Node::Map body = map({{"name", node_name(index)}});
      body.push_back({"container", container(task(index), command(index))});
      templates.emplace_back(std::move(body));
    }
    const Node spec(map({{"entrypoint", "plan"},
                         {"volumes", volumes()},
                         {"templates", Node(std::move(templates))}}));
    return layout_yaml(
        Node(map({{"apiVersion", "argoproj.io/v1alpha1"},
                  {"kind", "Workflow"},
                  {"metadata", Node(map({{"generateName", dns_name(options_.name) + "-"}}))},
                  {"spec", spec}})),
        3);
  }

  // Jobs know no order: each waits until the store has the results of those it needs. A result of
  // an earlier submission is of the same node, all of whose inputs are in its key.
  std::string kubernetes() const {
    std::string out;
    for (const int index : order_) {
      const Task& said = task(index);
      Node::Map pod = map({{"restartPolicy", "Never"},
                           {"containers", Node(Node::List{container(said, command(index))})},
                           {"volumes", volumes()}});
      std::string wait;
      for (const int before : waits_for(index)) {
        wait += (wait.empty() ? "until [ -e " : " && [ -e ") + result(before) + " ]";
      }
      if (!wait.empty()) {
        Node init = container(Task(), wait + "; do sleep 5; done");
        init.set("name", "wait");
        pod.push_back({"initContainers", Node(Node::List{init})});
      }
      const Node spec(map(
          {{"backoffLimit", Node(0)}, {"template", Node(map({{"spec", Node(std::move(pod))}}))}}));
      const std::string name = dns_name(options_.name) + "-" + node_name(index);
      out += "---\n" + layout_yaml(Node(map({{"apiVersion", "batch/v1"},
                                             {"kind", "Job"},
                                             {"metadata", Node(map({{"name", name}}))},
                                             {"spec", spec}})),
                                   3);
    }
    return out;
  }

  std::string airflow() const {
    std::string out =
        "\"\"\"The plan as an Airflow DAG: every task is one call of lydia atlas run-one.\"\"\"\n"
        "from datetime import datetime, timedelta\n\n"
        "from airflow import DAG\n"
        "from airflow.operators.bash import BashOperator\n\n"
        "with DAG(dag_id=" +
        python(dns_name(options_.name)) +
        ", start_date=datetime(2024, 1, 1), schedule=None, catchup=False) as dag:\n";
    if (order_.empty()) out += "    pass\n";
    for (const int index : order_) {
      const Task& said = task(index);
      // Airflow reads {{ }} in commands as a template; ours is text.
      const std::string line = "{% raw %}" + command(index) + "{% endraw %}";
      out += "    t" + std::to_string(index) +
             " = BashOperator(task_id=" + python(node_name(index)) +
             ", bash_command=" + python(line);
      if (said.timeout)
        out += ", execution_timeout=timedelta(seconds=" + std::to_string(seconds(said)) + ")";
      out += ")\n";
    }
    for (const int index : order_) {
      for (const int before : waits_for(index)) {
        out += "    t" + std::to_string(before) + " >> t" + std::to_string(index) + "\n";
      }
    }
    return out;
  }

 private:
  const Task& task(int index) const { return graph_.plan().tasks[at(index)]; }

  std::set<int> waits_for(int index) const {
    std::set<int> out;
    for (const int before : graph_.previous(index)) {
      if (runs(before)) out.insert(before);
    }
    return out;
  }

  // What a person has closed is in the store already.
  bool runs(int index) const {
    return graph_.active(index) && !task(index).human && !options_.keys[at(index)].empty();
  }

  // Locks are files of the store, held while the task runs.
  std::string command(int index) const {
    const Task& said = task(index);
    std::string out;
    if (said.needs) {
      std::set<std::string> locks;  // always in one order: no two tasks wait for each other
      for (const Text& lock : said.needs->locks) locks.insert(dns_name(*lock));
      for (const std::string& lock : locks)
        out += "flock " + shell_word(options_.store + "/locks/of-" + lock) + " ";
    }
    return out + shell_word(options_.lydia) + " atlas run-one " + options_.keys[at(index)] +
           " --store " + shell_word(options_.store);
  }

  // Of all attempts: run-one tries again itself.
  static int64_t seconds(const Task& said) {
    const double attempts = 1.0 + (said.retries ? **said.retries : 0);
    return static_cast<int64_t>(std::ceil(std::min(**said.timeout * attempts, kMaxSeconds)));
  }

  static std::string slurm_needs(const Task& said) {
    std::string out;
    if (said.needs) {
      const auto cpus = static_cast<int64_t>(std::ceil(std::max(1.0, said.needs->cpu)));
      out += " --cpus-per-task=" + std::to_string(cpus);
      if (said.needs->mem > 0) out += " --mem=" + std::to_string(mebibytes(said.needs->mem)) + "M";
      if (said.needs->gpu > 0) out += " --gres=gpu:" + std::to_string(said.needs->gpu);
    }
    // A minute more, to fetch the inputs and to keep the result.
    if (said.timeout) out += " --time=" + std::to_string((seconds(said) + 59) / 60 + 1);
    return out;
  }

  static uint64_t mebibytes(uint64_t bytes) { return (bytes + (1 << 20) - 1) >> 20; }

  Node container(const Task& said, const std::string& line) const {
    Node::Map out = map(
        {{"name", "task"},
         {"image", Node(options_.image)},
         {"command", Node(Node::List{"sh", "-c", line})},
         {"volumeMounts",
          Node(Node::List{Node(map({{"name", "store"}, {"mountPath", Node(options_.store)}}))})}});
    if (said.needs) {
      Node::Map needs = map({{"cpu", Node(quantity(said.needs->cpu))}});
      if (said.needs->mem > 0) {
        needs.push_back({"memory", Node(std::to_string(mebibytes(said.needs->mem)) + "Mi")});
      }
      if (said.needs->gpu > 0) {
        needs.push_back({"nvidia.com/gpu", Node(std::to_string(said.needs->gpu))});
      }
      const Node limits(std::move(needs));
      out.push_back({"resources", Node(map({{"requests", limits}, {"limits", limits}}))});
    }
    return Node(std::move(out));
  }

  static std::string quantity(double cpus) {
    return std::to_string(static_cast<int64_t>(std::ceil(cpus * 1000))) + "m";
  }

  // A claim called "lydia-store" on storage that every node can mount.
  static Node volumes() {
    return Node(Node::List{
        Node(map({{"name", "store"},
                  {"persistentVolumeClaim", Node(map({{"claimName", "lydia-store"}}))}}))});
  }

  Node::List names(const std::set<int>& tasks) const {
    Node::List out;
    for (const int index : tasks) out.emplace_back(node_name(index));
    return out;
  }

  // Names of a cluster: lower case, digits, dashes, 63 characters; the number keeps them apart.
  std::string node_name(int index) const {
    return dns_name(*task(index).id).substr(0, 40) + "-t" + std::to_string(index);
  }

  std::string result(int index) const {
    return shell_word(options_.store + "/results/" + options_.keys[at(index)]);
  }

  static std::string dns_name(std::string_view name) {
    std::string out;
    for (const char c : name.substr(0, 40)) {
      const auto byte = static_cast<unsigned char>(c);
      out += byte < 0x80 && std::isalnum(byte) ? static_cast<char>(std::tolower(byte)) : '-';
    }
    const size_t first = out.find_first_not_of('-');
    if (first == std::string::npos) return "x";
    out = out.substr(first, out.find_last_not_of('-') - first + 1);
    return std::isdigit(static_cast<unsigned char>(out[0])) ? "x" + out : out;
  }

  // A string literal of Python; JSON's are.
  static std::string python(const std::string& text) { return io::to_json(io::Json(text)); }

  const PlanGraph& graph_;
  const EmitOptions& options_;
  std::vector<int> order_;  // of the tasks that are emitted
};

}  // namespace

EmitTarget emit_target(std::string_view name) {
  for (size_t i = 0; i < std::size(kTargets); ++i) {
    if (kTargets[i] == name) return static_cast<EmitTarget>(i);
  }
  fail<ValueError>("emit: expected slurm, argo, k8s or airflow, got '", name, "'",
                   nearest_hint(name, kTargets));
}

std::string emit_plan(const PlanGraph& graph, EmitTarget target, const EmitOptions& options) {
  const Emitter emitter(graph, options);
  switch (target) {
    case EmitTarget::Slurm: return emitter.slurm();
    case EmitTarget::Argo: return emitter.argo();
    case EmitTarget::Kubernetes: return emitter.kubernetes();
    case EmitTarget::Airflow: break;
  }
  return emitter.airflow();
}

}  // namespace lydia::atlas
