// The sizes and switches of an AGIFORMER, as its config.json holds them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lydia/io/json.h"

namespace lydia::models {

struct AgiformerConfig {
  // ---- the documented constructor
  int64_t vocab_size = 256, d_model = 768, n_layers = 12, n_heads = 12, d_ff = 3072, n_experts = 4;
  std::vector<std::string> expert_types = {"language", "logic", "spatial", "causal"};
  int64_t memory_size = 10000, max_seq_len = 2048;
  double dropout = 0.1;
  bool use_linear_attention = false, use_memory = true, use_introspection = true,
       use_multimodal = true;
  bool gradient_checkpointing = false, causal = true;
  int64_t experts_per_token = 0;  // 0: 1 of up to two experts, else 2

  // ---- mixture of experts
  double load_balancing_loss_weight = 0.01, router_z_weight = 0;
  int64_t expert_window = 512;   // how far attention inside experts looks back
  int64_t relation_window = 64;  // how far relations and distances look back
  int64_t relation_width = 0;    // 0: d_model / 8
  int64_t spatial_groups = 4;    // groups of 16 coordinates
  bool use_morphology = true;    // the language expert's terms for roots, suffixes and verbs

  // ---- memory (of memory_size 0: the working memory alone)
  int64_t max_segment_len = 512;    // states that the working memory keeps
  int64_t memory_update_freq = 10;  // tokens per write
  int64_t bptt_segments = 1;        // segments back that gradients reach
  int64_t memory_top_n = 0;         // slots that a read mixes; 0: all up to 1024, else 32

  // ---- introspection
  int64_t max_iterations = 2;
  double confidence_weight = 0.1, error_weight = 0.1, ponder_weight = 0.001;

  // ---- perception
  int64_t image_size = 224, patch_size = 32, vision_width = 192, vision_layers = 4,
          vision_heads = 3;
  std::string vision_tower = "vit";  // or "clip": the sizes of CLIP's vision tower, frozen
  int64_t max_frames = 32, max_audio_seconds = 30, cross_modal_layers = 2;

  int64_t pad_id = -1;  // the tokenizer's; -1: none

  // ---- what follows from them
  int64_t head_width() const { return d_model / n_heads; }
  int64_t chosen_experts() const;
  int64_t relation_size() const { return relation_width > 0 ? relation_width : d_model / 8; }
  const std::string& expert_type(int64_t expert) const;

  // ValueError, with what to do, for sizes that make no model and for unknown experts.
  void check() const;
};

inline constexpr std::string_view kExpertNames[] = {"language", "logic", "spatial", "causal",
                                                    "dense"};

// Members that are missing keep their defaults. ValueError for unknown members, naming the nearest,
// and for values of another kind; check() has been called.
AgiformerConfig agiformer_config(const io::Json& json);
// All members, in their order.
io::Json::Object to_json(const AgiformerConfig& config);

}  // namespace lydia::models
