// Random numbers from a counter: block i of a stream is a pure function of (seed, i), so that any
// thread may compute any part and results never depend on the thread count.
//
// Philox4x32-10: J. Salmon, M. Moraes, R. Dror, D. Shaw, "Parallel Random Numbers: As Easy as 1, 2,
// 3", SC 2011. A block is four 32-bit words.
#pragma once

#include <array>
#include <cstdint>
#include <mutex>

namespace lydia {

using PhiloxBlock = std::array<uint32_t, 4>;
PhiloxBlock philox(PhiloxBlock counter, std::array<uint32_t, 2> key);
// Blocks [first, first + count) of the stream of `seed`, four words each, to `out`.
void philox_fill(uint64_t seed, uint64_t first, int64_t count, uint32_t* out);

// Where the next numbers come from: a seed and how many blocks are used up.
class Generator {
 public:
  static constexpr uint64_t kDefaultSeed = 67280421310721;  // PyTorch's default

  struct State {
    uint64_t seed = kDefaultSeed, used = 0;
  };

  explicit Generator(uint64_t seed = kDefaultSeed) : state_{seed, 0} {}

  void set_seed(uint64_t seed) { set_state({seed, 0}); }
  // A seed from the operating system, which is also returned.
  uint64_t seed_randomly();
  State state() const;
  void set_state(State state);
  // Takes the next `blocks` blocks for the caller alone: the state before them.
  State reserve(uint64_t blocks);

 private:
  mutable std::mutex mutex_;
  State state_;
};

// The generator that ops use when they are given none.
Generator& default_generator();

// For programs that ask for it: every op of lydia gives the same bits on any thread count whether
// this is on or off (of duplicate indices the last one wins, sums run in a fixed order), so there
// is nothing to refuse on this device.
void use_deterministic_algorithms(bool mode);
bool are_deterministic_algorithms_enabled();

}  // namespace lydia
