// What lies behind a tensor: its storage, its bytes for pickling, and DLPack both ways.
//
// DLPack is an exchange of plain structs in a capsule (github.com/dmlc/dlpack, version 1): the
// consumer renames the capsule and calls the producer's deleter when it is done.
#include <algorithm>
#include <cstring>

#include "lydia/ops/copy.h"
#include "python/callback.h"

namespace lydia::python {
namespace {

struct DLDevice {
  int32_t type;  // 1: CPU
  int32_t id;
};
struct DLDataType {
  uint8_t code;  // 0 int, 1 uint, 2 float, 4 bfloat, 6 bool
  uint8_t bits;
  uint16_t lanes;
};
struct DLTensor {
  void* data;
  DLDevice device;
  int32_t ndim;
  DLDataType dtype;
  int64_t* shape;
  int64_t* strides;  // in elements; null for row-major
  uint64_t byte_offset;
};
struct DLManagedTensor {
  DLTensor tensor;
  void* context;
  void (*deleter)(DLManagedTensor*);
};
struct DLManagedTensorVersioned {
  uint32_t major, minor;
  void* context;
  void (*deleter)(DLManagedTensorVersioned*);
  uint64_t flags;  // bit 0: read-only
  DLTensor tensor;
};
constexpr const char* kPlain = "dltensor";
constexpr const char* kVersioned = "dltensor_versioned";
constexpr int32_t kDLCPU = 1;

DLDataType to_dl(DType t) {
  const uint8_t code = t == DType::Bool   ? 6
                       : t == DType::BF16 ? 4
                       : is_floating(t)   ? 2
                       : is_signed(t)     ? 0
                                          : 1;
  return {code, static_cast<uint8_t>(8 * item_size(t)), 1};
}

DType from_dl(DLDataType t) {
  for (int i = 0; i < kDTypeCount; ++i) {
    const DLDataType own = to_dl(static_cast<DType>(i));
    if (own.code == t.code && own.bits == t.bits && t.lanes == 1) return static_cast<DType>(i);
  }
  fail<TypeError>("from_dlpack: expected a dtype that lydia has, got code ", int{t.code}, " with ",
                  int{t.bits}, " bits and ", int{t.lanes}, " lanes");
}

// A capsule's struct together with what it points to.
template <class Managed>
struct Exported {
  Managed managed{};
  Tensor tensor;
  Dims sizes, strides;
};

template <class Managed>
nb::object export_as(const Tensor& t, const char* name) {
  t.storage()->set_exposed();
  auto* e = new Exported<Managed>;
  e->tensor = t.detach();
  e->sizes = t.sizes();
  e->strides = t.strides();
  Managed& m = e->managed;
  m.tensor = {t.data_ptr(),    {kDLCPU, 0},       t.ndim(), to_dl(t.dtype()),
              e->sizes.data(), e->strides.data(), 0};
  m.context = e;
  m.deleter = [](Managed* self) { delete static_cast<Exported<Managed>*>(self->context); };
  if constexpr (std::is_same_v<Managed, DLManagedTensorVersioned>) {
    m.major = 1;
    m.flags = t.storage()->read_only() ? 1 : 0;
  }
  // A capsule that nobody consumed still has its first name, and frees what it holds.
  PyObject* capsule = PyCapsule_New(&m, name, [](PyObject* o) {
    const char* current = PyCapsule_GetName(o);
    const char* unused = std::is_same_v<Managed, DLManagedTensor> ? kPlain : kVersioned;
    if (!current || std::strcmp(current, unused) != 0) return;
    auto* managed = static_cast<Managed*>(PyCapsule_GetPointer(o, current));
    managed->deleter(managed);
  });
  return nb::steal(capsule);
}

[[noreturn]] void buffer_error(const char* text) {
  PyErr_SetString(PyExc_BufferError, text);
  throw nb::python_error();
}

nb::object to_dlpack(const Tensor& t, bool versioned) {
  if (t.requires_grad()) buffer_error("__dlpack__: this tensor requires grad; use .detach()");
  if (versioned) return export_as<DLManagedTensorVersioned>(t, kVersioned);
  if (t.storage()->read_only())
    buffer_error("__dlpack__: this consumer does not know read-only memory; clone() the tensor");
  return export_as<DLManagedTensor>(t, kPlain);
}

template <class Managed>
Tensor import_as(PyObject* capsule, const char* name, const char* used) {
  auto* m = static_cast<Managed*>(PyCapsule_GetPointer(capsule, name));
  bool read_only = false;
  if constexpr (std::is_same_v<Managed, DLManagedTensorVersioned>) {
    LYDIA_CHECK(m->major == 1, NotImplementedError, "from_dlpack: expected DLPack version 1, got ",
                m->major, '.', m->minor);
    read_only = m->flags & 1;
  }
  const DLTensor& t = m->tensor;
  LYDIA_CHECK(t.device.type == kDLCPU, NotImplementedError,
              "from_dlpack: expected memory of the CPU (device type 1), got ", t.device.type);
  LYDIA_CHECK(t.ndim >= 0 && t.ndim <= kMaxDims, ValueError, "from_dlpack: expected at most ",
              kMaxDims, " dimensions, got ", t.ndim);
  const auto count = static_cast<size_t>(t.ndim);
  const Dims sizes(std::span<const int64_t>(t.shape, count));
  const Dims strides =
      t.strides ? Dims(std::span<const int64_t>(t.strides, count)) : contiguous_strides(sizes);
  const DType dtype = from_dl(t.dtype);
  const auto release = [m] {
    const nb::gil_scoped_acquire gil;
    if (m->deleter) m->deleter(m);
  };
  Tensor out =
      from_blob(static_cast<std::byte*>(t.data) + t.byte_offset, sizes, strides, dtype, release);
  PyCapsule_SetName(capsule, used);  // from here on the tensor owns what the capsule held
  out.storage()->set_read_only(read_only);
  return out;
}

Tensor from_capsule(nb::object capsule) {
  PyObject* o = capsule.ptr();
  if (PyCapsule_IsValid(o, kVersioned))
    return import_as<DLManagedTensorVersioned>(o, kVersioned, "used_dltensor_versioned");
  LYDIA_CHECK(PyCapsule_IsValid(o, kPlain), TypeError,
              "from_dlpack: expected an object with __dlpack__ or an unused DLPack capsule, got ",
              nb::str(capsule.type()).c_str());
  return import_as<DLManagedTensor>(o, kPlain, "used_dltensor");
}

// All of the storage behind t as one flat tensor of t's dtype.
Tensor whole_storage(const Tensor& t) {
  const auto n = static_cast<int64_t>(t.storage()->bytes() / t.element_size());
  return Tensor::over(t.storage(), t.dtype(), {n}, {1}, 0);
}

nb::bytes bytes_of(const Tensor& t) {
  const Tensor dense = contiguous(t.detach());
  return nb::bytes(dense.data_ptr(), dense.nbytes());
}

Tensor tensor_of_bytes(const nb::bytes& data, DType dtype) {
  LYDIA_CHECK(data.size() % item_size(dtype) == 0, ValueError,
              "tensor of bytes: expected a multiple of ", item_size(dtype), " bytes, got ",
              data.size());
  Tensor t = empty({static_cast<int64_t>(data.size() / item_size(dtype))}, dtype);
  if (t.nbytes()) std::memcpy(t.data_ptr(), data.c_str(), t.nbytes());
  if (dtype == DType::Bool) {  // the bytes may come from anyone; a bool is 0 or 1
    auto* bytes = static_cast<unsigned char*>(t.data_ptr());
    std::transform(bytes, bytes + t.numel(), bytes, [](unsigned char b) { return b != 0; });
  }
  return t;
}

}  // namespace

void register_memory(Module& m, TensorClass& c) {
  m.def("_to_dlpack", &to_dlpack, "input"_a, "versioned"_a);
  m.def("_from_capsule", &from_capsule, "capsule"_a);
  m.def("_whole_storage", &whole_storage, "input"_a);
  m.def("_bytes_of", &bytes_of, "input"_a);
  m.def("_tensor_of_bytes", &tensor_of_bytes, "data"_a, "dtype"_a);
  c.def_prop_ro("_storage_ptr",
                [](const Tensor& t) { return reinterpret_cast<uintptr_t>(t.storage()->data()); })
      .def_prop_ro("_storage_nbytes", [](const Tensor& t) { return t.storage()->bytes(); })
      .def("_exposed_ptr",
           [](const Tensor& t) {
             t.storage()->set_exposed();
             return reinterpret_cast<uintptr_t>(t.data_ptr());
           })
      .def_prop_ro("_read_only", [](const Tensor& t) { return t.storage()->read_only(); });
}

}  // namespace lydia::python
