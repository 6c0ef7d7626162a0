// Python callables and objects that C++ nodes keep: reference counts under the interpreter's lock.
#pragma once

#include <memory>

#include "python/bind.h"

namespace lydia::python {

// One reference to a Python object, shared by all copies; dropped under Python's lock.
class PyRef {
 public:
  PyRef() = default;
  explicit PyRef(nb::handle object)
      : object_(object.inc_ref().ptr(), [](PyObject* o) {
          if (!Py_IsInitialized()) return;
          const nb::gil_scoped_acquire gil;
          Py_DECREF(o);
        }) {}
  nb::handle get() const { return object_.get(); }
  // True when no copy holds the reference too, so that the garbage collector may count it here.
  bool unique() const { return object_.use_count() == 1; }

 private:
  std::shared_ptr<PyObject> object_;
};

// A Python function as a tensor hook; std::function::target finds it for the garbage collector.
struct PyHook {
  PyRef function;
  Tensor operator()(const Tensor& g) const;
};
struct PyAccumulateHook {
  PyRef leaf;  // a weak reference to the Python tensor the hook was hung on
  PyRef function;
  void operator()(const Tensor& leaf_alias) const;
};

// None becomes an undefined tensor, and back.
Tensor tensor_or_undefined(nb::handle value);
nb::object or_none(const Tensor& t);
// A tensor, None, or a sequence of them.
Tensors to_tensors(nb::handle value);

// The Python context that `node` keeps, for the garbage collector; null for other nodes.
PyObject* context_of(const Node& node);
// Slots of the Tensor type that let the garbage collector see through a graph to Python objects.
extern PyType_Slot tensor_slots[];

}  // namespace lydia::python
