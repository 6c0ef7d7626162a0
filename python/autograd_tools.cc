// Checkpointing, saved-tensor hooks, anomaly mode, graph export, profiler.
#include <nanobind/stl/pair.h>

#include "lydia/autograd/anomaly.h"
#include "lydia/autograd/checkpoint.h"
#include "lydia/autograd/graph_export.h"
#include "lydia/autograd/profiler.h"
#include "lydia/ops/op.h"
#include "python/callback.h"

namespace lydia::python {
namespace {

// run(*tensors) -> anything; what the first run returns goes to the caller.
nb::object checkpointed(nb::callable run, nb::object tensors) {
  nb::object result;
  const auto slot = std::make_shared<nb::object*>(&result);  // null after the first run
  const auto call = [function = PyRef(run), slot](const Tensors& inputs) -> Tensors {
    const nb::gil_scoped_acquire gil;
    nb::list args;
    for (const Tensor& t : inputs) args.append(or_none(t));
    nb::object made = function.get()(*args);
    if (nb::object* to = std::exchange(*slot, nullptr)) *to = std::move(made);
    return {};
  };
  checkpoint(call, to_tensors(tensors));
  return result;
}

// pack(tensor) -> anything, unpack(anything) -> tensor, both in Python.
class PyStore final : public SavedTensorStore {
 public:
  PyStore(nb::callable pack, nb::callable unpack) : pack_(pack), unpack_(unpack) {}
  int64_t pack(const Tensor& value) override {
    const nb::gil_scoped_acquire gil;
    const SavedTensorsGuard off{nullptr};
    const nb::object packed = pack_.get()(value);
    packed_.emplace_back(packed);
    return static_cast<int64_t>(packed_.size()) - 1;
  }
  Tensor unpack(int64_t id) override {
    const nb::gil_scoped_acquire gil;
    const Tensor t = tensor_or_undefined(unpack_.get()(packed_[static_cast<size_t>(id)].get()));
    LYDIA_CHECK(t.defined(), TypeError, "saved_tensors_hooks: expected unpack to return a tensor");
    return t;
  }

 private:
  PyRef pack_, unpack_;
  std::vector<PyRef> packed_;
};

struct PyStoreScope {
  Ref<PyStore> store;
  std::vector<std::shared_ptr<SavedTensorsGuard>> entered;
};

// "file:line in function" of the innermost Python frame outside this package.
std::string python_trace() {
  if (!PyGILState_Check()) return "(outside Python)";
  nb::object frame = nb::borrow(reinterpret_cast<PyObject*>(PyEval_GetFrame()));
  while (frame.is_valid() && !frame.is_none()) {
    const std::string file = nb::cast<std::string>(frame.attr("f_code").attr("co_filename"));
    if (file.find("/lydia/") == std::string::npos || file.find("/tests/") != std::string::npos)
      return file + ":" + std::to_string(nb::cast<int>(frame.attr("f_lineno"))) + " in " +
             nb::cast<std::string>(frame.attr("f_code").attr("co_name"));
    frame = frame.attr("f_back");
  }
  return "(outside Python)";
}

TensorNames to_names(const nb::dict& names) {
  TensorNames out;
  for (auto [name, tensor] : names)
    out.emplace_back(nb::cast<std::string>(name), nb::cast<Tensor>(tensor));
  return out;
}

nb::list event_list(const Profiler& p) {
  nb::list out;
  for (const ProfileEvent& e : p.events()) {
    nb::dict d;
    d["name"] = e.name;
    d["start_ns"] = e.start_ns;
    d["duration_ns"] = e.duration_ns;
    d["bytes_in"] = e.bytes_in;
    d["bytes_out"] = e.bytes_out;
    d["allocated"] = e.allocated;
    d["thread"] = e.thread;
    d["range"] = e.range;
    out.append(d);
  }
  return out;
}

nb::list row_list(const Profiler& p) {
  nb::list out;
  for (const ProfileRow& r : p.rows()) {
    nb::dict d;
    d["name"] = r.name;
    d["calls"] = r.calls;
    d["total_ns"] = r.total_ns;
    d["longest_ns"] = r.longest_ns;
    d["bytes_in"] = r.bytes_in;
    d["bytes_out"] = r.bytes_out;
    out.append(d);
  }
  return out;
}

struct PyRange {
  std::string name;
  std::vector<std::shared_ptr<ProfileRange>> entered;
};

void register_profiler(nb::module_& m) {
  nb::class_<Profiler>(m, "_Profiler")
      .def(nb::init<>())
      .def("start", &Profiler::start)
      .def("stop", &Profiler::stop)
      .def("events", &event_list)
      .def("rows", &row_list)
      .def("table", &Profiler::table, "limit"_a)
      .def("chrome_trace", &Profiler::chrome_trace);
  nb::class_<PyRange>(m, "_ProfileRange")
      .def(
          "__init__",
          [](PyRange* r, std::string name) {
            new (r) PyRange{std::move(name), {}};
          },
          "name"_a)
      .def("__enter__",
           [](PyRange& r) { r.entered.push_back(std::make_shared<ProfileRange>(r.name)); })
      .def("__exit__", [](PyRange& r, const nb::args&) { r.entered.pop_back(); });
}

}  // namespace

void register_autograd_tools(nb::module_& m) {
  register_profiler(m);
  m.def("_checkpoint", &checkpointed, "run"_a, "tensors"_a);
  nb::class_<PyStoreScope>(m, "_SavedTensorsHooks")
      .def(
          "__init__",
          [](PyStoreScope* s, nb::callable pack, nb::callable unpack) {
            new (s) PyStoreScope{Ref<PyStore>(new PyStore(pack, unpack)), {}};
          },
          "pack_hook"_a, "unpack_hook"_a)
      .def("__enter__",
           [](PyStoreScope& s) {
             s.entered.push_back(
                 std::make_shared<SavedTensorsGuard>(Ref<SavedTensorStore>(s.store)));
           })
      .def("__exit__", [](PyStoreScope& s, const nb::args&) { s.entered.pop_back(); });
  m.def(
      "_set_detect_anomaly", [](bool enabled) { set_detect_anomaly(enabled, &python_trace); },
      "enabled"_a);
  m.def("is_anomaly_enabled", &anomaly_enabled, "True in anomaly mode.");
  m.def(
      "_to_dot",
      [](nb::object roots, const nb::dict& names) {
        return to_dot(to_tensors(roots), to_names(names));
      },
      "roots"_a, "names"_a);
  m.def(
      "_to_mermaid",
      [](nb::object roots, const nb::dict& names) {
        return to_mermaid(to_tensors(roots), to_names(names));
      },
      "roots"_a, "names"_a);
}

}  // namespace lydia::python
