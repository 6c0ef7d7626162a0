// CPU memory for tensors: 64-byte aligned blocks, kept after use and handed out again, so that a
// large result does not pay for fresh pages each time. Thread-safe.
//
// Environment: LYDIA_ALLOC_CACHE=0 turns keeping off (each block goes back to the system at once),
// LYDIA_ALLOC_LIMIT=<bytes> caps what may be allocated at a time.
#pragma once

#include <cstddef>
#include <cstdint>

namespace lydia {

inline constexpr size_t kAlignment = 64;

struct MemoryStats {
  size_t allocated = 0;       // bytes in live tensors, rounded to block sizes
  size_t reserved = 0;        // allocated + kept for reuse
  size_t peak_allocated = 0;  // highest `allocated` since the last reset
  size_t peak_reserved = 0;
  uint64_t allocations = 0;  // calls served, from the cache or not
  uint64_t cache_hits = 0;
};

// At least `bytes` bytes, aligned to kAlignment, contents unspecified. nullptr for 0 bytes.
// OutOfMemoryError when the system has no more, after giving back everything kept.
void* allocate(size_t bytes);
// `bytes` as given to allocate().
void deallocate(void* p, size_t bytes) noexcept;

MemoryStats memory_stats();
void reset_peak_memory_stats();
// Gives everything kept for reuse back to the system.
void empty_cache();

}  // namespace lydia
