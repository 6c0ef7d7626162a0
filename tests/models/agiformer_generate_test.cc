// Test 9 of the specification: caches change nothing but the time. Sampling, segments, padding,
// memory states, and models in directories.
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>

#include "lydia/models/agiformer/generate.h"
#include "lydia/models/agiformer/pretrained.h"
#include "lydia/nn/serialize.h"
#include "lydia/ops/creation.h"
#include "lydia/ops/matmul.h"
#include "tests/models/agiformer_helpers.h"

namespace lydia::models {
namespace {

namespace fs = std::filesystem;

GenerationOptions greedy(int64_t count) {
  GenerationOptions o;
  o.max_new_tokens = count;
  o.temperature = 0;
  return o;
}

TEST_CASE("generation with caches equals generation without") {
  for (const auto& variant : variants()) {
    const std::string& name = variant.first;
    const AgiformerConfig& config = variant.second;
    for (const int64_t window : {512, 5}) {
      CAPTURE(name);
      CAPTURE(window);
      AgiformerConfig c = config;
      c.max_seq_len = 24, c.expert_window = window;  // goes through several segments
      const auto model = seeded(c);
      GenerationOptions o = greedy(40);
      const Tensor prompt = ids(2, 9);
      const Tensor with = generate(*model, prompt, o);
      o.use_cache = false;
      CHECK(equal(with, generate(*model, prompt, o)));
      CHECK(with.sizes() == Dims({2, 49}));
      CHECK(equal(narrow(with, 1, 0, 9), prompt));
    }
  }
}

// The bias of the halting head is set so that no token, some tokens, or all of them need one round.
TEST_CASE("introspection halts token by token, with caches and without") {
  AgiformerConfig c = tiny({"language"});
  c.use_introspection = true, c.max_iterations = 4;
  for (const float bias : {-20.0f, 4.6f, 20.0f}) {
    CAPTURE(bias);
    const auto model = seeded(c);
    const NoGradGuard guard;
    for (const auto& [name, value] : model->named_parameters())
      if (name == "introspection.heads.bias") fill_(narrow(value, 0, 2, 1), bias);
    const IntrospectionInfo seen = model->forward(text_input(ids(2, 20))).info.introspection;
    const Tensor rounds = seen.expected_rounds;
    CHECK(amin(rounds).item<double>() >= 1 - 1e-5);
    CHECK(amax(rounds).item<double>() <= 4 + 1e-5);
    if (bias < 0) CHECK(amin(rounds).item<double>() > 3.9);
    if (bias > 10) CHECK(seen.rounds.size() == 1);
    if (bias == 4.6f) {  // a round more where more than a hundredth is left
      const Tensor first = le(rounds, 1 + 1e-6);
      CHECK(any(first).item<bool>());
      CHECK(!all(first).item<bool>());
    }
    GenerationOptions o = greedy(20);
    const Tensor with = generate(*model, ids(2, 9), o);
    o.use_cache = false;
    CHECK(equal(with, generate(*model, ids(2, 9), o)));
  }
}

TEST_CASE("logits token by token are those of the whole") {
  for (const auto& variant : variants()) {
    const std::string& name = variant.first;
    const AgiformerConfig& config = variant.second;
    CAPTURE(name);
    const auto model = seeded(config);
    const NoGradGuard guard;
    const Tensor text = ids(2, 20);
    const Tensor whole = model->forward(text);
    GenerationSession session(*model, {});
    CHECK(difference(session.feed(narrow(text, 1, 0, 7)), select(whole, 1, 6)) < 1e-4);
    for (int64_t i = 7; i < 20; ++i)
      CHECK(difference(session.feed(contiguous(narrow(text, 1, i, 1))), select(whole, 1, i)) <
            1e-4);
    if (!config.use_memory) continue;
    const MemoryState one = session.finish(), other = model->forward(text_input(text)).state;
    for (size_t i = 0; i < one.tensors().size(); ++i)
      CHECK(difference(one.tensors()[i].second.to(DType::F32),
                       other.tensors()[i].second.to(DType::F32)) < 1e-4);
  }
}

TEST_CASE("left-padded prompts give what single ones give") {
  for (const auto& variant : variants()) {
    const std::string& name = variant.first;
    const AgiformerConfig& config = variant.second;
    CAPTURE(name);
    AgiformerConfig c = config;
    c.pad_id = 49, c.max_seq_len = 24;
    const auto model = seeded(c);
    const Tensor small = ids(1, 5, 21, 49), large = ids(1, 11, 22, 49);
    const Tensor padded = cat(std::vector<Tensor>{full({1, 6}, 49, DType::I64), small}, 1);
    const Tensor batch = generate(*model, cat(std::vector<Tensor>{padded, large}, 0), greedy(12));
    CHECK(equal(narrow(narrow(batch, 0, 0, 1), 1, 6, 17), generate(*model, small, greedy(12))));
    CHECK(equal(narrow(batch, 0, 1, 1), generate(*model, large, greedy(12))));
  }
}

TEST_CASE("images before the prompt are kept in mind") {
  AgiformerConfig c = variants()[2].second;
  const auto model = seeded(c);
  Generator g(5);
  const Modalities seen{randn({1, 3, 16, 16}, DType::F32, &g), {}, {}};
  GenerationOptions o = greedy(10);
  const Tensor with = generate(*model, ids(1, 4), o, {}, seen);
  const Tensor padded = cat(std::vector<Tensor>{ids(1, 6, 3), ids(1, 4)}, 1);
  const Tensor mask = ge(unsqueeze(arange(0, 10), 0), 6);
  CHECK(equal(with, narrow(generate(*model, padded, o, mask, seen), 1, 6, 14)));
  o.use_cache = false;
  CHECK(equal(with, generate(*model, ids(1, 4), o, {}, seen)));
  const NoGradGuard guard;
  GenerationSession one(*model, {}), two(*model, {});
  CHECK(difference(one.feed(ids(1, 4), {}, seen), two.feed(ids(1, 4))) > 1e-4);
}

TEST_CASE("sampling keeps to its limits") {
  const Tensor uneven = empty({1, 5});
  const float p[] = {0.5f, 0.3f, 0.1f, 0.06f, 0.04f};
  for (int i = 0; i < 5; ++i) uneven.data<float>()[i] = std::log(p[i]);
  const auto counts = [&](const SamplingOptions& o) {
    Generator g(9);
    std::map<int64_t, int> seen;
    for (int i = 0; i < 3000; ++i) ++seen[sample(uneven, {}, o, &g).item<int64_t>()];
    return seen;
  };
  const auto all = counts({.temperature = 1, .top_k = 99, .top_p = 1});
  CHECK(all.size() == 5);
  CHECK(all.at(0) / 3000.0 == doctest::Approx(0.5).epsilon(0.1));
  CHECK(counts({.temperature = 1, .top_k = 2, .top_p = 1}).size() == 2);
  CHECK(counts({.temperature = 1, .top_k = 0, .top_p = 0.6}).size() == 2);  // 0.3 crosses 0.6
  CHECK(counts({.temperature = 1, .top_k = 0, .top_p = 0.1}).size() == 1);
  CHECK(counts({.temperature = 0}).size() == 1);
  const auto cold = counts({.temperature = 0.5, .top_k = 0, .top_p = 1});
  CHECK(cold.at(0) > all.at(0));
  const SamplingOptions penalty{.temperature = 0, .repetition_penalty = 3};
  CHECK(sample(uneven, full({1, 2}, 0, DType::I64), penalty, nullptr).item<int64_t>() == 1);
}

TEST_CASE("the same seed gives the same text; eos and streamers end it") {
  const auto model = seeded(variants()[1].second);
  GenerationOptions o;
  o.max_new_tokens = 30;
  o.seed = 5;
  const Tensor prompt = ids(2, 4);
  const Tensor text = generate(*model, prompt, o);
  CHECK(equal(text, generate(*model, prompt, o)));
  o.seed = 6;
  CHECK(!equal(text, generate(*model, prompt, o)));

  GenerationOptions until = greedy(30);
  const Tensor plain = generate(*model, narrow(prompt, 0, 0, 1), until);
  until.eos = select(select(plain, 0, 0), 0, 9).item<int64_t>();
  const Tensor ended = generate(*model, narrow(prompt, 0, 0, 1), until);
  CHECK(ended.size(1) <= 10);
  CHECK(select(select(ended, 0, 0), 0, ended.size(1) - 1).item<int64_t>() == until.eos);

  int streamed = 0;
  const Tensor stopped = generate(*model, prompt, greedy(30), {}, {}, [&](const Tensor& t) {
    CHECK(t.sizes() == Dims({2}));
    return ++streamed < 7;
  });
  CHECK(streamed == 7);
  int all = 0;
  generate(*model, prompt, greedy(5), {}, {}, [&](const Tensor&) { return ++all > 0; });
  CHECK(all == 5);
  CHECK(stopped.size(1) == 4 + 7);
}

TEST_CASE("generation refuses what makes no sense") {
  const auto model = seeded(tiny());
  CHECK_THROWS_AS(generate(*model, zeros({1, 0}, DType::I64), greedy(2)), ValueError);
  GenerationOptions o = greedy(2);
  o.temperature = -1;
  CHECK_THROWS_AS(generate(*model, ids(1, 3), o), ValueError);
  o = greedy(2), o.top_p = 0;
  CHECK_THROWS_AS(generate(*model, ids(1, 3), o), ValueError);
  o = greedy(2), o.max_new_tokens = -1;
  CHECK_THROWS_AS(generate(*model, ids(1, 3), o), ValueError);
}

TEST_CASE("generation goes on from text only, not from padding") {
  AgiformerConfig c = tiny();
  c.pad_id = 49;
  const auto model = seeded(c);
  const Tensor text = ids(1, 4, 21, 49), pad = full({1, 1}, 49, DType::I64);
  const auto with = [&](const Tensor& prompt, const Tensor& mask) {
    return generate(*model, prompt, greedy(3), mask);
  };
  const auto mask = [](std::vector<int> real) {
    const Tensor out = zeros({1, static_cast<int64_t>(real.size())}, DType::I64);
    std::copy(real.begin(), real.end(), out.data<int64_t>());
    return out;
  };
  CHECK(with(text, mask({0, 1, 1, 1})).size(1) == 7);
  for (const auto& real : {std::vector{1, 1, 1, 0}, {1, 0, 1, 1}, {0, 0, 0, 0}})
    CHECK_THROWS_WITH_AS(with(text, mask(real)), doctest::Contains("on the left"), ValueError);
  CHECK_THROWS_AS(with(text, ones({1, 4})), ValueError);
  CHECK_THROWS_WITH_AS(with(cat(std::vector<Tensor>{text, pad}, 1), {}),
                       doctest::Contains("ends in the pad token"), ValueError);
  // A pad token that `mask` calls text is text.
  CHECK(with(cat(std::vector<Tensor>{text, pad}, 1), mask({1, 1, 1, 1, 1})).size(1) == 8);
}

TEST_CASE("very cold is the likeliest token, and broken weights generate nothing") {
  const auto model = seeded(tiny());
  GenerationOptions cold = greedy(12);
  cold.temperature = 1e-300;
  CHECK(equal(generate(*model, ids(1, 3), cold), generate(*model, ids(1, 3), greedy(12))));
  {
    const NoGradGuard guard;
    fill_(model->named_parameters()[0].second, std::nan(""));
  }
  for (const double temperature : {0.0, 1.0}) {
    GenerationOptions o = greedy(2);
    o.temperature = temperature;
    CHECK_THROWS_WITH_AS(generate(*model, ids(1, 3), o), doctest::Contains("finite logits"), Error);
  }
}

TEST_CASE("the bank of slots keeps varied contents apart, and no more than it has") {
  AgiformerConfig c = variants()[1].second;
  c.memory_size = 200, c.memory_update_freq = 10, c.max_seq_len = 512;
  c.vocab_size = 256;
  const auto model = seeded(c);
  const NoGradGuard guard;
  MemoryState state;
  Generator g(31);
  for (int i = 0; i < 21; ++i) {
    const Tensor segment = randint(0, 256, {1, 500}, DType::I64, &g);
    const AgiformerOutput out = model->forward(text_input(segment), state);
    state = out.state;
    CHECK(out.info.memory.step_count == 500 * (i + 1));
  }
  CHECK(state.counts.data<int64_t>()[1] == 21 * 50);
  const int64_t used = state.counts.data<int64_t>()[2];
  CHECK(used <= 200);
  CHECK(used > 100);
  const Tensor bank = select(state.bank, 0, 0);
  const Tensor unit = bank / vector_norm(bank, 2, {1}, true);
  const Tensor cosine = matmul(unit, transpose(unit, 0, 1));
  const double n = static_cast<double>(used);
  CHECK((sum(cosine).item<double>() - n) / (n * (n - 1)) < 0.5);
}

TEST_CASE("states go through files; half a state is refused") {
  const auto model = seeded(variants()[1].second);
  const NoGradGuard guard;
  const MemoryState state = model->forward(text_input(ids(2, 30))).state;
  const MemoryState again = MemoryState::from_tensors(state.tensors());
  CHECK(equal(model->forward(text_input(ids(2, 8)), state).logits,
              model->forward(text_input(ids(2, 8)), again).logits));
  nn::NamedTensors half = state.tensors();
  half.erase(half.begin() + 2);
  CHECK_THROWS_WITH_AS(MemoryState::from_tensors(half), doctest::Contains("'bank' is missing"),
                       ValueError);
  half = state.tensors();
  half[2].second = narrow(half[2].second, 0, 0, 1);
  CHECK_THROWS_AS(MemoryState::from_tensors(half), ValueError);
}

TEST_CASE("states of other dtypes and layouts are taken up") {
  const auto model = seeded(variants()[1].second);
  const NoGradGuard guard;
  const MemoryState state = model->forward(text_input(ids(2, 30))).state;
  const AgiformerOutput expected = model->forward(text_input(ids(2, 30, 3)), state);
  for (const DType dtype : {DType::F16, DType::F64}) {
    nn::NamedTensors other = state.tensors();
    for (auto& [name, value] : other) {
      if (value.is_floating_point()) value = value.to(dtype);
      value = transpose(contiguous(transpose(value, 0, 1)), 0, 1);
    }
    const AgiformerOutput out =
        model->forward(text_input(ids(2, 30, 3)), MemoryState::from_tensors(other));
    CHECK(out.logits.dtype() == DType::F32);
    CHECK(difference(out.logits, expected.logits) < 1e-2);
    CHECK(equal(out.state.counts, expected.state.counts));
  }
}

TEST_CASE("models are saved to directories and come back") {
  const fs::path folder = fs::temp_directory_path() / "lydia_agiformer_test";
  fs::remove_all(folder);
  for (const auto& variant : variants()) {
    const std::string& name = variant.first;
    const AgiformerConfig& config = variant.second;
    CAPTURE(name);
    const auto model = seeded(config);
    GenerationOptions o = greedy(5);
    save_pretrained(*model, folder.string(), o);
    for (const char* file :
         {"config.json", "model.safetensors", "generation_config.json", "tokenizer_config.json"})
      CHECK(fs::exists(folder / file));
    const auto loaded = load_pretrained(folder.string());
    const NoGradGuard guard;
    CHECK(equal(model->forward(ids(1, 8)), loaded->forward(ids(1, 8))));
    CHECK(load_generation_config(folder.string()).max_new_tokens == 5);
  }
  // Weights of another size, then another architecture, then nothing.
  const auto other = seeded(tiny({"logic"}));
  nn::save_model(*other, (folder / "model.safetensors").string());
  CHECK_THROWS_AS(load_pretrained(folder.string()), ValueError);
  std::ofstream(folder / "config.json") << "{\"model_type\": \"bert\"}";
  CHECK_THROWS_WITH_AS(load_pretrained(folder.string()), doctest::Contains("another architecture"),
                       ValueError);
  fs::remove_all(folder);
  CHECK_THROWS_AS(load_pretrained(folder.string()), IoError);
}

TEST_CASE("a vision tower takes CLIP's files") {
  const fs::path folder = fs::temp_directory_path() / "lydia_clip_test";
  fs::create_directories(folder);
  std::ofstream(folder / "config.json")
      << "{\"model_type\": \"clip\", \"vision_config\": {\"image_size\": 16, \"patch_size\": 8, "
         "\"hidden_size\": 24, \"num_hidden_layers\": 2, \"num_attention_heads\": 3, "
         "\"intermediate_size\": 96}}";
  AgiformerConfig c = variants()[2].second;
  read_clip_config(folder.string(), c);
  CHECK(c.vision_width == 24);
  // A tower of that layout, under the names that Hugging Face gives it.
  default_generator().set_seed(8);
  VisionTower there(c);
  nn::NamedTensors state;
  for (const auto& [key, value] : there.state_dict())
    state.emplace_back("vision_model." + key, value);
  state.emplace_back("text_model.final_layer_norm.weight", ones({4}));
  state.emplace_back("vision_model.embeddings.position_ids", ids(1, 5));
  nn::save_state(state, (folder / "model.safetensors").string());
  bool found = false;
  for (const auto& [key, value] : state)
    found |= key == "vision_model.encoder.layers.1.self_attn.q_proj.weight";
  CHECK(found);

  VisionTower tower(c);
  const Tensor image = randn({1, 3, 16, 16});
  CHECK(difference(tower.forward(image), there.forward(image)) > 1e-3);
  tower.load_clip(folder.string());
  CHECK(difference(tower.forward(image), there.forward(image)) == 0);
  CHECK(tower.parameter_count(true) == 0);
  c.vision_layers = 3;
  VisionTower deeper(c);
  CHECK_THROWS_WITH_AS(deeper.load_clip(folder.string()), doctest::Contains("vision_layers=2"),
                       ValueError);
  fs::remove_all(folder);
}

}  // namespace
}  // namespace lydia::models
