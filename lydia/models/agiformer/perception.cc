#include "lydia/models/agiformer/perception.h"

#include <array>
#include <cmath>

#include "lydia/audio/mel.h"
#include "lydia/autograd/grad_mode.h"
#include "lydia/core/error.h"
#include "lydia/nn/init.h"
#include "lydia/ops/activation.h"
#include "lydia/ops/attention.h"
#include "lydia/ops/cat.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/random.h"
#include "lydia/ops/reduce.h"
#include "lydia/ops/shape_ops.h"
#include "lydia/ops/view.h"
#include "lydia/vision/transforms.h"

namespace lydia::models {
namespace {

enum Kind { kText, kImage, kAudio, kVideo };
constexpr int64_t kLargestSide = 4096;
constexpr double kLargestValue = 1e6;  // far beyond pictures and samples, whose squares still fit

void check_values(const Tensor& x, const char* what) {
  LYDIA_CHECK(x.size(0) > 0, ValueError, "AGIFORMER: ", what,
              ": expected a batch of at least one, got ", x.sizes());
  LYDIA_CHECK(x.is_floating_point(), ValueError, "AGIFORMER: ", what,
              ": expected floating-point values, got ", x.dtype());
  LYDIA_CHECK(all(isfinite(x)).item<bool>(), ValueError, "AGIFORMER: ", what,
              ": expected finite values, got NaN or infinity");
  LYDIA_CHECK(amax(abs(x)).item<double>() <= kLargestValue, ValueError, "AGIFORMER: ", what,
              ": expected values of about -1 to 1, got ", amax(abs(x)).item<double>());
}

}  // namespace

Tensor extended(Tensor& kept, const Tensor& now, int64_t batch, int64_t past, int64_t tokens) {
  if (!kept.defined() && !now.defined()) return {};
  const auto known = [&](const Tensor& t, int64_t n) {
    return t.defined() ? t : ones({batch, n}, DType::Bool);
  };
  return kept = cat(std::array{known(kept, past), known(now, tokens)}, 1);
}

// ---- sound

AudioFront::AudioFront(const AgiformerConfig& c)
    : config_(c),
      conv1_(child<nn::Conv1d>("conv1", kBands, c.d_model, Dims{3},
                               nn::ConvLayerOptions{.stride = Dims{2}, .padding = Dims{1}})),
      conv2_(child<nn::Conv1d>("conv2", c.d_model, c.d_model, Dims{3},
                               nn::ConvLayerOptions{.stride = Dims{2}, .padding = Dims{1}})) {}

Tensor AudioFront::forward(const Tensor& wave) {
  LYDIA_CHECK(wave.ndim() == 2 && wave.size(1) > 0, ValueError,
              "AGIFORMER: audio: expected samples [batch, length] at ", kRate, " Hz, got ",
              wave.sizes());
  LYDIA_CHECK(wave.size(1) <= config_.max_audio_seconds * kRate, ValueError,
              "AGIFORMER: audio: expected at most max_audio_seconds = ", config_.max_audio_seconds,
              " s, got ", wave.size(1), " samples; cut it into pieces");
  check_values(wave, "audio");
  Tensor mel;
  {
    const NoGradGuard guard;
    const audio::MelSpectrogram spectrum(
        {.sample_rate = kRate, .stft = {.n_fft = kWindow, .hop_length = kHop}, .n_mels = kBands});
    const int64_t missing = kWindow - wave.size(1);  // a frame at least
    const Tensor whole = missing > 0 ? pad(wave, {0, missing}) : wave;
    // Decibels of four powers of ten around -4 become about -1 to 1.
    const Tensor power = spectrum(whole.to(DType::F32));
    mel = log10(clamp(power, 1e-10, std::nullopt)) * 0.25 + 1.0;
  }
  const Tensor h = gelu(conv1_(mel.to(conv1_.weight.dtype())), Gelu::tanh);
  return transpose(gelu(conv2_(h), Gelu::tanh), 1, 2);
}

// ---- layers

CrossAttention::CrossAttention(const AgiformerConfig& c)
    : heads_(c.n_heads),
      query_(child<nn::Linear>("query", c.d_model, c.d_model)),
      kv_(child<nn::Linear>("kv", c.d_model, 2 * c.d_model)),
      out_(child<nn::Linear>("out", c.d_model, c.d_model)) {}

Tensor CrossAttention::forward(const Tensor& x, const Tensor& kv) {
  const auto split = [&](const Tensor& t) {
    return transpose(reshape(t, {t.size(0), t.size(1), heads_, -1}), 1, 2);
  };
  const int64_t d = x.size(2);
  const Tensor mixed = scaled_dot_product_attention(split(query_(x)), split(narrow(kv, 2, 0, d)),
                                                    split(narrow(kv, 2, d, d)));
  return out_(reshape(transpose(mixed, 1, 2), x.sizes()));
}

CrossModalLayer::CrossModalLayer(const AgiformerConfig& c)
    : config_(c),
      self_norm_(child<nn::LayerNorm>("self_norm", Dims{c.d_model})),
      self_(child<Attention>("self", c, 0)),
      cross_norm_(child<nn::LayerNorm>("cross_norm", Dims{c.d_model})),
      cross_(child<CrossAttention>("cross", c)),
      norm_(child<nn::LayerNorm>("norm", Dims{c.d_model})),
      in_(child<nn::Linear>("in", c.d_model, c.d_ff)),
      out_(child<nn::Linear>("out", c.d_ff, c.d_model)) {}

Tensor CrossModalLayer::forward(const Tensor& x, const Flow& flow, const Tensor& others,
                                Tensor* kept) {
  const auto drop = [&](const Tensor& t) { return dropout(t, config_.dropout, flow.training); };
  Tensor h = x + drop(self_.forward(self_norm_(x), flow));
  Tensor own, &kv = kept ? *kept : own;
  if (!kv.defined() && others.defined()) kv = cross_.keys_and_values(others);
  if (kv.defined()) h = h + drop(cross_.forward(cross_norm_(h), kv));
  return h + drop(out_(gelu(in_(norm_(h)), Gelu::tanh)));
}

// ---- perception

Perception::Perception(const AgiformerConfig& c)
    : config_(c),
      kinds_(parameter("kinds", {4, c.d_model})),
      vision_(child<VisionTower>("vision", c)),
      picture_(child<nn::Linear>("picture", c.vision_width, c.d_model)),
      audio_(child<AudioFront>("audio", c)),
      frame_norm_(child<nn::LayerNorm>("frame_norm", Dims{c.d_model})),
      frames_(child<Attention>("frames", c, 0)) {
  nn::init::normal_(kinds_, 0, 0.02);
  nn::ModuleList& layers = child<nn::ModuleList>("layers");
  for (int64_t i = 0; i < c.cross_modal_layers; ++i)
    layers_.push_back(&layers.add<CrossModalLayer>(c));
}

// [B, 3, H, W] -> [B, 1 + patches, d]; pictures of another size are resized.
Tensor Perception::see(const Tensor& image, const char* what) {
  LYDIA_CHECK(image.size(1) == 3, ValueError, "AGIFORMER: ", what, ": expected 3 channels, got ",
              image.size(1));
  LYDIA_CHECK(image.size(2) > 0 && image.size(3) > 0 && image.size(2) <= kLargestSide &&
                  image.size(3) <= kLargestSide,
              ValueError, "AGIFORMER: ", what, ": expected sides of 1 to ", kLargestSide,
              " pixels, got ", image.sizes());
  check_values(image, what);
  const int64_t side = config_.image_size;
  Tensor x = image.to(picture_.weight.dtype());
  if (x.size(2) != side || x.size(3) != side)
    x = reshape(vision::resize(flatten(x, 0, 1), side, side), {x.size(0), 3, side, side});
  return picture_(vision_(x));
}

// A token a frame, which then look at each other.
Tensor Perception::watch(const Tensor& video) {
  const int64_t batch = video.size(0), frames = video.size(1);
  LYDIA_CHECK(frames > 0 && frames <= config_.max_frames, ValueError,
              "AGIFORMER: video: expected 1 to max_frames = ", config_.max_frames, " frames, got ",
              frames);
  const Tensor seen = mean(see(flatten(video, 0, 1), "video"), {1});
  const Tensor x = reshape(seen, {batch, frames, config_.d_model});
  Flow flow{config_};
  flow.batch = batch, flow.tokens = frames, flow.causal = false, flow.training = training();
  return x + frames_.forward(frame_norm_(x), flow);
}

struct Perception::Stream {
  Kind kind;
  Tensor x;
};

Flow Perception::text_flow(const Tensor& text, const Tensor& real, Cache* cache) const {
  Flow f{config_};
  f.batch = text.size(0), f.tokens = text.size(1);
  f.causal = config_.causal, f.training = training(), f.cache = cache;
  f.valid = real;
  if (cache) {
    f.past = cache->text_tokens;
    f.valid = extended(cache->value(this), real, f.batch, f.past, f.tokens);
  }
  return f;
}

Perceived Perception::forward(const Modalities& in, const Tensor& text, const Tensor& real,
                              Cache* cache) {
  Perceived out;
  std::vector<Stream> streams;
  const auto add_stream = [&](Kind kind, const Tensor& x, const char* name) {
    const int64_t batch = text.defined()    ? text.size(0)
                          : streams.empty() ? x.size(0)
                                            : streams[0].x.size(0);
    LYDIA_CHECK(x.size(0) == batch, ValueError, "AGIFORMER: ", name, ": expected a batch of ",
                batch, " as the other modalities have, got ", x.size(0));
    streams.push_back({kind, x + select(kinds_, 0, kind)});
    out.modalities.push_back(name);
  };
  if (in.image.defined()) {
    LYDIA_CHECK(in.image.ndim() == 4, ValueError,
                "AGIFORMER: image: expected [batch, 3, height, width], got ", in.image.sizes());
    add_stream(kImage, see(in.image, "image"), "image");
  }
  if (in.audio.defined()) add_stream(kAudio, audio_(in.audio), "audio");
  if (in.video.defined()) {
    LYDIA_CHECK(in.video.ndim() == 5, ValueError,
                "AGIFORMER: video: expected [batch, frames, 3, height, width], got ",
                in.video.sizes());
    add_stream(kVideo, watch(in.video), "video");
  }

  Tensor words = text.defined() ? text + select(kinds_, 0, kText) : text;
  const Flow flow = text.defined() ? text_flow(text, real, cache) : Flow{config_};
  const auto joined = [&](const Stream* without) {
    Tensors parts;
    for (const Stream& s : streams)
      if (&s != without) parts.push_back(s.x);
    return parts.empty() ? Tensor() : cat(parts, 1);
  };
  for (CrossModalLayer* layer : layers_) {
    const Tensor before = joined(nullptr);
    Tensors next;
    for (const Stream& s : streams) {
      Flow own{config_};
      own.batch = s.x.size(0), own.tokens = s.x.size(1);
      own.causal = false, own.training = training();
      next.push_back(layer->forward(s.x, own, joined(&s)));
    }
    if (words.defined())
      words = layer->forward(words, flow, before, cache ? &cache->value(layer) : nullptr);
    for (size_t i = 0; i < streams.size(); ++i) streams[i].x = next[i];
  }
  const Tensor before = joined(nullptr);
  out.prefix = before.defined() ? before.size(1) : 0;
  if (!before.defined())
    out.x = words;
  else
    out.x = words.defined() ? cat(std::array{before, words}, 1) : before;
  return out;
}

}  // namespace lydia::models
