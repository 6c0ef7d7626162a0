#include "lydia/autograd/profiler.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <iomanip>
#include <map>
#include <shared_mutex>
#include <sstream>

#include "lydia/core/allocator.h"
#include "lydia/ops/op.h"

namespace lydia {
namespace {

int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

int thread_number() {
  static std::atomic<int> next{1};
  thread_local const int number = next.fetch_add(1);
  return number;
}

template <class List>
uint64_t bytes_of(const List& tensors) {
  uint64_t bytes = 0;
  for (const Tensor* t : tensors) bytes += t->defined() ? t->nbytes() : 0;
  return bytes;
}

// The one observer of kernels: hands each event to all profilers that listen. Never destroyed,
// since a kernel at work may still hold it when the last profiler stops.
class Hub final : public KernelObserver {
 public:
  void join(Profiler* p) {
    const std::unique_lock lock(mutex_);
    listeners_.push_back(p);
    set_kernel_observer(this);
  }
  void leave(Profiler* p) {
    const std::unique_lock lock(mutex_);
    std::erase(listeners_, p);
    if (listeners_.empty()) set_kernel_observer(nullptr);
  }
  void tell(const ProfileEvent& event) {
    const std::shared_lock lock(mutex_);
    for (Profiler* p : listeners_) p->add(event);
  }

  void before(const KernelCall&) override { starts().push_back(now_ns()); }
  void after(const KernelCall& call) override {
    const int64_t end = now_ns(), start = starts().back();
    starts().pop_back();
    tell({op_name(call.op), start, end - start, bytes_of(call.inputs), bytes_of(call.outputs),
          memory_stats().allocated, thread_number(), false});
  }

 private:
  static std::vector<int64_t>& starts() {  // a stack, for kernels that run ops
    thread_local std::vector<int64_t> times;
    return times;
  }

  std::shared_mutex mutex_;
  std::vector<Profiler*> listeners_;
};

Hub& hub() {
  static Hub* instance = new Hub;
  return *instance;
}

std::string json_text(const std::string& text) {
  std::ostringstream out;
  out << '"';
  for (char c : text) {
    if (c == '"' || c == '\\')
      out << '\\' << c;
    else if (static_cast<unsigned char>(c) < ' ')
      out << ' ';
    else
      out << c;
  }
  out << '"';
  return out.str();
}

double megabytes(uint64_t bytes) { return static_cast<double>(bytes) / 1e6; }

}  // namespace

void Profiler::start() {
  if (std::exchange(listening_, true)) return;
  hub().join(this);
}

void Profiler::stop() {
  if (std::exchange(listening_, false)) hub().leave(this);
}

void Profiler::add(const ProfileEvent& event) {
  const std::lock_guard lock(mutex_);
  events_.push_back(event);
}

std::vector<ProfileEvent> Profiler::events() const {
  const std::lock_guard lock(mutex_);
  return events_;
}

std::vector<ProfileRow> Profiler::rows() const {
  std::map<std::string, ProfileRow> by_name;
  for (const ProfileEvent& e : events()) {
    if (e.range) continue;
    ProfileRow& row = by_name[e.name];
    row.name = e.name;
    ++row.calls;
    row.total_ns += e.duration_ns;
    row.longest_ns = std::max(row.longest_ns, e.duration_ns);
    row.bytes_in += e.bytes_in;
    row.bytes_out += e.bytes_out;
  }
  std::vector<ProfileRow> out;
  for (auto& [name, row] : by_name) out.push_back(std::move(row));
  std::stable_sort(out.begin(), out.end(),
                   [](const auto& a, const auto& b) { return a.total_ns > b.total_ns; });
  return out;
}

std::string Profiler::table(size_t limit) const {
  const std::vector<ProfileRow> all = rows();
  int64_t total = 0;
  for (const ProfileRow& r : all) total += r.total_ns;
  std::ostringstream out;
  out << std::left << std::setw(24) << "op" << std::right << std::setw(9) << "calls"
      << std::setw(12) << "total ms" << std::setw(8) << "share" << std::setw(12) << "mean us"
      << std::setw(12) << "longest us" << std::setw(11) << "MB in" << std::setw(11) << "MB out"
      << '\n'
      << std::fixed;
  for (size_t i = 0; i < std::min(limit, all.size()); ++i) {
    const ProfileRow& r = all[i];
    const double ns = static_cast<double>(r.total_ns);
    out << std::left << std::setw(24) << r.name << std::right << std::setw(9) << r.calls
        << std::setw(12) << std::setprecision(3) << ns / 1e6 << std::setw(7) << std::setprecision(1)
        << (total ? 100 * ns / static_cast<double>(total) : 0) << '%' << std::setw(12)
        << std::setprecision(2) << ns / 1e3 / static_cast<double>(r.calls) << std::setw(12)
        << static_cast<double>(r.longest_ns) / 1e3 << std::setw(11) << megabytes(r.bytes_in)
        << std::setw(11) << megabytes(r.bytes_out) << '\n';
  }
  out << "total " << std::setprecision(3) << static_cast<double>(total) / 1e6 << " ms in kernels\n";
  return out.str();
}

std::string Profiler::chrome_trace() const {
  std::ostringstream out;
  out << std::fixed << std::setprecision(3) << "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[";
  bool first = true;
  for (const ProfileEvent& e : events()) {
    const double start = static_cast<double>(e.start_ns) / 1e3;
    const double duration = static_cast<double>(e.duration_ns) / 1e3;
    out << (first ? "\n" : ",\n") << "{\"name\":" << json_text(e.name) << ",\"cat\":\""
        << (e.range ? "range" : "op") << "\",\"ph\":\"X\",\"pid\":1,\"tid\":" << e.thread
        << ",\"ts\":" << start << ",\"dur\":" << duration
        << ",\"args\":{\"bytes_in\":" << e.bytes_in << ",\"bytes_out\":" << e.bytes_out << "}}";
    if (!e.range)
      out << ",\n{\"name\":\"memory\",\"ph\":\"C\",\"pid\":1,\"ts\":" << start + duration
          << ",\"args\":{\"allocated\":" << e.allocated << "}}";
    first = false;
  }
  out << "\n]}\n";
  return out.str();
}

ProfileRange::ProfileRange(std::string name) : name_(std::move(name)), start_ns_(now_ns()) {}

ProfileRange::~ProfileRange() {
  hub().tell({name_, start_ns_, now_ns() - start_ns_, 0, 0, 0, thread_number(), true});
}

}  // namespace lydia
