// Tests 1, 5 and 6 of the specification: what a place of the output may depend on.
#include "lydia/ops/index.h"
#include "tests/models/agiformer_helpers.h"

namespace lydia::models {
namespace {

// A copy of x with token (0, i) changed.
Tensor changed_at(const Tensor& x, int64_t i) {
  const Tensor out = clone(x);
  const Tensor one = narrow(narrow(out, 0, 0, 1), 1, i, 1);
  copy_(one, (one + 1) % 50);
  return out;
}

Tensor logits_of(Agiformer& model, const Tensor& text, const Tensor& mask = {},
                 const MemoryState& state = {}) {
  const NoGradGuard guard;
  return model.forward(text_input(text, mask), state).logits;
}

void check_causal(Agiformer& model, const Tensor& mask) {
  const Tensor text = ids(2, 21);
  MemoryState state;
  if (model.config.use_memory) {
    const NoGradGuard guard;
    state = model.forward(text_input(ids(2, 30, 3))).state;
  }
  const Tensor before = logits_of(model, text, mask, state);
  for (const int64_t i : {1, 9, 20}) {
    const Tensor after = logits_of(model, changed_at(text, i), mask, state);
    CHECK(difference(narrow(before, 1, 0, i), narrow(after, 1, 0, i)) <= 1e-5);
    CHECK(difference(narrow(before, 1, i, 21 - i), narrow(after, 1, i, 21 - i)) > 1e-4);
    CHECK(difference(select(before, 0, 1), select(after, 0, 1)) <= 1e-6);  // the other sequence
  }
}

Tensor mask_of(const std::vector<std::pair<int64_t, int64_t>>& real, int64_t length) {
  const Tensor out = zeros({static_cast<int64_t>(real.size()), length}, DType::Bool);
  for (size_t b = 0; b < real.size(); ++b)
    fill_(narrow(select(out, 0, static_cast<int64_t>(b)), 0, real[b].first,
                 real[b].second - real[b].first),
          true);
  return out;
}

TEST_CASE("no logit depends on a later token: each expert, softmax and linear") {
  for (const bool linear : {false, true}) {
    for (const std::string_view expert : kExpertNames) {
      CAPTURE(expert);
      CAPTURE(linear);
      AgiformerConfig c = tiny({std::string(expert)});
      c.use_linear_attention = linear;
      const auto model = seeded(c);
      check_causal(*model, {});
      check_causal(*model, mask_of({{0, 21}, {0, 15}}, 21));
    }
  }
}

TEST_CASE("no logit depends on a later token: each variant, with and without padding") {
  for (const auto& variant : variants()) {
    const std::string& name = variant.first;
    const AgiformerConfig& config = variant.second;
    CAPTURE(name);
    const auto model = seeded(config);
    check_causal(*model, {});
    check_causal(*model, mask_of({{0, 21}, {6, 21}}, 21));
  }
}

TEST_CASE("no logit depends on a later token: with morphology, and beyond the window") {
  for (const bool linear : {false, true}) {
    AgiformerConfig c = tiny();
    c.use_linear_attention = linear, c.expert_window = 5;
    const auto model = seeded(c);
    AgiformerInput in = text_input(ids(1, 20));
    in.morpho_types = ids(1, 20, 5, 23);
    in.semantic_categories = ids(1, 20, 6, 12);
    const NoGradGuard guard;
    const Tensor before = model->forward(in).logits;
    AgiformerInput other = in;
    other.text = changed_at(in.text, 12);
    other.morpho_types = clone(in.morpho_types);
    fill_(narrow(other.morpho_types, 1, 12, 8), 3);
    const Tensor after = model->forward(other).logits;
    CHECK(difference(narrow(before, 1, 0, 12), narrow(after, 1, 0, 12)) <= 1e-5);
    CHECK(difference(before, after) > 1e-3);
    // Morphology matters by itself.
    AgiformerInput without = in;
    without.morpho_types = {};
    CHECK(difference(before, model->forward(without).logits) > 1e-3);
  }
}

TEST_CASE("the encoder sees both ways") {
  for (const auto& variant : variants()) {
    const std::string& name = variant.first;
    const AgiformerConfig& config = variant.second;
    CAPTURE(name);
    AgiformerConfig c = config;
    c.causal = false;
    const auto model = seeded(c);
    const Tensor text = ids(1, 21);
    const Tensor before = logits_of(*model, text), after = logits_of(*model, changed_at(text, 15));
    CHECK(difference(narrow(before, 1, 0, 10), narrow(after, 1, 0, 10)) > 1e-5);
  }
}

TEST_CASE("the order of the prompt matters") {
  for (const auto& variant : variants()) {
    const std::string& name = variant.first;
    const AgiformerConfig& config = variant.second;
    CAPTURE(name);
    const auto model = seeded(config);
    const Tensor text = ids(1, 16);
    const Tensor turned = cat(
        std::vector<Tensor>{narrow(text, 1, 8, 7), narrow(text, 1, 0, 8), narrow(text, 1, 15, 1)},
        1);
    CHECK(difference(select(logits_of(*model, text), 1, 15),
                     select(logits_of(*model, turned), 1, 15)) > 1e-4);
  }
}

TEST_CASE("padding before and after changes nothing, and rows of padding give numbers") {
  for (const auto& variant : variants()) {
    const std::string& name = variant.first;
    const AgiformerConfig& config = variant.second;
    CAPTURE(name);
    const auto model = seeded(config);
    const Tensor text = ids(1, 14, 9), filler = ids(1, 6, 10);
    const Tensor alone = logits_of(*model, text);
    const Tensor right = cat(std::vector<Tensor>{text, filler}, 1),
                 left = cat(std::vector<Tensor>{filler, text}, 1);
    const Tensor batch = cat(std::vector<Tensor>{right, left, right}, 0);
    const Tensor out = logits_of(*model, batch, mask_of({{0, 14}, {6, 20}, {0, 0}}, 20));
    CHECK(difference(narrow(select(out, 0, 0), 0, 0, 14), select(alone, 0, 0)) <= 1e-5);
    CHECK(difference(narrow(select(out, 0, 1), 0, 6, 14), select(alone, 0, 0)) <= 1e-5);
    CHECK(all(isfinite(out)).item<bool>());
  }
}

TEST_CASE("padding does not part a text from what stands before it") {
  for (size_t variant : {2, 3}) {
    AgiformerConfig c = variants()[variant].second;
    c.max_segment_len = 64;
    const auto model = seeded(c);
    const NoGradGuard guard;
    AgiformerInput alone = text_input(ids(2, 9));
    alone.image = randn({2, 3, 16, 16}), alone.audio = randn({2, 3000});
    alone.morpho_types = ids(2, 9, 5, 23);
    const auto behind = [](const Tensor& x, int64_t filler) {
      const Tensor row =
          cat(std::vector<Tensor>{full({1, 6}, filler, DType::I64), narrow(x, 0, 0, 1)}, 1);
      return cat(
          std::vector<Tensor>{
              row,
              cat(std::vector<Tensor>{narrow(x, 0, 1, 1), full({1, 6}, filler, DType::I64)}, 1)},
          0);
    };
    AgiformerInput padded = alone;  // the first text has its padding before, the second behind it
    padded.text = behind(alone.text, 8), padded.morpho_types = behind(alone.morpho_types, 3);
    padded.mask = mask_of({{6, 15}, {0, 9}}, 15);
    const AgiformerOutput one = model->forward(alone), other = model->forward(padded);
    CHECK(difference(narrow(select(other.logits, 0, 0), 0, 6, 9), select(one.logits, 0, 0)) <=
          1e-5);
    CHECK(difference(narrow(select(other.logits, 0, 1), 0, 0, 9), select(one.logits, 0, 1)) <=
          1e-5);
    // What is remembered is the same, too.
    const Tensor next = ids(2, 7, 4);
    CHECK(difference(logits_of(*model, next, {}, one.state),
                     logits_of(*model, next, {}, other.state)) <= 1e-5);
  }
}

// Ids of padding may be anything, verbs too.
TEST_CASE("padding is no morphology") {
  for (const bool linear : {false, true}) {
    AgiformerConfig c = tiny({"language"});
    c.use_linear_attention = linear;
    const auto model = seeded(c);
    const NoGradGuard guard;
    AgiformerInput alone = text_input(ids(1, 9)), padded;
    alone.morpho_types =
        cat(std::vector<Tensor>{full({1, 4}, 2, DType::I64), full({1, 5}, 7, DType::I64)}, 1);
    const auto behind = [](const Tensor& x, int64_t filler) {
      return cat(std::vector<Tensor>{full({1, 6}, filler, DType::I64), x}, 1);
    };
    padded = text_input(behind(alone.text, 8), mask_of({{6, 15}}, 15));
    padded.morpho_types = behind(alone.morpho_types, 3);
    CHECK(difference(narrow(model->forward(padded).logits, 1, 6, 9),
                     model->forward(alone).logits) <= 1e-5);
  }
}

TEST_CASE("batches leave nothing behind") {
  for (const auto& variant : variants()) {
    const std::string& name = variant.first;
    const AgiformerConfig& config = variant.second;
    CAPTURE(name);
    const auto model = seeded(config);
    const Tensor a = ids(3, 18, 1), b = ids(2, 11, 2);
    const Tensor alone = logits_of(*model, b);
    logits_of(*model, a);
    model->train();
    const AgiformerOutput step = model->forward(text_input(a));
    backward(model->loss(step, a).total);
    model->eval();
    CHECK(equal(logits_of(*model, b), alone));
    CHECK(difference(logits_of(*model, narrow(b, 0, 0, 1)), narrow(alone, 0, 0, 1)) <= 1e-5);
  }
}

// A step's gradients are the same whether or not a validation ran before it.
TEST_CASE("validation changes no training step") {
  for (const auto& variant : variants()) {
    const std::string& name = variant.first;
    const AgiformerConfig& config = variant.second;
    CAPTURE(name);
    const auto gradients = [&](bool validate) {
      const auto model = seeded(config);
      const Tensor a = ids(3, 18, 1);
      model->train();
      model->loss(model->forward(text_input(a)), a);
      if (validate) {
        model->eval();
        logits_of(*model, ids(2, 11, 2));
        model->train();
      }
      backward(model->loss(model->forward(text_input(a)), a).total);
      Tensors out;
      for (const auto& parameter : model->named_parameters())
        if (parameter.second.grad().defined()) out.push_back(parameter.second.grad());
      return out;
    };
    const Tensors alone = gradients(false), after = gradients(true);
    REQUIRE(alone.size() == after.size());
    CHECK(alone.size() > 10);
    for (size_t i = 0; i < alone.size(); ++i) CHECK(equal(alone[i], after[i]));
  }
}

TEST_CASE("states belong to their sequences") {
  AgiformerConfig c = variants()[1].second;
  const auto model = seeded(c);
  const NoGradGuard guard;
  const Tensor first = ids(2, 30, 1), second = ids(2, 12, 2);
  const MemoryState both = model->forward(text_input(first)).state;
  const Tensor joined = logits_of(*model, second, {}, both);
  for (int64_t i = 0; i < 2; ++i) {
    const MemoryState own = model->forward(text_input(narrow(first, 0, i, 1))).state;
    CHECK(difference(select(joined, 0, i),
                     select(logits_of(*model, narrow(second, 0, i, 1), {}, own), 0, 0)) <= 1e-5);
  }
  CHECK(difference(joined, logits_of(*model, second)) > 1e-4);  // the memory is read
  CHECK_THROWS_AS(logits_of(*model, ids(3, 5), {}, both), ValueError);
}

}  // namespace
}  // namespace lydia::models
