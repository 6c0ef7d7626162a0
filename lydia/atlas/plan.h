// A plan: the hierarchy Main -> Sub -> Macro -> Micro of groups, and the Atlas tasks below them, as
// a YAML or Markdown file says it. Every value keeps the line and column it was written at, so that
// a check can point there. Reading fills these structs and judges nothing; plan_graph.h resolves
// the references, check.h finds what is wrong.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lydia::atlas {

// A place in the plan's file, from 1; line 0: a value that no file says.
struct Source {
  int line = 0, column = 0;
};

template <class T>
struct Sourced {
  T value{};
  Source at{};

  const T* operator->() const { return &value; }
  const T& operator*() const { return value; }
};

// A text of the file; empty when the file does not say it.
struct Text : Sourced<std::string> {
  bool empty() const { return value.empty(); }
  friend bool operator==(const Text& a, const Text& b) { return a.value == b.value; }
};

template <class T>
using Named = std::vector<std::pair<Text, T>>;  // a map, in the file's order

enum class GroupKind { Main, Sub, Macro, Micro };
enum class Role { Unsaid, BuildTool, LinkedStatic, LinkedDynamic, Shipped, Dataset, Weights };
enum class ModuleState { Unsaid, Create, Modify, Use };
// A task that hands its inputs to others. The licence gate judges what flows into these.
enum class Delivery { None, Deploy, Distribute };

// The code that a task creates, changes or uses.
struct Module {
  Text path, symbol;
  ModuleState state = ModuleState::Unsaid;
  Text note;  // "may be newly created"
  Source at;
};

// A library, tool, data set or set of weights that a task uses.
struct Use {
  Text purl;  // "pkg:pypi/torch@2.4.1", or
  Text name, version;
  Text license;   // an SPDX expression, or the declared text where none is known for it
  Text claim;     // what the plan says about compatibility: "Uyumlu"
  Text when;      // it is only used then: "optional", "if the model uses it"
  Text note;      // what else the item says
  Text declared;  // the item of a Markdown plan, as written
  Role role = Role::Unsaid;
  Source at;
};

struct Input {
  // Whose output: "task.port", "task", "group.port", "group", "inputs.name".
  Text from;
  Text text;  // what a Markdown plan says about it
  Text kind;  // of artifact, such as ".onnx" or "log"; else told from path and text
};

struct Output {
  Text path;
  Text text;
  Text kind;
  std::vector<Text> feeds;  // groups or tasks that a Markdown plan names as readers
};

// Seconds of a person's work: optimistic, likely, pessimistic.
struct Effort {
  double optimistic = 0, likely = 0, pessimistic = 0;
  Source at;
  // Of the beta distribution through the three points (PERT, Malcolm et al. 1959).
  double mean() const { return (optimistic + 4 * likely + pessimistic) / 6; }
};

struct Needs {
  double cpu = 1;
  int gpu = 0;
  uint64_t mem = 0;  // bytes
  std::vector<Text> locks;
  Source at;
};

// The words of a command; never a shell line.
struct Command {
  std::vector<Text> argv;
  Source at;
};

struct Task {
  Text id, alias, title;
  Text parent;  // a group's id
  std::vector<Text> owner;
  Text description;
  std::vector<Module> modules;
  std::vector<Use> uses;
  Named<Input> in;
  Named<Output> out;
  bool human = false;  // `run: human`: closed by `done` with evidence
  std::optional<Command> run;
  std::vector<Command> checks;
  std::optional<Needs> needs;
  std::vector<Text> requirements;  // `requires`: of the machine, or of the inputs
  std::vector<Text> after;         // tasks or groups
  Named<Effort> effort;            // by persona
  std::optional<Sourced<int>> retries;
  std::optional<Sourced<double>> timeout;  // seconds
  bool device_sensitive = false;
  std::vector<Text> env;             // names of environment variables that the task may read
  std::vector<Text> persist;         // folders kept across attempts
  Named<std::vector<Text>> foreach;  // one task for every combination of these values
  Delivery delivery = Delivery::None;
  Text license_note;   // the claim about all uses together
  Text before, notes;  // Markdown before the task's heading, and after its fields
  Source at;
};

struct GroupOutput {
  std::vector<Text> any_of;  // "task.port"
  Source at;
};

struct Group {
  Text id;
  GroupKind kind = GroupKind::Main;
  Text parent;
  Text number;           // "1", "1.2": as Markdown counts it
  bool example = false;  // its heading says "Example"
  Text title, description;
  std::vector<Text> owner;
  Text choose;  // the alternative that counts: a task's id
  Named<GroupOutput> out;
  Text license_note;
  Text before, notes;
  Source at;
};

struct Persona {
  Text name, title;
  std::optional<Sourced<double>> hours_per_day;
  Source at;
};

// A file that the plan is given, rather than makes.
struct PlanInput {
  Text path, digest;
  Text license;
  Text purl;
  Text text;
  Role role = Role::Unsaid;
  Source at;
};

struct Policy {
  Text goal;                     // commercial-closed-source, open-source, internal, research
  Text delivery;                 // binary, source, service, none
  Text outbound;                 // the plan's own licence, for open goals
  Text table;                    // file: replaces the default policy table
  Text classifications, matrix;  // files: more categories, OSADL's matrix
  Text evidence;                 // file: licences that package metadata or file scans show
  Source at;
};

// A finding that somebody answers for.
struct Waiver {
  Text task, purl;  // what it covers; both: the purl in that task only
  Text code;        // the finding's; empty: every licence finding
  Text owner, reason;
  Text expires;  // YYYY-MM-DD
  Source at;
};

struct Plan {
  std::string file;    // as messages call it
  std::string folder;  // where the file lies
  Text root;           // the folder that paths start from, itself from `folder`; empty: `folder`
  Text language;       // "en" or "tr": of a Markdown plan's labels
  Text title;
  Policy policy;
  Named<Text> params;
  Named<Persona> personas;
  Named<PlanInput> inputs;
  std::vector<Waiver> waivers;
  std::vector<Group> groups;  // parents before children
  std::vector<Task> tasks;
  Text before, after;  // Markdown before the first group, and after the last task

  // The group or task of that id; null when there is none. Linear: index them when it matters.
  const Group* find_group(std::string_view id) const;
  const Task* find_task(std::string_view id) const;
  // `path` of the plan as a path of this process.
  std::string resolve(std::string_view path) const;
};

// "main", "linked-static", ...: as the YAML file writes them; "" for Unsaid and None.
std::string_view kind_name(GroupKind kind);
std::string_view role_name(Role role);
std::string_view state_name(ModuleState state);
std::string_view delivery_name(Delivery delivery);

// Name and version of a use, from its purl when it has one: "torch", "2.4.1".
std::string use_name(const Use& use);
std::string use_version(const Use& use);

// Seconds of "30s", "15m", "2h", "3d", "1.5h"; bytes of "8G", "512M", "2Ki". ValueError otherwise.
double parse_duration(std::string_view text);
uint64_t parse_bytes(std::string_view text);
// The shortest text that reads back as the same.
std::string duration_text(double seconds);
std::string bytes_text(uint64_t bytes);

}  // namespace lydia::atlas
