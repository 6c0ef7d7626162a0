// convolution, convolution_grad_input, convolution_grad_weight: see ops/conv.h for the formula.
#include "lydia/cpu/conv.h"

#include "lydia/cpu/kernels.h"
#include "lydia/cpu/plain.h"

namespace lydia::cpu {
namespace {

void run_conv(ConvMap map, const ConvTensors& t, const ConvolutionAttrs& attrs) {
  const ConvShape shape = conv_shape(t.x.sizes(), t.w.sizes(), t.y.sizes(), attrs);
  const bool work = t.x.numel() > 0 && t.w.numel() > 0 && t.y.numel() > 0;
  if (work && t.x.dtype() == DType::F32 && conv_onednn(map, shape, t)) return;
  conv_direct(map, shape, t);
}

}  // namespace

ConvShape conv_shape(const Dims& x, const Dims& w, const Dims& y, const ConvolutionAttrs& attrs) {
  ConvShape s{x[0], w[1], w[0] / attrs.groups, attrs.groups, {}, {}, {}, {}, {}, {}};
  const int spatial = x.ndim() - 2, lead = 3 - spatial;
  for (int d = 0; d < 3; ++d) {
    const bool real = d >= lead;
    const size_t i = static_cast<size_t>(real ? d - lead : 0);
    s.in[d] = real ? x[i + 2] : 1;
    s.kernel[d] = real ? w[i + 2] : 1;
    s.out[d] = real ? y[i + 2] : 1;
    s.stride[d] = real ? attrs.stride[i] : 1;
    s.padding[d] = real ? attrs.padding[i] : 0;
    s.dilation[d] = real ? attrs.dilation[i] : 1;
  }
  return s;
}

void convolution(const KernelCall& call) {
  run_conv(ConvMap::Forward, {plain(call.in(0)), plain(call.in(1)), call.out(), plain(call.in(2))},
           call.attrs<ConvolutionAttrs>());
}

void convolution_grad_input(const KernelCall& call) {
  run_conv(ConvMap::GradInput, {call.out(), plain(call.in(1)), plain(call.in(0)), {}},
           call.attrs<ConvolutionAttrs>());
}

void convolution_grad_weight(const KernelCall& call) {
  run_conv(ConvMap::GradWeight, {plain(call.in(0)), call.out(), plain(call.in(1)), {}},
           call.attrs<ConvolutionAttrs>());
}

}  // namespace lydia::cpu
