// Module: names, states, modes, conversion, hooks, tying, files.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "lydia/autograd/backward.h"
#include "lydia/autograd/grad_mode.h"
#include "lydia/core/allocator.h"
#include "lydia/core/rng.h"
#include "lydia/io/safetensors_tensors.h"
#include "lydia/nn/containers.h"
#include "lydia/nn/embedding.h"
#include "lydia/nn/linear.h"
#include "lydia/nn/serialize.h"
#include "lydia/nn/transformer.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/random.h"
#include "lydia/ops/reduce.h"

namespace lydia::nn {
namespace {

struct Mlp : Module {
  Linear& in = child<Linear>("in", 3, 4);
  Linear& out = child<Linear>("out", 4, 2, false);
  Tensor& scale = buffer("scale", ones({2}));
  Tensor& cache = buffer("cache", ones({1}), false);
  Tensor& shift = parameter("shift", zeros({2}));
  Tensor forward(const Tensor& x) override { return add(mul(out(relu(in(x))), scale), shift); }
};

struct Tied : Module {
  Embedding& in = child<Embedding>("in", 5, 3);
  Linear& head = child<Linear>("head", 3, 5, false);
  Tied() { head.weight = in.weight; }
  Tensor forward(const Tensor& x) override { return head(in(x)); }
};

template <class T>
std::vector<std::string> names(const std::vector<std::pair<std::string, T>>& list) {
  std::vector<std::string> out;
  for (const auto& [name, value] : list) out.push_back(name);
  return out;
}

using Names = std::vector<std::string>;

struct TempFile {
  std::string path;
  explicit TempFile(const char* name)
      : path((std::filesystem::temp_directory_path() / name).string()) {}
  ~TempFile() { std::remove(path.c_str()); }
};

std::string error_of(const std::function<void()>& f) {
  try {
    f();
  } catch (const Error& e) {
    return e.what();
  }
  return "nothing thrown";
}

std::vector<float> values(const Tensor& t) {
  const Tensor packed = contiguous(t.detach());
  return {packed.data<float>(), packed.data<float>() + packed.numel()};
}

bool equal_values(const Tensor& a, const Tensor& b) {
  return a.sizes() == b.sizes() && a.dtype() == b.dtype() && all(eq(a, b)).item<bool>();
}

TEST_CASE("names come in torch's order and modules know their classes") {
  Mlp m;
  CHECK(names(m.named_parameters()) == Names{"shift", "in.weight", "in.bias", "out.weight"});
  CHECK(names(m.named_buffers()) == Names{"scale", "cache"});
  CHECK(names(m.named_modules()) == Names{"", "in", "out"});
  CHECK(names(m.named_modules("top")) == Names{"top", "top.in", "top.out"});
  CHECK(names(m.state_dict("a.")) ==
        Names{"a.shift", "a.scale", "a.in.weight", "a.in.bias", "a.out.weight"});
  CHECK(m.parameter_count() == 2 + 12 + 4 + 8);
  CHECK(m.type_name() == "Mlp");
  CHECK(m.to_string() ==
        "Mlp(\n  (in): Linear(in_features=3, out_features=4, bias=True)\n"
        "  (out): Linear(in_features=4, out_features=2, bias=False)\n)");
}

TEST_CASE("declaring a name twice or with a dot is an error") {
  struct Twice : Module {
    Twice() {
      parameter("w", {1});
      buffer("w", ones({1}));
    }
  };
  struct Dotted : Module {
    Dotted() { child<Identity>("a.b"); }
  };
  CHECK_THROWS_AS(Twice(), ValueError);
  CHECK_THROWS_AS(Dotted(), ValueError);
  CHECK(error_of([] { ModuleList()(ones({1})); }) == "ModuleList: has no forward(Tensor)");
}

TEST_CASE("a state goes from one module to another") {
  Mlp a, b;
  b.shift.detach().fill_(3);
  CHECK(!equal_values(a(ones({1, 3})), b(ones({1, 3}))));
  CHECK(a.load_state_dict(b.state_dict()).ok());
  CHECK(equal_values(a(ones({1, 3})), b(ones({1, 3}))));
  CHECK(a.shift.requires_grad());
}

TEST_CASE("one error lists missing, unexpected and wrongly shaped keys, and nothing is changed") {
  Mlp m;
  const Tensor before = m.shift.detach().clone();
  const NamedTensors state{{"shift", ones({2})},
                           {"scale", ones({2})},
                           {"in.weight", ones({4, 2})},
                           {"extra", ones({1})},
                           {"out.weight", ones({2, 4})}};
  CHECK(error_of([&] { m.load_state_dict(state); }) ==
        "load_state_dict: Mlp: missing keys: in.bias; unexpected keys: extra; wrong shapes: "
        "in.weight (expected [4, 3], got [4, 2])");
  CHECK(error_of([&] { m.load_state_dict(state, false); }).find("wrong shapes") !=
        std::string::npos);
  CHECK(equal_values(m.shift.detach(), before));
  const LoadResult partial = m.load_state_dict({{"shift", ones({2})}, {"x", ones({1})}}, false);
  CHECK(partial.missing == Names{"scale", "in.weight", "in.bias", "out.weight"});
  CHECK(partial.unexpected == Names{"x"});
  CHECK(m.shift.detach().data<float>()[1] == 1);
}

TEST_CASE("tied weights: one parameter, one gradient, one tensor in the file") {
  Tied a, b;
  CHECK(names(a.named_parameters()) == Names{"in.weight"});
  CHECK(names(a.state_dict()) == Names{"in.weight", "head.weight"});
  CHECK(names(a.to(DType::F64).named_parameters()) == Names{"in.weight"});
  a.to(DType::F32);
  backward(sum(a(zeros({1}, DType::I64))));
  CHECK(a.head.weight.grad().defined());

  const TempFile file("lydia_tied.safetensors");
  save_model(a, file.path, {{"epoch", "3"}});
  const io::LoadedTensors raw = io::load_safetensors(file.path);
  CHECK(names(raw.tensors) == Names{"in.weight"});
  CHECK(raw.metadata.at("epoch") == "3");
  CHECK(raw.metadata.at("tied:head.weight") == "in.weight");
  CHECK(load_model(b, file.path).ok());
  CHECK(equal_values(b.in.weight.detach(), a.in.weight.detach()));
  CHECK(b.head.weight.is_same(b.in.weight));

  // The file feeds a module that does not tie, and a module that ties takes a file without the key.
  struct Untied : Module {
    Embedding& in = child<Embedding>("in", 5, 3);
    Linear& head = child<Linear>("head", 3, 5, false);
  } untied;
  CHECK(load_model(untied, file.path).ok());
  CHECK(equal_values(untied.head.weight.detach(), a.in.weight.detach()));
  CHECK(a.load_state_dict({{"head.weight", ones({5, 3})}}).ok());
  CHECK(error_of([&] {
          untied.load_state_dict({{"head.weight", ones({5, 3})}});
        }) == "load_state_dict: Untied: missing keys: in.weight");
}

TEST_CASE("a file whose ties point nowhere is refused") {
  const TempFile file("lydia_bad_tie.safetensors");
  io::save_safetensors(file.path, {{"a", ones({1})}}, {{"tied:b", "c"}});
  CHECK_THROWS_AS(load_state(file.path), ValueError);
  CHECK_THROWS_AS(save_state({{"a", ones({1})}}, file.path, {{"tied:x", "a"}}), ValueError);
}

TEST_CASE("to() changes values, gradients and every handle; integers stay") {
  Mlp m;
  const Tensor handle = m.in.weight;
  backward(sum(m(ones({2, 3}))));
  m.to(DType::BF16);
  CHECK(handle.dtype() == DType::BF16);
  CHECK(handle.grad().dtype() == DType::BF16);
  CHECK(m.scale.dtype() == DType::BF16);
  m.to(DType::F64);
  m.zero_grad();
  CHECK(!handle.grad().defined());
  backward(sum(m(ones({2, 3}, DType::F64))));
  CHECK(handle.grad().dtype() == DType::F64);
  m.zero_grad(false);
  CHECK(all(eq(handle.grad(), 0)).item<bool>());
  CHECK_THROWS_AS(m.to(DType::I64), TypeError);
}

TEST_CASE("modes and freezing reach the modules below") {
  Mlp m;
  m.eval();
  CHECK(!m.in.training());
  m.train();
  CHECK(m.in.training());
  CHECK(m.freeze("in.*") == 2);
  CHECK(m.parameter_count(true) == 2 + 8);
  CHECK(m.unfreeze("*.b?as") == 1);
  CHECK(m.in.bias.requires_grad());
  CHECK_THROWS_AS(m.freeze("encoder.*"), ValueError);
  m.requires_grad_(false);
  CHECK(m.parameter_count(true) == 0);
}

TEST_CASE("glob patterns") {
  CHECK(glob_match("*", ""));
  CHECK(glob_match("a*b*c", "aXbYbZc"));
  CHECK(!glob_match("a*b", "abc"));
  CHECK(glob_match("?.weight", "0.weight"));
  CHECK(!glob_match("?.weight", "10.weight"));
  CHECK(!glob_match("", "a"));
}

TEST_CASE("hooks run in order, may replace values, and can be removed") {
  Linear m(2, 2);
  std::string order;
  const auto a = m.register_forward_pre_hook([&](Module&, const Tensor& x) {
    order += "a";
    return mul(x, 2);
  });
  const auto b = m.register_forward_hook([&](Module& self, const Tensor& x, const Tensor& y) {
    order += "b";
    CHECK(&self == &m);
    CHECK(equal_values(x, full({1, 2}, 2.0f)));
    return add(y, 1);
  });
  const Tensor x = ones({1, 2});
  CHECK(equal_values(m(x), add(m.forward(mul(x, 2)), 1)));
  CHECK(order == "ab");
  a.remove();
  b.remove();
  CHECK(equal_values(m(x), m.forward(x)));
  CHECK(order == "ab");
}

TEST_CASE("backward hooks see and replace the gradient of one call") {
  Linear m(2, 2, false);
  m.weight.detach().fill_(1);
  Tensor seen_in, seen_out;
  const auto handle =
      m.register_full_backward_hook([&](Module&, const Tensor& in, const Tensor& out) {
        seen_in = in;
        seen_out = out;
        return in.defined() ? mul(in, 10) : Tensor();
      });
  const Tensor x = ones({1, 2});
  backward(sum(m(x)));
  CHECK(!seen_in.defined());
  CHECK(seen_out.sizes() == Dims{1, 2});
  x.set_requires_grad();
  backward(sum(add(m(x), x)));  // x is also read beside the module
  CHECK(seen_in.data<float>()[0] == 2);
  CHECK(x.grad().data<float>()[0] == 21);
  handle.remove();
  x.set_grad({});
  backward(sum(m(x)));
  CHECK(x.grad().data<float>()[0] == 2);
}

struct Deep : Module {
  TransformerEncoder& layers = child<TransformerEncoder>(
      "layers", 8, 2, 3, TransformerOptions{.dim_feedforward = 16, .dropout = 0.2});
  Linear& head = child<Linear>("head", 8, 2);
  Tensor forward(const Tensor& x) override { return head(layers(x)); }
};

TEST_CASE("checkpointed modules save memory and give the same gradients") {
  const auto run = [](std::string_view pattern) {
    default_generator().set_seed(1);
    Deep model;
    if (!pattern.empty()) CHECK(model.set_checkpointing(pattern) == 3);
    const Tensor x = randn({20, 4, 8});
    x.set_requires_grad();
    const size_t before = memory_stats().allocated;
    const Tensor loss = sum(model(x));
    const size_t kept = memory_stats().allocated - before;
    backward(loss);
    std::vector<std::vector<float>> gradients{values(x.grad())};
    for (const Tensor& p : model.parameters()) gradients.push_back(values(p.grad()));
    return std::pair(kept, gradients);
  };
  const auto [all, wanted] = run("");
  const auto [less, gradients] = run("layers.layers.?");
  CHECK(gradients == wanted);
  CHECK(less < all / 2);
  Deep model;
  CHECK_THROWS_AS(model.set_checkpointing("layer"), ValueError);
}

TEST_CASE("containers") {
  Sequential net(std::make_unique<Linear>(3, 4), std::make_unique<Identity>());
  net.add<Linear>(4, 2);
  CHECK(net.size() == 3);
  CHECK(net(ones({5, 3})).sizes() == Dims{5, 2});
  CHECK(names(net.state_dict()) == Names{"0.weight", "0.bias", "2.weight", "2.bias"});
  CHECK(net.at<Linear>(2).out_features == 2);
  CHECK_THROWS_AS(net.at<Linear>(1), TypeError);
  CHECK_THROWS_AS(net[3], IndexError);
  ModuleDict dict;
  dict.add<Linear>("left", 2, 2);
  CHECK(dict.contains("left"));
  CHECK(names(dict.state_dict()) == Names{"left.weight", "left.bias"});
  CHECK_THROWS_AS(dict["right"], IndexError);
}

TEST_CASE("bilinear is the sum over both inputs") {
  Bilinear m(2, 3, 4);
  m.weight.detach().fill_(0.5);
  m.bias.detach().fill_(1);
  const Tensor y = m.forward(ones({7, 2}), ones({7, 3}));
  CHECK(equal_values(y.detach(), full({7, 4}, 4.0f)));
}

TEST_CASE("embedding: the padding row is zero and gets no gradient") {
  Embedding m(4, 3, -1);
  CHECK(m.padding_idx == 3);
  const Tensor row = m.weight.detach().select(0, 3);
  CHECK(all(eq(row, 0)).item<bool>());
  const Tensor ids = full({2}, 3, DType::I64);
  backward(sum(m(ids)));
  CHECK(all(eq(m.weight.grad(), 0)).item<bool>());
  CHECK_THROWS_AS(Embedding(4, 3, 4), IndexError);
}

}  // namespace
}  // namespace lydia::nn
