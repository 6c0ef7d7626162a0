// The schedules behind lydia.optim.lr_scheduler, and gradient clipping.
#include "lydia/train/clip.h"
#include "lydia/train/schedule.h"
#include "python/bind.h"
#include "python/callback.h"

namespace lydia::python {
namespace {

// (cut, best, bad steps, cooldown left)
nb::tuple plateau_step(double metric, double best, int64_t bad_steps, int64_t cooldown_left,
                       bool maximize, double factor, int64_t patience, double threshold,
                       bool relative, int64_t cooldown) {
  train::Plateau plateau({maximize, factor, patience, threshold, relative, cooldown});
  plateau.state = {best, bad_steps, cooldown_left};
  const bool cut = plateau.step(metric);
  return nb::make_tuple(cut, plateau.state.best, plateau.state.bad_steps,
                        plateau.state.cooldown_left);
}

void register_clipping(nb::module_& m) {
  m.def("_get_total_norm", [](nb::object tensors, double p, bool error) {
    return train::get_total_norm(to_tensors(tensors), p, error);
  });
  m.def("_clip_grads_with_norm", [](nb::object parameters, double max_norm, const Tensor& norm) {
    train::clip_grads_with_norm(to_tensors(parameters), max_norm, norm);
  });
  m.def("_clip_grad_norm", [](nb::object parameters, double max_norm, double p, bool error) {
    return train::clip_grad_norm(to_tensors(parameters), max_norm, p, error);
  });
  m.def("_clip_grad_value", [](nb::object parameters, double value) {
    train::clip_grad_value(to_tensors(parameters), value);
  });
}

}  // namespace

void register_optim_schedule(nb::module_& m) {
  m.def("_constant_lr", &train::constant_lr);
  m.def("_linear_lr", &train::linear_lr);
  m.def("_exponential_lr", &train::exponential_lr);
  m.def("_step_lr", &train::step_lr);
  m.def("_multi_step_lr",
        [](double base, int64_t step, const std::vector<int64_t>& milestones, double gamma) {
          return train::multi_step_lr(base, step, milestones, gamma);
        });
  m.def("_polynomial_lr", &train::polynomial_lr);
  m.def("_cosine_annealing_lr", &train::cosine_annealing_lr);
  m.def("_cosine_annealing_warm_restarts", &train::cosine_annealing_warm_restarts);
  m.def("_inverse_square_root_lr", &train::inverse_square_root_lr);
  m.def("_one_cycle", [](int64_t step, double first, double peak, double last, int64_t total,
                         double pct_start, bool cosine, bool three_phase) {
    return train::one_cycle(step, {first, peak, last}, total, pct_start, cosine, three_phase);
  });
  m.def("_plateau_step", &plateau_step);
  m.def("_cut_lr", &train::cut_lr);
  register_clipping(m);
}

}  // namespace lydia::python
