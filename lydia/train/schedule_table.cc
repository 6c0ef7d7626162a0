// The schedules by name, for configurations: which numbers each takes, and their defaults.
#include <algorithm>
#include <cmath>
#include <limits>

#include "lydia/train/schedule.h"

namespace lydia::train {
namespace {

constexpr double kNeeded = std::numeric_limits<double>::quiet_NaN();

using Values = const std::vector<double>&;
using Milestones = const std::vector<int64_t>&;

struct Row {
  const char* name;
  std::vector<std::pair<const char*, double>> numbers;
  double (*at)(double base, int64_t step, Values v, Milestones m);
};

int64_t whole(double x) {
  LYDIA_CHECK(x == std::floor(x) && std::abs(x) < 9e15, ValueError,
              "schedule: expected a whole number of steps, got ", x);
  return static_cast<int64_t>(x);
}

const std::vector<Row>& rows() {
  static const std::vector<Row> all = {

      {"ConstantLR",
       {{"factor", 1.0 / 3}, {"total_iters", 5}},
       [](double b, int64_t t, Values v, Milestones) {
         return constant_lr(b, t, v[0], whole(v[1]));
       }},
      {"LinearLR",
       {{"start_factor", 1.0 / 3}, {"end_factor", 1}, {"total_iters", 5}},
       [](double b, int64_t t, Values v, Milestones) {
         return linear_lr(b, t, v[0], v[1], whole(v[2]));
       }},
      {"ExponentialLR",
       {{"gamma", kNeeded}},
       [](double b, int64_t t, Values v, Milestones) { return exponential_lr(b, t, v[0]); }},
      {"StepLR",
       {{"step_size", kNeeded}, {"gamma", 0.1}},
       [](double b, int64_t t, Values v, Milestones) { return step_lr(b, t, whole(v[0]), v[1]); }},
      {"MultiStepLR",
       {{"gamma", 0.1}},
       [](double b, int64_t t, Values v, Milestones m) { return multi_step_lr(b, t, m, v[0]); }},
      {"PolynomialLR",
       {{"total_iters", 5}, {"power", 1}},
       [](double b, int64_t t, Values v, Milestones) {
         return polynomial_lr(b, t, whole(v[0]), v[1]);
       }},
      {"CosineAnnealingLR",
       {{"T_max", kNeeded}, {"eta_min", 0}},
       [](double b, int64_t t, Values v, Milestones) {
         return cosine_annealing_lr(b, t, whole(v[0]), v[1]);
       }},
      {"CosineAnnealingWarmRestarts",
       {{"T_0", kNeeded}, {"T_mult", 1}, {"eta_min", 0}},
       [](double b, int64_t t, Values v, Milestones) {
         return cosine_annealing_warm_restarts(b, t, whole(v[0]), whole(v[1]), v[2]);
       }},
      {"OneCycleLR",
       {{"max_lr", kNeeded},
        {"total_steps", kNeeded},
        {"pct_start", 0.3},
        {"cosine", 1},
        {"div_factor", 25},
        {"final_div_factor", 1e4},
        {"three_phase", 0}},
       [](double, int64_t t, Values v, Milestones) {
         const double first = v[0] / v[4];
         return one_cycle(t, {first, v[0], first / v[5]}, whole(v[1]), v[2], v[3] != 0, v[6] != 0);
       }},
      {"InverseSquareRootLR",
       {{"warmup_steps", kNeeded}},
       [](double b, int64_t t, Values v, Milestones) {
         return inverse_square_root_lr(b, t, whole(v[0]));
       }}};
  return all;
}

const Row& row_of(std::string_view name) {
  std::string known;
  for (const Row& row : rows()) {
    if (row.name == name) return row;
    known += (known.empty() ? "" : ", ") + std::string(row.name);
  }
  fail<ValueError>("schedule: expected one of ", known, ", got ", name);
}

}  // namespace

Schedule make_schedule(std::string_view name, const Hyper& numbers,
                       std::vector<int64_t> milestones) {
  const Row& row = row_of(name);
  Hyper left = numbers;
  std::vector<double> values;
  for (const auto& [number, value] : row.numbers) {
    const auto given = left.extract(number);
    values.push_back(given ? given.mapped() : value);
    LYDIA_CHECK(!std::isnan(values.back()), ValueError, name, ": expected a value for ", number);
  }
  LYDIA_CHECK(left.empty(), ValueError, name, ": takes no number ", left.begin()->first);
  std::sort(milestones.begin(), milestones.end());
  return [&row, values = std::move(values), milestones = std::move(milestones)](
             double base, int64_t step) { return row.at(base, step, values, milestones); };
}

}  // namespace lydia::train
