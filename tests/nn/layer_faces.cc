// The layers of tests/python/nn/cases.py in C++.
#include "lydia/nn/activation.h"
#include "lydia/nn/conv.h"
#include "lydia/nn/embedding.h"
#include "lydia/nn/linear.h"
#include "lydia/nn/losses.h"
#include "lydia/nn/norm.h"
#include "lydia/ops/copy.h"
#include "tests/nn/faces.h"

namespace lydia::nn {
namespace {

Tensor three(float a, float b, float c) {
  const Tensor t = empty({3}, DType::F32);
  float* to = t.data<float>();
  to[0] = a, to[1] = b, to[2] = c;
  return t;
}

ConvLayerOptions conv_options(const std::function<void(ConvLayerOptions&)>& set) {
  ConvLayerOptions o;
  set(o);
  return o;
}

ConvTransposeLayerOptions turned(int64_t stride, int64_t padding, int64_t extra, int64_t groups) {
  ConvTransposeLayerOptions o;
  o.stride = {stride};
  o.padding = {padding};
  o.output_padding = {extra};
  o.groups = groups;
  return o;
}

PoolOptions window(int64_t kernel, int64_t stride = 0, int64_t padding = 0) {
  PoolOptions o;
  o.kernel = {kernel};
  if (stride) o.stride = {stride};
  o.padding = {padding};
  return o;
}

// A loss of two inputs.
template <class M, class... Args>
Face loss(const char* name, Args... args) {
  return face_called<M>(
      name, [](M& m, const Tensors& in) { return Tensors{m(in[0], in[1])}; }, args...);
}

void add_products(std::vector<Face>& f) {
  f.push_back(face<Linear>("linear", 3, 4));
  f.push_back(face<Linear>("linear_no_bias", 3, 4, false));
  f.push_back(face_called<Bilinear>(
      "bilinear", [](Bilinear& m, const Tensors& in) { return Tensors{m.forward(in[0], in[1])}; },
      2, 3, 4));
  f.push_back(face<Embedding>("embedding", 5, 3, 1));
  f.push_back(face<Conv1d>("conv1d", 2, 3, Dims{3}, conv_options([](auto& o) {
                             o.stride = {2};
                             o.padding = Dims{1};
                           })));
  f.push_back(face<Conv2d>("conv2d", 4, 6, Dims{3}, conv_options([](auto& o) {
                             o.padding = "same";
                             o.groups = 2;
                           })));
  f.push_back(face<Conv2d>("conv2d_reflect", 2, 3, Dims{3}, conv_options([](auto& o) {
                             o.padding = Dims{1};
                             o.padding_mode = "reflect";
                           })));
  f.push_back(face<Conv2d>("conv2d_circular", 2, 3, Dims{3, 2}, conv_options([](auto& o) {
                             o.padding = "same";
                             o.padding_mode = "circular";
                             o.bias = false;
                           })));
  f.push_back(
      face<Conv3d>("conv3d", 1, 2, Dims{2}, conv_options([](auto& o) { o.dilation = {2}; })));
  f.push_back(face<ConvTranspose1d>("conv_transpose1d", 2, 3, Dims{3}, turned(2, 0, 1, 1)));
  f.push_back(face<ConvTranspose2d>("conv_transpose2d", 4, 2, Dims{3}, turned(2, 1, 0, 2)));
  f.push_back(face<ConvTranspose3d>("conv_transpose3d", 1, 2, Dims{2}));
}

void add_norms(std::vector<Face>& f) {
  f.push_back(face<BatchNorm1d>("batch_norm1d", 3));
  f.push_back(
      face<BatchNorm2d>("batch_norm2d", 2, RunningNormOptions{1e-5, std::nullopt, true, true}));
  f.push_back(face<BatchNorm3d>("batch_norm3d", 2, RunningNormOptions{1e-5, 0.1, false, true}));
  f.push_back(face<InstanceNorm1d>("instance_norm1d", 3));
  f.push_back(face<InstanceNorm2d>("instance_norm2d", 2, RunningNormOptions{}));
  f.push_back(face<GroupNorm>("group_norm", 2, 4));
  f.push_back(face<LayerNorm>("layer_norm", Dims{2, 3}));
  f.push_back(face<LayerNorm>("layer_norm_no_bias", Dims{3}, 1e-5, true, false));
  f.push_back(face<RMSNorm>("rms_norm", Dims{3}));
}

void add_activations(std::vector<Face>& f) {
  f.push_back(face<ReLU>("relu"));
  f.push_back(face<ReLU6>("relu6"));
  f.push_back(face<GELU>("gelu"));
  f.push_back(face<GELU>("gelu_tanh", Gelu::tanh));
  f.push_back(face<SiLU>("silu"));
  f.push_back(face<Sigmoid>("sigmoid"));
  f.push_back(face<Tanh>("tanh"));
  f.push_back(face<Mish>("mish"));
  f.push_back(face<SELU>("selu"));
  f.push_back(face<ELU>("elu", 0.5));
  f.push_back(face<CELU>("celu", 2.0));
  f.push_back(face<LeakyReLU>("leaky_relu", 0.2));
  f.push_back(face<Softplus>("softplus", 2.0));
  f.push_back(face<Softsign>("softsign"));
  f.push_back(face<LogSigmoid>("log_sigmoid"));
  f.push_back(face<Tanhshrink>("tanhshrink"));
  f.push_back(face<Softshrink>("softshrink"));
  f.push_back(face<Hardshrink>("hardshrink"));
  f.push_back(face<Hardtanh>("hardtanh", -0.5, 0.7));
  f.push_back(face<Hardsigmoid>("hardsigmoid"));
  f.push_back(face<Hardswish>("hardswish"));
  f.push_back(face<Threshold>("threshold", 0.1, 2.0));
  f.push_back(face<GLU>("glu", 1));
  f.push_back(face<Softmax>("softmax", 1));
  f.push_back(face<LogSoftmax>("log_softmax", 0));
  f.push_back(face<PReLU>("prelu", 3));
  f.push_back(face<Dropout>("dropout", 0.0));
  f.push_back(face<Dropout1d>("dropout1d", 0.0));
  f.push_back(face<Dropout2d>("dropout2d", 0.0));
  f.push_back(face<Dropout3d>("dropout3d", 0.0));
}

void add_pools_and_shapes(std::vector<Face>& f) {
  f.push_back(face<MaxPool1d>("max_pool1d", window(2)));
  f.push_back(face<MaxPool2d>("max_pool2d", window(3, 2, 1)));
  f.push_back(face<MaxPool3d>("max_pool3d", window(2)));
  f.push_back(face<AvgPool1d>("avg_pool1d", AvgPoolOptions{window(2), true, std::nullopt}));
  f.push_back(face<AvgPool2d>("avg_pool2d", AvgPoolOptions{window(2, 0, 1), false, std::nullopt}));
  f.push_back(face<AvgPool3d>("avg_pool3d", AvgPoolOptions{window(2), true, std::nullopt}));
  f.push_back(face<AdaptiveAvgPool1d>("adaptive_avg_pool1d", Dims{2}));
  f.push_back(face<AdaptiveAvgPool2d>("adaptive_avg_pool2d", Dims{2, 3}));
  f.push_back(face<AdaptiveAvgPool3d>("adaptive_avg_pool3d", Dims{1}));
  f.push_back(face<AdaptiveMaxPool1d>("adaptive_max_pool1d", Dims{2}));
  f.push_back(face<AdaptiveMaxPool2d>("adaptive_max_pool2d", Dims{2, 3}));
  f.push_back(face<AdaptiveMaxPool3d>("adaptive_max_pool3d", Dims{1}));
  f.push_back(face<Flatten>("flatten"));
  f.push_back(face<Unflatten>("unflatten", 1, Dims{2, 3}));
  InterpolateOptions twice;
  twice.scale_factor = {2};
  twice.mode = "bilinear";
  twice.align_corners = false;
  f.push_back(face<Upsample>("upsample", twice));
  f.push_back(face<PixelShuffle>("pixel_shuffle", 2));
}

// The losses of pairs and triples are functions in C++.
struct CosineEmbedding : Module {};
struct TripletMargin : Module {};

void add_losses(std::vector<Face>& f) {
  f.push_back(loss<MSELoss>("mse_loss"));
  f.push_back(loss<L1Loss>("l1_loss", LossReduction::Sum));
  f.push_back(loss<SmoothL1Loss>("smooth_l1_loss", 0.5));
  f.push_back(loss<HuberLoss>("huber_loss", 0.5));
  f.push_back(loss<CrossEntropyLoss>(
      "cross_entropy_loss", ClassLossOptions{three(1, 2, 0.5f), 2, LossReduction::Mean, 0.1}));
  f.push_back(loss<NLLLoss>("nll_loss"));
  f.push_back(loss<BCELoss>("bce_loss"));
  f.push_back(loss<BCEWithLogitsLoss>("bce_with_logits_loss", Tensor(), three(1, 2, 3)));
  f.push_back(loss<KLDivLoss>("kl_div_loss", LossReduction::Sum, false, true));
  f.push_back(face_called<CosineEmbedding>("cosine_embedding_loss", [](Module&, const Tensors& in) {
    return Tensors{cosine_embedding_loss(in[0], in[1], in[2], 0.1)};
  }));
  f.push_back(face_called<TripletMargin>("triplet_margin_loss", [](Module&, const Tensors& in) {
    TripletOptions o;
    o.swap = true;
    return Tensors{triplet_margin_loss(in[0], in[1], in[2], o)};
  }));
}

}  // namespace

void add_layer_faces(std::vector<Face>& out) {
  add_products(out);
  add_norms(out);
  add_activations(out);
  add_pools_and_shapes(out);
  add_losses(out);
}

}  // namespace lydia::nn
