// What has run: an SQLite database (WAL) in the plan's state folder. It holds what each action gave
// (by key), every attempt, the last result of each task, evidence and effort of people, and the
// digests of files that have not changed since. Several drivers may use it at once.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "lydia/atlas/action_record.h"
#include "lydia/atlas/store.h"

namespace lydia::atlas {

enum class AttemptState { Running, Done, Failed, TimedOut, Cancelled, Lost };
std::string_view attempt_state_name(AttemptState state);

struct Attempt {
  int64_t id = 0;
  std::string task, key;
  int number = 0;  // of the task, from 1
  AttemptState state = AttemptState::Running;
  std::string folder, message;
  int exit_code = -1;
  double seconds = 0;
  std::string started;
};

struct Evidence {
  std::string task, by, file, digest, when;
};

// What a person took for a task, beside the estimate; both in seconds of work.
struct FinishedEffort {
  std::string task, persona;
  double estimate = 0, actual = 0;
};

class Journal {
 public:
  enum class Access {
    Write,
    Look,  // writes nothing; where there is no database, nothing has run
  };
  // Opens or makes the database. IoError for one that is damaged or of a newer lydia.
  explicit Journal(const std::string& path, Access access = Access::Write);
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  std::optional<ActionRecord> action(const std::string& key);
  void add_action(const ActionRecord& record);

  // The last action of the task that was done or taken from the cache.
  std::optional<ActionRecord> latest(const std::string& task);
  void set_latest(const std::string& task, const std::string& key);
  std::vector<std::string> all_latest_keys();

  Attempt start_attempt(const std::string& task, const std::string& key,
                        const std::string& folders);
  void end_attempt(const Attempt& attempt);
  // Attempts that no driver has ended: their driver was killed, or another one runs them now.
  std::vector<Attempt> open_attempts(const std::string& key);
  std::optional<Attempt> last_attempt(const std::string& task);
  std::vector<Attempt> attempts();
  // Seconds of the task's last successes, newest first.
  std::vector<double> durations(const std::string& task, int most = 20);

  // A person's task waits from the first time that a run says so until it is closed.
  void note_waiting(const std::string& task);
  std::optional<std::string> waiting_since(const std::string& task);
  void add_effort(const FinishedEffort& effort);
  std::vector<FinishedEffort> efforts();

  void add_evidence(const Evidence& evidence);
  std::optional<Evidence> evidence(const std::string& task);

  // The digest of a file, from memory when its stamp is the same.
  std::string file_digest(const std::string& path);

  // Notes the digest that the caller knows the file to have.
  void remember_file(const std::string& path, const std::string& digest);

  // Forgets actions that no task's latest is; attempts of tasks beyond `keep_attempts` each. The
  // folders of forgotten attempts.
  std::vector<std::string> forget(int keep_attempts);

  // All writes until commit() are one transaction; without it they are undone. Batches nest: the
  // outermost one decides.
  class Batch {
   public:
    explicit Batch(Journal& journal);
    ~Batch();
    void commit();

   private:
    Journal& journal_;
    bool open_ = true;
  };

 private:
  struct Database;
  std::unique_ptr<Database> db_;
};

// Now, in UTC to the second; and back, in seconds since 1970 (0 for another text).
std::string now_utc();
double seconds_of_utc(const std::string& text);

}  // namespace lydia::atlas
