// Autocast, loss scaling and averages of weights behind lydia.amp and lydia.optim.swa_utils.
#include "lydia/ops/autocast.h"
#include "lydia/train/ema.h"
#include "lydia/train/grad_scaler.h"
#include "python/bind.h"
#include "python/callback.h"

namespace lydia::python {
namespace {

// Changes the state where it stands, inside a block of autocast or outside of all.
void set_autocast(const AutocastState& state) {
  enter_autocast(state);
  leave_autocast(state);
}

}  // namespace

void register_amp(nb::module_& m) {
  m.def("_enter_autocast", [](bool enabled, bool cache, DType dtype) {
    const AutocastState outer = enter_autocast({enabled, cache, dtype});
    return nb::make_tuple(outer.enabled, outer.cache, outer.dtype);
  });
  m.def("_leave_autocast", [](bool enabled, bool cache, DType dtype) {
    leave_autocast({enabled, cache, dtype});
  });
  m.def(
      "is_autocast_enabled", [](nb::object) { return autocast_on(); }, "device_type"_a = nb::none(),
      "True inside autocast.");
  m.def(
      "set_autocast_enabled",
      [](nb::object, bool enabled) {
        const AutocastState now = autocast_state();
        set_autocast({enabled, now.cache, now.dtype});
      },
      "device_type"_a, "enabled"_a,
      "Switches autocast on or off where it stands; inside a block of autocast, to its end.");
  m.def(
      "get_autocast_dtype", [](nb::object) { return autocast_state().dtype; },
      "device_type"_a = nb::none(), "The low dtype that autocast uses.");
  m.def(
      "set_autocast_dtype",
      [](nb::object, DType dtype) {
        const AutocastState now = autocast_state();
        set_autocast({now.enabled, now.cache, dtype});
      },
      "device_type"_a, "dtype"_a, "Sets the low dtype that autocast uses: bfloat16 or float16.");
  m.def(
      "is_autocast_cache_enabled", [] { return autocast_state().cache; },
      "Whether autocast keeps the casts of parameters to its end.");
  m.def(
      "set_autocast_cache_enabled",
      [](bool enabled) {
        const AutocastState now = autocast_state();
        set_autocast({now.enabled, enabled, now.dtype});
      },
      "enabled"_a, "Switches the keeping of casts of parameters on or off.");
  m.def("clear_autocast_cache", &clear_autocast_cache,
        "Drops the casts of parameters that autocast keeps.");

  using train::LossScale;
  nb::class_<LossScale>(m, "_LossScale")
      .def("__init__",
           [](LossScale* self, double scale, double growth, double backoff, int64_t interval) {
             const LossScale made{scale, growth, backoff, interval};
             made.check();
             new (self) LossScale(made);
           })
      .def_rw("scale", &LossScale::scale)
      .def_rw("growth_factor", &LossScale::growth_factor)
      .def_rw("backoff_factor", &LossScale::backoff_factor)
      .def_rw("growth_interval", &LossScale::growth_interval)
      .def_rw("good_steps", &LossScale::good_steps)
      .def("update", &LossScale::update);
  m.def("_unscale_gradients", [](nb::object params, double scale) {
    return train::unscale_gradients(to_tensors(params), scale);
  });
  m.def("_average_into", [](nb::object averages, nb::object weights, double rate) {
    train::average_into(to_tensors(averages), to_tensors(weights), rate);
  });
}

}  // namespace lydia::python
