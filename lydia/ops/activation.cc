#include "lydia/ops/activation.h"

#include <cmath>

#include "lydia/ops/autocast.h"
#include "lydia/ops/pointwise_macros.h"

namespace lydia {

LYDIA_DEFINE_UNARY(tanh, as_float)
LYDIA_DEFINE_UNARY(sigmoid, as_float)
LYDIA_DEFINE_UNARY(relu, no_bool)
LYDIA_DEFINE_UNARY(silu, only_float)

LYDIA_RULE(tanh, kOut(0), {tanh_grad(g, c.out())})
LYDIA_RULE(sigmoid, kOut(0), {sigmoid_grad(g, c.out())})
LYDIA_RULE(relu, kOut(0), {relu_grad(g, c.out())})
LYDIA_RULE(silu, kIn(0), {silu_grad(g, c.in(0))})

namespace {

Tensor of_float(Op op, const Tensor& x, std::initializer_list<double> values = {}) {
  check_defined(op_name(op), x, "input");
  return pointwise(op, {&x}, only_float(op_name(op), x.dtype()), values);
}
const Tensor& of_float_(Op op, const Tensor& self, std::initializer_list<double> values) {
  check_defined(op_name(op), self, "self");
  return pointwise_(op, self, {}, only_float(op_name(op), self.dtype()), values);
}

double value(const GradContext& c, int i = 0) { return c.attrs<PointwiseAttrs>().values[i]; }

}  // namespace

Tensor gelu(const Tensor& x, Gelu approximate) {
  return of_float(approximate == Gelu::tanh ? Op::gelu_tanh : Op::gelu, x);
}
LYDIA_RULE(gelu, kIn(0), {gelu_grad(g, c.in(0))})
LYDIA_RULE(gelu_tanh, kIn(0), {gelu_tanh_grad(g, c.in(0))})

Tensor softplus(const Tensor& x, double beta, double threshold) {
  LYDIA_FULL_PRECISION(softplus, x, beta, threshold);
  return of_float(Op::softplus, x, {beta, threshold});
}
LYDIA_RULE(softplus, kIn(0), {softplus_grad(g, c.in(0), value(c, 0), value(c, 1))})

Tensor elu(const Tensor& x, double alpha) { return of_float(Op::elu, x, {alpha}); }
const Tensor& elu_(const Tensor& self, double alpha) { return of_float_(Op::elu, self, {alpha}); }
LYDIA_RULE(elu, kIn(0), {elu_grad(g, c.in(0), value(c))})

Tensor leaky_relu(const Tensor& x, double slope) { return of_float(Op::leaky_relu, x, {slope}); }
const Tensor& leaky_relu_(const Tensor& self, double slope) {
  return of_float_(Op::leaky_relu, self, {slope});
}
LYDIA_RULE(leaky_relu, kIn(0), {leaky_relu_grad(g, c.in(0), value(c))})

// ---- gradients ---------------------------------------------------------------------------------

namespace {

Tensor grad_of(Op op, const Tensor& g, const Tensor& saved,
               std::initializer_list<double> values = {}) {
  return pointwise(op, {&g, &saved}, {saved.dtype(), saved.dtype()}, values);
}

}  // namespace

Tensor tanh_grad(const Tensor& g, const Tensor& y) { return grad_of(Op::tanh_grad, g, y); }
Tensor sigmoid_grad(const Tensor& g, const Tensor& y) { return grad_of(Op::sigmoid_grad, g, y); }
Tensor relu_grad(const Tensor& g, const Tensor& y) { return grad_of(Op::relu_grad, g, y); }
Tensor gelu_grad(const Tensor& g, const Tensor& x) { return grad_of(Op::gelu_grad, g, x); }
Tensor gelu_tanh_grad(const Tensor& g, const Tensor& x) {
  return grad_of(Op::gelu_tanh_grad, g, x);
}
Tensor silu_grad(const Tensor& g, const Tensor& x) { return grad_of(Op::silu_grad, g, x); }
Tensor softplus_grad(const Tensor& g, const Tensor& x, double beta, double threshold) {
  return grad_of(Op::softplus_grad, g, x, {beta, threshold});
}
Tensor elu_grad(const Tensor& g, const Tensor& x, double alpha) {
  return grad_of(Op::elu_grad, g, x, {alpha});
}
Tensor leaky_relu_grad(const Tensor& g, const Tensor& x, double slope) {
  return grad_of(Op::leaky_relu_grad, g, x, {slope});
}

namespace {

// Second derivatives y''(x).

// phi(x) (2 - x^2), phi the normal density
Tensor gelu_bend(const Tensor& x) {
  const Tensor x2 = square(x);
  return exp(x2 * -0.5) * (2 - x2) * (0.5 * M_SQRT1_2 * M_2_SQRTPI);
}

// y = x s(u) with u = 2 sqrt(2/pi) (x + 0.044715 x^3), s the sigmoid:
// y'' = s' (2 u' + x u'' + x u'^2 (1 - 2s)), s' = s (1 - s)
Tensor gelu_tanh_bend(const Tensor& x) {
  const double k = M_SQRT2 * M_2_SQRTPI, cubic = 0.044715;  // 2 sqrt(2/pi)
  const Tensor x2 = square(x);
  const Tensor s = sigmoid(x * (x2 * (k * cubic) + k));
  const Tensor first = x2 * (3 * k * cubic) + k;
  const Tensor second = x * (6 * k * cubic);
  return s * (1 - s) * (first * 2 + x * second + x * square(first) * (1 - s * 2));
}

// s (1 - s) (2 + x (1 - 2s))
Tensor silu_bend(const Tensor& x) {
  const Tensor s = sigmoid(x);
  return s * (1 - s) * (x * (1 - s * 2) + 2);
}

Tensor softplus_bend(const Tensor& x, double beta, double threshold) {
  const Tensor z = x * beta;
  const Tensor s = sigmoid(z);
  return where(gt(z, threshold), 0, s * (1 - s) * beta);
}

Tensor elu_bend(const Tensor& x, double alpha) {
  return where(gt(x, 0), 0, exp(clamp(x, std::nullopt, 0)) * alpha);
}

}  // namespace

LYDIA_RULE(tanh_grad, kIn(0) | kIn(1),
           {c.needs(0) ? tanh_grad(g, c.in(1)) : Tensor(),
            c.needs(1) ? mul(mul(g, c.in(0)), mul(c.in(1), -2)) : Tensor()})
LYDIA_RULE(sigmoid_grad, kIn(0) | kIn(1),
           {c.needs(0) ? sigmoid_grad(g, c.in(1)) : Tensor(),
            c.needs(1) ? mul(mul(g, c.in(0)), 1 - 2 * c.in(1)) : Tensor()})
LYDIA_RULE(relu_grad, kIn(1), {c.needs(0) ? relu_grad(g, c.in(1)) : Tensor(), Tensor()})

// d(g y')/dx = g y''; `bend` is y''.
#define LYDIA_GRAD_RULE(name, again, bend) \
  LYDIA_RULE(name, kIn(0) | kIn(1),        \
             {c.needs(0) ? again : Tensor(), c.needs(1) ? mul(mul(g, c.in(0)), bend) : Tensor()})
LYDIA_GRAD_RULE(gelu_grad, gelu_grad(g, c.in(1)), gelu_bend(c.in(1)))
LYDIA_GRAD_RULE(gelu_tanh_grad, gelu_tanh_grad(g, c.in(1)), gelu_tanh_bend(c.in(1)))
LYDIA_GRAD_RULE(silu_grad, silu_grad(g, c.in(1)), silu_bend(c.in(1)))
LYDIA_GRAD_RULE(softplus_grad, softplus_grad(g, c.in(1), value(c, 0), value(c, 1)),
                softplus_bend(c.in(1), value(c, 0), value(c, 1)))
LYDIA_GRAD_RULE(elu_grad, elu_grad(g, c.in(1), value(c)), elu_bend(c.in(1), value(c)))
LYDIA_RULE(leaky_relu_grad, kIn(1),
           {c.needs(0) ? leaky_relu_grad(g, c.in(1), value(c)) : Tensor(), Tensor()})

}  // namespace lydia
