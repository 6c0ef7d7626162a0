// Activations, and the gradients of those with a kernel as ops of their own, so that training runs
// one fused row each. Floating-point tensors only, except where PyTorch takes integers as well:
// relu6 and hardtanh keep their dtype, softsign and tanhshrink give the default floating one.
#pragma once

#include "lydia/ops/pointwise.h"

namespace lydia {

// ---- with a kernel (activation.cc); sigmoid, tanh, relu are in ops/pointwise.h

enum class Gelu { none, tanh };
Tensor gelu(const Tensor& x, Gelu approximate = Gelu::none);  // x Phi(x), or its tanh form
LYDIA_UNARY(silu)                                             // x sigmoid(x)
// log(1 + e^(beta x)) / beta, and x itself where beta x > threshold
Tensor softplus(const Tensor& x, double beta = 1, double threshold = 20);
Tensor elu(const Tensor& x, double alpha = 1);  // x above 0, alpha (e^x - 1) below
const Tensor& elu_(const Tensor& self, double alpha = 1);
Tensor leaky_relu(const Tensor& x, double slope = 0.01);  // x above 0, slope x below
const Tensor& leaky_relu_(const Tensor& self, double slope = 0.01);

// Each takes the upstream gradient and what the rule saved: the result y, or the input x.
Tensor tanh_grad(const Tensor& g, const Tensor& y);     // g (1 - y^2)
Tensor sigmoid_grad(const Tensor& g, const Tensor& y);  // g y (1 - y)
Tensor relu_grad(const Tensor& g, const Tensor& y);     // g where y > 0, else 0
Tensor gelu_grad(const Tensor& g, const Tensor& x);
Tensor gelu_tanh_grad(const Tensor& g, const Tensor& x);
Tensor silu_grad(const Tensor& g, const Tensor& x);
Tensor softplus_grad(const Tensor& g, const Tensor& x, double beta, double threshold);
Tensor elu_grad(const Tensor& g, const Tensor& x, double alpha);
Tensor leaky_relu_grad(const Tensor& g, const Tensor& x, double slope);

// ---- written with other ops (compose_activation.cc)

LYDIA_UNARY(relu6)        // min(max(x, 0), 6)
LYDIA_UNARY(hardsigmoid)  // relu6(x + 3) / 6
LYDIA_UNARY(hardswish)    // x relu6(x + 3) / 6
LYDIA_UNARY(mish)         // x tanh(softplus(x))
LYDIA_UNARY(selu)
LYDIA_UNARY(softsign)                                             // x / (1 + |x|)
LYDIA_UNARY(logsigmoid)                                           // log(sigmoid(x))
LYDIA_UNARY(tanhshrink)                                           // x - tanh(x)
Tensor hardtanh(const Tensor& x, double lo = -1, double hi = 1);  // flat at and beyond the bounds
const Tensor& hardtanh_(const Tensor& self, double lo = -1, double hi = 1);
Tensor celu(const Tensor& x, double alpha = 1);  // x above 0, alpha (e^(x / alpha) - 1) below
const Tensor& celu_(const Tensor& self, double alpha = 1);
Tensor softshrink(const Tensor& x, double lambda = 0.5);  // x moved towards 0 by lambda
Tensor hardshrink(const Tensor& x, double lambda = 0.5);  // 0 within [-lambda, lambda]
// x above 0, weight x below; one weight, or one for each entry of dimension 1.
Tensor prelu(const Tensor& x, const Tensor& weight);
Tensor glu(const Tensor& x, int64_t dim = -1);  // a sigmoid(b) of x's two halves

}  // namespace lydia
