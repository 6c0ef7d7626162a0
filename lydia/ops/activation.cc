#include "lydia/ops/activation.h"

#include "lydia/ops/pointwise_macros.h"

namespace lydia {

LYDIA_DEFINE_UNARY(tanh, as_float)
LYDIA_DEFINE_UNARY(sigmoid, as_float)
LYDIA_DEFINE_UNARY(relu, no_bool)

LYDIA_RULE(tanh, kOut(0), {tanh_grad(g, c.out())})
LYDIA_RULE(sigmoid, kOut(0), {sigmoid_grad(g, c.out())})
LYDIA_RULE(relu, kOut(0), {relu_grad(g, c.out())})

namespace {

Tensor grad_of(Op op, const Tensor& g, const Tensor& saved, std::initializer_list<double> values = {}) {
  return pointwise(op, {&g, &saved}, {saved.dtype(), saved.dtype()}, values);
}

}  // namespace

Tensor tanh_grad(const Tensor& g, const Tensor& y) { return grad_of(Op::tanh_grad, g, y); }
Tensor sigmoid_grad(const Tensor& g, const Tensor& y) { return grad_of(Op::sigmoid_grad, g, y); }
Tensor relu_grad(const Tensor& g, const Tensor& y) { return grad_of(Op::relu_grad, g, y); }

LYDIA_RULE(tanh_grad, kIn(0) | kIn(1),
           {c.needs(0) ? tanh_grad(g, c.in(1)) : Tensor(),
            c.needs(1) ? mul(mul(g, c.in(0)), mul(c.in(1), -2)) : Tensor()})
LYDIA_RULE(sigmoid_grad, kIn(0) | kIn(1),
           {c.needs(0) ? sigmoid_grad(g, c.in(1)) : Tensor(),
            c.needs(1) ? mul(mul(g, c.in(0)), 1 - 2 * c.in(1)) : Tensor()})
LYDIA_RULE(relu_grad, kIn(1), {c.needs(0) ? relu_grad(g, c.in(1)) : Tensor(), Tensor()})

}  // namespace lydia
