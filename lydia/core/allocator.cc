#include "lydia/core/allocator.h"

#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <mutex>
#include <vector>

#include "lydia/core/error.h"

#if defined(__SANITIZE_ADDRESS__)
#define LYDIA_ALLOC_KEEPS 0  // kept blocks would hide use-after-free
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define LYDIA_ALLOC_KEEPS 0
#endif
#endif
#ifndef LYDIA_ALLOC_KEEPS
#define LYDIA_ALLOC_KEEPS 1
#endif

namespace lydia {
namespace {

constexpr size_t kSmallLimit = size_t{1} << 20;
constexpr size_t kHugePage = size_t{2} << 20;
constexpr size_t kAskFirst = size_t{256} << 20;  // blocks worth a look at what the system has left

// Four steps per power of two waste at most a fifth; large blocks are whole huge pages.
size_t block_size(size_t bytes) {
  if (bytes <= 256) return (bytes + kAlignment - 1) / kAlignment * kAlignment;
  if (bytes > kSmallLimit && bytes <= 16 * kHugePage)
    return (bytes + (kSmallLimit >> 2) - 1) / (kSmallLimit >> 2) * (kSmallLimit >> 2);
  if (bytes > kSmallLimit) return (bytes + kHugePage - 1) / kHugePage * kHugePage;
  const size_t step = std::bit_floor(bytes - 1) / 4;
  return (bytes + step - 1) / step * step;
}

size_t env_bytes(const char* name, size_t fallback) {
  const char* text = std::getenv(name);
  return text && *text ? std::strtoull(text, nullptr, 10) : fallback;
}

// Bytes the system could still hand out without killing somebody, or SIZE_MAX where it does not
// say. Linux promises more than it has; asking first turns a later kill into an error now.
size_t available_memory() {
  FILE* file = std::fopen("/proc/meminfo", "r");
  if (!file) return SIZE_MAX;
  size_t kib = 0;
  char line[128];
  bool found = false;
  while (!found && std::fgets(line, sizeof line, file))
    found = std::sscanf(line, "MemAvailable: %zu kB", &kib) == 1;
  std::fclose(file);
  return found ? kib * 1024 : SIZE_MAX;
}

class CachingAllocator {
 public:
  void* allocate(size_t bytes) {
    const size_t size = block_size(bytes);
    {
      std::lock_guard lock(mutex_);
      ++stats_.allocations;
      LYDIA_CHECK(size <= limit_ && stats_.allocated <= limit_ - size, OutOfMemoryError,
                  "allocate: expected at most ", limit_,
                  " bytes in tensors (LYDIA_ALLOC_LIMIT), got ", stats_.allocated, " in use and ",
                  size, " asked for");
      if (void* p = take_kept(size)) return p;
    }
    void* p = from_system(size);
    if (!p) {
      trim();
      p = from_system(size);
    }
    LYDIA_CHECK(p, OutOfMemoryError, "allocate: the system has no ", bytes,
                " bytes for a tensor; free tensors or use smaller batches");
    std::lock_guard lock(mutex_);
    stats_.reserved += size;
    count_in(size);
    return p;
  }

  void deallocate(void* p, size_t bytes) noexcept {
    const size_t size = block_size(bytes);
    {
      std::lock_guard lock(mutex_);
      stats_.allocated -= size;
      if (keeps_ && keep(p, size)) return;
      stats_.reserved -= size;
    }
    std::free(p);
  }

  MemoryStats stats() {
    std::lock_guard lock(mutex_);
    return stats_;
  }

  void reset_peak() {
    std::lock_guard lock(mutex_);
    stats_.peak_allocated = stats_.allocated;
    stats_.peak_reserved = stats_.reserved;
  }

  void trim() {
    std::lock_guard lock(mutex_);
    for (auto& list : small_) release_list(list);
    for (auto& [size, list] : large_) release_list(list);
    large_.clear();
  }

 private:
  struct Kept {
    void* p;
    size_t size;
  };
  using List = std::vector<Kept>;

  // Small sizes are found by a direct index: 5 for the first 256 bytes, then 4 per power of two.
  static size_t small_index(size_t size) {
    if (size <= 256) return size / kAlignment;
    const size_t power = std::bit_width(size - 1) - 1;
    const size_t step = (size_t{1} << power) / 4;
    return 5 + (power - 8) * 4 + (size - (size_t{1} << power)) / step;
  }

  void* take_kept(size_t size) {
    List* list = nullptr;
    if (size <= kSmallLimit) {
      list = &small_[small_index(size)];
    } else if (auto it = large_.find(size); it != large_.end()) {
      list = &it->second;
    }
    if (!list || list->empty()) return nullptr;
    void* p = list->back().p;
    list->pop_back();
    ++stats_.cache_hits;
    count_in(size);
    return p;
  }

  bool keep(void* p, size_t size) noexcept {
    try {
      (size <= kSmallLimit ? small_[small_index(size)] : large_[size]).push_back({p, size});
      return true;
    } catch (const std::bad_alloc&) {
      return false;
    }
  }

  void count_in(size_t size) {
    stats_.allocated += size;
    stats_.peak_allocated = std::max(stats_.peak_allocated, stats_.allocated);
    stats_.peak_reserved = std::max(stats_.peak_reserved, stats_.reserved);
  }

  void release_list(List& list) {
    for (const Kept& k : list) {
      std::free(k.p);
      stats_.reserved -= k.size;
    }
    list.clear();
  }

  static void* from_system(size_t size) {
    if (size >= kAskFirst && size > available_memory()) return nullptr;
    const size_t alignment = size >= kHugePage ? kHugePage : kAlignment;
    void* p = nullptr;
    if (posix_memalign(&p, alignment, size) != 0) return nullptr;
    if (size >= kHugePage) madvise(p, size, MADV_HUGEPAGE);
    return p;
  }

  std::mutex mutex_;
  MemoryStats stats_;
  std::array<List, 64> small_;
  std::map<size_t, List> large_;
  const bool keeps_ = LYDIA_ALLOC_KEEPS && env_bytes("LYDIA_ALLOC_CACHE", 1) != 0;
  const size_t limit_ = env_bytes("LYDIA_ALLOC_LIMIT", SIZE_MAX);
};

// Never destroyed: tensors in static objects may outlive it.
CachingAllocator& allocator() {
  static CachingAllocator* instance = new CachingAllocator;
  return *instance;
}

}  // namespace

void* allocate(size_t bytes) {
  if (bytes == 0) return nullptr;
  LYDIA_CHECK(bytes <= SIZE_MAX / 2, OutOfMemoryError, "allocate: expected fewer bytes, got ",
              bytes);
  return allocator().allocate(bytes);
}

void deallocate(void* p, size_t bytes) noexcept {
  if (p) allocator().deallocate(p, bytes);
}

MemoryStats memory_stats() { return allocator().stats(); }
void reset_peak_memory_stats() { allocator().reset_peak(); }
void empty_cache() { allocator().trim(); }

}  // namespace lydia
