// The optimisers against torch's results (tools/make_optim_goldens.py), and their state as named
// tensors.
#include "lydia/train/optimizer.h"

#include <doctest/doctest.h>

#include <cmath>
#include <fstream>
#include <sstream>

#include "lydia/autograd/backward.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/reduce.h"
#include "lydia/ops/view.h"
#include "tests/io/temp_folder.h"

using namespace lydia;
using train::Hyper;
using train::Optimizer;

namespace {

struct Golden {
  std::string kind, line;
  Hyper numbers;
  std::map<int, std::vector<double>> values;  // by step
};

std::vector<Golden> read_goldens() {
  std::ifstream file("tests/train/optimizer_goldens.txt");
  REQUIRE(file);
  std::vector<Golden> out;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string word;
    words >> word;
    if (word == "case") {
      out.push_back({"", line, {}, {}});
      words >> out.back().kind;
      while (words >> word) {
        const size_t equals = word.find('=');
        out.back().numbers[word.substr(0, equals)] = std::stod(word.substr(equals + 1));
      }
    } else if (word != "#") {
      for (double v; words >> v;) out.back().values[std::stoi(word)].push_back(v);
    }
  }
  return out;
}

Tensors start(DType dtype) {
  Tensors out;
  int64_t at = 0;
  for (const Dims& shape : {Dims{3, 5}, Dims{2, 3, 4}, Dims{7}, Dims{}}) {
    Tensor t = empty(shape, DType::F64);
    for (int64_t i = 0; i < t.numel(); ++i, ++at) {
      const auto x = static_cast<double>(at);
      t.data<double>()[i] = std::cos(x) / (1 + x / 40);
    }
    out.push_back(to(t, dtype).set_requires_grad());
  }
  return out;
}

void set_gradients(const Tensors& params, int step) {
  int64_t at = 0;
  for (const Tensor& p : params) {
    const Tensor values = to(p.detach(), DType::F64), g = empty(p.sizes(), DType::F64);
    for (int64_t i = 0; i < g.numel(); ++i, ++at)
      g.data<double>()[i] = std::sin(0.7 * step + 1.3 * static_cast<double>(at)) *
                                static_cast<double>(1 + at % 3) / 2 +
                            values.data<double>()[i] / 10;
    p.set_grad(to(g, p.dtype()));
  }
}

void run(Optimizer& optimizer, const Tensors& params, int first, int last) {
  for (int t = first; t <= last; ++t) {
    set_gradients(params, t);
    optimizer.step();
  }
}

double worst(const Tensors& params, const std::vector<double>& expected) {
  double off = 0;
  size_t at = 0;
  for (const Tensor& p : params) {
    const Tensor values = to(p.detach(), DType::F64);
    for (int64_t i = 0; i < p.numel(); ++i, ++at)
      off = std::max(
          off, std::abs(values.data<double>()[i] - expected[at]) / (1 + std::abs(expected[at])));
  }
  CHECK(at == expected.size());
  return off;
}

bool same(const Tensors& a, const Tensors& b) {
  for (size_t i = 0; i < a.size(); ++i)
    if (!equal(a[i].detach(), b[i].detach())) return false;
  return true;
}

}  // namespace

TEST_CASE("50 steps of every optimiser equal torch's") {
  for (const Golden& golden : read_goldens()) {
    CAPTURE(golden.line);
    for (const DType dtype : {DType::F64, DType::F32}) {
      const Tensors params = start(dtype);
      Optimizer optimizer(golden.kind, params, golden.numbers);
      int at = 0;
      for (const auto& [step, values] : golden.values) {
        run(optimizer, params, at + 1, step);
        CHECK(worst(params, values) < (dtype == DType::F64 ? 1e-12 : 1e-6));
        at = step;
      }
      CHECK(at == 50);
    }
  }
}

TEST_CASE("state saved to a file resumes bitwise") {
  const TempFolder folder;
  for (const Golden& golden : read_goldens()) {
    CAPTURE(golden.line);
    const Tensors params = start(DType::F32);
    Optimizer optimizer(golden.kind, params, golden.numbers);
    run(optimizer, params, 1, 5);
    io::save_safetensors(folder.file("state"), optimizer.save());
    Tensors copies;
    for (const Tensor& p : params) copies.push_back(clone(p.detach()).set_requires_grad());
    run(optimizer, params, 6, 8);
    Optimizer resumed(golden.kind, copies);
    resumed.load(io::load_safetensors(folder.file("state")).tensors);
    run(resumed, copies, 6, 8);
    CHECK(same(params, copies));
  }
}

TEST_CASE("a state that does not fit is refused and changes nothing") {
  const Tensors params = start(DType::F32);
  Optimizer optimizer("AdamW", params, {{"lr", 0.1}});
  run(optimizer, params, 1, 2);
  io::NamedTensors saved = optimizer.save();
  saved.emplace_back("state.0.momentum", zeros({1}));
  CHECK_THROWS_AS(optimizer.load(saved), ValueError);
  saved.pop_back();
  saved.erase(saved.begin());
  CHECK_THROWS_AS(optimizer.load(saved), ValueError);
  CHECK(optimizer.states()[0].step == 2);
  CHECK(optimizer.get(0, "lr") == 0.1);
}

TEST_CASE("groups, gradients that are missing, zero_grad") {
  const Tensor a = ones({2}).set_requires_grad(), b = ones({2}).set_requires_grad();
  Optimizer optimizer("SGD", {{{a}, {{"lr", 0.5}}}, {{b}, {}}}, {{"lr", 0.25}});
  backward(sum(mul(a, a)));
  optimizer.step();
  CHECK(a.detach().data<float>()[0] == 0.0f);
  CHECK(b.detach().data<float>()[0] == 1.0f);
  optimizer.zero_grad(false);
  CHECK(a.grad().data<float>()[1] == 0.0f);
  optimizer.zero_grad();
  CHECK(!a.grad().defined());
  optimizer.step();  // nothing to do
}

TEST_CASE("wrong arguments are named") {
  const Tensor p = ones({2}).set_requires_grad();
  CHECK_THROWS_AS(Optimizer("Adamm", Tensors{p}), ValueError);
  CHECK_THROWS_AS(Optimizer("AdamW", Tensors{p}, {{"lrr", 1}}), ValueError);
  CHECK_THROWS_AS(Optimizer("AdamW", Tensors{p}, {{"beta1", 1}}), ValueError);
  CHECK_THROWS_AS(Optimizer("AdamW", Tensors{p, p}), ValueError);
  CHECK_THROWS_AS(Optimizer("AdamW", Tensors{mul(p, p)}), ValueError);
  CHECK_THROWS_AS(Optimizer("AdamW", Tensors{Tensor()}), ValueError);
  CHECK_THROWS_AS(Optimizer("AdamW", Tensors{zeros({2}, DType::I64)}), TypeError);
  Optimizer optimizer("SGD", Tensors{p});
  CHECK_THROWS_AS(optimizer.set(1, "lr", 1), IndexError);
  CHECK_THROWS_AS(optimizer.get(0, "speed"), ValueError);
  CHECK_THROWS_AS(optimizer.set_state(3, 1, {{}}), IndexError);
}
