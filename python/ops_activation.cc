// Special functions and activations. torch has most activations in torch.nn.functional alone, so
// they come as lydia._C._nn_<name>, which lydia/nn/functional.py offers.
#include "lydia/ops/activation.h"
#include "python/pointwise_bind.h"

namespace lydia::python {
namespace {

void register_special(Module& m, TensorClass& c) {
  LYDIA_PY_UNARY(erf)
  LYDIA_PY_UNARY(erfc)
  LYDIA_PY_UNARY(erfinv)
  LYDIA_PY_UNARY(lgamma)
  LYDIA_PY_UNARY(digamma)
  LYDIA_PY_UNARY(sinc)
  def_op(
      m, c, "logit",
      [](const Tensor& x, std::optional<double> eps) { return eps ? logit(x, *eps) : logit(x); },
      "eps"_a = nb::none());
  c.def(
      "logit_",
      [](nb::handle_t<Tensor> self, std::optional<double> eps) {
        return in_place(self, [&](const Tensor& x) {
          LYDIA_CHECK(is_floating(x.dtype()), TypeError,
                      "logit_: expected a floating-point tensor, got ", x.dtype());
          write_inplace("logit", x, eps ? logit(x, *eps) : logit(x));
        });
      },
      "eps"_a = nb::none());
  m.def("polygamma", &polygamma, "n"_a, "input"_a);
  c.def(
      "polygamma", [](const Tensor& x, int n) { return polygamma(n, x); }, "n"_a);
  LYDIA_PY_BINARY(atan2)
  LYDIA_PY_BINARY(hypot)
  LYDIA_PY_BINARY(copysign)
  LYDIA_PY_BINARY(nextafter)
  LYDIA_PY_BINARY(logaddexp)
  LYDIA_PY_BINARY(logaddexp2)
  LYDIA_PY_BINARY(xlogy)
  LYDIA_PY_BINARY(ldexp)
  LYDIA_PY_BINARY(heaviside, nullptr, nullptr, "values")
  LYDIA_PY_BINARY(gcd)
  LYDIA_PY_BINARY(lcm)
  LYDIA_PY_IN_PLACE(atan2)
  LYDIA_PY_IN_PLACE(hypot)
  LYDIA_PY_IN_PLACE(copysign)
  LYDIA_PY_IN_PLACE(nextafter)
  LYDIA_PY_IN_PLACE(xlogy)
  LYDIA_PY_IN_PLACE(ldexp)
  LYDIA_PY_IN_PLACE(heaviside, nullptr, "values")
  LYDIA_PY_IN_PLACE(gcd)
  LYDIA_PY_IN_PLACE(lcm)
  def_alias(m, c, "arctan2", "atan2");
}

Gelu to_gelu(const std::string& approximate) {
  LYDIA_CHECK(approximate == "none" || approximate == "tanh", ValueError,
              "gelu: expected approximate 'none' or 'tanh', got '", approximate, "'");
  return approximate == "tanh" ? Gelu::tanh : Gelu::none;
}

// lydia._C._nn_<name> and _nn_<name>_ for activations without parameters.
void def_activation(Module& m, const std::string& name, Unary f, UnaryInPlace f_) {
  m.def(("_nn_" + name).c_str(), f, "input"_a);
  m.def(("_nn_" + name + "_").c_str(), [f_](nb::handle_t<Tensor> x) { return in_place(x, f_); },
        "input"_a);
}

#define LYDIA_PY_ACTIVATION(name) def_activation(m, #name, name, name##_);

void register_activations(Module& m) {
  LYDIA_PY_ACTIVATION(silu)
  LYDIA_PY_ACTIVATION(relu6)
  LYDIA_PY_ACTIVATION(hardsigmoid)
  LYDIA_PY_ACTIVATION(hardswish)
  LYDIA_PY_ACTIVATION(mish)
  LYDIA_PY_ACTIVATION(selu)
  LYDIA_PY_ACTIVATION(softsign)
  LYDIA_PY_ACTIVATION(logsigmoid)
  LYDIA_PY_ACTIVATION(tanhshrink)
  m.def(
      "_nn_gelu", [](const Tensor& x, const std::string& a) { return gelu(x, to_gelu(a)); },
      "input"_a, nb::kw_only(), "approximate"_a = "none");
  m.def("_nn_softplus", &softplus, "input"_a, "beta"_a = 1.0, "threshold"_a = 20.0);
  m.def("_nn_elu", &elu, "input"_a, "alpha"_a = 1.0);
  m.def("_nn_celu", &celu, "input"_a, "alpha"_a = 1.0);
  m.def("_nn_leaky_relu", &leaky_relu, "input"_a, "negative_slope"_a = 0.01);
  m.def("_nn_hardtanh", &hardtanh, "input"_a, "min_val"_a = -1.0, "max_val"_a = 1.0);
  m.def("_nn_softshrink", &softshrink, "input"_a, "lambd"_a = 0.5);
  m.def("_nn_hardshrink", &hardshrink, "input"_a, "lambd"_a = 0.5);
  m.def("_nn_prelu", &prelu, "input"_a, "weight"_a);
  m.def("_nn_glu", &glu, "input"_a, "dim"_a = -1);
  const auto one_number = [&m](const char* name, auto f) {
    m.def(
        name,
        [f](nb::handle_t<Tensor> self, double value) {
          return in_place(self, [&](const Tensor& x) { f(x, value); });
        },
        "input"_a, "value"_a);
  };
  one_number("_nn_elu_", elu_);
  one_number("_nn_celu_", celu_);
  one_number("_nn_leaky_relu_", leaky_relu_);
  m.def(
      "_nn_hardtanh_",
      [](nb::handle_t<Tensor> self, double lo, double hi) {
        return in_place(self, [&](const Tensor& x) { hardtanh_(x, lo, hi); });
      },
      "input"_a, "min_val"_a = -1.0, "max_val"_a = 1.0);
}

// The gradient ops, for the test sweep.
void register_gradients(Module& m) {
  m.def("_tanh_grad", &tanh_grad, "grad"_a, "output"_a);
  m.def("_sigmoid_grad", &sigmoid_grad, "grad"_a, "output"_a);
  m.def("_relu_grad", &relu_grad, "grad"_a, "output"_a);
  m.def("_gelu_grad", &gelu_grad, "grad"_a, "input"_a);
  m.def("_gelu_tanh_grad", &gelu_tanh_grad, "grad"_a, "input"_a);
  m.def("_silu_grad", &silu_grad, "grad"_a, "input"_a);
  m.def("_softplus_grad", &softplus_grad, "grad"_a, "input"_a, "beta"_a, "threshold"_a);
  m.def("_elu_grad", &elu_grad, "grad"_a, "input"_a, "alpha"_a);
  m.def("_leaky_relu_grad", &leaky_relu_grad, "grad"_a, "input"_a, "negative_slope"_a);
}

}  // namespace

void register_ops_activation(Module& m, TensorClass& c) {
  register_special(m, c);
  register_activations(m);
  register_gradients(m);
}

}  // namespace lydia::python
