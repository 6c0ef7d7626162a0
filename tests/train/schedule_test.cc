// The schedules against torch's rates (tools/make_optim_goldens.py), compositions and plateaus.
#include "lydia/train/schedule.h"

#include <doctest/doctest.h>

#include <cmath>
#include <fstream>
#include <sstream>

#include "lydia/ops/copy.h"

using namespace lydia;
using namespace lydia::train;

namespace {

using Columns = std::vector<std::vector<double>>;  // two rates and a momentum, per step

std::map<std::string, Columns> read_goldens() {
  std::ifstream file("tests/train/schedule_goldens.txt");
  REQUIRE(file);
  std::map<std::string, Columns> out;
  std::string name, line;
  std::getline(file, line);
  while (std::getline(file, name))
    for (int i = 0; i < 3; ++i) {
      std::getline(file, line);
      std::istringstream words(line);
      out[name].emplace_back();
      for (double v; words >> v;) out[name].back().push_back(v);
    }
  return out;
}

// tests/train/schedule_cases.py has the same under the same names.
std::map<std::string, Schedule> schedules() {
  const auto linear = [](double from, double to, int64_t n) {
    return [=](double b, int64_t t) { return linear_lr(b, t, from, to, n); };
  };
  const auto constant = [](double factor, int64_t n) {
    return [=](double b, int64_t t) { return constant_lr(b, t, factor, n); };
  };
  const auto steps = [](int64_t size, double gamma) {
    return [=](double b, int64_t t) { return step_lr(b, t, size, gamma); };
  };
  const auto cosine = [](int64_t n, double least) {
    return [=](double b, int64_t t) { return cosine_annealing_lr(b, t, n, least); };
  };
  const auto exponential = [](double gamma) {
    return [=](double b, int64_t t) { return exponential_lr(b, t, gamma); };
  };
  const auto restarts = [](int64_t t_0, int64_t mult, double least) {
    return
        [=](double b, int64_t t) { return cosine_annealing_warm_restarts(b, t, t_0, mult, least); };
  };
  const auto multi = [](std::vector<int64_t> at, double gamma) {
    return [=](double b, int64_t t) { return multi_step_lr(b, t, at, gamma); };
  };
  return {
      {"constant", constant(0.25, 7)},
      {"linear", linear(0.1, 0.9, 20)},
      {"exponential", exponential(0.93)},
      {"step", steps(9, 0.3)},
      {"multi-step", multi({10, 10, 30, 47}, 0.5)},
      {"polynomial", [](double b, int64_t t) { return polynomial_lr(b, t, 40, 1.7); }},
      {"cosine", cosine(60, 0.001)},
      {"cosine-periodic", cosine(13, 0)},
      {"restarts", restarts(7, 2, 0.01)},
      {"restarts-equal", restarts(11, 1, 0)},
      {"warm-up-cosine", sequential({linear(0.01, 1, 10), cosine(50, 1e-4)}, {10})},
      {"three-parts", sequential({constant(0.1, 5), exponential(0.9), steps(4, 0.7)}, {12, 33})},
      {"chained", chained({constant(0.3, 8), exponential(0.95), multi({20, 41}, 0.4)})},
      {"two-at-once", chained({linear(0.5, 0.1, 30), steps(11, 0.5)})}};
}

Optimizer make_optimizer() {
  return Optimizer("SGD",
                   {{{zeros({1}).set_requires_grad()}, {{"lr", 0.5}}},
                    {{zeros({1}).set_requires_grad()}, {{"lr", 0.02}}}},
                   {{"momentum", 0.6}});
}

double metric(int64_t step) {
  const auto t = static_cast<double>(step);
  const double values[] = {1 - 0.03 * t, 0.4 + 1e-6 * t, 0.5 + 0.01 * static_cast<double>(step % 7),
                           0.3};
  return values[step / 15 % 4];
}

}  // namespace

TEST_CASE("60 steps of every schedule equal torch's") {
  const auto goldens = read_goldens();
  for (const auto& row : schedules()) {
    const auto& [name, schedule] = row;
    CAPTURE(row.first);
    const Columns& expected = goldens.at(name);
    Optimizer optimizer = make_optimizer();
    LrScheduler scheduler(optimizer, schedule);
    double off = 0;
    for (size_t t = 0; t < expected[0].size(); ++t) {
      for (size_t g = 0; g < 2; ++g)
        off = std::max(off, std::abs(optimizer.get(g, "lr") - expected[g][t]));
      scheduler.step();
    }
    CHECK(expected[0].size() == 61);
    CHECK(off < 1e-14);
  }
}

TEST_CASE("the one-cycle moves rate and momentum") {
  const auto goldens = read_goldens();
  const Columns& cos = goldens.at("one-cycle");
  const Columns& linear = goldens.at("one-cycle-linear");
  const Columns& three = goldens.at("one-cycle-three-phase");
  double off = 0;
  for (size_t t = 0; t < 61; ++t) {
    const auto s = static_cast<int64_t>(t);
    off = std::max(off, std::abs(one_cycle(s, {1.0 / 25, 1, 1.0 / 25 / 1e4}, 61) - cos[0][t]));
    off = std::max(off, std::abs(one_cycle(s, {0.95, 0.85, 0.95}, 61) - cos[2][t]));
    off =
        std::max(off, std::abs(one_cycle(s, {0.07, 0.7, 0.0007}, 64, 0.22, false) - linear[0][t]));
    off = std::max(off, std::abs(one_cycle(s, {0.9, 0.8, 0.9}, 64, 0.22, false) - linear[2][t]));
    off = std::max(
        off, std::abs(one_cycle(s, {0.028, 0.7, 0.028e-4}, 65, 0.3, true, true) - three[0][t]));
  }
  CHECK(off < 1e-14);
}

TEST_CASE("plateaus cut the rate when torch does") {
  const Columns expected = read_goldens().at("plateau");
  Plateau plateau({.factor = 0.5, .patience = 3, .cooldown = 4});
  double lr = 0.5, off = 0;
  for (int64_t t = 0; t < 60; ++t) {
    if (plateau.step(metric(t))) lr = cut_lr(lr, 0.5);
    off = std::max(off, std::abs(lr - expected[0][static_cast<size_t>(t + 1)]));
  }
  CHECK(off < 1e-15);
  CHECK(lr < 0.5);
}

TEST_CASE("schedulers resume, and move other numbers") {
  Optimizer a = make_optimizer(), b = make_optimizer();
  const Schedule schedule = schedules().at("cosine");
  LrScheduler one(a, schedule), two(b, schedule);
  for (int i = 0; i < 7; ++i) one.step();
  two.restore(one.bases(), one.last_step());
  CHECK(b.get(1, "lr") == a.get(1, "lr"));
  LrScheduler momentum(
      a, [](double, int64_t t) { return 0.1 * static_cast<double>(t); }, "momentum");
  momentum.step();
  CHECK(a.get(0, "momentum") == 0.1);
  CHECK_THROWS_AS(two.restore({1.0}, 3), ValueError);
}

TEST_CASE("schedules are made by name") {
  const auto goldens = read_goldens();
  const auto check = [&](const char* golden, const Schedule& schedule) {
    CAPTURE(golden);
    for (int64_t t = 0; t <= 60; ++t)
      CHECK(schedule(0.5, t) == doctest::Approx(goldens.at(golden)[0][static_cast<size_t>(t)]));
  };
  check("constant-default", make_schedule("ConstantLR", {}));
  check("linear-default", make_schedule("LinearLR", {}));
  check("linear", make_schedule("LinearLR",
                                {{"start_factor", 0.1}, {"end_factor", 0.9}, {"total_iters", 20}}));
  check("exponential", make_schedule("ExponentialLR", {{"gamma", 0.93}}));
  check("step", make_schedule("StepLR", {{"step_size", 9}, {"gamma", 0.3}}));
  check("multi-step", make_schedule("MultiStepLR", {{"gamma", 0.5}}, {47, 10, 10, 30}));
  check("polynomial-default", make_schedule("PolynomialLR", {}));
  check("cosine", make_schedule("CosineAnnealingLR", {{"T_max", 60}, {"eta_min", 0.001}}));
  check("restarts", make_schedule("CosineAnnealingWarmRestarts",
                                  {{"T_0", 7}, {"T_mult", 2}, {"eta_min", 0.01}}));
  check("one-cycle", make_schedule("OneCycleLR", {{"max_lr", 1}, {"total_steps", 61}}));
  CHECK(make_schedule("InverseSquareRootLR", {{"warmup_steps", 4}})(0.8, 15) ==
        doctest::Approx(0.4));
  CHECK_THROWS_AS(make_schedule("Cosine", {}), ValueError);
  CHECK_THROWS_AS(make_schedule("StepLR", {}), ValueError);
  CHECK_THROWS_AS(make_schedule("StepLR", {{"step_size", 2.5}})(1, 1), ValueError);
  CHECK_THROWS_AS(make_schedule("StepLR", {{"step_size", 2}, {"gama", 2}}), ValueError);
}

TEST_CASE("warm-up and inverse square root") {
  CHECK(inverse_square_root_lr(0.8, 0, 4) == doctest::Approx(0.2));
  CHECK(inverse_square_root_lr(0.8, 3, 4) == doctest::Approx(0.8));
  CHECK(inverse_square_root_lr(0.8, 15, 4) == doctest::Approx(0.4));
}

TEST_CASE("schedules refuse what has no meaning") {
  CHECK_THROWS_AS(step_lr(1, 1, 0, 0.1), ValueError);
  CHECK_THROWS_AS(linear_lr(1, 1, 0.1, 1, 0), ValueError);
  CHECK_THROWS_AS(cosine_annealing_warm_restarts(1, 1, 1, 0, 0), ValueError);
  CHECK_THROWS_AS(one_cycle(6, {0, 1, 0}, 5), ValueError);
  CHECK_THROWS_AS(one_cycle(1, {0, 1, 0}, 5, 1.5), ValueError);
  CHECK_THROWS_AS(sequential({}, {}), ValueError);
  CHECK_THROWS_AS(Plateau({.factor = 1}), ValueError);
}
