// Convolutions as layers.
#include "lydia/nn/conv.h"

#include <cmath>

#include "lydia/nn/init.h"
#include "lydia/nn/text.h"
#include "lydia/ops/shape_ops.h"

namespace lydia::nn {
namespace {

// One entry per dimension; ValueError unless there are 1 or n.
Dims spread(const char* what, const Dims& dims, int n) {
  if (dims.ndim() == n) return dims;
  LYDIA_CHECK(dims.ndim() == 1, ValueError, "conv: expected 1 or ", n, " entries of ", what,
              ", got ", dims);
  return Dims(static_cast<size_t>(n), dims[0]);
}

ConvLayerOptions spread(ConvLayerOptions o, int n) {
  o.stride = spread("stride", o.stride, n);
  o.dilation = spread("dilation", o.dilation, n);
  if (Dims* padding = std::get_if<Dims>(&o.padding)) *padding = spread("padding", *padding, n);
  const std::string& mode = o.padding_mode;
  LYDIA_CHECK(mode == "zeros" || mode == "reflect" || mode == "replicate" || mode == "circular",
              ValueError, "conv: unknown padding_mode '", mode, "'");
  return o;
}

ConvTransposeLayerOptions spread(ConvTransposeLayerOptions o, int n) {
  o.stride = spread("stride", o.stride, n);
  o.dilation = spread("dilation", o.dilation, n);
  o.padding = spread("padding", o.padding, n);
  o.output_padding = spread("output_padding", o.output_padding, n);
  return o;
}

std::string tuple(const Dims& dims) {
  std::string out = "(";
  for (size_t i = 0; i < dims.size(); ++i) out += (i ? ", " : "") + std::to_string(dims[i]);
  return out + (dims.size() == 1 ? ",)" : ")");
}

std::string unless(const char* name, const Dims& dims, int64_t usual) {
  if (dims == Dims(dims.size(), usual)) return {};
  return std::string(", ") + name + "=" + tuple(dims);
}

Dims weight_sizes(int64_t rows, int64_t columns, int64_t groups, const Dims& kernel) {
  LYDIA_CHECK(groups > 0 && rows % groups == 0 && columns % groups == 0, ValueError,
              "conv: expected groups that divide ", columns, " and ", rows, ", got ", groups);
  Dims sizes{rows, columns / groups};
  for (int64_t k : kernel) sizes.push_back(k);
  return sizes;
}

}  // namespace

ConvBase::ConvBase(int spatial, int64_t rows, int64_t columns, int64_t out, const Dims& kernel,
                   int64_t groups, bool with_bias)
    : kernel_size(spread("kernel_size", kernel, spatial)),
      weight(parameter("weight", weight_sizes(rows, columns, groups, kernel_size))),
      bias(parameter("bias", {out}, with_bias)) {
  reset_parameters();
}

void ConvBase::reset_parameters() {
  init::kaiming_uniform_(weight, std::sqrt(5.0));
  const auto fan_in = static_cast<double>(init::calculate_fans(weight).first);
  if (bias.defined() && fan_in > 0)
    init::uniform_(bias, -1 / std::sqrt(fan_in), 1 / std::sqrt(fan_in));
}

// ---- convolution

ConvNd::ConvNd(int spatial, int64_t in, int64_t out, const Dims& kernel, const ConvLayerOptions& o)
    : ConvBase(spatial, out, in, out, kernel, o.groups, o.bias),
      in_channels(in),
      out_channels(out),
      options(spread(o, spatial)) {}

// (before, after) from the last dimension on, for pad().
Dims ConvNd::pads() const {
  Dims out;
  for (size_t d = kernel_size.size(); d-- > 0;) {
    int64_t before = 0, after = 0;
    if (const Dims* padding = std::get_if<Dims>(&options.padding)) {
      before = after = (*padding)[d];
    } else if (std::get<std::string>(options.padding) == "same") {
      const int64_t total = options.dilation[d] * (kernel_size[d] - 1);
      before = total / 2;
      after = total - before;
    }
    out.push_back(before);
    out.push_back(after);
  }
  return out;
}

Tensor ConvNd::forward(const Tensor& x) {
  ConvOptions o{options.stride, options.padding, options.dilation, options.groups};
  Tensor input = x;
  if (options.padding_mode != "zeros") {
    input = pad(x, pads(), options.padding_mode);
    o.padding = Dims{0};
  }
  switch (kernel_size.size()) {
    case 1: return conv1d(input, weight, bias, o);
    case 2: return conv2d(input, weight, bias, o);
    default: return conv3d(input, weight, bias, o);
  }
}

std::string ConvNd::extra_repr() const {
  std::string out = text(in_channels, ", ", out_channels, ", kernel_size=", tuple(kernel_size),
                         ", stride=", tuple(options.stride));
  if (const Dims* padding = std::get_if<Dims>(&options.padding))
    out += unless("padding", *padding, 0);
  else
    out += ", padding=" + std::get<std::string>(options.padding);
  out += unless("dilation", options.dilation, 1);
  if (options.groups != 1) out += text(", groups=", options.groups);
  if (!options.bias) out += ", bias=False";
  return options.padding_mode == "zeros" ? out : out + ", padding_mode=" + options.padding_mode;
}

// ---- convolution turned round

ConvTransposeNd::ConvTransposeNd(int spatial, int64_t in, int64_t out, const Dims& kernel,
                                 const ConvTransposeLayerOptions& o)
    : ConvBase(spatial, in, out, out, kernel, o.groups, o.bias),
      in_channels(in),
      out_channels(out),
      options(spread(o, spatial)) {}

Tensor ConvTransposeNd::forward(const Tensor& x) {
  const ConvTransposeOptions o{options.stride, options.padding, options.output_padding,
                               options.groups, options.dilation};
  switch (kernel_size.size()) {
    case 1: return conv_transpose1d(x, weight, bias, o);
    case 2: return conv_transpose2d(x, weight, bias, o);
    default: return conv_transpose3d(x, weight, bias, o);
  }
}

std::string ConvTransposeNd::extra_repr() const {
  std::string out = text(in_channels, ", ", out_channels, ", kernel_size=", tuple(kernel_size),
                         ", stride=", tuple(options.stride));
  out += unless("padding", options.padding, 0) + unless("dilation", options.dilation, 1) +
         unless("output_padding", options.output_padding, 0);
  if (options.groups != 1) out += text(", groups=", options.groups);
  return options.bias ? out : out + ", bias=False";
}

}  // namespace lydia::nn
