// Convolutions as layers, by torch.nn's names, arguments and first values: weight [out, in /
// groups, *K] (turned round: [in, out / groups, *K]), bias [out].
#pragma once

#include <string>

#include "lydia/nn/module.h"
#include "lydia/ops/conv.h"

namespace lydia::nn {

struct ConvLayerOptions {
  Dims stride{1};
  ConvPadding padding = Dims{0};
  Dims dilation{1};
  int64_t groups = 1;
  bool bias = true;
  std::string padding_mode = "zeros";  // or "reflect", "replicate", "circular"
};

struct ConvTransposeLayerOptions {
  Dims stride{1}, padding{0}, output_padding{0};
  int64_t groups = 1;
  bool bias = true;
  Dims dilation{1};
};

// Weight and bias of a convolution, and their first values.
class ConvBase : public Module {
 public:
  void reset_parameters();

  const Dims kernel_size;
  Tensor& weight;
  Tensor& bias;

 protected:
  ConvBase(int spatial, int64_t rows, int64_t columns, int64_t out_channels, const Dims& kernel,
           int64_t groups, bool bias);
};

class ConvNd : public ConvBase {
 public:
  Tensor forward(const Tensor& x) override;
  std::string extra_repr() const override;
  const int64_t in_channels, out_channels;
  const ConvLayerOptions options;  // lists with an entry per dimension

 protected:
  ConvNd(int spatial, int64_t in, int64_t out, const Dims& kernel, const ConvLayerOptions& o);

 private:
  Dims pads() const;
};

class ConvTransposeNd : public ConvBase {
 public:
  Tensor forward(const Tensor& x) override;
  std::string extra_repr() const override;
  const int64_t in_channels, out_channels;
  const ConvTransposeLayerOptions options;

 protected:
  ConvTransposeNd(int spatial, int64_t in, int64_t out, const Dims& kernel,
                  const ConvTransposeLayerOptions& o);
};

#define LYDIA_NN_CONV(N)                                                                    \
  class Conv##N##d : public ConvNd {                                                        \
   public:                                                                                  \
    Conv##N##d(int64_t in_channels, int64_t out_channels, const Dims& kernel_size,          \
               const ConvLayerOptions& options = {})                                        \
        : ConvNd(N, in_channels, out_channels, kernel_size, options) {}                     \
  };                                                                                        \
  class ConvTranspose##N##d : public ConvTransposeNd {                                      \
   public:                                                                                  \
    ConvTranspose##N##d(int64_t in_channels, int64_t out_channels, const Dims& kernel_size, \
                        const ConvTransposeLayerOptions& options = {})                      \
        : ConvTransposeNd(N, in_channels, out_channels, kernel_size, options) {}            \
  };
LYDIA_NN_CONV(1)
LYDIA_NN_CONV(2)
LYDIA_NN_CONV(3)
#undef LYDIA_NN_CONV

}  // namespace lydia::nn
