// Files of arrays: IDX, npy, npz; and the error for broken records.
#include "lydia/io/corrupt.h"
#include "lydia/io/idx.h"
#include "lydia/io/npy.h"
#include "python/bind.h"
#include "python/register.h"

namespace lydia::python {
namespace {

nb::dict to_dict(const io::NamedTensors& tensors) {
  nb::dict out;
  for (const auto& [name, tensor] : tensors) out[name.c_str()] = tensor;
  return out;
}

io::NamedTensors from_dict(const nb::dict& tensors, const char* op) {
  io::NamedTensors out;
  for (const auto& [name, tensor] : tensors) {
    LYDIA_CHECK(nb::isinstance<nb::str>(name) && nb::isinstance<Tensor>(tensor), TypeError, op,
                ": expected a dict of names and tensors, got ", nb::repr(name).c_str(), ": ",
                nb::str(tensor.type()).c_str());
    out.emplace_back(nb::cast<std::string>(name), nb::cast<Tensor>(tensor));
  }
  return out;
}

io::LoadMode mode_of(bool mmap) { return mmap ? io::LoadMode::Map : io::LoadMode::Copy; }

// Reading files needs no Python, so other threads run meanwhile.
template <class F>
auto without_gil(F&& f) {
  const nb::gil_scoped_release release;
  return f();
}

}  // namespace

void register_io_arrays(nb::module_& parent) {
  auto m = nb::cast<nb::module_>(parent.attr("_io"));
  nb::exception<io::CorruptRecord>(m, "CorruptRecord", PyExc_ValueError);
  m.def(
      "read_idx",
      [](const std::string& path) { return without_gil([&] { return io::read_idx(path); }); },
      "path"_a);
  m.def(
      "load_npy",
      [](const std::string& path, bool mmap) {
        return without_gil([&] { return io::load_npy(path, mode_of(mmap)); });
      },
      "path"_a, "mmap"_a);
  m.def("save_npy", &io::save_npy, "path"_a, "tensor"_a);
  m.def(
      "load_npz",
      [](const std::string& path) {
        return to_dict(without_gil([&] { return io::load_npz(path); }));
      },
      "path"_a);
  m.def(
      "save_npz",
      [](const std::string& path, const nb::dict& tensors, bool compressed) {
        io::save_npz(path, from_dict(tensors, "save_npz"), compressed);
      },
      "path"_a, "tensors"_a, "compressed"_a);
}

}  // namespace lydia::python
