// requires_grad, grad, backward, hooks, and the switches of grad mode.
#include "python/bind.h"
#include "lydia/autograd/backward.h"
#include "lydia/autograd/gradcheck.h"
#include "lydia/ops/op.h"

namespace lydia::python {
namespace {

nb::object or_none(const Tensor& t) { return t.defined() ? nb::cast(t) : nb::none(); }

Tensor tensor_or_undefined(nb::handle value) {
  return value.is_none() ? Tensor() : nb::cast<Tensor>(value);
}

Tensors to_tensors(nb::handle value) {
  if (value.is_none()) return {};
  if (nb::isinstance<Tensor>(value)) return {nb::cast<Tensor>(value)};
  Tensors out;
  for (nb::handle item : nb::iter(value)) out.push_back(tensor_or_undefined(item));
  return out;
}

TensorFunction wrap_function(nb::callable f) {
  return [f](const Tensors& x) {
    nb::list args;
    for (const Tensor& t : x) args.append(or_none(t));
    return to_tensors(f(*args));
  };
}

template <class Check>
auto checker(Check check) {
  return [check](nb::callable f, nb::object inputs, double eps, double atol, double rtol) {
    check(wrap_function(f), to_tensors(inputs), {eps, atol, rtol});
    return true;
  };
}

}  // namespace

void register_autograd(nb::module_& m, TensorClass& c) {
  c.def_prop_rw(
       "requires_grad", &Tensor::requires_grad,
       [](const Tensor& t, bool value) { t.set_requires_grad(value); })
      .def("requires_grad_", [](nb::handle_t<Tensor> self, bool value) {
        nb::cast<const Tensor&>(self).set_requires_grad(value);
        return nb::borrow(self);
      }, "requires_grad"_a = true)
      .def_prop_rw(
          "grad", [](const Tensor& t) { return or_none(t.grad()); },
          [](const Tensor& t, nb::object g) { t.set_grad(tensor_or_undefined(g)); },
          nb::for_setter(nb::arg("grad").none()))
      .def("detach", &Tensor::detach)
      .def("backward", [](const Tensor& t, nb::object gradient, std::optional<bool> retain_graph,
                          bool create_graph) {
        backward(t, tensor_or_undefined(gradient),
                 {retain_graph.value_or(create_graph), create_graph, false});
      }, "gradient"_a = nb::none(), "retain_graph"_a = nb::none(), "create_graph"_a = false)
      .def("_grad_fn_name", [](const Tensor& t) -> std::string {
        const Edge edge = gradient_edge(t);
        return edge ? edge.node->name() : "";
      })
      .def("retain_grad", &retain_grad)
      .def("_register_hook", [](const Tensor& t, nb::callable hook) {
        return register_hook(t, [hook](const Tensor& g) {
          const nb::gil_scoped_acquire gil;
          return tensor_or_undefined(hook(g));
        });
      })
      .def("_remove_hook", &remove_hook);
  m.def("_grad", [](nb::object outputs, nb::object inputs, nb::object grad_outputs,
                    bool retain_graph, bool create_graph, bool allow_unused) {
    nb::list out;
    for (const Tensor& g : grad(to_tensors(outputs), to_tensors(inputs), to_tensors(grad_outputs),
                                {retain_graph, create_graph, allow_unused}))
      out.append(or_none(g));
    return nb::tuple(out);
  }, "outputs"_a, "inputs"_a, "grad_outputs"_a.none(), "retain_graph"_a, "create_graph"_a,
     "allow_unused"_a);
  m.def("_gradcheck", checker(&gradcheck), "func"_a, "inputs"_a, "eps"_a = 1e-6, "atol"_a = 1e-5,
        "rtol"_a = 1e-3);
  m.def("_gradgradcheck", checker(&gradgradcheck), "func"_a, "inputs"_a, "eps"_a = 1e-6,
        "atol"_a = 1e-5, "rtol"_a = 1e-3);
  m.def("_set_grad_state", [](bool enabled, bool inference) {
    const GradState old = grad_state();
    grad_state() = {enabled, inference};
    return nb::make_tuple(old.grad_enabled, old.inference);
  });
  m.def("is_grad_enabled", &grad_enabled);
  m.def("is_inference_mode_enabled", [] { return grad_state().inference; });
}

}  // namespace lydia::python
