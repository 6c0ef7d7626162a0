// What a thread keeps from one text to the next: scratch memory and the tokens of runs it has met.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "lydia/text/morphopiece_find.h"
#include "lydia/text/morphopiece_model.h"
#include "lydia/text/morphopiece_word.h"

namespace lydia::text {

// Which run a slot of a cache is about, and how many tokens of it follow.
struct CachedRun {
  std::array<uint64_t, 3> run;
  uint32_t serial = 0;  // of the model; 0: nothing here
  uint8_t size, how, count;
  RunEdges edges;

  bool holds(const RunKey& key, size_t bytes, uint32_t model, uint8_t wanted) const {
    return run == key.words && serial == model && size == bytes && how == wanted;
  }
  void put(const RunKey& key, size_t bytes, uint32_t model, uint8_t wanted, size_t tokens,
           RunEdges around) {
    run = key.words;
    serial = model;
    size = static_cast<uint8_t>(bytes);
    how = wanted;
    count = static_cast<uint8_t>(tokens);
    edges = around;
  }
};

// Tokens of short runs: whatever was met last in a slot stays there. Only ever a memory of what
// WordEncoder says. Runs get a slot when they come a second time, so that words that never repeat
// leave the slots, and the processor's cache, to those that do.
class RunCache {
 public:
  static constexpr size_t kMaxIds = 8;

  struct alignas(64) Slot : CachedRun {
    std::array<int32_t, kMaxIds> id;
  };
  static_assert(sizeof(Slot) == 64);

  Slot& slot(uint64_t hash) { return slots_[hash & (kSlots - 1)]; }

  // Whether a run of this hash came before; from now on it did. Forgets all from time to time.
  bool met(uint64_t hash) {
    uint64_t& word = met_[hash % kMetBits / 64];
    const uint64_t bit = uint64_t{1} << hash % 64;
    if ((word & bit) != 0) return true;
    if (++marks_ == kMetBits / 8) {
      met_.fill(0);
      marks_ = 0;
    }
    word |= bit;
    return false;
  }

 private:
  static constexpr size_t kSlots = size_t{1} << 14, kMetBits = size_t{1} << 17;
  std::vector<Slot> slots_ = std::vector<Slot>(kSlots);
  std::array<uint64_t, kMetBits / 64> met_{};
  size_t marks_ = 0;
};

// The same with where the tokens come from and what they are; made when first asked for.
class SpanCache {
 public:
  static constexpr size_t kMaxTokens = 7;

  struct alignas(64) Slot : CachedRun {
    std::array<Token, kMaxTokens> token;
  };
  static_assert(sizeof(Slot) == 128);

  Slot& slot(uint64_t hash) {
    if (slots_.empty()) slots_.resize(kSlots);
    return slots_[hash & (kSlots - 1)];
  }

 private:
  static constexpr size_t kSlots = size_t{1} << 13;
  std::vector<Slot> slots_;
};

struct EncodeScratch {
  explicit EncodeScratch(const MorphoPieceModel& model) : encoder(model) {}
  WordEncoder encoder;
  RunCache cache;
  SpanCache spans;
  std::vector<Token> tokens;
  std::array<WordRoots, kMaxFound> roots;
};

// This thread's, for readings by `model`. When a thread ends the next one gets it, caches and all.
EncodeScratch& scratch_for(const MorphoPieceModel& model);

}  // namespace lydia::text
