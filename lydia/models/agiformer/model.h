// AGIFORMER: a decoder language model of blocks with attention and a sparse mixture of experts,
// with memory before them, introspection after them, and perception of other modalities.
//
// As a language model it is causal everywhere: logits at place i are a function of the tokens up to
// i, of what stands before the text, and of the state of earlier segments.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "lydia/models/agiformer/block.h"
#include "lydia/models/agiformer/introspection.h"
#include "lydia/models/agiformer/memory.h"
#include "lydia/nn/embedding.h"

namespace lydia::models {

class Perception;

// Any of them may be undefined, but not all.
struct AgiformerInput {
  Tensor text;                               // int64 [B, S]
  Tensor image, audio, video;                // [B, 3, H, W], [B, T], [B, F, 3, H, W]
  Tensor mask;                               // bool or int [B, S]: real tokens of the text
  Tensor morpho_types, semantic_categories;  // int64 [B, S]
};

struct AgiformerInfo {
  std::vector<std::string> modalities;
  MemoryInfo memory;
  std::vector<RouterInfo> routers;  // one per block
  IntrospectionInfo introspection;  // of the last block
};

struct AgiformerOutput {
  Tensor logits;  // [B, S, V]; without text over the places of the other modalities
  Tensor stream;  // what the blocks made of all tokens, before the last norm
  Tensor states;  // the post-norm states that the logits are made of, [B, S, d]
  AgiformerInfo info;
  MemoryState state;  // after this segment; not defined without memory
};

// The parts of the loss, each a scalar, already weighted; total is their sum.
struct AgiformerLoss {
  Tensor total, language, balance, router_z, confidence, error, ponder;
};

class Agiformer final : public nn::Module {
 public:
  explicit Agiformer(const AgiformerConfig& config);
  ~Agiformer() override;
  // Logits of text ids.
  Tensor forward(const Tensor& text) override;
  // With a cache the text follows what the cache has seen; the state is then that of the segment's
  // start, and stays: commit() ends the segment.
  AgiformerOutput forward(const AgiformerInput& input, const MemoryState& state = {},
                          Cache* cache = nullptr);
  // The state after the segment that `cache` has seen.
  MemoryState commit(Cache& cache, const MemoryState& state);

  // The loss of predicting `target` [B, S] (-100 and the pad id do not count) from `out`.
  AgiformerLoss loss(const AgiformerOutput& out, const Tensor& target) const;

  // The morpheme type and the semantic category of each token of the vocabulary, int64 [V]: used
  // for text that comes without morpho_types of its own. Not part of the saved state.
  void set_morphology(const Tensor& types, const Tensor& categories);

  // The weights of CLIP's vision tower from a Hugging Face directory, frozen. ValueError without
  // use_multimodal, or where sizes differ.
  void load_vision(const std::string& directory);
  // Training leaves the vision tower as it is. Nothing without use_multimodal.
  void freeze_vision();

  const AgiformerConfig config;

 private:
  struct Sequence;
  Sequence embed(const AgiformerInput& input, Cache* cache);
  Flow make_flow(const Sequence& s, const AgiformerInput& input, Cache* cache) const;
  Tensor run_blocks(Tensor x, const Flow& flow, AgiformerInfo& info);
  void reset_parameters();

  nn::Embedding& tokens_;
  Tensor token_types_, token_categories_;
  Perception* perception_ = nullptr;
  Memory* memory_ = nullptr;
  std::vector<Block*> blocks_;
  Introspection* introspection_ = nullptr;
  nn::LayerNorm& norm_;
};

}  // namespace lydia::models
