// How many threads kernels may use. The pool itself lives in lydia/cpu (parallel.h).
#pragma once

namespace lydia {

inline constexpr int kMaxThreads = 1024;

// Starts as LYDIA_NUM_THREADS, else OMP_NUM_THREADS, else the cores this process may run on.
// Throws ValueError when LYDIA_NUM_THREADS is not a number from 1 to kMaxThreads.
int get_num_threads();

// Holds for the whole process from now on. Throws ValueError outside 1..kMaxThreads, and Error for
// more than one where the threads were lost.
void set_num_threads(int count);

// Called in a child of fork(): the threads of the parent's pool did not come along, and waiting for
// them would never end. One thread from now on.
void lose_threads();

}  // namespace lydia
