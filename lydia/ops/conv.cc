#include "lydia/ops/conv.h"

#include "lydia/ops/autocast.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/op.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/reduce.h"
#include "lydia/ops/view.h"

namespace lydia {
namespace {

constexpr int64_t kMost = int64_t{1} << 30;  // keeps products of two such numbers in range

bool is_half(DType t) { return t == DType::F16 || t == DType::BF16; }
Tensor widened(const Tensor& x) {
  return x.defined() && is_half(x.dtype()) ? to(x, DType::F32) : x;
}

// One entry per spatial dimension.
Dims spread(const char* op, const char* what, const Dims& values, int spatial, int64_t least) {
  const size_t count = static_cast<size_t>(spatial);
  LYDIA_CHECK(values.size() == 1 || values.size() == count, ValueError, op, ": expected ", what,
              " with 1 or ", spatial, " values, got ", values);
  const Dims out = values.size() == 1 ? Dims(count, values[0]) : values;
  for (int64_t v : out)
    LYDIA_CHECK(v >= least && v <= kMost, ValueError, op, ": expected ", what, " of at least ",
                least, " and at most ", kMost, ", got ", values);
  return out;
}

void check_operands(const char* op, const Tensor& x, const Tensor& w, const Tensor& bias,
                    int spatial, int64_t groups) {
  check_defined(op, x, "input");
  check_defined(op, w, "weight");
  check_same_device(op, x, w);
  LYDIA_CHECK(x.dtype() == w.dtype() && x.dtype() != DType::Bool, TypeError, op,
              ": expected input and weight of one numeric dtype, got ", x.dtype(), " and ",
              w.dtype());
  LYDIA_CHECK(w.ndim() == spatial + 2, ValueError, op, ": expected a weight with ", spatial + 2,
              " dimensions, got shape ", w.sizes());
  LYDIA_CHECK(x.ndim() == spatial + 2 || x.ndim() == spatial + 1, ValueError, op,
              ": expected an input with ", spatial + 2, " dimensions (or ", spatial + 1,
              " without a batch), got shape ", x.sizes());
  LYDIA_CHECK(groups >= 1, ValueError, op, ": expected groups of at least 1, got ", groups);
  if (bias.defined())
    LYDIA_CHECK(bias.dtype() == x.dtype(), TypeError, op, ": expected a bias of dtype ", x.dtype(),
                ", got ", bias.dtype());
}

void check_bias(const char* op, const Tensor& bias, int64_t channels) {
  if (!bias.defined()) return;
  check_same_device(op, bias, bias);
  LYDIA_CHECK(bias.ndim() == 1 && bias.sizes()[0] == channels, ValueError, op,
              ": expected a bias of shape [", channels, "], got ", bias.sizes());
}

// Fills in stride, dilation and groups.
ConvolutionAttrs start_attrs(const char* op, const Tensor& x, const Tensor& w, const Dims& stride,
                             const Dims& dilation, int64_t groups, int spatial) {
  ConvolutionAttrs attrs;
  attrs.stride = spread(op, "stride", stride, spatial, 1);
  attrs.dilation = spread(op, "dilation", dilation, spatial, 1);
  attrs.groups = groups;
  for (int d = 0; d < spatial; ++d)
    LYDIA_CHECK(w.sizes()[d + 2] >= 1 && w.sizes()[d + 2] <= kMost && x.sizes()[d + 2] <= kMost,
                ValueError, op, ": expected a kernel of at least 1 and sizes of at most ", kMost,
                ", got weight ", w.sizes(), " and input ", x.sizes());
  return attrs;
}

Tensor batched(const Tensor& x, int spatial) {
  return x.ndim() == spatial + 1 ? unsqueeze(x, 0) : x;
}

Tensor conv(const char* op, const Tensor& input, const Tensor& w, const Tensor& bias,
            const ConvOptions& o, int spatial) {
  LYDIA_LOW_PRECISION(conv, op, input, w, bias, o, spatial);
  check_operands(op, input, w, bias, spatial, o.groups);
  const Tensor x = batched(input, spatial);
  LYDIA_CHECK(w.sizes()[0] % o.groups == 0 && x.sizes()[1] % o.groups == 0 &&
                  x.sizes()[1] / o.groups == w.sizes()[1],
              ValueError, op,
              ": expected input [N, groups * C, ...] and weight [groups * O, C, ...]", ", got ",
              x.sizes(), " and ", w.sizes(), " with groups ", o.groups);
  check_bias(op, bias, w.sizes()[0]);
  ConvolutionAttrs attrs = start_attrs(op, x, w, o.stride, o.dilation, o.groups, spatial);
  const auto* word = std::get_if<std::string>(&o.padding);
  LYDIA_CHECK(!word || *word == "same" || *word == "valid", ValueError, op,
              ": expected padding of numbers, 'same' or 'valid', got '", word ? *word : "", "'");
  const bool same = word && *word == "same";
  attrs.padding = spread(op, "padding", word ? Dims{0} : std::get<Dims>(o.padding), spatial, 0);
  attrs.out_sizes = {x.sizes()[0], w.sizes()[0]};
  for (int d = 0; d < spatial; ++d) {
    const int64_t size = x.sizes()[d + 2], reach = attrs.dilation[d] * (w.sizes()[d + 2] - 1);
    if (same) {
      LYDIA_CHECK(attrs.stride[d] == 1, ValueError, op,
                  ": expected stride 1 with padding 'same', got ", attrs.stride);
      attrs.padding[d] = reach / 2;
    }
    const int64_t padded = size + (same ? reach : 2 * attrs.padding[d]);
    LYDIA_CHECK(reach < padded, ValueError, op,
                ": expected a kernel no larger than the padded input,", " got an extent of ",
                reach + 1, " on ", padded, " (input ", x.sizes(), ", weight ", w.sizes(), ")");
    attrs.out_sizes.push_back((padded - reach - 1) / attrs.stride[d] + 1);
  }
  const Tensor y = convolution(x, w, bias, attrs);
  return x.is_same(input) ? y : squeeze(y, {0});
}

Tensor conv_transpose(const char* op, const Tensor& input, const Tensor& w, const Tensor& bias,
                      const ConvTransposeOptions& o, int spatial) {
  LYDIA_LOW_PRECISION(conv_transpose, op, input, w, bias, o, spatial);
  check_operands(op, input, w, bias, spatial, o.groups);
  const Tensor x = batched(input, spatial);
  LYDIA_CHECK(x.sizes()[1] == w.sizes()[0] && x.sizes()[1] % o.groups == 0, ValueError, op,
              ": expected input [N, C, ...] and weight [C, O / groups, ...], got ", x.sizes(),
              " and ", w.sizes(), " with groups ", o.groups);
  ConvolutionAttrs attrs = start_attrs(op, x, w, o.stride, o.dilation, o.groups, spatial);
  attrs.padding = spread(op, "padding", o.padding, spatial, 0);
  const Dims extra = spread(op, "output_padding", o.output_padding, spatial, 0);
  const int64_t channels = checked_numel(op, {w.sizes()[1], o.groups});
  check_bias(op, bias, channels);
  attrs.out_sizes = {x.sizes()[0], channels};
  for (int d = 0; d < spatial; ++d) {
    LYDIA_CHECK(extra[d] < std::max(attrs.stride[d], attrs.dilation[d]), ValueError, op,
                ": expected output_padding below stride or dilation, got ", extra);
    const int64_t size = (x.sizes()[d + 2] - 1) * attrs.stride[d] - 2 * attrs.padding[d] +
                         attrs.dilation[d] * (w.sizes()[d + 2] - 1) + extra[d] + 1;
    LYDIA_CHECK(x.sizes()[d + 2] >= 1 && size >= 1, ValueError, op,
                ": expected sizes that give an output of at least 1, got input ", x.sizes(),
                " and weight ", w.sizes());
    attrs.out_sizes.push_back(size);
  }
  Tensor y = convolution_grad_input(x, w, attrs);
  if (bias.defined()) {
    Dims shape(static_cast<size_t>(spatial + 1), 1);
    shape[0] = channels;
    y = add(y, view(contiguous(bias), shape));
  }
  return x.is_same(input) ? y : squeeze(y, {0});
}

ConvolutionAttrs with_sizes(ConvolutionAttrs attrs, const Dims& sizes) {
  attrs.out_sizes = sizes;
  return attrs;
}

Tensor run_map(Op op, const Tensor& a, const Tensor& b, const Tensor& bias,
               const ConvolutionAttrs& attrs) {
  checked_numel(op_name(op), attrs.out_sizes);
  const Tensor a32 = widened(a), b32 = widened(b), bias32 = widened(bias);
  Tensor out = empty(attrs.out_sizes, a32.dtype(), a.device());
  run(op, {&a32, &b32, &bias32}, {&out}, attrs);
  return to(out, a.dtype());
}

}  // namespace

Tensor conv1d(const Tensor& x, const Tensor& w, const Tensor& bias, const ConvOptions& o) {
  return conv("conv1d", x, w, bias, o, 1);
}
Tensor conv2d(const Tensor& x, const Tensor& w, const Tensor& bias, const ConvOptions& o) {
  return conv("conv2d", x, w, bias, o, 2);
}
Tensor conv3d(const Tensor& x, const Tensor& w, const Tensor& bias, const ConvOptions& o) {
  return conv("conv3d", x, w, bias, o, 3);
}
Tensor conv_transpose1d(const Tensor& x, const Tensor& w, const Tensor& bias,
                        const ConvTransposeOptions& o) {
  return conv_transpose("conv_transpose1d", x, w, bias, o, 1);
}
Tensor conv_transpose2d(const Tensor& x, const Tensor& w, const Tensor& bias,
                        const ConvTransposeOptions& o) {
  return conv_transpose("conv_transpose2d", x, w, bias, o, 2);
}
Tensor conv_transpose3d(const Tensor& x, const Tensor& w, const Tensor& bias,
                        const ConvTransposeOptions& o) {
  return conv_transpose("conv_transpose3d", x, w, bias, o, 3);
}

Tensor convolution(const Tensor& x, const Tensor& w, const Tensor& bias,
                   const ConvolutionAttrs& attrs) {
  return run_map(Op::convolution, x, w, bias, attrs);
}
Tensor convolution_grad_input(const Tensor& dy, const Tensor& w, const ConvolutionAttrs& attrs) {
  return run_map(Op::convolution_grad_input, dy, w, {}, attrs);
}
Tensor convolution_grad_weight(const Tensor& x, const Tensor& dy, const ConvolutionAttrs& attrs) {
  return run_map(Op::convolution_grad_weight, x, dy, {}, attrs);
}

const GradRule convolution_rule = {
    [](const GradContext& c, const Tensors& g) -> Tensors {
      const auto& attrs = c.attrs<ConvolutionAttrs>();
      Dims all_but_channels;
      for (int d = 0; d < g[0].ndim(); ++d)
        if (d != 1) all_but_channels.push_back(d);
      return {c.needs(0) ? convolution_grad_input(g[0], c.in(1), with_sizes(attrs, c.sizes(0)))
                         : Tensor(),
              c.needs(1) ? convolution_grad_weight(c.in(0), g[0], with_sizes(attrs, c.sizes(1)))
                         : Tensor(),
              c.needs(2) ? sum(g[0], all_but_channels) : Tensor()};
    },
    kIn(0) | kIn(1)};

// Inputs dy, w.
const GradRule convolution_grad_input_rule = {
    [](const GradContext& c, const Tensors& g) -> Tensors {
      const auto& attrs = c.attrs<ConvolutionAttrs>();
      return {c.needs(0) ? convolution(g[0], c.in(1), {}, with_sizes(attrs, c.sizes(0))) : Tensor(),
              c.needs(1) ? convolution_grad_weight(g[0], c.in(0), with_sizes(attrs, c.sizes(1)))
                         : Tensor(),
              Tensor()};
    },
    kIn(0) | kIn(1)};

// Inputs x, dy.
const GradRule convolution_grad_weight_rule = {
    [](const GradContext& c, const Tensors& g) -> Tensors {
      const auto& attrs = c.attrs<ConvolutionAttrs>();
      return {c.needs(0) ? convolution_grad_input(c.in(1), g[0], with_sizes(attrs, c.sizes(0)))
                         : Tensor(),
              c.needs(1) ? convolution(c.in(0), g[0], {}, with_sizes(attrs, c.sizes(1))) : Tensor(),
              Tensor()};
    },
    kIn(0) | kIn(1)};

}  // namespace lydia
