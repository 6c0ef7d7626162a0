// What lydia.nn takes from lydia/nn: first values, states in files, patterns of names.
#include <nanobind/stl/map.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/tuple.h>

#include "lydia/io/safetensors_tensors.h"
#include "lydia/nn/init.h"
#include "lydia/nn/recurrent.h"
#include "lydia/nn/serialize.h"
#include "lydia/nn/summary.h"
#include "python/bind.h"

namespace lydia::python {
namespace {

namespace init = nn::init;

// lydia._C._init_<name>(tensor, ...): gives the tensor object itself back.
template <class F, class... Extra>
void def_init(nb::module_& m, const char* name, F f, const Extra&... extra) {
  m.def(name, f, "tensor"_a, extra...);
}

template <class F>
nb::object on(nb::handle_t<Tensor> self, F f) {
  f(nb::cast<const Tensor&>(self));
  return nb::borrow(self);
}

using Self = nb::handle_t<Tensor>;

void register_init(nb::module_& m) {
  const auto two = [&m](const char* name, auto f, const char* first, double a, const char* second,
                        double b) {
    def_init(
        m, name,
        [f](Self t, double x, double y, Generator* g) {
          return on(t, [&](const Tensor& v) { f(v, x, y, g); });
        },
        nb::arg(first) = a, nb::arg(second) = b, "generator"_a.none() = nb::none());
  };
  two("_init_uniform_", &init::uniform_, "a", 0, "b", 1);
  two("_init_normal_", &init::normal_, "mean", 0, "std", 1);
  def_init(
      m, "_init_trunc_normal_",
      [](Self t, double mean, double std, double a, double b, Generator* g) {
        return on(t, [&](const Tensor& v) { init::trunc_normal_(v, mean, std, a, b, g); });
      },
      "mean"_a = 0.0, "std"_a = 1.0, "a"_a = -2.0, "b"_a = 2.0, "generator"_a.none() = nb::none());
  def_init(
      m, "_init_constant_",
      [](Self t, double value) {
        return on(t, [&](const Tensor& v) { init::constant_(v, value); });
      },
      "val"_a);
  def_init(m, "_init_eye_", [](Self t) { return on(t, &init::eye_); });
  def_init(
      m, "_init_dirac_",
      [](Self t, int64_t groups) {
        return on(t, [&](const Tensor& v) { init::dirac_(v, groups); });
      },
      "groups"_a = 1);
}

void register_scaled_init(nb::module_& m) {
  const auto with_gain = [&m](const char* name, auto f) {
    def_init(
        m, name,
        [f](Self t, double gain, Generator* g) {
          return on(t, [&](const Tensor& v) { f(v, gain, g); });
        },
        "gain"_a = 1.0, "generator"_a.none() = nb::none());
  };
  with_gain("_init_xavier_uniform_", &init::xavier_uniform_);
  with_gain("_init_xavier_normal_", &init::xavier_normal_);
  with_gain("_init_orthogonal_", &init::orthogonal_);
  const auto kaiming = [&m](const char* name, auto f) {
    def_init(
        m, name,
        [f](Self t, double a, const std::string& mode, const std::string& nonlinearity,
            Generator* g) {
          return on(t, [&](const Tensor& v) { f(v, a, init::parse_fan(mode), nonlinearity, g); });
        },
        "a"_a = 0.0, "mode"_a = "fan_in", "nonlinearity"_a = "leaky_relu",
        "generator"_a.none() = nb::none());
  };
  kaiming("_init_kaiming_uniform_", &init::kaiming_uniform_);
  kaiming("_init_kaiming_normal_", &init::kaiming_normal_);
  def_init(
      m, "_init_sparse_",
      [](Self t, double sparsity, double std, Generator* g) {
        return on(t, [&](const Tensor& v) { init::sparse_(v, sparsity, std, g); });
      },
      "sparsity"_a, "std"_a = 0.01, "generator"_a.none() = nb::none());
  m.def("_init_calculate_gain", &init::calculate_gain, "nonlinearity"_a, "param"_a = nb::none());
  m.def("_init_calculate_fans", &init::calculate_fans, "tensor"_a);
}

Tensor or_undefined(const std::optional<Tensor>& t) { return t.value_or(Tensor()); }

void register_recurrent(nb::module_& m) {
  m.def(
      "_nn_recurrent",
      [](const std::string& mode, const Tensor& x, const Tensor& h0,
         const std::optional<Tensor>& c0, const Tensors& weights, int64_t layers,
         bool bidirectional, bool bias, double dropout, const std::vector<int64_t>& rows) {
        const nn::RecurrentResult r =
            nn::recurrent(x, h0, or_undefined(c0), weights,
                          {nn::parse_recurrence(mode), layers, bidirectional, bias, dropout, rows});
        return nb::make_tuple(r.output, r.h, r.c.defined() ? nb::cast(r.c) : nb::none());
      },
      "mode"_a, "x"_a, "h0"_a, "c0"_a.none(), "weights"_a, "layers"_a, "bidirectional"_a, "bias"_a,
      "dropout"_a, "rows"_a);
}

// (name, type, -1 where it was not called, output, parameters, trainable, multiply-adds)
using SummaryCells =
    std::tuple<std::string, std::string, int, std::vector<int64_t>, int64_t, int64_t, int64_t>;

std::string summary_text(const std::vector<SummaryCells>& rows) {
  nn::Summary s;
  for (const auto& [name, type, called, output, parameters, trainable, macs] : rows)
    s.rows.push_back({name, type, called == 0, Dims(output), parameters, trainable, macs});
  if (!s.rows.empty()) {
    s.parameters = s.rows[0].parameters;
    s.trainable = s.rows[0].trainable;
    s.macs = s.rows[0].macs;
  }
  return s.text();
}

// A MacCounter that stops when told to, whatever the garbage collector does.
struct PyMacCounter {
  std::unique_ptr<nn::MacCounter> counter = std::make_unique<nn::MacCounter>();
};

void register_summary(nb::module_& m) {
  nb::class_<PyMacCounter>(m, "_MacCounter")
      .def(nb::init<>())
      .def("count", [](const PyMacCounter& c) { return c.counter ? c.counter->count() : 0; })
      .def("close", [](PyMacCounter& c) { c.counter.reset(); });
  m.def("_nn_summary_text", &summary_text, "rows"_a);
}

}  // namespace

void register_nn(nb::module_& m) {
  register_summary(m);
  register_recurrent(m);
  register_init(m);
  register_scaled_init(m);
  m.def("_glob_match", &nn::glob_match, "pattern"_a, "text"_a);
  m.def("_save_state", &nn::save_state, "state"_a, "path"_a, "metadata"_a);
  m.def("_load_state", &nn::load_state, "path"_a);
}

}  // namespace lydia::python
