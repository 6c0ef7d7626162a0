#include "lydia/core/rng.h"

#include <algorithm>
#include <atomic>
#include <random>

namespace lydia {
namespace {

constexpr uint32_t kMultiply0 = 0xD2511F53, kMultiply1 = 0xCD9E8D57;
constexpr uint32_t kWeyl0 = 0x9E3779B9, kWeyl1 = 0xBB67AE85;
constexpr int kRounds = 10;
constexpr int kLanes = 16;  // blocks computed side by side, for the vectoriser

// Ten rounds on kLanes counters at once: x[word][lane].
void rounds(uint32_t x[4][kLanes], uint32_t key0, uint32_t key1) {
  for (int r = 0; r < kRounds; ++r) {
    for (int i = 0; i < kLanes; ++i) {
      const uint64_t a = uint64_t{kMultiply0} * x[0][i], b = uint64_t{kMultiply1} * x[2][i];
      x[0][i] = static_cast<uint32_t>(b >> 32) ^ x[1][i] ^ key0;
      x[1][i] = static_cast<uint32_t>(b);
      x[2][i] = static_cast<uint32_t>(a >> 32) ^ x[3][i] ^ key1;
      x[3][i] = static_cast<uint32_t>(a);
    }
    key0 += kWeyl0;
    key1 += kWeyl1;
  }
}

std::atomic<bool> deterministic{false};

}  // namespace

PhiloxBlock philox(PhiloxBlock counter, std::array<uint32_t, 2> key) {
  uint32_t x[4][kLanes] = {};
  for (int word = 0; word < 4; ++word) x[word][0] = counter[static_cast<size_t>(word)];
  rounds(x, key[0], key[1]);
  return {x[0][0], x[1][0], x[2][0], x[3][0]};
}

void philox_fill(uint64_t seed, uint64_t first, int64_t count, uint32_t* out) {
  const auto key0 = static_cast<uint32_t>(seed), key1 = static_cast<uint32_t>(seed >> 32);
  for (int64_t done = 0; done < count; done += kLanes) {
    uint32_t x[4][kLanes] = {};
    for (int i = 0; i < kLanes; ++i) {
      const uint64_t block = first + static_cast<uint64_t>(done + i);
      x[0][i] = static_cast<uint32_t>(block);
      x[1][i] = static_cast<uint32_t>(block >> 32);
    }
    rounds(x, key0, key1);
    const int64_t n = std::min<int64_t>(kLanes, count - done);
    for (int64_t i = 0; i < n; ++i)
      for (int word = 0; word < 4; ++word) *out++ = x[word][i];
  }
}

uint64_t Generator::seed_randomly() {
  std::random_device device;
  const uint64_t seed = (uint64_t{device()} << 32 | device()) >> 11;  // 53 bits, as in PyTorch
  set_seed(seed);
  return seed;
}

Generator::State Generator::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

void Generator::set_state(State state) {
  const std::lock_guard lock(mutex_);
  state_ = state;
}

Generator::State Generator::reserve(uint64_t blocks) {
  const std::lock_guard lock(mutex_);
  const State before = state_;
  state_.used += blocks;
  return before;
}

Generator& default_generator() {
  static Generator generator;
  return generator;
}

void use_deterministic_algorithms(bool mode) { deterministic.store(mode); }
bool are_deterministic_algorithms_enabled() { return deterministic.load(); }

}  // namespace lydia
