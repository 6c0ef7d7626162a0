// One attempt at a task: a small process of its own runs the commands in the attempt's folder,
// digests what they made, and writes a record. It outlives a driver that is killed.
//
//   <folder>/work/        where the commands run and put their outputs
//   <folder>/tmp/         TMPDIR
//   <folder>/log.txt      what they printed, at most kMaxLogBytes
//   <folder>/group        the process group of the command that runs, and when its leader began
//   <folder>/record.json  how it ended; there only when it has
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lydia/atlas/journal.h"

namespace lydia::atlas {

inline constexpr int64_t kMaxLogBytes = int64_t{16} << 20;

struct AttemptSpec {
  struct Output {
    std::string port, path;  // path: as the plan says it
    std::string file;        // where the commands put it
  };
  std::string folder;                                    // absolute, made by start_attempt_process
  std::vector<std::vector<std::string>> commands;        // the run, then its checks
  std::vector<std::pair<std::string, std::string>> env;  // all of the commands' environment
  std::vector<Output> outputs;
  double timeout_seconds = 0;  // of all commands together; 0: none
};

struct AttemptRecord {
  AttemptState state = AttemptState::Failed;
  int exit_code = -1;   // of the command that failed, else 0
  std::string message;  // one line: what failed, and how
  double seconds = 0, cpu_seconds = 0;
  int64_t max_rss_bytes = 0;
  std::vector<ActionOutput> outputs;  // of a success
};

// Forks the process; its id. `lock` stays open in it, and is closed with it. SIGTERM makes it stop
// its commands (SIGTERM, then SIGKILL after five seconds) and record that it was cancelled.
pid_t start_attempt_process(const AttemptSpec& spec, int lock);

// How the attempt ended; nullopt when its folder has no whole record.
std::optional<AttemptRecord> read_attempt_record(const std::string& folder);

// Ends what an attempt left running whose own process was killed.
void end_orphans(const std::string& folder);

// The end of the attempt's log, at most so many bytes, cut at a line.
std::string log_tail(const std::string& folder, int64_t bytes = 2000);

}  // namespace lydia::atlas
