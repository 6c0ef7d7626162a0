// lydia.autograd.Function: forward and backward written in Python, as one node of the graph.
#include "lydia/autograd/function.h"

#include "python/callback.h"

namespace lydia::python {
namespace {

// What Python sees as `ctx`.
struct PyContext {
  Ref<FunctionContext> context;
};

nb::tuple to_tuple(const Tensors& tensors) {
  nb::list out;
  for (const Tensor& t : tensors) out.append(or_none(t));
  return nb::tuple(out);
}

class PyFunctionNode final : public FunctionNode {
 public:
  PyFunctionNode(Ref<FunctionContext> context, nb::handle type, nb::handle py_context)
      : FunctionNode(std::move(context)),
        name_(nb::cast<std::string>(type.attr("__name__"))),
        type_(type),
        py_context_(py_context) {}
  const char* name() const override { return name_.c_str(); }
  const PyRef& py_context() const { return py_context_; }

 protected:
  Tensors call_backward(const Tensors& grads) override {
    const nb::gil_scoped_acquire gil;
    nb::list args;
    args.append(py_context_.get());
    for (const Tensor& g : grads) args.append(or_none(g));
    const nb::object result = type_.get().attr("backward")(*args);
    if (!nb::isinstance<nb::tuple>(result) && !nb::isinstance<nb::list>(result))
      return {gradient(result)};
    Tensors out;
    for (nb::handle item : nb::iter(result)) out.push_back(gradient(item));
    return out;
  }

 private:
  Tensor gradient(nb::handle value) const {
    LYDIA_CHECK(value.is_none() || nb::isinstance<Tensor>(value), TypeError, name_,
                ": expected its backward to return tensors or None, got ",
                nb::str(value.type()).c_str());
    return tensor_or_undefined(value);
  }

  std::string name_;
  PyRef type_, py_context_;
};

nb::object run_forward(nb::handle type, nb::handle ctx, const nb::tuple& args,
                       const nb::dict& kwargs) {
  const NoGradGuard guard;
  if (type.attr("setup_context").is_none()) return type.attr("forward")(ctx, *args, **kwargs);
  nb::object result = type.attr("forward")(*args, **kwargs);
  type.attr("setup_context")(ctx, args, result);
  return result;
}

// `made` as Python sees it: the argument itself where forward returned it changed in place.
nb::object output_object(const Tensor& made, nb::handle returned) {
  if (!made.defined() || made.is_same(nb::cast<const Tensor&>(returned)))
    return nb::borrow(returned);
  return nb::cast(made);
}

nb::object apply(nb::handle type, const nb::tuple& args, const nb::dict& kwargs) {
  Tensors inputs;
  for (nb::handle arg : args)
    inputs.push_back(nb::isinstance<Tensor>(arg) ? nb::cast<Tensor>(arg) : Tensor());
  const std::string name = nb::cast<std::string>(type.attr("__name__"));
  FunctionCall call(name.c_str(), std::move(inputs));
  const nb::object ctx = nb::cast(PyContext{call.context()});
  const nb::object result = run_forward(type, ctx, args, kwargs);
  const bool many = nb::isinstance<nb::tuple>(result);
  const nb::tuple returned = many ? nb::borrow<nb::tuple>(result) : nb::make_tuple(result);
  Tensors outputs;
  for (nb::handle item : returned)
    outputs.push_back(nb::isinstance<Tensor>(item) ? nb::cast<Tensor>(item) : Tensor());
  Ref<FunctionNode> node;
  if (call.records()) node = Ref<FunctionNode>(new PyFunctionNode(call.context(), type, ctx));
  const Tensors made = call.finish(std::move(node), std::move(outputs));
  if (!many) return output_object(made[0], returned[0]);
  nb::list out;
  for (size_t i = 0; i < made.size(); ++i) out.append(output_object(made[i], returned[i]));
  return nb::tuple(out);
}

Tensors tensors_of(const nb::args& args) { return to_tensors(args); }

// A checkpoint may have to compute them again, with a lock of its own: not under Python's.
Tensors saved_tensors(const PyContext& c) {
  const nb::gil_scoped_release nogil;
  return c.context->saved_tensors();
}

nb::tuple needs_input_grad(const PyContext& c) {
  nb::list out;
  for (size_t i = 0; i < c.context->input_count(); ++i) out.append(c.context->needs_input_grad(i));
  return nb::tuple(out);
}

}  // namespace

PyObject* context_of(const Node& node) {
  const auto* own = dynamic_cast<const PyFunctionNode*>(&node);
  return own && own->py_context().unique() ? own->py_context().get().ptr() : nullptr;
}

void register_function(nb::module_& m) {
  nb::class_<PyContext>(m, "FunctionCtx", nb::dynamic_attr(), nb::is_weak_referenceable(),
                        "What the forward of a lydia.autograd.Function leaves for its backward.")
      .def(
          "save_for_backward",
          [](const PyContext& c, const nb::args& t) {
            c.context->save_for_backward(tensors_of(t));
          },
          "Keeps tensors for backward (`ctx.saved_tensors`). Called at most once, in forward.")
      .def(
          "mark_dirty",
          [](const PyContext& c, const nb::args& t) { c.context->mark_dirty(tensors_of(t)); },
          "Says that forward changed these inputs in place; it must return them too.")
      .def(
          "mark_non_differentiable",
          [](const PyContext& c, const nb::args& t) {
            c.context->mark_non_differentiable(tensors_of(t));
          },
          "Says that these outputs of forward have no gradient.")
      .def(
          "set_materialize_grads",
          [](const PyContext& c, bool value) { c.context->set_materialize_grads(value); },
          "value"_a, "False: backward gets None, not zeros, for outputs without a gradient.")
      .def_prop_ro(
          "saved_tensors", [](const PyContext& c) { return to_tuple(saved_tensors(c)); },
          "The tensors of save_for_backward. RuntimeError where one was changed in place "
          "since, or the graph was freed.")
      .def_prop_ro("needs_input_grad", &needs_input_grad,
                   "One bool per argument of forward: is its gradient wanted?");
  m.def("_apply_function", &apply, "cls"_a, "args"_a, "kwargs"_a);
}

}  // namespace lydia::python
