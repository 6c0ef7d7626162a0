// Activations, dropout, pooling and changes of shape as modules, by torch.nn's names and defaults;
// each is a function of lydia/ops and its settings.
#pragma once

#include <cstdint>

#include "lydia/nn/module.h"
#include "lydia/ops/activation.h"
#include "lydia/ops/pool.h"

namespace lydia::nn {

#define LYDIA_NN_ACTIVATION(Name, function)                                 \
  struct Name : Module {                                                    \
    Tensor forward(const Tensor& x) override { return lydia::function(x); } \
  };
LYDIA_NN_ACTIVATION(ReLU, relu)
LYDIA_NN_ACTIVATION(ReLU6, relu6)
LYDIA_NN_ACTIVATION(Sigmoid, sigmoid)
LYDIA_NN_ACTIVATION(Tanh, tanh)
LYDIA_NN_ACTIVATION(SiLU, silu)
LYDIA_NN_ACTIVATION(Mish, mish)
LYDIA_NN_ACTIVATION(SELU, selu)
LYDIA_NN_ACTIVATION(Hardsigmoid, hardsigmoid)
LYDIA_NN_ACTIVATION(Hardswish, hardswish)
LYDIA_NN_ACTIVATION(Softsign, softsign)
LYDIA_NN_ACTIVATION(LogSigmoid, logsigmoid)
LYDIA_NN_ACTIVATION(Tanhshrink, tanhshrink)
#undef LYDIA_NN_ACTIVATION

// An activation with one number.
#define LYDIA_NN_ACTIVATION(Name, function, setting, usual)                          \
  struct Name : Module {                                                             \
    explicit Name(double value = usual) : setting(value) {}                          \
    Tensor forward(const Tensor& x) override { return lydia::function(x, setting); } \
    const double setting;                                                            \
  };
LYDIA_NN_ACTIVATION(LeakyReLU, leaky_relu, negative_slope, 0.01)
LYDIA_NN_ACTIVATION(ELU, elu, alpha, 1)
LYDIA_NN_ACTIVATION(CELU, celu, alpha, 1)
LYDIA_NN_ACTIVATION(Softshrink, softshrink, lambd, 0.5)
LYDIA_NN_ACTIVATION(Hardshrink, hardshrink, lambd, 0.5)
#undef LYDIA_NN_ACTIVATION

struct GELU : Module {
  explicit GELU(Gelu form = Gelu::none) : approximate(form) {}
  Tensor forward(const Tensor& x) override { return gelu(x, approximate); }
  const Gelu approximate;
};

struct Softplus : Module {
  explicit Softplus(double b = 1, double t = 20) : beta(b), threshold(t) {}
  Tensor forward(const Tensor& x) override { return softplus(x, beta, threshold); }
  const double beta, threshold;
};

struct Hardtanh : Module {
  explicit Hardtanh(double low = -1, double high = 1) : min_val(low), max_val(high) {}
  Tensor forward(const Tensor& x) override { return hardtanh(x, min_val, max_val); }
  const double min_val, max_val;
};

// x where x > threshold, else value.
struct Threshold : Module {
  Threshold(double t, double v) : threshold(t), value(v) {}
  Tensor forward(const Tensor& x) override;
  const double threshold, value;
};

struct GLU : Module {
  explicit GLU(int64_t d = -1) : dim(d) {}
  Tensor forward(const Tensor& x) override { return glu(x, dim); }
  const int64_t dim;
};

struct Softmax : Module {
  explicit Softmax(int64_t d) : dim(d) {}
  Tensor forward(const Tensor& x) override;
  const int64_t dim;
};

struct LogSoftmax : Module {
  explicit LogSoftmax(int64_t d) : dim(d) {}
  Tensor forward(const Tensor& x) override;
  const int64_t dim;
};

struct PReLU : Module {
  explicit PReLU(int64_t count = 1, double first = 0.25);
  Tensor forward(const Tensor& x) override { return prelu(x, weight); }
  Tensor& weight;
};

// ---- dropout: in training an element (or a channel) is 0 with probability p

struct Dropout : Module {
  explicit Dropout(double probability = 0.5);
  Tensor forward(const Tensor& x) override;
  std::string extra_repr() const override;
  const double p;
};

// Whole channels of [N, C, *S], S of 1, 2 or 3 dimensions; 1 and 3 also without N.
template <int kSpatial>
struct ChannelDropout : Dropout {
  using Dropout::Dropout;
  Tensor forward(const Tensor& x) override;
};
struct Dropout1d : ChannelDropout<1> {
  using ChannelDropout::ChannelDropout;
};
struct Dropout2d : ChannelDropout<2> {
  using ChannelDropout::ChannelDropout;
};
struct Dropout3d : ChannelDropout<3> {
  using ChannelDropout::ChannelDropout;
};

// ---- pooling

#define LYDIA_NN_POOL(N)                                                                         \
  struct MaxPool##N##d : Module {                                                                \
    explicit MaxPool##N##d(const PoolOptions& o) : options(o) {}                                 \
    Tensor forward(const Tensor& x) override { return max_pool##N##d(x, options).values; }       \
    const PoolOptions options;                                                                   \
  };                                                                                             \
  struct AvgPool##N##d : Module {                                                                \
    explicit AvgPool##N##d(const AvgPoolOptions& o) : options(o) {}                              \
    Tensor forward(const Tensor& x) override { return avg_pool##N##d(x, options); }              \
    const AvgPoolOptions options;                                                                \
  };                                                                                             \
  struct AdaptiveAvgPool##N##d : Module {                                                        \
    explicit AdaptiveAvgPool##N##d(const Dims& sizes) : output_size(sizes) {}                    \
    Tensor forward(const Tensor& x) override { return adaptive_avg_pool##N##d(x, output_size); } \
    const Dims output_size;                                                                      \
  };                                                                                             \
  struct AdaptiveMaxPool##N##d : Module {                                                        \
    explicit AdaptiveMaxPool##N##d(const Dims& sizes) : output_size(sizes) {}                    \
    Tensor forward(const Tensor& x) override {                                                   \
      return adaptive_max_pool##N##d(x, output_size).values;                                     \
    }                                                                                            \
    const Dims output_size;                                                                      \
  };
LYDIA_NN_POOL(1)
LYDIA_NN_POOL(2)
LYDIA_NN_POOL(3)
#undef LYDIA_NN_POOL

// ---- shapes

struct Flatten : Module {
  explicit Flatten(int64_t start = 1, int64_t end = -1) : start_dim(start), end_dim(end) {}
  Tensor forward(const Tensor& x) override { return x.flatten(start_dim, end_dim); }
  const int64_t start_dim, end_dim;
};

struct Unflatten : Module {
  Unflatten(int64_t d, const Dims& s) : dim(d), sizes(s) {}
  Tensor forward(const Tensor& x) override;
  const int64_t dim;
  const Dims sizes;
};

struct Upsample : Module {
  explicit Upsample(const InterpolateOptions& o) : options(o) {}
  Tensor forward(const Tensor& x) override { return interpolate(x, options); }
  const InterpolateOptions options;
};

struct PixelShuffle : Module {
  explicit PixelShuffle(int64_t factor) : upscale_factor(factor) {}
  Tensor forward(const Tensor& x) override;
  const int64_t upscale_factor;
};

}  // namespace lydia::nn
