// Random numbers one after another, for code that draws a few at a time: shuffles, augmentation,
// sampling. Number n is a pure function of (seed, stream, n), by Philox4x32-10 (core/rng.h).
#pragma once

#include <cstdint>
#include <span>
#include <utility>

#include "lydia/core/rng.h"

namespace lydia {

class PhiloxStream {
 public:
  // Streams of one seed are independent of each other: one per epoch, per record, per worker.
  explicit PhiloxStream(uint64_t seed, uint64_t stream = 0) : seed_(seed), stream_(stream) {}

  uint32_t next32() {
    if (used_ == 4) {
      // The highest bit keeps these blocks apart from those of the random ops, which leave it 0.
      block_ =
          philox({static_cast<uint32_t>(count_), static_cast<uint32_t>(count_ >> 32),
                  static_cast<uint32_t>(stream_), static_cast<uint32_t>(stream_ >> 32) ^ kApart},
                 {static_cast<uint32_t>(seed_), static_cast<uint32_t>(seed_ >> 32)});
      ++count_;
      used_ = 0;
    }
    return block_[used_++];
  }
  uint64_t next64() {
    const uint64_t high = next32();
    return high << 32 | next32();
  }
  // In [0, 1), a multiple of 2^-53.
  double uniform() { return static_cast<double>(next64() >> 11) * 0x1p-53; }
  double uniform(double low, double high) { return low + (high - low) * uniform(); }
  // In [0, limit), each as likely as the others; `limit` is above 0.
  uint64_t below(uint64_t limit) {
    // What would make the remainder favour small numbers is drawn again.
    const uint64_t rejected = (UINT64_MAX - limit + 1) % limit;
    uint64_t value = next64();
    while (value < rejected) value = next64();
    return value % limit;
  }

 private:
  static constexpr uint32_t kApart = 0x80000000;

  uint64_t seed_, stream_, count_ = 0;
  PhiloxBlock block_{};
  unsigned used_ = 4;
};

// Fisher and Yates' shuffle: every order is as likely as the others.
template <class T>
void shuffle(std::span<T> values, PhiloxStream& random) {
  for (size_t left = values.size(); left > 1; --left) {
    std::swap(values[left - 1], values[random.below(left)]);
  }
}

}  // namespace lydia
