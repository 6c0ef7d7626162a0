// The two memories that stand before the blocks, and their state.
//
// A sequence is read in segments, one forward pass each. Tokens see what earlier segments left:
// the working memory's states, as extra keys and values, and the bank of slots of the long-term
// memory, read by softmax(q . slot / sqrt d). When a segment is read, its states join the working
// memory, and every `memory_update_freq` tokens become one write into the bank.
#pragma once

#include <string>
#include <vector>

#include "lydia/models/agiformer/flow.h"
#include "lydia/nn/linear.h"
#include "lydia/nn/norm.h"

namespace lydia::models {

// What a batch of sequences has left behind; nothing yet where !defined(). A value: passed in and
// out, so that batches can't mix.
struct MemoryState {
  Tensor working;        // [batch, up to max_segment_len, d]
  Tensor working_valid;  // bool [batch, ...]
  Tensor bank;           // [batch, slots, d]: as many slots as some sequence uses
  Tensor usage;          // float32 [batch, slots]: 1 where just written, fading by segment
  Tensor total;          // [batch, d]: the sum of all that was written
  Tensor counts;         // int64 [batch, 3]: tokens seen, writes, slots in use
  int64_t live = 0;      // segments that its graph reaches back

  bool defined() const { return counts.defined(); }
  int64_t batch() const { return counts.size(0); }
  MemoryState detached() const;
  // For files; from_tensors throws ValueError naming what is missing or does not fit.
  nn::NamedTensors tensors() const;
  static MemoryState from_tensors(const nn::NamedTensors& tensors);
};

struct MemoryInfo {
  bool present = false;
  int64_t step_count = 0;   // tokens that the longest sequence has shown, this pass included
  double read_entropy = 0;  // of the last tokens' reads of the bank, in nats
  double slots_used = 0;    // mean over sequences, writes of this pass included
};

class Memory : public nn::Module {
 public:
  explicit Memory(const AgiformerConfig& config);
  using nn::Module::forward;
  // x [batch, tokens, d] with LN(W2 GELU(W1 [x; working; long-term])) added.
  Tensor read(const Tensor& x, const Flow& flow, const MemoryState& state, MemoryInfo& info);
  // The state after a segment whose last states are `states` [batch, tokens, d].
  MemoryState write(const Tensor& states, const Flow& flow, const MemoryState& state,
                    MemoryInfo& info);
  // What a pass may use of `state`: cut off the graph once it reaches back far enough. ValueError
  // for a state of another batch size or width.
  MemoryState prepared(const MemoryState& state, int64_t batch) const;

 private:
  Tensor read_working(const Tensor& x, const Flow& flow, const MemoryState& state);
  Tensor read_bank(const Tensor& x, const MemoryState& state, MemoryInfo& info);
  struct Writes;
  Writes gather_writes(const Tensor& states, const Flow& flow);
  void write_bank(const Writes& writes, const MemoryState& state, MemoryState& next);
  std::vector<int64_t> choose_slots(const Tensor& values, const Writes& writes,
                                    const MemoryState& state, std::vector<int64_t>& used) const;

  const AgiformerConfig& config_;
  nn::LayerNorm& norm_;
  nn::Linear &working_query_, &working_, &query_;
  nn::Linear &fuse_in_, &fuse_out_;
  nn::LayerNorm& fuse_norm_;
  nn::Linear &write_score_, &write_value_, &write_gate_;
};

}  // namespace lydia::models
