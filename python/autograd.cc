// requires_grad, grad, backward, hooks, and the switches of grad mode.
#include "lydia/autograd/backward.h"
#include "lydia/autograd/gradcheck.h"
#include "lydia/autograd/hooks.h"
#include "lydia/ops/op.h"
#include "python/callback.h"

namespace lydia::python {
namespace {

// What Python sees as t.grad_fn.
struct GraphNode {
  Ref<Node> node;
};

nb::object grad_fn(const Tensor& t) {
  if (t.is_leaf()) return nb::none();
  return nb::cast(GraphNode{gradient_edge(t).node});
}

nb::tuple next_functions(const GraphNode& g) {
  nb::list out;
  for (const Edge& e : g.node->edges)
    out.append(nb::make_tuple(e ? nb::cast(GraphNode{e.node}) : nb::none(), e.index));
  return nb::tuple(out);
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

// The walk runs without Python's lock; hooks and Python functions take it for their own time.
void run_backward(nb::object tensors, nb::object gradients, std::optional<bool> retain_graph,
                  bool create_graph, nb::object inputs) {
  const Tensors roots = to_tensors(tensors), grads = to_tensors(gradients),
                wanted = to_tensors(inputs);
  LYDIA_CHECK(inputs.is_none() || !wanted.empty(), ValueError,
              "backward: expected at least one tensor in inputs");
  const nb::gil_scoped_release nogil;
  backward(roots, grads, {retain_graph.value_or(create_graph), create_graph, false}, wanted);
}

nb::tuple run_grad(nb::object outputs, nb::object inputs, nb::object grad_outputs,
                   bool retain_graph, bool create_graph, bool allow_unused) {
  const Tensors roots = to_tensors(outputs), grads = to_tensors(grad_outputs),
                wanted = to_tensors(inputs);
  Tensors result;
  {
    const nb::gil_scoped_release nogil;
    result = grad(roots, wanted, grads, {retain_graph, create_graph, allow_unused});
  }
  nb::list out;
  for (const Tensor& g : result) out.append(or_none(g));
  return nb::tuple(out);
}

HookHandle hook_accumulation(nb::handle_t<Tensor> self, nb::callable hook) {
  const nb::object weak = nb::module_::import_("weakref").attr("ref")(self);
  return register_post_accumulate_grad_hook(nb::cast<const Tensor&>(self),
                                            PyAccumulateHook{PyRef(weak), PyRef(hook)});
}

void register_graph(Module& m, TensorClass& c) {
  nb::class_<GraphNode>(m, "GraphNode", "One recorded op: what Tensor.grad_fn gives.")
      .def(
          "name", [](const GraphNode& g) { return std::string(g.node->name()); },
          "The op's name, such as 'mul'.")
      .def_prop_ro("next_functions", &next_functions,
                   "One (node or None, output number) per input of the op.")
      .def("__repr__", [](const GraphNode& g) { return "<" + std::string(g.node->name()) + ">"; })
      .def(
          "__eq__", [](const GraphNode& a, const GraphNode& b) { return a.node == b.node; },
          nb::is_operator())
      .def("__hash__",
           [](const GraphNode& g) { return reinterpret_cast<uintptr_t>(g.node.get()) >> 4; });
  nb::class_<HookHandle>(m, "RemovableHandle", "Undoes the registration of a hook.")
      .def("remove", &HookHandle::remove, "The hook runs no more. Does nothing the second time.")
      .def_prop_ro("id", &HookHandle::id, "The hook's number.")
      .def("__enter__", [](nb::handle_t<HookHandle> self) { return nb::borrow(self); })
      .def("__exit__", [](const HookHandle& h, const nb::args&) { h.remove(); });
  c.def_prop_ro("grad_fn", &grad_fn, "The node that made this tensor; None for leaves.")
      .def(
          "register_hook",
          [](const Tensor& t, nb::callable hook) { return register_hook(t, PyHook{PyRef(hook)}); },
          "hook"_a,
          "Runs hook(grad) when the gradient of this tensor is known; what it returns, unless "
          "None,\n"
          "replaces the gradient. Returns a handle with remove().")
      .def("register_post_accumulate_grad_hook", &hook_accumulation, "hook"_a,
           "Runs hook(tensor) on a leaf each time its .grad has grown. Returns a handle.")
      .def("retain_grad", &retain_grad, "Keeps the gradient of a computed tensor in .grad too.")
      .def_prop_ro("retains_grad", &retains_grad, "True for a non-leaf after retain_grad().");
}

}  // namespace

void register_autograd(Module& m, TensorClass& c) {
  register_graph(m, c);
  c.def_prop_rw(
       "requires_grad", &Tensor::requires_grad,
       [](const Tensor& t, bool value) { t.set_requires_grad(value); },
       "True where ops on this tensor are recorded for backward. May be set on leaves of floating "
       "dtype.")
      .def(
          "requires_grad_",
          [](nb::handle_t<Tensor> self, bool value) {
            nb::cast<const Tensor&>(self).set_requires_grad(value);
            return nb::borrow(self);
          },
          "requires_grad"_a = true, "Sets requires_grad and returns the tensor itself.")
      .def_prop_rw(
          "grad", [](const Tensor& t) { return or_none(t.grad()); },
          [](const Tensor& t, nb::object g) { t.set_grad(tensor_or_undefined(g)); },
          nb::for_setter(nb::arg("grad").none()),
          "The gradient that backward() has summed up for this leaf; None before the first, and "
          "where set to None.")
      .def("detach", &Tensor::detach, "The same memory without history.")
      .def(
          "detach_",
          [](nb::handle_t<Tensor> self) {
            nb::cast<const Tensor&>(self).cut_history();
            return nb::borrow(self);
          },
          "Cuts this tensor from the graph that made it. RuntimeError on a view.")
      .def_prop_rw(
          "data", [](const Tensor& t) { return t.detach(); },
          [](const Tensor& t, const Tensor& value) { t.set_data(value); },
          "The same memory without history. Writing to it counts as a change in place. May be set "
          "to another tensor of the same dtype.")
      .def("backward", &run_backward, "gradient"_a = nb::none(), "retain_graph"_a = nb::none(),
           "create_graph"_a = false, "inputs"_a = nb::none(),
           "Adds d(self)/d(leaf) into leaf.grad for each leaf behind this tensor (or only for "
           "`inputs`).\n`gradient` has self's shape; it may be left out for a single element.");
  m.def("_backward", &run_backward, "tensors"_a, "grad_tensors"_a.none(), "retain_graph"_a.none(),
        "create_graph"_a, "inputs"_a.none());
  m.def("_grad", &run_grad, "outputs"_a, "inputs"_a, "grad_outputs"_a.none(), "retain_graph"_a,
        "create_graph"_a, "allow_unused"_a);
  m.def("_gradcheck", checker(&gradcheck), "func"_a, "inputs"_a, "eps"_a = 1e-6, "atol"_a = 1e-5,
        "rtol"_a = 1e-3);
  m.def("_gradgradcheck", checker(&gradgradcheck), "func"_a, "inputs"_a, "eps"_a = 1e-6,
        "atol"_a = 1e-5, "rtol"_a = 1e-3);
  m.def("_set_grad_state", [](bool enabled, bool inference) {
    const GradState old = grad_state();
    grad_state() = {enabled, inference};
    return nb::make_tuple(old.grad_enabled, old.inference);
  });
  m.def("is_grad_enabled", &grad_enabled, "True where ops are recorded for backward.");
  m.def("is_inference_mode_enabled", [] { return grad_state().inference; });
}

}  // namespace lydia::python
