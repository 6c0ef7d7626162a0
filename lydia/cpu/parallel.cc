// The thread pool behind parallel_for: OpenMP's.
#include "lydia/cpu/parallel.h"

#include <omp.h>

#include <atomic>
#include <exception>

namespace lydia {

bool in_parallel_region() { return omp_in_parallel() != 0; }

void run_parts(int parts, void (*body)(void* context, int part), void* context) {
  std::atomic_flag failed;
  std::exception_ptr error;
#pragma omp parallel num_threads(parts)
  {
    // OpenMP may grant fewer threads than asked for.
    const int step = omp_get_num_threads();
    for (int part = omp_get_thread_num(); part < parts; part += step) {
      try {
        body(context, part);
      } catch (...) {
        if (!failed.test_and_set()) error = std::current_exception();
      }
    }
  }
  if (error) std::rethrow_exception(error);
}

}  // namespace lydia
