#include "lydia/text/morphopiece_cache.h"

#include <memory>
#include <mutex>
#include <utility>

namespace lydia::text {
namespace {

// What threads that have ended left behind.
struct Pool {
  std::mutex mutex;
  std::vector<std::unique_ptr<EncodeScratch>> free;
};

Pool& pool() {
  static Pool* const all = new Pool;  // for ever: threads may end later than static objects
  return *all;
}

struct Loan {
  std::unique_ptr<EncodeScratch> scratch;

  Loan() = default;
  Loan(const Loan&) = delete;
  Loan& operator=(const Loan&) = delete;
  ~Loan() {
    if (scratch == nullptr) return;
    const std::lock_guard lock(pool().mutex);
    pool().free.push_back(std::move(scratch));
  }

  void take(const MorphoPieceModel& model) {
    {
      const std::lock_guard lock(pool().mutex);
      if (!pool().free.empty()) {
        scratch = std::move(pool().free.back());
        pool().free.pop_back();
        return;
      }
    }
    scratch = std::make_unique<EncodeScratch>(model);
  }
};

}  // namespace

EncodeScratch& scratch_for(const MorphoPieceModel& model) {
  thread_local Loan loan;
  if (loan.scratch == nullptr) loan.take(model);
  loan.scratch->encoder.bind(model);
  return *loan.scratch;
}

}  // namespace lydia::text
