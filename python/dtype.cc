// lydia.dtype and lydia.device.
#include <nanobind/operators.h>

#include <sstream>

#include "python/bind.h"

namespace lydia::python {

void register_dtype(Module& m) {
  auto dtype = nb::enum_<DType>(m, "dtype", "The type of a tensor's elements.");
  for (int i = 0; i < kDTypeCount; ++i) {
    const DType t = static_cast<DType>(i);
    dtype.value(dtype_name(t).data(), t);
  }
  dtype.def_prop_ro(
      "itemsize", [](DType t) { return item_size(t); }, "The bytes of one element.");
  dtype.def_prop_ro(
      "is_floating_point", [](DType t) { return is_floating(t); }, "True for floating dtypes.");
  dtype.def_prop_ro(
      "is_signed", [](DType t) { return is_signed(t); }, "True for dtypes with negative numbers.");
  dtype.def("__repr__", [](DType t) { return "lydia." + std::string(dtype_name(t)); });
  dtype.def("__str__", [](DType t) { return "lydia." + std::string(dtype_name(t)); });
  m.def("promote_types", &promote_types, "type1"_a, "type2"_a);
  m.def("can_cast", &can_cast, "from_"_a, "to"_a);
  m.def("get_default_dtype", &default_dtype);
  m.def("set_default_dtype", &set_default_dtype, "d"_a);

  nb::class_<Device>(m, "device", "Where a tensor lives: device(\"cpu\") or device(\"cuda:0\").")
      .def(
          "__init__",
          [](Device* d, const std::string& text) { new (d) Device(parse_device(text)); },
          "device"_a)
      .def_prop_ro(
          "type", [](Device d) { return d.type == DeviceType::CPU ? "cpu" : "cuda"; },
          "'cpu' or 'cuda'.")
      .def_prop_ro(
          "index",
          [](Device d) -> nb::object {
            if (d.type == DeviceType::CPU) return nb::none();
            return nb::int_(static_cast<int>(d.index));
          },
          "The number of a GPU; None for the CPU.")
      .def("__str__", [](Device d) { return (std::ostringstream() << d).str(); })
      .def("__repr__",
           [](Device d) { return (std::ostringstream() << "device(type='" << d << "')").str(); })
      .def(
          "__eq__", [](Device a, Device b) { return a == b; }, nb::is_operator())
      .def("__hash__", [](Device d) { return static_cast<int>(d.type) * 256 + d.index; });
  m.def("_cuda_available", &cuda_available);
  m.def("_cuda_status", [] { return std::string(cuda_status()); });
}

}  // namespace lydia::python
