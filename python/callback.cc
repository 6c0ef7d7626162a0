// Hooks written in Python, and what the garbage collector sees of a tensor's graph.
#include "python/callback.h"

namespace lydia::python {

nb::object or_none(const Tensor& t) { return t.defined() ? nb::cast(t) : nb::none(); }

Tensor tensor_or_undefined(nb::handle value) {
  if (value.is_none()) return {};
  if (!nb::isinstance<Tensor>(value))
    fail<TypeError>("expected a tensor or None, got ", nb::str(value.type()).c_str());
  return nb::cast<Tensor>(value);
}

Tensors to_tensors(nb::handle value) {
  if (value.is_none()) return {};
  if (nb::isinstance<Tensor>(value)) return {nb::cast<Tensor>(value)};
  Tensors out;
  for (nb::handle item : nb::iter(value)) out.push_back(tensor_or_undefined(item));
  return out;
}

Tensor PyHook::operator()(const Tensor& g) const {
  const nb::gil_scoped_acquire gil;
  return tensor_or_undefined(function.get()(g));
}

void PyAccumulateHook::operator()(const Tensor& leaf_alias) const {
  const nb::gil_scoped_acquire gil;
  const nb::object original = leaf.get()();
  function.get()(original.is_none() ? nb::cast(leaf_alias) : original);
}

namespace {

// The node that only `self` leads to: then what it keeps is reachable through `self` alone, which
// is what the garbage collector must know to break a cycle (ctx.y = y, or a hook that names t).
Node* private_node(PyObject* self) {
  if (!nb::inst_ready(self)) return nullptr;
  const Tensor& t = *nb::inst_ptr<Tensor>(self);
  if (!t.defined() || t.impl()->use_count() != 1 || !t.autograd()) return nullptr;
  Node* node = t.autograd()->edge.node.get();
  return node && node->use_count() == 1 ? node : nullptr;
}

int traverse(PyObject* self, visitproc visit, void* arg) {
  if (PyObject** dict = _PyObject_GetDictPtr(self)) Py_VISIT(*dict);
  Py_VISIT(Py_TYPE(self));
  Node* node = private_node(self);
  if (!node) return 0;
  Py_VISIT(context_of(*node));
  if (!node->hooks || node->hooks.use_count() != 1) return 0;
  for (const NodeHooks::Entry& entry : node->hooks->on_output)
    if (const auto* hook = entry.hook.target<PyHook>(); hook && hook->function.unique())
      Py_VISIT(hook->function.get().ptr());
  return 0;
}

int clear(PyObject* self) {
  if (PyObject** dict = _PyObject_GetDictPtr(self)) Py_CLEAR(*dict);
  if (private_node(self)) {
    const auto gone = std::move(nb::inst_ptr<Tensor>(self)->impl()->autograd);
  }
  return 0;
}

}  // namespace

PyType_Slot tensor_slots[] = {{Py_tp_traverse, reinterpret_cast<void*>(&traverse)},
                              {Py_tp_clear, reinterpret_cast<void*>(&clear)},
                              {0, nullptr}};

}  // namespace lydia::python
