// The profiler: time, bytes and memory of each kernel run while it listens, in all threads.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace lydia {

struct ProfileEvent {
  std::string name;
  int64_t start_ns;     // on the steady clock
  int64_t duration_ns;  // of the kernel; ops made of others count in those
  uint64_t bytes_in, bytes_out;
  uint64_t allocated;  // in tensors, after the kernel
  int thread;          // numbered from 1 as they appear
  bool range;          // a ProfileRange, not a kernel
};

struct ProfileRow {
  std::string name;
  int64_t calls = 0, total_ns = 0, longest_ns = 0;
  uint64_t bytes_in = 0, bytes_out = 0;
};

// Listens from start() to stop(). Several may listen at a time, one inside another.
class Profiler {
 public:
  Profiler() = default;
  ~Profiler() { stop(); }
  Profiler(const Profiler&) = delete;
  Profiler& operator=(const Profiler&) = delete;

  void start();
  void stop();

  std::vector<ProfileEvent> events() const;
  // One row per op, longest total first; ranges are left out.
  std::vector<ProfileRow> rows() const;
  // The rows as text, at most `limit` of them.
  std::string table(size_t limit = 30) const;
  // For chrome://tracing and Perfetto: the events, and memory over time.
  std::string chrome_trace() const;

  void add(const ProfileEvent& event);

 private:
  mutable std::mutex mutex_;
  std::vector<ProfileEvent> events_;
  bool listening_ = false;
};

// Names a stretch of the caller's work in the trace.
class ProfileRange {
 public:
  explicit ProfileRange(std::string name);
  ~ProfileRange();
  ProfileRange(const ProfileRange&) = delete;
  ProfileRange& operator=(const ProfileRange&) = delete;

 private:
  std::string name_;
  int64_t start_ns_;
};

}  // namespace lydia
