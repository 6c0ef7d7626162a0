// lydia.train: checkpoints, logs and the progress bar of lydia/train and lydia/report.
#include <nanobind/stl/map.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/tuple.h>

#include "lydia/io/json.h"
#include "lydia/report/progress.h"
#include "lydia/train/checkpoint.h"
#include "lydia/train/figures.h"
#include "python/bind.h"
#include "python/register.h"

namespace lydia::python {
namespace {

using report::ProgressBar;
using train::Checkpoint;
using train::Figures;

// Step, model, training, its strings, and the state as JSON.
using Loaded = std::tuple<int64_t, io::NamedTensors, io::NamedTensors, io::Metadata, std::string>;

std::string save_checkpoint(const std::string& folder, int64_t step, io::NamedTensors model,
                            io::NamedTensors training, io::Metadata strings,
                            const std::string& state) {
  Checkpoint checkpoint{step, std::move(model), std::move(training), {}, std::move(strings)};
  checkpoint.state = io::parse_json(state, "save_checkpoint").as_object();
  const nb::gil_scoped_release nogil;
  return train::save_checkpoint(folder, checkpoint);
}

Loaded unpack(Checkpoint&& from) {
  return {from.step, std::move(from.model), std::move(from.training),
          std::move(from.training_strings), io::to_json(std::move(from.state))};
}

Loaded load_checkpoint(const std::string& path) {
  const nb::gil_scoped_release nogil;
  return unpack(train::load_checkpoint(path));
}

Loaded load_newest(const std::string& folder, const nb::callable& refused) {
  const nb::gil_scoped_release nogil;
  return unpack(train::load_newest_checkpoint(folder, [&](const std::string& what) {
    const nb::gil_scoped_acquire gil;
    refused(what);
  }));
}

std::vector<std::pair<int64_t, std::string>> list_checkpoints(const std::string& folder) {
  std::vector<std::pair<int64_t, std::string>> out;
  for (const auto& [step, path] : train::list_checkpoints(folder)) out.emplace_back(step, path);
  return out;
}

Figures to_figures(const nb::dict& values) {
  Figures figures;
  for (const auto& [name, value] : values) {
    figures.emplace_back(nb::cast<std::string>(name), nb::cast<double>(nb::float_(value)));
  }
  return figures;
}

void register_bar(nb::module_& m) {
  nb::class_<ProgressBar>(m, "ProgressBar")
      .def(
          "__init__",
          [](ProgressBar* self, int64_t total, int64_t first, bool quiet) {
            new (self) ProgressBar(
                total, {.label = "train",
                        .mode = quiet ? report::ProgressMode::Quiet : report::ProgressMode::Auto,
                        .first = first});
          },
          "total"_a, "first"_a, "quiet"_a)
      .def("advance", &ProgressBar::advance, "count"_a = 1)
      .def("set", nb::overload_cast<std::string_view, double>(&ProgressBar::set))
      .def("set", nb::overload_cast<std::string_view, std::string_view>(&ProgressBar::set))
      .def("message", &ProgressBar::message, "line"_a)
      .def("finish", &ProgressBar::finish);
}

}  // namespace

void register_train(nb::module_& parent) {
  nb::module_ m = parent.def_submodule("_train", "Checkpoints, logs and the progress bar.");
  m.def("save_checkpoint", &save_checkpoint, "folder"_a, "step"_a, "model"_a, "training"_a,
        "strings"_a, "state"_a);
  m.def("load_checkpoint", &load_checkpoint, "path"_a);
  m.def("load_newest_checkpoint", &load_newest, "folder"_a, "refused"_a);
  m.def("list_checkpoints", &list_checkpoints, "folder"_a);
  m.def("prune_checkpoints", &train::prune_checkpoints, "folder"_a, "keep"_a, "also"_a);
  m.def("set_aside_checkpoints", &train::set_aside_checkpoints, "folder"_a);
  nb::class_<train::RunLog>(m, "RunLog")
      .def(nb::init<const std::string&, int64_t>(), "folder"_a, "last_step"_a)
      .def(
          "write",
          [](train::RunLog& log, int64_t step, const nb::dict& values) {
            log.write(step, to_figures(values));
          },
          "step"_a, "values"_a);
  register_bar(m);
}

}  // namespace lydia::python
