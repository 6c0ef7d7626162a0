// Every layer beside torch's values and gradients (tests/python/nn/goldens.safetensors).
#include "tests/nn/faces.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <map>

#include "lydia/autograd/backward.h"
#include "lydia/core/rng.h"
#include "lydia/io/safetensors_tensors.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/creation.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/reduce.h"
#include "lydia/ops/view.h"

namespace lydia::nn {
namespace {

std::vector<Face> all_faces() {
  std::vector<Face> out;
  add_layer_faces(out);
  add_stack_faces(out);
  return out;
}

// kind ("state", "in", ...) -> name -> tensor, for each case.
using Golden = std::map<std::string, NamedTensors>;

std::map<std::string, Golden> read_goldens() {
  std::map<std::string, Golden> out;
  for (auto& [key, value] : io::load_safetensors("tests/python/nn/goldens.safetensors").tensors) {
    const size_t a = key.find('/'), b = key.find('/', a + 1);
    out[key.substr(0, a)][key.substr(a + 1, b - a - 1)].emplace_back(key.substr(b + 1), value);
  }
  return out;
}

void check_close(const std::string& what, const Tensor& got, const Tensor& wanted) {
  INFO(what);
  REQUIRE(got.defined());
  REQUIRE(got.sizes() == wanted.sizes());
  CHECK(got.dtype() == wanted.dtype());
  if (!got.numel()) return;
  const Tensor error = sub(abs(sub(got, wanted)), mul(abs(wanted), 2e-4));
  CHECK(amax(to(error, DType::F64)).item<double>() <= 2e-5);
}

Tensor objective(const Tensors& outputs) {
  Tensor total = zeros({});
  for (const Tensor& o : outputs) {
    if (!o.requires_grad()) continue;
    const Tensor weights = cos(arange(0, o.numel(), 1, DType::F32)).reshape(o.sizes());
    total = add(total, sum(mul(o, weights)));
  }
  return total;
}

const Tensor* find(const NamedTensors& list, const std::string& name) {
  for (const auto& [key, value] : list)
    if (key == name) return &value;
  return nullptr;
}

TEST_CASE("layers give torch's values and gradients") {
  auto goldens = read_goldens();
  for (const Face& f : all_faces()) {
    INFO(f.name);
    REQUIRE(goldens.count(f.name));
    Golden& golden = goldens[f.name];
    const auto module = f.make();
    REQUIRE(module->load_state_dict(golden["state"]).ok());
    Tensors inputs(golden["in"].size());
    for (auto& [index, value] : golden["in"]) inputs[std::stoul(index)] = value.clone();
    for (auto& [index, value] : golden["grad_in"]) inputs[std::stoul(index)].set_requires_grad();
    const Tensors outputs = f.call(*module, inputs);
    backward(objective(outputs));
    REQUIRE(outputs.size() == golden["out"].size());
    for (auto& [index, value] : golden["out"])
      check_close(f.name + " out " + index, outputs[std::stoul(index)].detach(), value);
    for (auto& [index, value] : golden["grad_in"])
      check_close(f.name + " grad_in " + index, inputs[std::stoul(index)].grad(), value);
    const NamedTensors parameters = module->named_parameters();
    for (auto& [key, value] : golden["grad"]) {
      REQUIRE(find(parameters, key));
      check_close(f.name + " grad " + key, find(parameters, key)->grad(), value);
    }
    const NamedTensors buffers = module->named_buffers();
    for (auto& [key, value] : golden["after"]) {
      REQUIRE(find(buffers, key));
      check_close(f.name + " after " + key, *find(buffers, key), value);
    }
  }
}

// For tests/python/nn/test_layers.py, which holds the first values of both faces equal.
TEST_CASE("write the first values" * doctest::skip()) {
  const char* path = std::getenv("LYDIA_NN_FACE");
  REQUIRE(path);
  NamedTensors values;
  io::Metadata keys;
  for (const Face& f : all_faces()) {
    default_generator().set_seed(0);
    std::string& listed = keys[f.name];
    for (auto& [key, value] : f.make()->state_dict()) {
      values.emplace_back(f.name + "/" + key, value);
      listed += key + ",";
    }
  }
  io::save_safetensors(path, values, keys);
}

}  // namespace
}  // namespace lydia::nn
