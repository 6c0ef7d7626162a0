#include "python/buffer.h"

#include <bit>
#include <cstring>

namespace lydia::python {
namespace {

// A Py_buffer that is released under Python's lock.
struct Export {
  Py_buffer view{};
  bool held = false;
  Export() = default;
  Export(const Export&) = delete;
  Export& operator=(const Export&) = delete;
  ~Export() {
    if (!held || !Py_IsInitialized()) return;
    const nb::gil_scoped_acquire gil;
    PyBuffer_Release(&view);
  }
};

std::optional<DType> dtype_of_size(const char* codes_of, char code, Py_ssize_t size,
                                   std::initializer_list<DType> dtypes) {
  if (!std::strchr(codes_of, code)) return std::nullopt;
  for (DType t : dtypes)
    if (static_cast<Py_ssize_t>(item_size(t)) == size) return t;
  return std::nullopt;
}

// The struct module's format character (docs.python.org/3/library/struct.html), in this machine's
// byte order.
std::optional<DType> dtype_of_format(const char* format, Py_ssize_t size) {
  if (!format) return DType::U8;
  constexpr char other_order = std::endian::native == std::endian::little ? '>' : '<';
  if (*format == other_order || (*format == '!' && other_order == '>')) return std::nullopt;
  if (*format && std::strchr("@=<>!", *format)) ++format;
  if (!*format || format[1]) return std::nullopt;
  if (auto t = dtype_of_size("?", *format, size, {DType::Bool})) return t;
  if (auto t =
          dtype_of_size("bhilqn", *format, size, {DType::I8, DType::I16, DType::I32, DType::I64}))
    return t;
  if (auto t =
          dtype_of_size("BHILQN", *format, size, {DType::U8, DType::U16, DType::U32, DType::U64}))
    return t;
  return dtype_of_size("efd", *format, size, {DType::F16, DType::F32, DType::F64});
}

std::string element_name(nb::handle object, const Py_buffer& view) {
  if (PyObject_HasAttrString(object.ptr(), "dtype")) {
    const nb::object dtype = object.attr("dtype");
    return nb::str(nb::handle(dtype)).c_str();
  }
  return std::string("elements of format '") + view.format + "'";
}

}  // namespace

Tensor tensor_over_buffer(nb::handle object, const char* op) {
  const auto e = std::make_shared<Export>();
  if (PyObject_GetBuffer(object.ptr(), &e->view, PyBUF_RECORDS_RO) != 0) {
    PyErr_Clear();
    fail<TypeError>(op, ": expected an array of numbers or bools, got ",
                    nb::str(object.type()).c_str());
  }
  e->held = true;
  const Py_buffer& v = e->view;
  const std::optional<DType> dtype = dtype_of_format(v.format, v.itemsize);
  LYDIA_CHECK(dtype, TypeError, op,
              ": expected numbers or bools in this machine's byte order, got ",
              element_name(object, v));
  LYDIA_CHECK(v.ndim <= kMaxDims, ValueError, op, ": expected at most ", kMaxDims,
              " dimensions, got ", v.ndim);
  Dims sizes, strides;
  for (int i = 0; i < v.ndim; ++i) {
    LYDIA_CHECK(v.strides[i] % v.itemsize == 0, ValueError, op,
                ": expected strides in whole elements of ", v.itemsize, " bytes, got ",
                v.strides[i], " bytes");
    sizes.push_back(v.shape[i]);
    strides.push_back(v.strides[i] / v.itemsize);
  }
  Tensor t = from_blob(v.buf, sizes, strides, *dtype, [e] {});
  t.storage()->set_read_only(v.readonly);
  return t;
}

}  // namespace lydia::python
