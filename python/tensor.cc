// Tensor: what it is (shape, strides, dtype, memory), its single values, and lydia.tensor's bridge.
#include "lydia/ops/copy.h"
#include "lydia/ops/view.h"
#include "python/bind.h"

namespace lydia::python {
namespace {

nb::object to_list(const Tensor& t, int dim, std::byte* at) {
  if (dim == t.ndim())
    return visit_dtype(t.dtype(), [&](auto tag) {
      return from_scalar(Scalar(*reinterpret_cast<decltype(tag)*>(at)));
    });
  nb::list out;
  const int64_t step = t.strides()[dim] * static_cast<int64_t>(t.element_size());
  for (int64_t i = 0; i < t.sizes()[dim]; ++i) out.append(to_list(t, dim + 1, at + i * step));
  return out;
}

bool truth(const Tensor& t) {
  LYDIA_CHECK(t.numel() == 1, ValueError, "bool: the truth of a tensor of shape ", t.sizes(),
              " is ambiguous; use any() or all()");
  return t.item().to<bool>();
}

PyObject* size_type = nullptr;  // lydia.Size, set while the package loads

}  // namespace

nb::object to_size(const Dims& dims) {
  nb::tuple plain = from_dims(dims);
  return size_type ? nb::steal(PyObject_CallOneArg(size_type, plain.ptr())) : nb::object(plain);
}

void register_tensor(Module& m, TensorClass& tensor) {
  tensor
      .def(
          "__init__", [](Tensor* self, const Tensor& data) { new (self) Tensor(data.detach()); },
          "data"_a,
          "A leaf on the memory of `data`; or, as torch's old constructor, the values of a "
          "sequence "
          "or\nunset ones of the sizes given, in the default dtype.")
      .def("__init__",
           [](Tensor* self, const nb::args& args, const nb::kwargs& keywords) {
             const nb::object make = nb::module_::import_("lydia._constructors").attr("new_tensor");
             new (self) Tensor(nb::cast<Tensor>(make(default_dtype(), *args, **keywords)));
           })
      .def_prop_ro("shape", [](const Tensor& t) { return to_size(t.sizes()); })
      .def_prop_ro("ndim", &Tensor::ndim)
      .def_prop_ro("dtype", &Tensor::dtype)
      .def_prop_ro("device", &Tensor::device)
      .def_prop_ro("itemsize", &Tensor::element_size)
      .def_prop_ro("nbytes", &Tensor::nbytes)
      .def_prop_ro("is_leaf", &Tensor::is_leaf)
      .def_prop_ro("_version", &Tensor::version)
      .def("size", [](const Tensor& t) { return to_size(t.sizes()); })
      .def(
          "size", [](const Tensor& t, int64_t dim) { return t.size(dim); }, "dim"_a)
      .def("stride", [](const Tensor& t) { return t.strides(); })
      .def(
          "stride", [](const Tensor& t, int64_t dim) { return t.stride(dim); }, "dim"_a)
      .def("dim", &Tensor::ndim)
      .def("ndimension", &Tensor::ndim)
      .def("numel", &Tensor::numel)
      .def("nelement", &Tensor::numel)
      .def("element_size", &Tensor::element_size)
      .def("storage_offset", &Tensor::storage_offset)
      .def("is_contiguous", &Tensor::is_contiguous)
      .def("is_floating_point", &Tensor::is_floating_point)
      .def("data_ptr", [](const Tensor& t) { return reinterpret_cast<uintptr_t>(t.data_ptr()); })
      .def("_storage_id",
           [](const Tensor& t) { return reinterpret_cast<uintptr_t>(t.storage().get()); })
      .def("item", [](const Tensor& t) { return from_scalar(t.item()); })
      .def("tolist",
           [](const Tensor& t) { return to_list(t, 0, static_cast<std::byte*>(t.data_ptr())); })
      .def("__bool__", &truth)
      .def("__float__", [](const Tensor& t) { return t.item().to<double>(); })
      .def("__int__", [](const Tensor& t) { return from_scalar(t.item()).attr("__int__")(); })
      .def("__index__",
           [](const Tensor& t) {
             LYDIA_CHECK(!is_floating(t.dtype()), TypeError,
                         "index: expected an integer tensor of one element, got ", t.dtype());
             return nb::int_(from_scalar(t.item()));
           })
      .def("__len__",
           [](const Tensor& t) {
             LYDIA_CHECK(t.ndim() > 0, TypeError, "len: a 0-d tensor has no length");
             return t.sizes()[0];
           })
      .def("__hash__", [](const Tensor& t) { return reinterpret_cast<uintptr_t>(t.impl()) >> 4; });
  m.def(
      "_set_size_type", [](nb::object type) { size_type = type.release().ptr(); }, "type"_a);
}

}  // namespace lydia::python
