#include "python/index_items.h"

#include "python/data.h"

namespace lydia::python {
namespace {

Index int_index(PyObject* o) {
  const Py_ssize_t i = PyNumber_AsSsize_t(o, PyExc_IndexError);
  if (i == -1 && PyErr_Occurred()) nb::raise_python_error();
  return Index(static_cast<int64_t>(i));
}

Index slice_index(PyObject* o) {
  Py_ssize_t start = 0, stop = 0, step = 0;
  if (PySlice_Unpack(o, &start, &stop, &step) < 0) nb::raise_python_error();
  return Index(Slice{start, stop, step});
}

}  // namespace

Index to_index(nb::handle item) {
  PyObject* o = item.ptr();
  if (PyLong_CheckExact(o)) return int_index(o);
  if (PySlice_Check(o)) return slice_index(o);
  if (item.is_none()) return Index::new_axis();
  if (o == Py_Ellipsis) return Index::ellipsis();
  if (PyBool_Check(o)) return Index(o == Py_True);
  if (nb::isinstance<Tensor>(item)) return Index(nb::cast<const Tensor&>(item));
  if (PyIndex_Check(o) && !PySequence_Check(o)) return int_index(o);
  return Index(index_tensor(item));
}

std::vector<Index> to_indices(nb::handle key) {
  std::vector<Index> out;
  if (!PyTuple_Check(key.ptr())) {
    out.push_back(to_index(key));
    return out;
  }
  out.reserve(static_cast<size_t>(PyTuple_GET_SIZE(key.ptr())));
  for (nb::handle item : nb::borrow<nb::tuple>(key)) out.push_back(to_index(item));
  return out;
}

std::vector<Index> to_put_indices(nb::handle indices) {
  std::vector<Index> out;
  for (nb::handle item : nb::iter(indices))
    out.push_back(item.is_none() ? Index(Slice{}) : to_index(item));
  return out;
}

Tensor to_value(nb::handle value, const Tensor& like) {
  if (nb::isinstance<Tensor>(value)) return nb::cast<Tensor>(value);
  return tensor_of(value, like.dtype());
}

}  // namespace lydia::python
