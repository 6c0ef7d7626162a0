// What of a plan is up to date: finds each task's inputs, makes its key, asks the journal and the
// store. Both `run` and the commands that only look (status, why, --dry-run) go through here.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lydia/atlas/action_key.h"
#include "lydia/atlas/journal.h"
#include "lydia/atlas/plan_graph.h"
#include "lydia/atlas/shared_store.h"
#include "lydia/atlas/store.h"
#include "lydia/io/file_descriptor.h"

namespace lydia::atlas {

// The state folder of a plan, ".atlas" in its root, and what lies in it. With a store that machines
// share, contents, kept folders and the locks of tasks lie there.
struct StateFolder {
  std::string path;
  std::string shared = "";  // folder of the shared store; empty: none
  std::string attempts() const { return path + "/attempts"; }
  std::string displaced() const { return path + "/displaced"; }
  std::string store() const { return shared.empty() ? path + "/store" : shared; }
  std::string persist() const { return (shared.empty() ? path : shared) + "/persist"; }
  std::string locks() const { return (shared.empty() ? path : shared) + "/locks"; }
  std::string state_lock() const { return path + "/state.lock"; }
};
StateFolder state_folder(const Plan& plan);
// Says that the state is in use, until the file is closed; `alone`: by nobody else. ValueError when
// that cannot be had.
io::FileDescriptor use_state(const StateFolder& folder, bool alone = false);

class Resolver {
 public:
  using Access = Journal::Access;
  // Opens, or makes, the plan's state; `shared`: the folder of a store that machines share. Who
  // only looks writes nothing: the plan's disk may be read-only, and what never ran has no state.
  explicit Resolver(const PlanGraph& graph, Access access = Access::Write,
                    const std::string& shared = "");

  // A task whose inputs are all there: what they are, its key, and what the journal has for it.
  struct Lookup {
    std::vector<FoundInput> inputs;
    ActionKey key;
    std::optional<ActionRecord> cached;
  };
  // Every task before it must have been settled. ValueError says which input is missing or not what
  // the plan says.
  Lookup look_up(int task);
  // What the task's action of that key gave, when every output of it is in the store.
  std::optional<ActionRecord> result(int task, const std::string& key);
  // Notes what an action gave, for this plan and for all who share its store.
  void add_action(const ActionRecord& action);
  // The port of an input that is no longer what it was then; empty: all are the same.
  std::string changed_input(const Lookup& then);
  // The task's outputs are now those of the action.
  void settle(int task, const ActionRecord& action);
  bool settled(int task) const { return actions_[static_cast<size_t>(task)].has_value(); }
  const std::optional<ActionRecord>& action(int task) const {
    return actions_[static_cast<size_t>(task)];
  }

  // The inputs of the task as paths of this process, by port; several where the plan says so.
  std::vector<std::pair<std::string, std::vector<std::string>>> input_paths(int task) const;

  // Puts the action's outputs where the plan wants them, from the folder they were made in or from
  // the store; a file that somebody changed by hand is moved aside. What was moved, as "path ->
  // where".
  // ValueError for a place that links lead out of the plan's root.
  std::vector<std::string> put_in_place(const ActionRecord& action, const std::string& made = "");
  // Whether every output is in its place.
  bool in_place(const ActionRecord& action);

  Journal& journal() { return *journal_; }
  Store& store() { return *store_; }
  const StateFolder& folder() const { return folder_; }
  const PlanGraph& graph() const { return graph_; }
  // Digest of a file or folder, files remembered by stamp.
  std::string digest(const std::string& path);

 private:
  std::vector<FoundInput> find_inputs(int task);
  std::optional<ActionRecord> known_action(int task, const std::string& key);
  bool stored(const ActionOutput& output);
  std::string digest_of_input(const std::string& port, const std::string& path);
  void expect_inside(const std::string& path) const;
  bool is_in_place(const ActionOutput& output);

  const PlanGraph& graph_;
  StateFolder folder_;
  bool look_;
  std::unique_ptr<Journal> journal_;
  std::unique_ptr<Store> store_;
  std::optional<SharedStore> shared_;
  KeyMaker keys_;
  std::vector<std::optional<ActionRecord>> actions_;  // by task, once settled
};

// What a run would do with a task, told without running anything.
struct TaskProbe {
  enum class Kind {
    Cached,    // up to date
    Restore,   // up to date, its outputs come from the store
    Run,       // never done, or something has changed
    Running,   // a process is at it
    Blocked,   // it would run, and the licence gate is shut
    After,     // a task before it runs first
    Human,     // waits for somebody's evidence
    Broken,    // an input is missing
    Unchosen,  // an alternative that its group did not choose
  };
  Kind kind = Kind::Run;
  std::string message;             // of Broken, Blocked; of After: the first task that runs first
  int cause = -1;                  // of After: the first task that it waits for in the end
  std::vector<KeyChange> changes;  // of Run, Human: against the last result; empty: it never ran
  std::optional<ActionRecord> latest;

  bool done() const { return kind == Kind::Cached || kind == Kind::Restore; }
};
std::string_view probe_name(TaskProbe::Kind kind);
// By task index. `today`: for waivers, see LicenceOptions.
std::vector<TaskProbe> probe(Resolver& resolver, const std::string& today = "");

}  // namespace lydia::atlas
