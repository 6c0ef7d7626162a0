// A small network, defined, trained, saved and loaded: docs/nn.md shows this program.
#include <cstdio>
#include <filesystem>

#include "lydia/autograd/backward.h"
#include "lydia/autograd/grad_mode.h"
#include "lydia/core/rng.h"
#include "lydia/nn/activation.h"
#include "lydia/nn/linear.h"
#include "lydia/nn/losses.h"
#include "lydia/nn/serialize.h"
#include "lydia/nn/summary.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/random.h"
#include "lydia/ops/reduce.h"
#include "lydia/ops/view.h"
#include "lydia/train/optimizer.h"

using namespace lydia;

// [docs]
struct Mlp : nn::Module {
  nn::Linear& in = child<nn::Linear>("in", 2, 16);
  nn::Linear& out = child<nn::Linear>("out", 16, 2);
  Tensor forward(const Tensor& x) override { return out(relu(in(x))); }
};
// [/docs]

// Points, and 1 where both coordinates have one sign.
std::pair<Tensor, Tensor> quadrants(int64_t count) {
  const Tensor x = rand({count, 2}) * 2.0f - 1.0f;
  const Tensor product = mul(select(x, 1, 0), select(x, 1, 1));
  return {x, gt(product, 0).to(DType::I64)};
}

double accuracy(Mlp& model, const Tensor& x, const Tensor& y) {
  const NoGradGuard guard;
  return mean(eq(model(x).argmax(1), y).to(DType::F32)).item<double>();
}

int main() {
  default_generator().set_seed(0);
  Mlp model;
  nn::CrossEntropyLoss loss;
  train::Optimizer optimizer("AdamW", model.parameters(), {{"lr", 0.02}});
  const auto [x, y] = quadrants(256);
  for (int step = 0; step < 200; ++step) {
    optimizer.zero_grad();
    backward(loss(model(x), y));
    optimizer.step();
  }
  const auto [test_x, test_y] = quadrants(256);
  const double reached = accuracy(model, test_x, test_y);
  std::printf("%s\n%saccuracy: %.3f\n", model.to_string().c_str(),
              nn::summary(model, test_x).text().c_str(), reached);

  const auto path =
      (std::filesystem::temp_directory_path() / "lydia_quadrants.safetensors").string();
  nn::save_model(model, path);
  Mlp again;
  nn::load_model(again, path);
  const bool same = accuracy(again, test_x, test_y) == reached;
  std::filesystem::remove(path);
  return reached > 0.9 && same ? 0 : 1;
}
