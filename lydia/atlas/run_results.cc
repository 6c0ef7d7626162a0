// How tasks of a run end: taken from the cache, taken over from a driver that was killed, kept,
// failed, tried again.
#include <sys/wait.h>

#include <filesystem>
#include <optional>

#include "lydia/atlas/attempt_spec.h"
#include "lydia/atlas/run_state.h"
#include "lydia/core/error.h"

namespace lydia::atlas {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

namespace {

std::string moved_text(const std::vector<std::string>& moved) {
  std::string text;
  for (const std::string& one : moved)
    text += (text.empty() ? "changed by hand, moved aside: " : "; ") + one;
  return text;
}

}  // namespace

// False when the store turned out to be damaged: the task has to run again.
bool Runner::State::cached(int task, const ActionRecord& action) {
  std::string message;
  try {
    message = moved_text(resolver.put_in_place(action));
  } catch (const DamagedObject& error) {
    tell(task, state_of(task), std::string("runs again: ") + error.what());
    return false;
  }
  resolver.journal().set_latest(task_at(task).id.value, action.key);
  resolver.settle(task, action);
  found.erase(task);
  tell(task, TaskState::Cached, std::move(message), action.seconds);
  unblock(task);
  return true;
}

// Takes what another driver, or the process of one that was killed, has already done. We hold the
// action's lock, so nobody is at it now.
bool Runner::State::adopt(int task) {
  const std::string key = found.at(task).key.key;
  const auto done = resolver.result(task, key);
  if (done && cached(task, *done)) return true;
  for (Attempt& attempt : resolver.journal().open_attempts(key)) {
    std::optional<AttemptRecord> record;
    try {
      record = read_attempt_record(attempt.folder);
    } catch (const Error&) {  // damaged: as good as none
    }
    if (record && record->state == AttemptState::Done) {
      keep(task, attempt, *record);
      return true;
    }
    attempt.state = record ? record->state : AttemptState::Lost;
    attempt.message = record ? record->message : "its process and its driver were killed";
    end(attempt);
  }
  return false;
}

// An attempt that went well: into the store, into the journal, into place.
void Runner::State::keep(int task, Attempt attempt, const AttemptRecord& record) {
  Journal& journal = resolver.journal();
  const Resolver::Lookup looked_up = std::move(found.at(task));
  found.erase(task);
  if (const std::string port = resolver.changed_input(looked_up); !port.empty()) {
    attempt.state = AttemptState::Failed;
    attempt.message = "its input '" + port + "' changed while it ran";
    attempt.seconds = record.seconds;
    end(attempt);
    return give_up(task, TaskState::Failed, attempt.message, record.seconds, attempt.folder);
  }
  const ActionKey& key = looked_up.key;
  ActionRecord action{
      key.key, task_at(task).id.value, key.parts, record.outputs, record.seconds, now_utc(), ""};
  VerdictLevel verdict = VerdictLevel::Allow;
  for (const LicenceItem& item : licences.items)
    if (item.task == task && !item.waived) verdict = std::max(verdict, item.verdict.level);
  action.verdict = verdict_name(verdict);
  attempt.seconds = record.seconds;
  attempt.exit_code = 0;
  try {
    for (const ActionOutput& o : record.outputs) {
      const std::string file = attempt.folder + "/work/" + o.path;
      if (!resolver.store().has(o.digest)) resolver.store().put(file, o.digest);
    }
    attempt.state = AttemptState::Done;
    Journal::Batch batch(journal);
    resolver.add_action(action);
    journal.end_attempt(attempt);
    batch.commit();
  } catch (const std::exception& error) {
    attempt.state = AttemptState::Failed;
    attempt.message = std::string("its result could not be kept: ") + error.what();
    stopping = true;  // a full disk will not become emptier
    give_up(task, TaskState::Failed, attempt.message, record.seconds, attempt.folder);
    return end(attempt);
  }
  try {
    std::string message = moved_text(resolver.put_in_place(action, attempt.folder + "/work"));
    journal.set_latest(action.task, action.key);
    fs::remove_all(attempt.folder + "/work");
    fs::remove_all(attempt.folder + "/tmp");
    // Of a store of our own, what earlier recipes of the task left behind goes too.
    const fs::path kept = persist_folder(resolver.folder(), action.task, key);
    fs::remove_all(resolver.folder().shared.empty() ? kept.parent_path() : kept);
    resolver.settle(task, action);
    tell(task, TaskState::Done, std::move(message), record.seconds);
    unblock(task);
  } catch (const std::exception& error) {  // it is kept all the same
    give_up(task, TaskState::Failed,
            std::string("its result could not be put in place: ") + error.what(), record.seconds,
            attempt.folder);
  }
}

// Journals how the attempt ended. On a full disk its own files make room for the line.
void Runner::State::end(const Attempt& attempt) {
  if (attempt.state == AttemptState::Lost) end_orphans(attempt.folder);
  try {
    resolver.journal().end_attempt(attempt);
  } catch (const IoError&) {
    fs::remove_all(attempt.folder + "/work");
    fs::remove_all(attempt.folder + "/tmp");
    resolver.journal().end_attempt(attempt);
  }
}

void Runner::State::reap() {
  for (auto at = running.begin(); at != running.end();) {
    int status = 0;
    if (waitpid(at->first, &status, WNOHANG) != at->first) {
      ++at;
      continue;
    }
    Job job = std::move(at->second);
    at = running.erase(at);
    free.give_back(task_at(job.task));
    ended(std::move(job));
  }
}

void Runner::State::ended(Job job) {
  std::optional<AttemptRecord> record;
  std::string trouble = "its process ended without a record (killed, or the disk is full)";
  try {
    record = read_attempt_record(job.attempt.folder);
  } catch (const Error& error) {
    trouble = error.what();
  }
  if (record && record->state == AttemptState::Done)
    return keep(job.task, std::move(job.attempt), *record);
  Attempt& attempt = job.attempt;
  attempt.state = record ? record->state : AttemptState::Lost;
  attempt.exit_code = record ? record->exit_code : -1;
  attempt.message = record ? record->message : trouble;
  attempt.seconds = std::chrono::duration<double>(Clock::now() - job.begin).count();
  if (attempt.state == AttemptState::Cancelled && summary.interrupted)
    attempt.message = "interrupted";
  end(attempt);
  if (attempt.state == AttemptState::Cancelled || stopping) {
    tell(job.task,
         attempt.state == AttemptState::Cancelled ? TaskState::Skipped : TaskState::Failed,
         attempt.message, attempt.seconds, attempt.folder);
    return skip_behind(job.task);
  }
  const auto& retries = task_at(job.task).retries;
  if (attempts[static_cast<size_t>(job.task)] <= (retries ? retries->value : 0)) {
    tell(job.task, TaskState::Waiting, "trying again: " + attempt.message, attempt.seconds,
         attempt.folder);
    ready.emplace(-rank[static_cast<size_t>(job.task)], job.task);
    return;
  }
  give_up(job.task, TaskState::Failed, attempt.message, attempt.seconds, attempt.folder);
}

}  // namespace lydia::atlas
