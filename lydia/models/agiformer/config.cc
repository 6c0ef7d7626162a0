#include "lydia/models/agiformer/config.h"

#include <algorithm>
#include <cmath>
#include <type_traits>
#include <utility>

#include "lydia/core/error.h"
#include "lydia/core/nearest.h"

namespace lydia::models {
namespace {

constexpr int64_t kLargestSize = int64_t{1} << 30;

// Calls visit(name, member) for every member: the one list of them.
template <class Config, class Visit>
void each_member(Config& c, const Visit& visit) {
  visit("vocab_size", c.vocab_size);
  visit("d_model", c.d_model);
  visit("n_layers", c.n_layers);
  visit("n_heads", c.n_heads);
  visit("d_ff", c.d_ff);
  visit("n_experts", c.n_experts);
  visit("expert_types", c.expert_types);
  visit("memory_size", c.memory_size);
  visit("max_seq_len", c.max_seq_len);
  visit("dropout", c.dropout);
  visit("use_linear_attention", c.use_linear_attention);
  visit("use_memory", c.use_memory);
  visit("use_introspection", c.use_introspection);
  visit("use_multimodal", c.use_multimodal);
  visit("gradient_checkpointing", c.gradient_checkpointing);
  visit("causal", c.causal);
  visit("experts_per_token", c.experts_per_token);
  visit("load_balancing_loss_weight", c.load_balancing_loss_weight);
  visit("router_z_weight", c.router_z_weight);
  visit("expert_window", c.expert_window);
  visit("relation_window", c.relation_window);
  visit("relation_width", c.relation_width);
  visit("spatial_groups", c.spatial_groups);
  visit("use_morphology", c.use_morphology);
  visit("max_segment_len", c.max_segment_len);
  visit("memory_update_freq", c.memory_update_freq);
  visit("bptt_segments", c.bptt_segments);
  visit("memory_top_n", c.memory_top_n);
  visit("max_iterations", c.max_iterations);
  visit("confidence_weight", c.confidence_weight);
  visit("error_weight", c.error_weight);
  visit("ponder_weight", c.ponder_weight);
  visit("image_size", c.image_size);
  visit("patch_size", c.patch_size);
  visit("vision_width", c.vision_width);
  visit("vision_layers", c.vision_layers);
  visit("vision_heads", c.vision_heads);
  visit("vision_tower", c.vision_tower);
  visit("max_frames", c.max_frames);
  visit("max_audio_seconds", c.max_audio_seconds);
  visit("cross_modal_layers", c.cross_modal_layers);
  visit("pad_id", c.pad_id);
}

void read(const io::Json& value, int64_t& to) { to = value.as_int(); }
void read(const io::Json& value, double& to) { to = value.as_double(); }
void read(const io::Json& value, bool& to) { to = value.as_bool(); }
void read(const io::Json& value, std::string& to) { to = value.as_string(); }
void read(const io::Json& value, std::vector<std::string>& to) {
  to.clear();
  for (const io::Json& item : value.as_list()) to.push_back(item.as_string());
}

template <class T>
io::Json written(const T& value) {
  return io::Json(value);
}
io::Json written(const std::vector<std::string>& value) {
  return io::Json(io::Json::List(value.begin(), value.end()));
}

}  // namespace

int64_t AgiformerConfig::chosen_experts() const {
  if (experts_per_token > 0) return experts_per_token;
  return n_experts <= 2 ? 1 : 2;
}

const std::string& AgiformerConfig::expert_type(int64_t expert) const {
  return expert_types[static_cast<size_t>(expert) % expert_types.size()];
}

void AgiformerConfig::check() const {
  const auto at_least = [](const char* name, int64_t value, int64_t least) {
    LYDIA_CHECK(value >= least, ValueError, "AGIFORMER: ", name, ": expected at least ", least,
                ", got ", value);
  };
  at_least("vocab_size", vocab_size, 1), at_least("d_model", d_model, 1);
  at_least("n_layers", n_layers, 1), at_least("n_heads", n_heads, 1), at_least("d_ff", d_ff, 1);
  at_least("n_experts", n_experts, 1), at_least("memory_size", memory_size, 0);
  at_least("max_seq_len", max_seq_len, 1), at_least("expert_window", expert_window, 1);
  at_least("relation_window", relation_window, 2), at_least("relation_width", relation_width, 0);
  at_least("spatial_groups", spatial_groups, 1), at_least("max_segment_len", max_segment_len, 1);
  at_least("memory_update_freq", memory_update_freq, 1);
  at_least("bptt_segments", bptt_segments, 0), at_least("memory_top_n", memory_top_n, 0);
  at_least("max_iterations", max_iterations, 1);
  // A number out of all proportion is a wrong one: parts would be made until the memory is full,
  // and sums and products of such sizes would overflow.
  const auto at_most = [](const char* name, int64_t value, int64_t most) {
    LYDIA_CHECK(value <= most, ValueError, "AGIFORMER: ", name, ": expected at most ", most,
                ", got ", value);
  };
  each_member(*this, [&](const char* name, const auto& value) {
    if constexpr (std::is_same_v<std::decay_t<decltype(value)>, int64_t>)
      at_most(name, value, kLargestSize);
  });
  at_most("n_layers", n_layers, 4096), at_most("n_experts", n_experts, 1024);
  at_most("n_layers x n_experts", n_layers * n_experts, 65536);
  at_most("max_iterations", max_iterations, 1024), at_most("vision_layers", vision_layers, 1024);
  at_most("cross_modal_layers", cross_modal_layers, 1024), at_most("image_size", image_size, 4096);
  at_most("spatial_groups", spatial_groups, int64_t{1} << 20);
  for (const auto& [name, weight] :
       {std::pair{"load_balancing_loss_weight", load_balancing_loss_weight},
        {"router_z_weight", router_z_weight},
        {"confidence_weight", confidence_weight},
        {"error_weight", error_weight},
        {"ponder_weight", ponder_weight}})
    LYDIA_CHECK(weight >= 0 && std::isfinite(weight), ValueError, "AGIFORMER: ", name,
                ": expected a finite weight of at least 0, got ", weight);
  LYDIA_CHECK(d_model % n_heads == 0 && head_width() % 2 == 0, ValueError,
              "AGIFORMER: expected a d_model that n_heads divides into even parts, got d_model ",
              d_model, " and n_heads ", n_heads);
  LYDIA_CHECK(relation_size() > 0, ValueError, "AGIFORMER: expected d_model of at least 8, got ",
              d_model);
  LYDIA_CHECK(dropout >= 0 && dropout < 1, ValueError,
              "AGIFORMER: expected dropout in [0, 1), got ", dropout);
  LYDIA_CHECK(!expert_types.empty(), ValueError, "AGIFORMER: expected expert_types, got none");
  for (const std::string& type : expert_types)
    LYDIA_CHECK(
        std::find(std::begin(kExpertNames), std::end(kExpertNames), type) != std::end(kExpertNames),
        ValueError,
        "AGIFORMER: expert_types: expected language, logic, spatial, causal or dense, "
        "got '",
        type, "'", nearest_hint(type, kExpertNames));
  LYDIA_CHECK(experts_per_token >= 0 && experts_per_token <= n_experts, ValueError,
              "AGIFORMER: experts_per_token: expected 0 (a default) to n_experts = ", n_experts,
              ", got ", experts_per_token);
  LYDIA_CHECK(vision_tower == "vit" || vision_tower == "clip", ValueError,
              "AGIFORMER: vision_tower: expected vit or clip, got '", vision_tower, "'");
  at_least("patch_size", patch_size, 1), at_least("vision_width", vision_width, 1);
  at_least("vision_layers", vision_layers, 1), at_least("vision_heads", vision_heads, 1);
  at_least("max_frames", max_frames, 1), at_least("max_audio_seconds", max_audio_seconds, 1);
  at_least("cross_modal_layers", cross_modal_layers, 1);
  LYDIA_CHECK(image_size >= patch_size && vision_width % vision_heads == 0, ValueError,
              "AGIFORMER: expected an image_size of at least a patch and a vision_width that "
              "vision_heads divide, got ",
              image_size, ", ", vision_width, " and ", vision_heads);
  LYDIA_CHECK(pad_id >= -1 && pad_id < vocab_size, ValueError,
              "AGIFORMER: pad_id: expected -1 (none) or a token below ", vocab_size, ", got ",
              pad_id);
}

AgiformerConfig agiformer_config(const io::Json& json) {
  AgiformerConfig config;
  std::vector<std::string_view> names;
  each_member(config, [&](const char* name, auto& member) {
    names.push_back(name);
    const io::Json* value = json.find(name);
    if (!value || value->is_null()) return;
    try {
      read(*value, member);
    } catch (const TypeError& error) {
      fail<ValueError>("AGIFORMER: ", name, ": ", error.what());
    }
  });
  for (const auto& [key, value] : json.as_object())
    LYDIA_CHECK(std::find(names.begin(), names.end(), key) != names.end(), ValueError,
                "AGIFORMER: unknown setting '", key, "'", nearest_hint(key, names));
  config.check();
  return config;
}

io::Json::Object to_json(const AgiformerConfig& config) {
  io::Json::Object out;
  each_member(config, [&](const char* name, const auto& member) {
    out.emplace_back(name, written(member));
  });
  return out;
}

}  // namespace lydia::models
