#include "lydia/atlas/attempt.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "lydia/atlas/action_key.h"
#include "lydia/core/error.h"
#include "lydia/io/atomic_file.h"
#include "lydia/io/file_descriptor.h"
#include "lydia/io/json.h"

namespace lydia::atlas {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using io::Json;

constexpr std::chrono::seconds kGrace(5);

volatile sig_atomic_t stop_asked = 0;

std::string record_json(const AttemptRecord& r) {
  return io::to_json(Json::Object{{"state", static_cast<int64_t>(r.state)},
                                  {"exit_code", int64_t{r.exit_code}},
                                  {"message", r.message},
                                  {"seconds", r.seconds},
                                  {"cpu_seconds", r.cpu_seconds},
                                  {"max_rss_bytes", r.max_rss_bytes},
                                  {"outputs", outputs_json(r.outputs)}});
}

// What the commands print, up to a limit.
class Log {
 public:
  explicit Log(const std::string& path)
      : file_(open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644)) {}

  // Writing stops at the limit or when the disk is full; the commands go on.
  void write(const char* data, ssize_t n) {
    const int64_t room = kMaxLogBytes - written_;
    const auto taken = static_cast<size_t>(std::min<int64_t>(n, std::max<int64_t>(room, 0)));
    const ssize_t done = taken ? ::write(file_.get(), data, taken) : 0;
    written_ += std::max<ssize_t>(done, 0);
    dropped_ += n - std::max<ssize_t>(done, 0);
  }
  void line(const std::string& text) {
    write((text + "\n").data(), static_cast<ssize_t>(text.size()) + 1);
  }
  void close() {
    if (dropped_ == 0) return;
    const std::string note = "\n[" + std::to_string(dropped_) + " more bytes were not kept]\n";
    [[maybe_unused]] const ssize_t n = ::write(file_.get(), note.data(), note.size());
  }

 private:
  io::FileDescriptor file_;
  int64_t written_ = 0, dropped_ = 0;
};

// The command as a shell would take it.
std::string shown(const std::vector<std::string>& argv) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=:,@%+";
  std::string out;
  for (const std::string& word : argv) {
    out += out.empty() ? "" : " ";
    if (!word.empty() && word.find_first_not_of(kPlain) == word.npos) {
      out += word;
      continue;
    }
    out += '\'';
    for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    out += '\'';
  }
  return out.size() > 300 ? out.substr(0, 300) + "..." : out;
}

// When the process began, in the kernel's ticks; 0: there is none.
uint64_t process_start(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  std::getline(file, text);
  const size_t name_end = text.rfind(')');  // the name may hold spaces
  if (name_end == text.npos) return 0;
  std::istringstream fields(text.substr(name_end + 1));
  std::string skipped;
  for (int i = 0; i < 19; ++i) fields >> skipped;  // fields 3 to 21
  uint64_t start = 0;
  fields >> start;
  return start;
}

// Runs in the process that start_attempt_process forks.
class Wrapper {
 public:
  explicit Wrapper(const AttemptSpec& spec)
      : spec_(spec), work_(spec.folder + "/work"), log_(spec.folder + "/log.txt") {}

  AttemptRecord run() {
    const Clock::time_point begin = Clock::now();
    if (spec_.timeout_seconds > 0)
      deadline_ = begin + std::chrono::duration_cast<Clock::duration>(
                              std::chrono::duration<double>(spec_.timeout_seconds));
    record_.state = AttemptState::Done;
    record_.exit_code = 0;
    for (const auto& argv : spec_.commands) {
      log_.line("$ " + shown(argv));
      if (!command(argv)) break;
    }
    log_.close();
    if (record_.state == AttemptState::Done) digest_outputs();
    record_.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    rusage use{};
    getrusage(RUSAGE_CHILDREN, &use);
    const auto seconds = [](const timeval& t) {
      return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
    };
    record_.cpu_seconds = seconds(use.ru_utime) + seconds(use.ru_stime);
    record_.max_rss_bytes = int64_t{use.ru_maxrss} * 1024;
    return record_;
  }

 private:
  void failed(AttemptState state, int exit_code, std::string message) {
    if (record_.state != AttemptState::Done) return;
    record_.state = state;
    record_.exit_code = exit_code;
    record_.message = std::move(message);
  }

  // Whether it ended well.
  bool command(const std::vector<std::string>& argv) {
    if (stop_asked) failed(AttemptState::Cancelled, -1, "cancelled");
    if (record_.state != AttemptState::Done) return false;
    int pipe_fds[2];
    LYDIA_CHECK(pipe2(pipe_fds, O_CLOEXEC) == 0, IoError, "cannot make a pipe");
    io::FileDescriptor from(pipe_fds[0]), to(pipe_fds[1]);
    const std::string program = find_program(argv[0], work_);
    if (program.empty()) {
      failed(AttemptState::Failed, 127, "'" + argv[0] + "': no such program");
      return false;
    }
    const pid_t child = fork();
    LYDIA_CHECK(child >= 0, Error, "cannot start '", argv[0], "': ", std::strerror(errno));
    if (child == 0) execute(program, argv, to.get());
    setpgid(child, child);
    std::ofstream(spec_.folder + "/group") << child << " " << process_start(child) << "\n";
    to.reset();
    follow(child, from.get());
    end_children();
    return judge(argv);
  }

  [[noreturn]] void execute(const std::string& program, const std::vector<std::string>& argv,
                            int out) {
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGTERM, SIG_DFL);
    signal(SIGPIPE, SIG_DFL);
    std::vector<char*> words, env;
    for (const std::string& word : argv) words.push_back(const_cast<char*>(word.c_str()));
    std::vector<std::string> settings;
    for (const auto& [name, value] : spec_.env) settings.push_back(name + "=" + value);
    for (const std::string& setting : settings) env.push_back(const_cast<char*>(setting.c_str()));
    words.push_back(nullptr);
    env.push_back(nullptr);
    dup2(out, 1);
    dup2(out, 2);
    if (chdir(work_.c_str()) == 0) execve(program.c_str(), words.data(), env.data());
    const char* why = std::strerror(errno);
    [[maybe_unused]] const ssize_t n = write(2, why, std::strlen(why));
    _exit(126);
  }

  // Copies output to the log until the command has ended; stops it when asked to or too late.
  void follow(pid_t child, int from) {
    char buffer[1 << 14];
    bool open = true, ended = false;
    Clock::time_point kill_at = Clock::time_point::max();
    while (open || !ended) {
      const Clock::time_point now = Clock::now();
      if (kill_at == Clock::time_point::max() && (stop_asked || now >= deadline_)) {
        if (stop_asked)
          failed(AttemptState::Cancelled, -1, "cancelled");
        else
          failed(AttemptState::TimedOut, -1, "ran longer than its timeout");
        kill(-child, SIGTERM);
        kill_at = now + kGrace;
      }
      if (now >= kill_at) kill(-child, SIGKILL);
      pollfd ready{from, POLLIN, 0};
      if (open && poll(&ready, 1, ended ? 0 : 50) > 0) {
        const ssize_t n = read(from, buffer, sizeof buffer);
        if (n > 0) log_.write(buffer, n);
        open = n > 0 || (n < 0 && errno == EINTR);
      } else if (ended) {
        open = false;  // a process left behind holds the pipe
      } else if (!open) {
        usleep(2000);
      }
      if (!ended) ended = waitpid(child, &status_, WNOHANG) == child;
    }
    kill(-child, SIGKILL);  // what it left running
  }

  // What left the process group (setsid) became our child when its parent ended.
  static void end_children() {
    const std::string list = "/proc/self/task/" + std::to_string(getpid()) + "/children";
    for (int rounds = 0; rounds < 1000; ++rounds) {
      std::ifstream children(list);
      pid_t child = 0;
      bool any = false;
      while (children >> child) {
        any = true;
        kill(child, SIGKILL);
        waitpid(child, nullptr, 0);
      }
      if (!any) return;
    }
  }

  bool judge(const std::vector<std::string>& argv) {
    if (WIFSIGNALED(status_)) {
      failed(AttemptState::Failed, 128 + WTERMSIG(status_),
             "'" + shown(argv) + "' was killed by signal " + std::to_string(WTERMSIG(status_)));
    } else if (WEXITSTATUS(status_) != 0) {
      failed(AttemptState::Failed, WEXITSTATUS(status_),
             "'" + shown(argv) + "' exited with " + std::to_string(WEXITSTATUS(status_)));
    }
    return record_.state == AttemptState::Done;
  }

  void digest_outputs() {
    for (const AttemptSpec::Output& out : spec_.outputs) {
      const fs::file_status made_as = fs::symlink_status(out.file);
      const bool kind = fs::is_regular_file(made_as) || fs::is_directory(made_as);
      if (!kind) {
        const char* what = !fs::exists(made_as)      ? ") was not written"
                           : fs::is_symlink(made_as) ? ") is a link; expected a file or folder"
                                                     : ") is no file or folder";
        failed(AttemptState::Failed, 0, "its output '" + out.port + "' (" + out.path + what);
        return;
      }
      sync_tree(out.file);
      ActionOutput made{out.port, out.path, digest_path(out.file)};
      const FileStamp stamp = stamp_of(out.file);
      made.bytes = std::max<int64_t>(stamp.bytes, 0);
      made.executable = stamp.bytes >= 0 && access(out.file.c_str(), X_OK) == 0;
      record_.outputs.push_back(std::move(made));
    }
  }

  const AttemptSpec& spec_;
  std::string work_;
  Log log_;
  AttemptRecord record_;
  Clock::time_point deadline_ = Clock::time_point::max();
  int status_ = 0;
};

[[noreturn]] void be_wrapper(const AttemptSpec& spec, int lock) {
  setsid();
  const int null = open("/dev/null", O_RDWR);
  for (const int fd : {0, 1, 2}) dup2(null, fd);
  if (lock > 3) syscall(SYS_close_range, 3u, static_cast<unsigned>(lock - 1), 0u);
  syscall(SYS_close_range, static_cast<unsigned>(std::max(lock, 2) + 1), ~0u, 0u);
  struct sigaction on_term {};
  on_term.sa_handler = [](int) { stop_asked = 1; };
  sigaction(SIGTERM, &on_term, nullptr);
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  signal(SIGINT, SIG_IGN);  // the driver says when to stop
  signal(SIGPIPE, SIG_IGN);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  AttemptRecord record;
  try {
    record = Wrapper(spec).run();
  } catch (const std::exception& error) {
    record.state = AttemptState::Failed;
    record.message = error.what();
  }
  try {
    io::write_file_atomic(spec.folder + "/record.json", record_json(record));
  } catch (...) {
    _exit(3);  // no record: the driver says that the attempt is lost
  }
  _exit(0);
}

}  // namespace

pid_t start_attempt_process(const AttemptSpec& spec, int lock) {
  fs::create_directories(spec.folder + "/work");
  fs::create_directories(spec.folder + "/tmp");
  for (const AttemptSpec::Output& out : spec.outputs)
    fs::create_directories(fs::path(out.file).parent_path());
  const pid_t pid = fork();
  LYDIA_CHECK(pid >= 0, Error, "atlas: cannot start a process: ", std::strerror(errno));
  if (pid == 0) be_wrapper(spec, lock);
  return pid;
}

std::optional<AttemptRecord> read_attempt_record(const std::string& folder) {
  std::ifstream file(folder + "/record.json");
  if (!file) return {};
  std::ostringstream text;
  text << file.rdbuf();
  const Json json = io::parse_json(text.str(), folder + "/record.json");
  AttemptRecord r;
  r.state = static_cast<AttemptState>(json.at("state").as_int());
  r.exit_code = static_cast<int>(json.at("exit_code").as_int());
  r.message = json.at("message").as_string();
  r.seconds = json.at("seconds").as_double();
  r.cpu_seconds = json.at("cpu_seconds").as_double();
  r.max_rss_bytes = json.at("max_rss_bytes").as_int();
  r.outputs = parse_outputs(json.at("outputs"));
  return r;
}

void end_orphans(const std::string& folder) {
  std::ifstream file(folder + "/group");
  pid_t group = 0;
  uint64_t start = 0;
  if (!(file >> group >> start) || group <= 1) return;
  // A number is not given again while its group lives; a leader of another age is somebody else's.
  const uint64_t leader = process_start(group);
  if (leader == 0 || leader == start) kill(-group, SIGKILL);
}

std::string log_tail(const std::string& folder, int64_t bytes) {
  std::ifstream file(folder + "/log.txt", std::ios::binary | std::ios::ate);
  if (!file) return "";
  const int64_t size = file.tellg(), from = std::max<int64_t>(0, size - bytes);
  file.seekg(from);
  std::string text(static_cast<size_t>(size - from), '\0');
  file.read(text.data(), size - from);
  const size_t line = from > 0 ? text.find('\n') : std::string::npos;
  return line == text.npos ? text : text.substr(line + 1);
}

}  // namespace lydia::atlas
