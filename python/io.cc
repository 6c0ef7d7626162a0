// Files of tensors: lydia.safetensors and lydia.save stand on the class and functions of
// lydia._C._io.
#include <nanobind/stl/map.h>
#include <nanobind/stl/pair.h>

#include "lydia/io/safetensors_tensors.h"
#include "python/bind.h"

namespace lydia::python {
namespace {

// An open file or a block of bytes, with what stands for its path in messages.
struct File {
  io::SafetensorsFile file;
  std::string label;

  const io::TensorView& find(const std::string& name) const {
    const io::TensorView* view = file.find(name);
    if (view) return *view;
    const std::string text = label + ": there is no tensor named '" + name + "'";
    PyErr_SetObject(PyExc_KeyError, nb::str(text.c_str()).ptr());
    throw nb::python_error();
  }
  Tensor tensor(const std::string& name, bool map) const {
    return io::load_tensor(file, find(name), map ? io::LoadMode::Map : io::LoadMode::Copy, label);
  }
};

File parse(const nb::bytes& data, const std::string& label) {
  const auto* first = static_cast<const std::byte*>(data.data());
  return {io::SafetensorsFile::parse({first, first + data.size()}, label), label};
}

std::vector<std::string> names(const File& f) {
  std::vector<std::string> out;
  for (const io::TensorView& view : f.file.tensors()) out.push_back(view.name);
  return out;
}

void save(const std::string& path, const io::NamedTensors& tensors, const io::Metadata& metadata) {
  const nb::gil_scoped_release nogil;
  io::save_safetensors(path, tensors, metadata);
}

}  // namespace

void register_io(nb::module_& parent) {
  nb::module_ m = parent.def_submodule("_io", "Files of tensors.");
  nb::class_<File>(m, "File", "A safetensors file, mapped into memory.")
      .def_static(
          "open",
          [](const std::string& path) {
            return File{io::SafetensorsFile::open(path), path};
          },
          "path"_a, "Maps a file. OSError where it cannot be read, ValueError for a bad file.")
      .def_static("parse", &parse, "data"_a, "label"_a,
                  "Reads the format from bytes; `label` stands for the path in errors.")
      .def("names", &names, "The names of the tensors, in the order of their data.")
      .def(
          "metadata", [](const File& f) { return f.file.metadata(); }, "The file's strings.")
      .def(
          "tensor", &File::tensor, "name"_a, "map"_a,
          "A tensor: with map=True read-only on the mapped file, else a copy. KeyError where there "
          "is none, NotImplementedError for dtypes lydia has not.")
      .def(
          "dtype", [](const File& f, const std::string& name) { return f.find(name).format_dtype; },
          "name"_a, "A tensor's dtype as the format writes it, such as 'F32'.")
      .def(
          "shape", [](const File& f, const std::string& name) { return f.find(name).shape; },
          "name"_a, "A tensor's sizes.");
  m.def("save", &save, "path"_a, "tensors"_a, "metadata"_a,
        "Writes (name, tensor) pairs and strings to a file, whole or not at all.");
  m.def(
      "pack",
      [](const io::NamedTensors& tensors, const io::Metadata& metadata) {
        const std::string text = io::pack_safetensors(tensors, metadata);
        return nb::bytes(text.data(), text.size());
      },
      "tensors"_a, "metadata"_a, "The same as bytes.");
}

}  // namespace lydia::python
