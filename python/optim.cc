// The optimiser core behind lydia.optim.
#include "lydia/train/optimizer.h"
#include "python/bind.h"
#include "python/callback.h"

namespace lydia::python {
namespace {

train::Hyper to_hyper(const nb::dict& values) {
  train::Hyper out;
  for (auto [name, value] : values) out[nb::cast<std::string>(name)] = nb::cast<double>(value);
  return out;
}

void set_hyper(train::Optimizer& self, size_t group, const nb::dict& values) {
  for (auto [name, value] : values)
    self.set(group, nb::cast<const char*>(name), nb::cast<double>(value));
}

// (step, {slot: tensor})
nb::tuple state_of(const train::Optimizer& self, size_t param) {
  const train::ParamState& state = self.states().at(param);
  nb::dict slots;
  for (size_t s = 0; s < state.slots.size(); ++s)
    if (state.slots[s].defined()) slots[self.slot_names()[s].c_str()] = state.slots[s];
  return nb::make_tuple(state.step, slots);
}

void set_state(train::Optimizer& self, size_t param, int64_t step, const nb::dict& slots) {
  Tensors tensors;
  for (const std::string& name : self.slot_names())
    tensors.push_back(slots.contains(name.c_str()) ? tensor_or_undefined(slots[name.c_str()])
                                                   : Tensor());
  self.set_state(param, step, tensors);
}

}  // namespace

void register_optim(nb::module_& m) {
  using train::Optimizer;
  nb::class_<Optimizer>(m, "_Optimizer")
      .def("__init__",
           [](Optimizer* self, const std::string& kind, const nb::dict& hyper) {
             new (self) Optimizer(kind, std::vector<train::ParamGroup>{}, to_hyper(hyper));
           })
      .def("add_param_group",
           [](Optimizer& self, nb::object params, const nb::dict& hyper) {
             self.add_param_group(to_tensors(params), to_hyper(hyper));
           })
      .def("set_hyper", &set_hyper)
      .def("step", &Optimizer::step, nb::call_guard<nb::gil_scoped_release>())
      .def("zero_grad", &Optimizer::zero_grad)
      .def_prop_ro("slot_names", &Optimizer::slot_names)
      .def("state", &state_of)
      .def("set_state", &set_state);
}

}  // namespace lydia::python
