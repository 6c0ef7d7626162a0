// Learning rates as functions of the step, and the small classes that set them on an optimiser.
//
// Names, numbers and values are torch's (torch.optim.lr_scheduler); `base` is the rate the
// optimiser was given and `step` counts optimiser steps from 0.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "lydia/train/optimizer.h"

namespace lydia::train {

// base factor until total_iters, then base
double constant_lr(double base, int64_t step, double factor, int64_t total_iters);
// From base start_factor to base end_factor in total_iters steps.
double linear_lr(double base, int64_t step, double start_factor, double end_factor,
                 int64_t total_iters);
// base gamma^step
double exponential_lr(double base, int64_t step, double gamma);
// base gamma^(step / step_size), rounded down
double step_lr(double base, int64_t step, int64_t step_size, double gamma);
// base gamma^(milestones reached); the milestones ascend.
double multi_step_lr(double base, int64_t step, std::span<const int64_t> milestones, double gamma);
// base (1 - step / total_iters)^power, 0 from there on
double polynomial_lr(double base, int64_t step, int64_t total_iters, double power);
// Half a cosine from base to eta_min in t_max steps, and back, and so on.
double cosine_annealing_lr(double base, int64_t step, int64_t t_max, double eta_min);
// The same, back to base at once after t_0, t_0 t_mult, t_0 t_mult^2, ... steps (Loshchilov and
// Hutter 2017, arXiv:1608.03983).
double cosine_annealing_warm_restarts(double base, int64_t step, int64_t t_0, int64_t t_mult,
                                      double eta_min);
// base min(s / w, sqrt(w / s)), s = step + 1, w = warmup_steps: Vaswani et al. 2017, section 5.3,
// with base = (d_model w)^-0.5.
double inverse_square_root_lr(double base, int64_t step, int64_t warmup_steps);

// From `first` to `peak` and down to `last` (Smith and Topin 2017, arXiv:1708.07120); with
// three_phase first back to `first` as steeply as it rose. The momentum moves against the rate:
// one_cycle(step, {max, base, max}, ...).
struct OneCycle {
  double first, peak, last;
};
double one_cycle(int64_t step, const OneCycle& values, int64_t total_steps, double pct_start = 0.3,
                 bool cosine = true, bool three_phase = false);

// ---- composition -------------------------------------------------------------------------------

using Schedule = std::function<double(double base, int64_t step)>;
// By name (ConstantLR, LinearLR, ExponentialLR, StepLR, MultiStepLR, PolynomialLR,
// CosineAnnealingLR, CosineAnnealingWarmRestarts, OneCycleLR, InverseSquareRootLR) with torch's
// numbers and defaults; milestones are MultiStepLR's. ValueError names what is unknown or missing.
Schedule make_schedule(std::string_view name, const Hyper& numbers,
                       std::vector<int64_t> milestones = {});
// parts[i] from milestones[i - 1] on, its steps counted from there.
Schedule sequential(std::vector<Schedule> parts, std::vector<int64_t> milestones);
// Each scales what the one before it gives.
Schedule chained(std::vector<Schedule> parts);

// Sets `number` (lr, momentum, beta1, ...) of every group to schedule(base, step); base is what it
// was when the scheduler was made. The optimiser must outlive it.
class LrScheduler {
 public:
  LrScheduler(Optimizer& optimizer, Schedule schedule, std::string number = "lr");
  // After each step of the optimiser.
  void step() { go_to(step_ + 1); }
  void go_to(int64_t step);
  int64_t last_step() const { return step_; }
  // All that a checkpoint needs beside the schedule itself.
  const std::vector<double>& bases() const { return bases_; }
  void restore(std::vector<double> bases, int64_t step);

 private:
  Optimizer& optimizer_;
  Schedule schedule_;
  std::string number_;
  std::vector<double> bases_;
  int64_t step_ = 0;
};

// Multiplies the rate by `factor` when a metric has not got better for more than `patience` steps.
struct PlateauOptions {
  bool maximize = false;
  double factor = 0.1;
  int64_t patience = 10;
  double threshold = 1e-4;
  bool relative = true;  // better means by a share of the best, else by an amount
  int64_t cooldown = 0;  // steps after a cut that do not count
};
class Plateau {
 public:
  explicit Plateau(const PlateauOptions& options);
  // True when the rate is to be cut now.
  bool step(double metric);

  struct State {
    double best;
    int64_t bad_steps = 0, cooldown_left = 0;
  };
  State state;

 private:
  bool better(double metric) const;
  PlateauOptions options_;
};
// max(lr factor, min_lr), or lr where that would change it by eps or less.
double cut_lr(double lr, double factor, double min_lr = 0, double eps = 1e-8);

}  // namespace lydia::train
