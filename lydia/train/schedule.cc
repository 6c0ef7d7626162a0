#include "lydia/train/schedule.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace lydia::train {
namespace {

double real(int64_t x) { return static_cast<double>(x); }

void check_positive(const char* schedule, const char* number, int64_t value) {
  LYDIA_CHECK(value > 0, ValueError, schedule, ": expected ", number, " > 0, got ", value);
}

double half_cosine(double from, double to, double share) {
  return to + (from - to) * (1 + std::cos(std::numbers::pi * share)) / 2;
}

}  // namespace

double constant_lr(double base, int64_t step, double factor, int64_t total_iters) {
  return step < total_iters ? base * factor : base;
}

double linear_lr(double base, int64_t step, double start_factor, double end_factor,
                 int64_t total_iters) {
  check_positive("LinearLR", "total_iters", total_iters);
  const double share = real(std::min(step, total_iters)) / real(total_iters);
  return base * (start_factor + (end_factor - start_factor) * share);
}

double exponential_lr(double base, int64_t step, double gamma) {
  return base * std::pow(gamma, real(step));
}

double step_lr(double base, int64_t step, int64_t step_size, double gamma) {
  check_positive("StepLR", "step_size", step_size);
  return base * std::pow(gamma, real(step / step_size));
}

double multi_step_lr(double base, int64_t step, std::span<const int64_t> milestones, double gamma) {
  const auto reached = std::upper_bound(milestones.begin(), milestones.end(), step);
  return base * std::pow(gamma, real(reached - milestones.begin()));
}

double polynomial_lr(double base, int64_t step, int64_t total_iters, double power) {
  check_positive("PolynomialLR", "total_iters", total_iters);
  return base * std::pow(1 - real(std::min(step, total_iters)) / real(total_iters), power);
}

double cosine_annealing_lr(double base, int64_t step, int64_t t_max, double eta_min) {
  check_positive("CosineAnnealingLR", "T_max", t_max);
  return half_cosine(base, eta_min, real(step) / real(t_max));
}

double cosine_annealing_warm_restarts(double base, int64_t step, int64_t t_0, int64_t t_mult,
                                      double eta_min) {
  check_positive("CosineAnnealingWarmRestarts", "T_0", t_0);
  check_positive("CosineAnnealingWarmRestarts", "T_mult", t_mult);
  int64_t length = t_0;
  if (t_mult == 1) step %= t_0;
  for (; step >= length; length *= t_mult) step -= length;
  return half_cosine(base, eta_min, real(step) / real(length));
}

double inverse_square_root_lr(double base, int64_t step, int64_t warmup_steps) {
  check_positive("InverseSquareRootLR", "warmup_steps", warmup_steps);
  const double s = real(step + 1), w = real(warmup_steps);
  return base * std::min(s / w, std::sqrt(w / s));
}

// As in torch, a phase ends at a step that need not be whole: the peak may fall between two steps.
double one_cycle(int64_t step, const OneCycle& values, int64_t total_steps, double pct_start,
                 bool cosine, bool three_phase) {
  check_positive("OneCycleLR", "total_steps", total_steps);
  LYDIA_CHECK(pct_start >= 0 && pct_start <= 1, ValueError,
              "OneCycleLR: expected pct_start in [0, 1], got ", pct_start);
  LYDIA_CHECK(step <= total_steps, ValueError, "OneCycleLR: expected at most ", total_steps,
              " steps, got ", step);
  struct Phase {
    double end, from, to;
  };
  const double rise = pct_start * real(total_steps), last = real(total_steps - 1);
  std::vector<Phase> phases = {{rise - 1, values.first, values.peak}};
  if (three_phase) phases.push_back({2 * rise - 2, values.peak, values.first});
  phases.push_back({last, three_phase ? values.first : values.peak, values.last});
  size_t i = 0;
  while (i + 1 < phases.size() && real(step) > phases[i].end) ++i;
  const double begin = i ? phases[i - 1].end : 0;
  const double share = (real(step) - begin) / (phases[i].end - begin);
  if (cosine) return half_cosine(phases[i].from, phases[i].to, share);
  return phases[i].from + (phases[i].to - phases[i].from) * share;
}

Schedule sequential(std::vector<Schedule> parts, std::vector<int64_t> milestones) {
  LYDIA_CHECK(parts.size() == milestones.size() + 1, ValueError,
              "sequential: expected one milestone between any two schedules, got ",
              milestones.size(), " for ", parts.size());
  LYDIA_CHECK(std::is_sorted(milestones.begin(), milestones.end()), ValueError,
              "sequential: expected milestones that ascend");
  return [parts = std::move(parts), milestones = std::move(milestones)](double base, int64_t step) {
    const auto at = std::upper_bound(milestones.begin(), milestones.end(), step);
    const auto i = static_cast<size_t>(at - milestones.begin());
    return parts[i](base, i ? step - milestones[i - 1] : step);
  };
}

Schedule chained(std::vector<Schedule> parts) {
  return [parts = std::move(parts)](double base, int64_t step) {
    for (const Schedule& part : parts) base = part(base, step);
    return base;
  };
}

LrScheduler::LrScheduler(Optimizer& optimizer, Schedule schedule, std::string number)
    : optimizer_(optimizer), schedule_(std::move(schedule)), number_(std::move(number)) {
  for (size_t g = 0; g < optimizer_.groups().size(); ++g)
    bases_.push_back(optimizer_.get(g, number_));
  go_to(0);
}

void LrScheduler::go_to(int64_t step) {
  step_ = step;
  for (size_t g = 0; g < bases_.size(); ++g) optimizer_.set(g, number_, schedule_(bases_[g], step));
}

void LrScheduler::restore(std::vector<double> bases, int64_t step) {
  LYDIA_CHECK(bases.size() == bases_.size(), ValueError, "LrScheduler: expected ", bases_.size(),
              " base values, got ", bases.size());
  bases_ = std::move(bases);
  go_to(step);
}

Plateau::Plateau(const PlateauOptions& options) : options_(options) {
  LYDIA_CHECK(options.factor < 1, ValueError, "ReduceLROnPlateau: expected factor < 1, got ",
              options.factor);
  state.best = options.maximize ? -std::numeric_limits<double>::infinity()
                                : std::numeric_limits<double>::infinity();
}

bool Plateau::better(double metric) const {
  const double sign = options_.maximize ? 1 : -1;
  if (options_.relative) {
    const double bar = state.best * (1 + sign * options_.threshold);
    return options_.maximize ? metric > bar : metric < bar;
  }
  return sign * metric > sign * state.best + options_.threshold;
}

bool Plateau::step(double metric) {
  if (better(metric)) {
    state.best = metric;
    state.bad_steps = 0;
  } else {
    ++state.bad_steps;
  }
  if (state.cooldown_left > 0) {
    --state.cooldown_left;
    state.bad_steps = 0;
  }
  if (state.bad_steps <= options_.patience) return false;
  state.cooldown_left = options_.cooldown;
  state.bad_steps = 0;
  return true;
}

double cut_lr(double lr, double factor, double min_lr, double eps) {
  const double cut = std::max(lr * factor, min_lr);
  return lr - cut > eps ? cut : lr;
}

}  // namespace lydia::train
