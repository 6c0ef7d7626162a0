// Perception: images, sound and video become tokens that stand before the text, and all look at
// each other in cross-modal layers. Tokens of other modalities never see the text, which is what
// keeps the text causal.
#pragma once

#include <string>
#include <vector>

#include "lydia/models/agiformer/attention.h"
#include "lydia/models/agiformer/vision_tower.h"

namespace lydia::models {

struct Modalities {
  Tensor image, audio, video;
};
struct Perceived {
  Tensor x;            // [B, prefix + S, d]
  int64_t prefix = 0;  // tokens before the text
  std::vector<std::string> modalities;
};

// Log-mel spectrogram (16 kHz, window 25 ms, hop 10 ms, 80 bands), then two convolutions of stride
// 2: about 25 tokens a second.
class AudioFront final : public nn::Module {
 public:
  explicit AudioFront(const AgiformerConfig& config);
  // [B, samples] -> [B, tokens, d]
  Tensor forward(const Tensor& wave) override;

  static constexpr int64_t kRate = 16000, kWindow = 400, kHop = 160, kBands = 80;

 private:
  const AgiformerConfig& config_;
  nn::Conv1d &conv1_, &conv2_;
};

// Queries of one sequence over the tokens of others; no positions.
class CrossAttention final : public nn::Module {
 public:
  explicit CrossAttention(const AgiformerConfig& config);
  using nn::Module::forward;
  Tensor forward(const Tensor& x, const Tensor& keys_and_values);
  // [B, n, 2 d] of the tokens to look at.
  Tensor keys_and_values(const Tensor& others) { return kv_(others); }

 private:
  const int64_t heads_;
  nn::Linear &query_, &kv_, &out_;
};

// Self-attention within a modality, cross-attention to the others that come before the text, and a
// feed-forward network, each normalised before and added.
class CrossModalLayer final : public nn::Module {
 public:
  explicit CrossModalLayer(const AgiformerConfig& config);
  using nn::Module::forward;
  // `kept`: where the keys and values of `others` stay during generation, or null.
  Tensor forward(const Tensor& x, const Flow& flow, const Tensor& others, Tensor* kept = nullptr);

 private:
  const AgiformerConfig& config_;
  nn::LayerNorm& self_norm_;
  Attention& self_;
  nn::LayerNorm& cross_norm_;
  CrossAttention& cross_;
  nn::LayerNorm& norm_;
  nn::Linear &in_, &out_;
};

class Perception final : public nn::Module {
 public:
  explicit Perception(const AgiformerConfig& config);
  using nn::Module::forward;
  // `text` [B, S, d] or undefined; `real` bool [B, S] or undefined. After a first pass with a cache
  // the modalities come from there.
  Perceived forward(const Modalities& in, const Tensor& text, const Tensor& real, Cache* cache);
  VisionTower& vision() const { return vision_; }

 private:
  struct Stream;
  Tensor see(const Tensor& image, const char* what);
  Tensor watch(const Tensor& video);
  Flow text_flow(const Tensor& text, const Tensor& real, Cache* cache) const;

  const AgiformerConfig& config_;
  Tensor& kinds_;  // [4, d]: text, image, audio, video
  VisionTower& vision_;
  nn::Linear& picture_;
  AudioFront& audio_;
  nn::LayerNorm& frame_norm_;
  Attention& frames_;
  std::vector<CrossModalLayer*> layers_;
};

// Appends the real tokens of a pass to what `kept` knows of the `past` ones; undefined: all real.
Tensor extended(Tensor& kept, const Tensor& now, int64_t batch, int64_t past, int64_t tokens);

}  // namespace lydia::models
