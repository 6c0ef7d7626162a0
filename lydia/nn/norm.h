// Normalisations as layers, by torch.nn's names and defaults.
#pragma once

#include <optional>

#include "lydia/nn/module.h"

namespace lydia::nn {

struct RunningNormOptions {
  double eps = 1e-5;
  std::optional<double> momentum = 0.1;  // absent: the plain average of all batches
  bool affine = true;
  bool track_running_stats = true;
};

// Batch and instance norm: weight and bias [C], and running statistics as buffers.
class RunningNorm : public Module {
 public:
  void reset_running_stats();
  void reset_parameters();
  std::string extra_repr() const override;

  const int64_t num_features;
  const RunningNormOptions options;
  Tensor& weight = parameter("weight", {num_features}, options.affine);
  Tensor& bias = parameter("bias", {num_features}, options.affine);
  Tensor &running_mean, &running_var, &num_batches_tracked;

 protected:
  // The input has from `least` to `most` dimensions.
  RunningNorm(int64_t features, const RunningNormOptions& o, int least, int most);
  void check_input(const Tensor& x) const;
  const int least_, most_;
};

class BatchNorm : public RunningNorm {
 public:
  Tensor forward(const Tensor& x) override;

 protected:
  using RunningNorm::RunningNorm;
};

// Without affine and running statistics unless asked for.
class InstanceNorm : public RunningNorm {
 public:
  Tensor forward(const Tensor& x) override;

 protected:
  using RunningNorm::RunningNorm;
};

inline constexpr RunningNormOptions kPlainInstance{1e-5, 0.1, false, false};

#define LYDIA_NN_NORM(N, LEAST)                                                            \
  class BatchNorm##N##d : public BatchNorm {                                               \
   public:                                                                                 \
    explicit BatchNorm##N##d(int64_t num_features, const RunningNormOptions& options = {}) \
        : BatchNorm(num_features, options, LEAST, N + 2) {}                                \
  };                                                                                       \
  class InstanceNorm##N##d : public InstanceNorm {                                         \
   public:                                                                                 \
    explicit InstanceNorm##N##d(int64_t num_features,                                      \
                                const RunningNormOptions& options = kPlainInstance)        \
        : InstanceNorm(num_features, options, N + 1, N + 2) {}                             \
  };
LYDIA_NN_NORM(1, 2)
LYDIA_NN_NORM(2, 4)
LYDIA_NN_NORM(3, 5)
#undef LYDIA_NN_NORM

class GroupNorm : public Module {
 public:
  GroupNorm(int64_t num_groups, int64_t num_channels, double eps = 1e-5, bool affine = true);
  Tensor forward(const Tensor& x) override;
  std::string extra_repr() const override;

  const int64_t num_groups, num_channels;
  const double eps;
  Tensor &weight, &bias;
};

// Over the last dimensions, whose sizes are `shape`.
class LayerNorm : public Module {
 public:
  explicit LayerNorm(const Dims& shape, double eps = 1e-5, bool affine = true, bool bias = true);
  Tensor forward(const Tensor& x) override;
  std::string extra_repr() const override;

  const Dims shape;
  const double eps;
  Tensor &weight, &bias;
};

class RMSNorm : public Module {
 public:
  explicit RMSNorm(const Dims& shape, std::optional<double> eps = std::nullopt, bool affine = true);
  Tensor forward(const Tensor& x) override;
  std::string extra_repr() const override;

  const Dims shape;
  const std::optional<double> eps;
  Tensor& weight;
};

}  // namespace lydia::nn
