// What every binding file needs: nanobind, the casters of our argument types, and the helper that
// offers an op both as lydia.<op>(input, ...) and as Tensor.<op>(...).
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "lydia/core/tensor.h"
#include "python/define.h"

namespace nb = nanobind;
using namespace nb::literals;

namespace lydia::python {

// One per binding file; module.cc calls them in order.
void register_dtype(Module& m);
void register_errors(Module& m);
void register_tensor(Module& m, TensorClass& tensor);
void register_ops_copy(Module& m, TensorClass& tensor);
void register_ops_pointwise(Module& m, TensorClass& tensor);
void register_ops_logic(Module& m, TensorClass& tensor);
void register_ops_activation(Module& m, TensorClass& tensor);
void register_ops_view(Module& m, TensorClass& tensor);
void register_ops_reduce(Module& m, TensorClass& tensor);
void register_ops_linalg(Module& m);
void register_ops_loss(Module& m);
void register_ops_norm(Module& m, TensorClass& tensor);
void register_ops_matmul(Module& m, TensorClass& tensor);
void register_ops_conv(Module& m);
void register_ops_index(Module& m, TensorClass& tensor);
void register_ops_creation(Module& m);
void register_ops_attention(Module& m);
void register_function(nb::module_& m);
void register_ops_gather(Module& m, TensorClass& tensor);
void register_ops_cat(Module& m);
void register_ops_shape(Module& m, TensorClass& tensor);
void register_ops_sort(Module& m, TensorClass& tensor);
void register_ops_random(Module& m, TensorClass& tensor);
void register_ops_pool(Module& m);
void register_autograd_tools(nb::module_& m);
void register_data(Module& m);
void register_nn(nb::module_& m);
void register_memory(Module& m, TensorClass& tensor);
void register_autograd(Module& m, TensorClass& tensor);
void register_optim(nb::module_& m);
void register_optim_schedule(nb::module_& m);
void register_amp(nb::module_& m);

// lydia.<name>(input, extra...) and Tensor.<name>(extra...).
template <class F, class... Extra>
void def_op(Module& m, TensorClass& tensor, const char* name, F&& f, const Extra&... extra) {
  m.def(name, f, "input"_a, extra...);
  tensor.def(name, f, extra...);
}

// Dims from an int, a sequence of ints, or the *args of a method such as view(2, 3).
Dims to_dims(nb::handle value);
Dims args_to_dims(const nb::args& args);
Scalar to_scalar(nb::handle value);
nb::tuple from_dims(const Dims& dims);
// The same as lydia.Size.
nb::object to_size(const Dims& dims);
nb::object from_scalar(const Scalar& value);

// A dim argument of a reduction: None, an int, or a sequence. `all` where None or () was given.
struct DimArg {
  Dims dims;
  bool none = true;
};
// A device argument: "cpu", lydia.device("cpu"), or None.
struct DeviceArg {
  Device device;
  nb::handle unknown = {};  // a string that names no device, alive while the call is
  // ValueError, where there is none.
  operator Device() const {
    return unknown.is_valid() ? parse_device(nb::cast<std::string>(unknown)) : device;
  }
};

}  // namespace lydia::python

namespace nanobind::detail {

bool load_dims(handle src, lydia::Dims& out) noexcept;
bool load_scalar(handle src, lydia::Scalar& out) noexcept;
bool load_dim_arg(handle src, lydia::python::DimArg& out) noexcept;
bool load_device(handle src, lydia::python::DeviceArg& out) noexcept;

template <>
struct type_caster<lydia::Dims> {
  NB_TYPE_CASTER(lydia::Dims, const_name("int | Sequence[int]"))
  bool from_python(handle src, uint8_t, cleanup_list*) noexcept { return load_dims(src, value); }
  static handle from_cpp(const lydia::Dims& src, rv_policy, cleanup_list*) {
    return lydia::python::from_dims(src).release();
  }
};

template <>
struct type_caster<lydia::python::DimArg> {
  NB_TYPE_CASTER(lydia::python::DimArg, const_name("int | Sequence[int] | None"))
  bool from_python(handle src, uint8_t, cleanup_list*) noexcept { return load_dim_arg(src, value); }
  static handle from_cpp(const lydia::python::DimArg& src, rv_policy, cleanup_list*) {
    return src.none ? none().release() : lydia::python::from_dims(src.dims).release();
  }
};

template <>
struct type_caster<lydia::python::DeviceArg> {
  NB_TYPE_CASTER(lydia::python::DeviceArg, const_name("device | str"))
  bool from_python(handle src, uint8_t, cleanup_list*) noexcept { return load_device(src, value); }
  static handle from_cpp(const lydia::python::DeviceArg& src, rv_policy, cleanup_list*) {
    return cast(src.device).release();
  }
};

template <>
struct type_caster<lydia::Scalar> {
  lydia::Scalar value{0};
  static constexpr auto Name = const_name("bool | int | float");
  template <class T>
  using Cast = lydia::Scalar;
  template <class T>
  static constexpr bool can_cast() {
    return true;
  }
  bool from_python(handle src, uint8_t, cleanup_list*) noexcept { return load_scalar(src, value); }
  static handle from_cpp(const lydia::Scalar& src, rv_policy, cleanup_list*) {
    return lydia::python::from_scalar(src).release();
  }
  operator lydia::Scalar() const { return value; }
};

}  // namespace nanobind::detail
