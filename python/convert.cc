// Python values to and from lydia's argument types.
#include "python/bind.h"

namespace lydia::python {

Dims to_dims(nb::handle value) {
  Dims out;
  if (!nb::detail::load_dims(value, out))
    fail<TypeError>("dims: expected an int or a sequence of ints, got ",
                    nb::str(value.type()).c_str());
  return out;
}

Dims args_to_dims(const nb::args& args) {
  if (args.size() == 1) return to_dims(args[0]);
  return to_dims(args);
}

Scalar to_scalar(nb::handle value) {
  Scalar out(0);
  if (!nb::detail::load_scalar(value, out))
    fail<TypeError>("expected a bool, int or float, got ", nb::str(value.type()).c_str());
  return out;
}

nb::tuple from_dims(const Dims& dims) {
  PyObject* tuple = PyTuple_New(static_cast<Py_ssize_t>(dims.size()));
  for (size_t i = 0; i < dims.size(); ++i)
    PyTuple_SET_ITEM(tuple, static_cast<Py_ssize_t>(i), PyLong_FromLongLong(dims[i]));
  return nb::steal<nb::tuple>(tuple);
}

nb::object from_scalar(const Scalar& value) {
  switch (value.kind()) {
    case Scalar::Kind::Bool: return nb::bool_(value.to<bool>());
    case Scalar::Kind::Int: return nb::int_(value.to<int64_t>());
    case Scalar::Kind::UInt: return nb::int_(value.to<uint64_t>());
    default: return nb::float_(value.to<double>());
  }
}

}  // namespace lydia::python

namespace nanobind::detail {
namespace {

// An int, or anything with __index__ that is not a tensor or a bool.
bool load_int(PyObject* o, int64_t& out) noexcept {
  if (PyFloat_Check(o)) return false;
  int overflow = 0;
  if (PyLong_CheckExact(o)) {
    out = PyLong_AsLongLongAndOverflow(o, &overflow);
    return overflow == 0;
  }
  if (!PyIndex_Check(o)) return false;
  PyObject* index = PyNumber_Index(o);
  if (!index) {
    PyErr_Clear();
    return false;
  }
  out = PyLong_AsLongLongAndOverflow(index, &overflow);
  Py_DECREF(index);
  return overflow == 0;
}

}  // namespace

bool load_dims(handle src, lydia::Dims& out) noexcept {
  PyObject* o = src.ptr();
  out = lydia::Dims();
  int64_t one = 0;
  if (load_int(o, one)) {
    out.push_back(one);
    return true;
  }
  if (!PyTuple_Check(o) && !PyList_Check(o)) return false;
  const Py_ssize_t n = PySequence_Fast_GET_SIZE(o);
  if (n > lydia::kMaxDims) return false;
  for (Py_ssize_t i = 0; i < n; ++i) {
    if (!load_int(PySequence_Fast_GET_ITEM(o, i), one)) return false;
    out.push_back(one);
  }
  return true;
}

bool load_scalar(handle src, lydia::Scalar& out) noexcept {
  PyObject* o = src.ptr();
  if (PyFloat_Check(o)) {
    out = lydia::Scalar(PyFloat_AS_DOUBLE(o));
    return true;
  }
  if (PyBool_Check(o)) {
    out = lydia::Scalar(o == Py_True);
    return true;
  }
  if (inst_check(src)) return false;  // tensors have overloads of their own
  int64_t value = 0;
  if (load_int(o, value)) {
    out = lydia::Scalar(value);
    return true;
  }
  if (PyLong_Check(o)) {
    const unsigned long long big = PyLong_AsUnsignedLongLong(o);
    if (!PyErr_Occurred()) {
      out = lydia::Scalar(static_cast<uint64_t>(big));
      return true;
    }
    PyErr_Clear();
    return false;
  }
  PyNumberMethods* number = Py_TYPE(o)->tp_as_number;
  if (!number || !number->nb_float || PySequence_Check(o)) return false;
  const double real = PyFloat_AsDouble(o);  // numpy scalars
  if (PyErr_Occurred()) {
    PyErr_Clear();
    return false;
  }
  out = lydia::Scalar(real);
  return true;
}

bool load_dim_arg(handle src, lydia::python::DimArg& out) noexcept {
  out = {};
  if (src.is_none()) return true;
  out.none = false;
  return load_dims(src, out.dims);
}

bool load_device(handle src, lydia::python::DeviceArg& out) noexcept {
  try {
    if (PyUnicode_Check(src.ptr())) {
      // The call tells what is wrong with it; a refusal here would say no more than "TypeError".
      try {
        out = {lydia::parse_device(nanobind::cast<std::string>(src))};
      } catch (const lydia::ValueError&) {
        out.unknown = src;
      }
      return true;
    }
    return try_cast<lydia::Device>(src, out.device);
  } catch (...) {
    return false;
  }
}

}  // namespace nanobind::detail
