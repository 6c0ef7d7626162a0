// Generation with caches: token by token, in segments of max_seq_len.
#pragma once

#include <functional>
#include <optional>

#include "lydia/core/rng.h"
#include "lydia/models/agiformer/model.h"
#include "lydia/models/agiformer/perception.h"

namespace lydia::models {

struct SamplingOptions {
  double temperature = 1;  // 0: the likeliest token
  int64_t top_k = 50;      // 0: all; more than there are: all
  double top_p = 0.9;      // the fewest likeliest tokens that have this much of the probability
  double repetition_penalty = 1;
};

struct GenerationOptions : SamplingOptions {
  int64_t max_new_tokens = 100;
  int64_t eos = -1;              // -1: none
  std::optional<uint64_t> seed;  // none: the default generator goes on
  bool use_cache = true;
};

// ValueError for options that make no sense, and for a model that does not generate. generate()
// calls it too.
void check_options(const GenerationOptions& options, const AgiformerConfig& config);

// One token per sequence from logits [B, V]: int64 [B]. `history` [B, n] are the tokens so far.
Tensor sample(const Tensor& logits, const Tensor& history, const SamplingOptions& options,
              Generator* generator);

// A text being read and written. When a segment is full, a model with memory takes it into its
// state and starts the next one; a model without begins anew with the last half of it.
class GenerationSession {
 public:
  GenerationSession(Agiformer& model, MemoryState state, bool use_cache = true)
      : model_(model), state_(std::move(state)), use_cache_(use_cache) {}
  // Reads tokens [B, n] (mask: real ones, or undefined) and gives the logits after them, [B, V].
  // Modalities stand before the first segment.
  Tensor feed(const Tensor& tokens, const Tensor& mask = {}, const Modalities& before = {});
  // The state with all that was read in it.
  MemoryState finish();

 private:
  Tensor read(const Tensor& tokens, const Tensor& mask, const Modalities& before);
  void next_segment();

  Agiformer& model_;
  MemoryState state_;
  const bool use_cache_;
  Cache cache_;
  Modalities before_;
  Tensor tokens_, mask_;  // of this segment
  MemoryState after_;     // without a cache: the state that the segment's last pass gave
};

// Gets the new tokens [B] of each step; false ends the generation.
using Streamer = std::function<bool(const Tensor& tokens)>;

// The prompt [B, S] and what follows, [B, S + new]. Leading padding is told by `mask` (or by the
// configuration's pad id). After `eos` a sequence is filled with it. `state` is read and brought
// forward where given.
Tensor generate(Agiformer& model, const Tensor& text, const GenerationOptions& options,
                const Tensor& mask = {}, const Modalities& before = {},
                const Streamer& streamer = {}, MemoryState* state = nullptr);

}  // namespace lydia::models
