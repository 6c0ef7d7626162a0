#include "lydia/models/agiformer/vision_tower.h"

#include <array>
#include <string_view>

#include "lydia/core/error.h"
#include "lydia/io/file_bytes.h"
#include "lydia/io/json.h"
#include "lydia/nn/init.h"
#include "lydia/nn/serialize.h"
#include "lydia/ops/activation.h"
#include "lydia/ops/attention.h"
#include "lydia/ops/cat.h"
#include "lydia/ops/view.h"

namespace lydia::models {
namespace {

class SelfAttention final : public nn::Module {
 public:
  SelfAttention(int64_t width, int64_t heads)
      : heads_(heads),
        k_(child<nn::Linear>("k_proj", width, width)),
        v_(child<nn::Linear>("v_proj", width, width)),
        q_(child<nn::Linear>("q_proj", width, width)),
        out_(child<nn::Linear>("out_proj", width, width)) {}
  Tensor forward(const Tensor& x) override {
    const auto split = [&](const Tensor& t) {
      return transpose(reshape(t, {x.size(0), x.size(1), heads_, -1}), 1, 2);
    };
    const Tensor mixed = scaled_dot_product_attention(split(q_(x)), split(k_(x)), split(v_(x)));
    return out_(reshape(transpose(mixed, 1, 2), x.sizes()));
  }

 private:
  const int64_t heads_;
  nn::Linear &k_, &v_, &q_, &out_;
};

// CLIP's activation is x sigmoid(1.702 x).
class Mlp final : public nn::Module {
 public:
  Mlp(int64_t width, bool quick)
      : quick_(quick),
        in_(child<nn::Linear>("fc1", width, 4 * width)),
        out_(child<nn::Linear>("fc2", 4 * width, width)) {}
  Tensor forward(const Tensor& x) override {
    const Tensor h = in_(x);
    return out_(quick_ ? h * sigmoid(h * 1.702) : gelu(h, Gelu::tanh));
  }

 private:
  const bool quick_;
  nn::Linear &in_, &out_;
};

}  // namespace

class VisionTower::Layer final : public nn::Module {
 public:
  Layer(int64_t width, int64_t heads, bool quick)
      : attention_(child<SelfAttention>("self_attn", width, heads)),
        norm1_(child<nn::LayerNorm>("layer_norm1", Dims{width})),
        mlp_(child<Mlp>("mlp", width, quick)),
        norm2_(child<nn::LayerNorm>("layer_norm2", Dims{width})) {}
  Tensor forward(const Tensor& x) override {
    const Tensor h = x + attention_(norm1_(x));
    return h + mlp_(norm2_(h));
  }

 private:
  SelfAttention& attention_;
  nn::LayerNorm& norm1_;
  Mlp& mlp_;
  nn::LayerNorm& norm2_;
};

class VisionTower::Embeddings final : public nn::Module {
 public:
  explicit Embeddings(const AgiformerConfig& c)
      : class_(parameter("class_embedding", {c.vision_width})),
        patches_(
            child<nn::Conv2d>("patch_embedding", 3, c.vision_width, Dims{c.patch_size},
                              nn::ConvLayerOptions{.stride = Dims{c.patch_size}, .bias = false})),
        places_(child<nn::Embedding>("position_embedding", 1 + count(c), c.vision_width)) {
    nn::init::normal_(class_, 0, 0.02);
    nn::init::normal_(places_.weight, 0, 0.02);
  }
  Tensor forward(const Tensor& image) override {
    const Tensor patches = transpose(flatten(patches_(image), 2), 1, 2);
    const Tensor first = expand(reshape(class_, {1, 1, -1}), {image.size(0), 1, class_.size(0)});
    return cat(std::array{first, patches}, 1) + places_.weight;
  }

 private:
  static int64_t count(const AgiformerConfig& c) {
    const int64_t side = c.image_size / c.patch_size;
    return side * side;
  }
  Tensor& class_;
  nn::Conv2d& patches_;
  nn::Embedding& places_;
};

// The names are those of the files, "pre_layrnorm" among them.
VisionTower::VisionTower(const AgiformerConfig& c)
    : config_(c),
      embeddings_(child<Embeddings>("embeddings", c)),
      pre_norm_(child<nn::LayerNorm>("pre_layrnorm", Dims{c.vision_width})) {
  struct Encoder : nn::Module {
    nn::ModuleList& layers = child<nn::ModuleList>("layers");
  };
  Encoder& encoder = child<Encoder>("encoder");
  for (int64_t i = 0; i < c.vision_layers; ++i)
    layers_.push_back(
        &encoder.layers.add<Layer>(c.vision_width, c.vision_heads, c.vision_tower == "clip"));
  post_norm_ = &child<nn::LayerNorm>("post_layernorm", Dims{c.vision_width});
}

Tensor VisionTower::forward(const Tensor& image) {
  Tensor x = pre_norm_(embeddings_(image));
  for (Layer* layer : layers_) x = (*layer)(x);
  return (*post_norm_)(x);
}

void read_clip_config(const std::string& directory, AgiformerConfig& config) {
  const std::string path = directory + "/config.json";
  const io::Json all = io::parse_json(io::FileBytes::open(path).text(), path);
  const io::Json* nested = all.find("vision_config");
  const io::Json& vision = nested ? *nested : all;
  const auto number = [&](const char* name, int64_t& to) {
    if (const io::Json* value = vision.find(name)) to = value->as_int();
  };
  config.vision_tower = "clip";
  // What CLIP ViT-B/32 has where its file is silent.
  config.image_size = 224, config.patch_size = 32, config.vision_width = 768;
  config.vision_layers = config.vision_heads = 12;
  int64_t inner = 0;
  number("image_size", config.image_size), number("patch_size", config.patch_size);
  number("hidden_size", config.vision_width), number("num_hidden_layers", config.vision_layers);
  number("num_attention_heads", config.vision_heads), number("intermediate_size", inner);
  LYDIA_CHECK(inner == 0 || inner == 4 * config.vision_width, ValueError, path,
              ": expected an intermediate_size of 4 hidden_size, got ", inner);
}

void VisionTower::load_clip(const std::string& directory) {
  AgiformerConfig there = config_;
  read_clip_config(directory, there);
  LYDIA_CHECK(config_.vision_tower == "clip" && there.image_size == config_.image_size &&
                  there.patch_size == config_.patch_size &&
                  there.vision_width == config_.vision_width &&
                  there.vision_layers == config_.vision_layers &&
                  there.vision_heads == config_.vision_heads,
              ValueError, directory,
              ": expected a model with vision_tower=clip, image_size=", there.image_size,
              ", patch_size=", there.patch_size, ", vision_width=", there.vision_width,
              ", vision_layers=", there.vision_layers, ", vision_heads=", there.vision_heads);
  constexpr std::string_view kPrefix = "vision_model.";
  nn::NamedTensors state;
  for (auto& [name, value] : nn::load_state(directory + "/model.safetensors"))
    if (name.starts_with(kPrefix) && !name.ends_with("position_ids"))
      state.emplace_back(name.substr(kPrefix.size()), value);
  load_state_dict(state);
  requires_grad_(false);
}

}  // namespace lydia::models
