// What a run would do with each task, told without running or writing anything.
#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>

#include "lydia/atlas/licence.h"
#include "lydia/atlas/resolver.h"

namespace lydia::atlas {
namespace {

using Kind = TaskProbe::Kind;

class Prober {
 public:
  Prober(Resolver& resolver, const std::string& today)
      : resolver_(resolver),
        graph_(resolver.graph()),
        licences_(judge_licences(graph_, {today})),
        probes_(static_cast<size_t>(graph_.size())) {}

  std::vector<TaskProbe> run() {
    for (int i = 0; i < graph_.size(); ++i)
      if (!graph_.active(i)) at(i).kind = Kind::Unchosen;
    for (const int i : graph_.order()) look(i);
    return std::move(probes_);
  }

 private:
  TaskProbe& at(int task) { return probes_[static_cast<size_t>(task)]; }
  const Task& task(int i) const { return graph_.plan().tasks[static_cast<size_t>(i)]; }

  void look(int i) {
    TaskProbe& p = at(i);
    p.latest = resolver_.journal().latest(task(i).id.value);
    const auto& before = graph_.previous(i);
    const auto waits = std::find_if(before.begin(), before.end(), [&](int b) {
      return graph_.active(b) && !resolver_.settled(b);
    });
    if (waits == before.end()) return look_closer(i);
    p.kind = Kind::After;
    p.message = task(*waits).id.value;
    p.cause = at(*waits).kind == Kind::After ? at(*waits).cause : *waits;
  }

  void look_closer(int i) {
    TaskProbe& p = at(i);
    try {
      const Resolver::Lookup found = resolver_.look_up(i);
      if (found.cached) {
        p.kind = resolver_.in_place(*found.cached) ? Kind::Cached : Kind::Restore;
        p.latest = found.cached;
        resolver_.settle(i, *found.cached);
        return;
      }
      p.kind = task(i).human ? Kind::Human : is_locked(found.key.key) ? Kind::Running : Kind::Run;
      if (p.latest) p.changes = key_changes(p.latest->parts, found.key.parts);
      if (p.kind == Kind::Running) return;
      p.message = licences_.gate(graph_, i);
      if (!p.message.empty()) p.kind = Kind::Blocked;
    } catch (const ValueError& error) {
      p.kind = Kind::Broken;
      p.message = error.what();
    }
  }

  bool is_locked(const std::string& key) const {
    const std::string path = resolver_.folder().locks() + "/" + key;
    const io::FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    return file.get() >= 0 && flock(file.get(), LOCK_SH | LOCK_NB) != 0;
  }

  Resolver& resolver_;
  const PlanGraph& graph_;
  const LicenceReport licences_;
  std::vector<TaskProbe> probes_;
};

}  // namespace

std::string_view probe_name(TaskProbe::Kind kind) {
  static constexpr std::string_view kNames[] = {"cached", "restore", "run",    "running", "blocked",
                                                "after",  "human",   "broken", "unchosen"};
  return kNames[static_cast<int>(kind)];
}

std::vector<TaskProbe> probe(Resolver& resolver, const std::string& today) {
  return Prober(resolver, today).run();
}

}  // namespace lydia::atlas
