// Convolutions, with torch.nn.functional's names and arguments.
#include <nanobind/stl/variant.h>

#include "lydia/ops/conv.h"
#include "python/bind.h"

namespace lydia::python {
namespace {

using OptTensor = std::optional<Tensor>;

Tensor or_none(const OptTensor& t) { return t.value_or(Tensor()); }

using ConvFn = Tensor (*)(const Tensor&, const Tensor&, const Tensor&, const ConvOptions&);
void def_conv(Module& m, const char* name, ConvFn conv) {
  m.def(
      name,
      [conv](const Tensor& x, const Tensor& w, const OptTensor& bias, const Dims& stride,
             const ConvPadding& padding, const Dims& dilation, int64_t groups) {
        return conv(x, w, or_none(bias), {stride, padding, dilation, groups});
      },
      "input"_a, "weight"_a, "bias"_a = nb::none(), "stride"_a = 1, "padding"_a = 0,
      "dilation"_a = 1, "groups"_a = 1);
}

using ConvTransposeFn = Tensor (*)(const Tensor&, const Tensor&, const Tensor&,
                                   const ConvTransposeOptions&);
void def_conv_transpose(Module& m, const char* name, ConvTransposeFn conv) {
  m.def(
      name,
      [conv](const Tensor& x, const Tensor& w, const OptTensor& bias, const Dims& stride,
             const Dims& padding, const Dims& output_padding, int64_t groups,
             const Dims& dilation) {
        return conv(x, w, or_none(bias), {stride, padding, output_padding, groups, dilation});
      },
      "input"_a, "weight"_a, "bias"_a = nb::none(), "stride"_a = 1, "padding"_a = 0,
      "output_padding"_a = 0, "groups"_a = 1, "dilation"_a = 1);
}

using MapFn = Tensor (*)(const Tensor&, const Tensor&, const ConvolutionAttrs&);
void def_map(Module& m, const char* name, MapFn map) {
  m.def(
      name,
      [map](const Tensor& a, const Tensor& b, const Dims& sizes, const Dims& stride,
            const Dims& padding, const Dims& dilation, int64_t groups) {
        return map(a, b, {stride, padding, dilation, groups, sizes});
      },
      "a"_a, "b"_a, "sizes"_a, nb::kw_only(), "stride"_a, "padding"_a, "dilation"_a, "groups"_a);
}

}  // namespace

void register_ops_conv(Module& m) {
  def_map(m, "_convolution", [](const Tensor& x, const Tensor& w, const ConvolutionAttrs& attrs) {
    return convolution(x, w, {}, attrs);
  });
  def_map(m, "_convolution_grad_input", &convolution_grad_input);
  def_map(m, "_convolution_grad_weight", &convolution_grad_weight);
  def_conv(m, "conv1d", &conv1d);
  def_conv(m, "conv2d", &conv2d);
  def_conv(m, "conv3d", &conv3d);
  def_conv_transpose(m, "conv_transpose1d", &conv_transpose1d);
  def_conv_transpose(m, "conv_transpose2d", &conv_transpose2d);
  def_conv_transpose(m, "conv_transpose3d", &conv_transpose3d);
}

}  // namespace lydia::python
