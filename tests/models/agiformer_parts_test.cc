// Tests 2, 3, 4, 7, 8 and 10 of the specification, and the parts by themselves.
#include <cmath>

#include "lydia/models/agiformer/generate.h"
#include "lydia/models/agiformer/linear_attention.h"
#include "lydia/models/agiformer/perception.h"
#include "lydia/models/agiformer/rotary.h"
#include "lydia/nn/summary.h"
#include "lydia/ops/activation.h"
#include "lydia/ops/creation.h"
#include "lydia/ops/matmul.h"
#include "lydia/train/optimizer.h"
#include "tests/models/agiformer_helpers.h"

namespace lydia::models {
namespace {

TEST_CASE("linear attention equals its quadratic form") {
  for (const int64_t length : {1, 5, 64, 65, 150}) {
    for (const int64_t d : {2, 16}) {
      for (const bool causal : {true, false}) {
        CAPTURE(length);
        Generator g(3);
        const auto draw = [&](int64_t heads) {
          return reshape(randn({2 * length * heads * d}, DType::F32, &g), {2, length, heads, d});
        };
        const Tensor q = elu(draw(3)) + 1.0, k = elu(draw(3)) + 1.0, v = draw(3);
        const auto heads = [](const Tensor& x) { return transpose(x, 1, 2); };
        LinearInputs in{heads(q), heads(k), heads(rotary(q, 4)), heads(rotary(k, 4)), heads(v), {}};
        const Tensor expected = linear_attention_quadratic(in, causal);
        CHECK(difference(linear_attention(in, causal).value(), expected) < 1e-4);
        if (!causal) continue;
        in.decay = full({3}, 0.05);
        CHECK(difference(linear_attention(in, true).value(), linear_attention_quadratic(in, true)) <
              1e-4);
        // In two pieces, the state handed on.
        const int64_t cut = length / 2;
        const auto piece = [&](int64_t start, int64_t n) {
          const auto take = [&](const Tensor& x) { return narrow(x, 2, start, n); };
          return LinearInputs{take(in.q),         take(in.k), take(in.rotated_q),
                              take(in.rotated_k), take(in.v), in.decay};
        };
        LinearState state;
        Tensors parts;
        if (cut > 0) parts.push_back(linear_attention(piece(0, cut), true, &state).value());
        parts.push_back(linear_attention(piece(cut, length - cut), true, &state).value());
        CHECK(difference(cat(parts, 2), linear_attention_quadratic(in, true)) < 1e-4);
      }
    }
  }
}

TEST_CASE("rotary products depend on distances only") {
  Generator g(1);
  const Tensor q = randn({1, 6, 2, 8}, DType::F32, &g), k = randn({1, 6, 2, 8}, DType::F32, &g);
  const auto scores = [&](int64_t start) {
    return matmul(transpose(rotary(q, start), 1, 2),
                  transpose(transpose(rotary(k, start), 1, 2), 2, 3));
  };
  CHECK(difference(scores(0), scores(100)) < 1e-4);
  CHECK(difference(rotary(q, 0), rotary(q, 1)) > 0.1);
}

// The derivative of g . v, where g is the gradient of sum y^3, against differences of g.
TEST_CASE("rotations may be differentiated twice") {
  Generator g(4);
  const Tensor x = randn({1, 5, 3, 2, 8}, DType::F64, &g), v = randn(x.sizes(), DType::F64, &g);
  const auto gradient = [](const Tensor& at, bool again) {
    const RotatedQkv y = rotary_qkv(at, 2);
    const Tensor once = rotary(select(at, 2, 1), 3);
    const Tensor sums = sum(pow(y.q, 3.0)) + sum(pow(y.k, 3.0)) + sum(y.v) + sum(pow(once, 3.0));
    return grad({sums}, {at}, {}, {.create_graph = again})[0];
  };
  x.set_requires_grad();
  const Tensor bent = grad({sum(gradient(x, true) * v)}, {x})[0];
  const auto moved = [&](double step) {
    const Tensor at = x.detach() + v * step;
    at.set_requires_grad();
    return gradient(at, false);
  };
  const Tensor expected = (moved(1e-5) - moved(-1e-5)) * (0.5 / 1e-5);
  CHECK(largest(expected) > 1);
  CHECK(difference(bent, expected) < 1e-6 * largest(expected));
}

// [B, heads, n, n]: what KeyTerms adds to the score of each key for each query.
Tensor added_scores(const KeyTerms& terms, int64_t heads, int64_t n) {
  const Tensor at = unsqueeze(arange(0, n), 1), key = unsqueeze(arange(0, n), 0);
  Tensor out = zeros({2, heads, n, n});
  if (terms.bias.defined()) out = out + unsqueeze(terms.bias, 2);
  if (terms.decay.defined())
    out = out - reshape(terms.decay, {1, heads, 1, 1}) * (at - key).to(DType::F32);
  if (terms.boosted.defined())
    out = out + unsqueeze(eq(unsqueeze(terms.boosted, -1), key), 1).to(DType::F32) *
                    reshape(softplus(terms.boost), {1, heads, 1, 1});
  return out;
}

// Attention with the terms of an expert, for everybody and for some, against the matrix of scores
// (or, linear, of weights) written out.
void check_terms(bool linear, int64_t window, const Tensor& valid, const KeyTerms& terms) {
  const int64_t n = 23, heads = 4, width = 8;
  AgiformerConfig c = tiny();
  c.use_linear_attention = linear;
  const auto attention = seeded<Attention>(c, window);
  const NoGradGuard guard;
  Flow flow{c};
  flow.batch = 2, flow.tokens = n, flow.valid = valid;
  const Tensor x = randn({2, n, 32});
  const auto by_head = [](const Tensor& t) { return transpose(t, 1, 2); };
  const auto products = [&](const Tensor& a, const Tensor& b) {
    return matmul(by_head(a), transpose(by_head(b), 2, 3));
  };
  const Tensor qkv = reshape(attention->qkv(x), {2, n, 3, heads, width});
  Tensor q = select(qkv, 2, 0), k = select(qkv, 2, 1);
  if (linear) q = elu(q) + 1.0, k = elu(k) + 1.0;
  const Tensor at = unsqueeze(arange(0, n), 1), key = unsqueeze(arange(0, n), 0);
  Tensor seen = le(key, at) & gt(key, at - window);
  if (valid.defined()) seen = seen & unsqueeze(unsqueeze(valid, 1), 1);
  const Tensor added = added_scores(terms, heads, n), there = seen.to(DType::F32);
  const Tensor rotated = products(rotary(q, 0), rotary(k, 0)), v = by_head(select(qkv, 2, 2));
  Tensor mixed;
  if (linear) {
    const Tensor weight = exp(added) * there;
    mixed = matmul(rotated * weight, v) / (sum(products(q, k) * weight, {-1}, true) + kLinearEps);
  } else {
    const Tensor weight = exp(where(seen, rotated * (1 / std::sqrt(8.0)) + added, -1e9)) * there;
    mixed = matmul(weight / clamp(sum(weight, {-1}, true), 1e-30, std::nullopt), v);
  }
  const Tensor expected = attention->out(reshape(by_head(mixed), {2, n, 32}));
  const Routed everybody(2, n), some(2, n, {0, 3, 12, 22, 28, 30, 40}, 6);
  for (const Routed& routed : {everybody, some})
    CHECK(difference(attention->forward(x, flow, routed, terms), routed.of(expected)) < 1e-4);
}

TEST_CASE("the terms of experts are those of the scores written out") {
  default_generator().set_seed(6);
  KeyTerms language, causal;
  language.bias = randn({2, 4, 23}), language.boost = randn({4});
  // Every fourth token is a verb: -1, -1, -1, 3, 3, 3, 3, 7, ...
  const Tensor verb = floor_divide(arange(1, 24), 4) * 4 - 1;
  language.boosted = stack(std::vector<Tensor>{verb, where(lt(verb, 5), -1, verb)}, 0);
  causal.decay = abs(randn({4})) * 0.1;
  const Tensor valid = ones({2, 23}, DType::Bool);  // the second sequence begins at 5
  fill_(narrow(select(valid, 0, 1), 0, 0, 5), false);
  for (const Tensor& real : {Tensor(), valid}) {
    for (const KeyTerms& terms : {KeyTerms(), language, causal}) {
      CAPTURE(real.defined());
      check_terms(false, 64, real, terms);
      check_terms(false, 6, real, terms);
      check_terms(true, 64, real, terms);
    }
  }
}

// The pairs written out, against what the network sums without them.
TEST_CASE("pair means equal the means over all pairs, with gradients") {
  AgiformerConfig c = tiny();
  Flow flow{c};
  flow.batch = 2, flow.tokens = 11;
  Generator g(2);
  const Tensor q = randn({22, 3}, DType::F32, &g), k = randn({22, 3}, DType::F32, &g);
  const Tensor up = randn({22, 3}, DType::F32, &g);
  q.set_requires_grad(), k.set_requires_grad();
  const Window window = make_window(flow, Routed(2, 11), 11);
  const Tensor got = pair_mean(q, k, window);
  Tensors rows;
  for (int64_t i = 0; i < 22; ++i) {
    const int64_t first = std::max(i / 11 * 11, i - c.relation_window + 1);
    const Tensor pairs = gelu(narrow(q, 0, i, 1) + narrow(k, 0, first, i - first + 1), Gelu::tanh);
    rows.push_back(mean(pairs, {0}, true));
  }
  const Tensor expected = cat(rows, 0);
  CHECK(difference(got, expected) < 1e-5);
  const Tensors mine = grad({got}, {q, k}, {up}), theirs = grad({expected}, {q, k}, {up});
  CHECK(difference(mine[0], theirs[0]) < 1e-5);
  CHECK(difference(mine[1], theirs[1]) < 1e-5);
}

TEST_CASE("with all experts chosen the mixture is dense, and chosen experts compute alone") {
  for (const bool linear : {false, true}) {
    AgiformerConfig c = tiny({"language", "logic", "spatial", "causal", "dense"});
    c.experts_per_token = 5, c.use_linear_attention = linear;
    default_generator().set_seed(1);
    MixtureOfExperts moe(c);
    Flow flow{c};
    flow.batch = 2, flow.tokens = 13, flow.position = zeros({1, 13}, DType::I64);
    const Tensor h = randn({2, 13, 32});
    RouterInfo info;
    const Tensor got = moe.forward(h, flow, info);
    CHECK(sum(info.expert_usage).item<double>() == doctest::Approx(5));
    Tensor expected;
    for (size_t e = 0; e < 5; ++e) {
      const Tensor is = eq(info.choice, static_cast<int64_t>(e)).to(DType::F32);
      const Tensor weight = sum(info.weight * is, {2}, true);
      const Tensor part =
          reshape(moe.expert(e).forward(h, flow, Routed(2, 13)), h.sizes()) * weight;
      expected = expected.defined() ? expected + part : part;
    }
    CHECK(difference(got, expected) < 1e-5);

    // Any tokens: what an expert gives them does not depend on who else came.
    for (size_t e = 0; e < 5; ++e) {
      const Tensor whole = moe.expert(e).forward(h, flow, Routed(2, 13));
      const Routed some(2, 13, {0, 3, 12, 14, 20, 25}, 5);
      const Tensor part = moe.expert(e).forward(h, flow, some);
      CAPTURE(e);
      CHECK(difference(part, some.of(reshape(whole, h.sizes()))) < 1e-5);
      CHECK(moe.expert(e).forward(h, flow, Routed(2, 13, {}, 5)).size(0) == 0);
    }
  }
}

TEST_CASE("the router's figures are those of their formulas") {
  AgiformerConfig c = tiny({"language", "logic", "spatial", "causal"});
  c.load_balancing_loss_weight = 0.02, c.router_z_weight = 0.5;
  const auto router = seeded<Router>(c);
  const NoGradGuard guard;
  Flow flow{c};
  flow.batch = 2, flow.tokens = 13;
  flow.real = ones({2, 13}, DType::Bool);
  fill_(narrow(select(flow.real, 0, 1), 0, 9, 4), false);
  const Tensor h = randn({2, 13, 32});
  const Routing out = router->forward(h, flow);
  const Tensor rows = narrow(flatten(h, 0, 1), 0, 0, 22);  // what is real comes first
  const auto gate = router->named_parameters();
  const Tensor logits = matmul(rows, transpose(gate[0].second, 0, 1)) + gate[1].second;
  const Tensor e = exp(logits), p = contiguous(e / sum(e, {1}, true));
  double balance = 0, entropy = 0, sent_in_all = 0;
  for (int64_t expert = 0; expert < 4; ++expert) {
    int64_t sent = 0;
    double mean_p = 0;
    for (int64_t row = 0; row < 22; ++row) {
      const float* const of = p.data<float>() + 4 * row;
      const auto larger = std::count_if(of, of + 4, [&](float x) { return x > of[expert]; });
      sent += larger < 2;
      mean_p += of[expert] / 22.0;
      entropy -= of[expert] * std::log(of[expert]) / 22.0;
    }
    balance += static_cast<double>(sent) / 22.0 * mean_p * 4 * 0.02;
    sent_in_all += static_cast<double>(sent);
    CHECK(out.info.expert_usage.data<float>()[expert] ==
          doctest::Approx(static_cast<double>(sent) / 22.0));
  }
  const double z = mean(square(log(sum(e, {1})))).item<double>() * 0.5;
  CHECK(sent_in_all == 44);
  CHECK(out.info.load_balancing_loss.item<double>() == doctest::Approx(balance).epsilon(1e-4));
  CHECK(out.info.z_loss.item<double>() == doctest::Approx(z).epsilon(1e-4));
  CHECK(out.info.router_entropy == doctest::Approx(entropy).epsilon(1e-4));
  CHECK(difference(sum(out.info.weight, {2}), ones({2, 13})) < 1e-6);
}

// Twice the experts at the same k cost their keys and values, which are those of all tokens, and
// nothing of their queries, outputs and feed-forward networks.
TEST_CASE("the work of experts grows with k, not with E") {
  const int64_t tokens = 48, d = 32, layers = 2;
  const auto work = [&](int64_t experts, int64_t k) {
    AgiformerConfig c = tiny(std::vector<std::string>(static_cast<size_t>(experts), "language"));
    c.experts_per_token = k;
    const auto model = seeded(c);
    const NoGradGuard guard;
    const Tensor text = ids(1, tokens);
    const nn::MacCounter counter;
    model->forward(text);
    return counter.count();
  };
  const int64_t keys_and_values = tokens * d * 2 * d, gates = tokens * d;
  CHECK(work(4, 1) - work(2, 1) == 2 * layers * (keys_and_values + gates));
  CHECK(work(8, 2) - work(4, 2) == 4 * layers * (keys_and_values + gates));
  CHECK(work(4, 2) - work(4, 1) >= layers * tokens * (2 * d * d + 3 * d * 48));
}

// Test 9 of the specification: what the token at place t costs.
TEST_CASE("the work of a token is the same at every place but for what it reads of the cache") {
  const auto work = [](bool linear, int64_t window, int64_t place) {
    AgiformerConfig c = tiny({"language"});
    c.use_linear_attention = linear, c.expert_window = window;
    const auto model = seeded(c);
    GenerationSession session(*model, {});
    const NoGradGuard guard;
    session.feed(ids(1, place));
    const nn::MacCounter counter;
    session.feed(ids(1, 1));
    return counter.count();
  };
  const int64_t layers = 2, read = 2 * 32;  // of a key and its value
  CHECK(work(true, 512, 50) == work(true, 512, 10));
  CHECK(work(false, 512, 50) - work(false, 512, 10) == layers * 2 * read * 40);
  CHECK(work(false, 8, 50) - work(false, 8, 10) == layers * read * 40);  // experts read 8
}

TEST_CASE("windows and groups longer than the text are as long as the text") {
  AgiformerConfig c = variants()[3].second;
  c.use_introspection = c.use_multimodal = false;
  c.relation_window = 64, c.memory_update_freq = 30, c.expert_window = 64;
  const auto run = [&] {
    const auto model = seeded(c);
    const NoGradGuard guard;
    const MemoryState state = model->forward(text_input(ids(2, 30))).state;
    return model->forward(text_input(ids(2, 30)), state).logits;
  };
  const Tensor expected = run();
  c.relation_window = c.memory_update_freq = c.expert_window = int64_t{1} << 30;
  CHECK(difference(run(), expected) < 1e-5);
  for (int64_t AgiformerConfig::*size :
       {&AgiformerConfig::relation_window, &AgiformerConfig::memory_update_freq,
        &AgiformerConfig::expert_window, &AgiformerConfig::d_ff, &AgiformerConfig::vocab_size}) {
    AgiformerConfig large = tiny();
    large.*size = int64_t{1} << 62;
    CHECK_THROWS_WITH_AS(large.check(), doctest::Contains("expected at most"), ValueError);
  }
}

TEST_CASE("states keep their scale through twelve random blocks, in half precision too") {
  AgiformerConfig c = tiny({"language", "logic", "spatial", "causal"});
  c.d_model = 64, c.d_ff = 128, c.n_layers = 12;
  default_generator().set_seed(3);
  const auto model = seeded(c);
  const Tensor text = ids(2, 40);
  const NoGradGuard guard;
  const Tensor table = model->named_parameters()[0].second;
  const double before = std(table).item<double>() * 8;  // embeddings are scaled by sqrt(64)
  const double after = std(model->forward(text_input(text)).stream).item<double>();
  CHECK(after > before);
  CHECK(after < 3 * before);
  for (const DType dtype : {DType::F16, DType::BF16}) {
    for (const auto& variant : variants()) {
      const std::string& name = variant.first;
      const AgiformerConfig& config = variant.second;
      CAPTURE(name);
      const auto half = seeded(config);
      half->to(dtype);
      const AgiformerOutput out = half->forward(text_input(text));
      CHECK(out.logits.dtype() == dtype);
      CHECK(all(isfinite(out.logits)).item<bool>());
    }
  }
}

TEST_CASE("every parameter of every variant gets a gradient") {
  for (const auto& variant : variants()) {
    const std::string& name = variant.first;
    const AgiformerConfig& config = variant.second;
    AgiformerConfig c = config;
    c.memory_update_freq = 4, c.max_audio_seconds = 1;
    const auto model = seeded(c);
    model->train();
    AgiformerInput in = text_input(ids(3, 24));
    in.morpho_types = ids(3, 24, 5, 23);
    in.semantic_categories = ids(3, 24, 6, 12);
    if (c.use_multimodal) {
      in.image = randn({3, 3, 16, 16});
      in.audio = randn({3, 4000});
      in.video = randn({3, 2, 3, 16, 16});
    }
    const AgiformerOutput first = model->forward(in);
    AgiformerOutput second = model->forward(in, first.state);
    backward(model->loss(first, in.text).total + model->loss(second, in.text).total);
    for (const auto& parameter : model->named_parameters()) {
      const std::string& key = parameter.first;
      const Tensor& value = parameter.second;
      CAPTURE(name);
      CAPTURE(key);
      CHECK(value.grad().defined());
      if (!value.grad().defined()) continue;
      CHECK(all(isfinite(value.grad())).item<bool>());
      if (value.numel() > 1) CHECK(largest(value.grad()) > 0);
    }
  }
}

TEST_CASE("every set of modalities runs, and each modality matters") {
  AgiformerConfig c = variants()[3].second;
  const auto model = seeded(c);
  const NoGradGuard guard;
  Generator g(4);
  const Tensor text = ids(2, 10), image = randn({2, 3, 20, 18}, DType::F32, &g),
               audio = randn({2, 5000}, DType::F32, &g),
               video = randn({2, 3, 3, 16, 16}, DType::F32, &g);
  AgiformerInput all_four{text, image, audio, video, {}, {}, {}};
  const AgiformerOutput whole = model->forward(all_four);
  CHECK(whole.logits.sizes() == Dims({2, 10, 50}));
  CHECK(whole.info.modalities == std::vector<std::string>{"text", "image", "audio", "video"});
  CHECK(difference(whole.logits,
                   model->forward({text, image * -1.0, audio, video, {}, {}, {}}).logits) > 1e-5);
  CHECK(difference(whole.logits,
                   model->forward({text, image, audio * 0.01, video, {}, {}, {}}).logits) > 1e-5);
  CHECK(difference(whole.logits,
                   model->forward({text, image, audio, video * -1.0, {}, {}, {}}).logits) > 1e-5);
  for (int set = 1; set < 16; ++set) {
    AgiformerInput in;
    if (set & 1) in.text = text;
    if (set & 2) in.image = image;
    if (set & 4) in.audio = audio;
    if (set & 8) in.video = video;
    CHECK(all(isfinite(model->forward(in).logits)).item<bool>());
  }
  CHECK_THROWS_AS(model->forward(AgiformerInput()), ValueError);
  CHECK_THROWS_AS(model->forward({text, randn({2, 1, 16, 16}), {}, {}, {}, {}, {}}), ValueError);
  CHECK_THROWS_AS(model->forward({text, randn({3, 3, 16, 16}), {}, {}, {}, {}, {}}), ValueError);
  CHECK_THROWS_AS(model->forward({text, {}, full({2, 900}, std::nan("")), {}, {}, {}, {}}),
                  ValueError);
  CHECK_THROWS_AS(model->forward({text, {}, zeros({2, 16000 * 31}), {}, {}, {}, {}}), ValueError);
  CHECK_THROWS_AS(model->forward({text, {}, {}, zeros({2, 99, 3, 4, 4}), {}, {}, {}}), ValueError);
}

// A few hundred steps of AdamW on batches that `next` makes; the mean loss of the last 20.
template <class Next>
double trained(Agiformer& model, int steps, double rate, const Next& next,
               Tensor* usage = nullptr) {
  train::Optimizer optimizer("AdamW", model.parameters(), {{"lr", rate}});
  model.train();
  double last = 0;
  for (int i = 0; i < steps; ++i) {
    const Tensor batch = next();
    const int64_t n = batch.size(1) - 1;
    const AgiformerOutput out = model.forward(text_input(narrow(batch, 1, 0, n)));
    const AgiformerLoss loss = model.loss(out, contiguous(narrow(batch, 1, 1, n)));
    optimizer.zero_grad();
    backward(loss.total);
    optimizer.step();
    if (i >= steps - 20) last += loss.language.item<double>() / 20;
    if (usage && i == steps - 1) {
      *usage = out.info.routers[0].expert_usage.detach();
      for (const RouterInfo& router : out.info.routers)
        *usage = minimum(*usage, router.expert_usage.detach());
    }
  }
  return last;
}

TEST_CASE("random bytes stay at ln V") {
  AgiformerConfig c = variants()[3].second;
  c.vocab_size = 16;
  const auto model = seeded(c);
  Generator g(11);
  const double loss = trained(*model, 60, 2e-3, [&] {
    return randint(0, 16, {8, 25}, DType::I64, &g);
  });
  CHECK(loss > std::log(16.0) - 0.03);
  CHECK(loss < std::log(16.0) + 0.1);
}

TEST_CASE("text is learned, and every expert is used") {
  const std::string text =
      "evin önünde duran araba mavi bir arabaydı; yazılımın ayarlarını açmak için simgeye "
      "tıklayın. belgeyi kaydetmek isterseniz dosya menüsünü kullanın, sonra yazdırın. ";
  AgiformerConfig c = tiny({"language", "logic", "spatial", "causal"});
  c.vocab_size = 256;
  const auto model = seeded(c);
  Generator g(12);
  Tensor usage;
  const double loss = trained(
      *model, 120, 3e-3,
      [&] {
        const Tensor at = randint(0, static_cast<int64_t>(text.size()) - 33, {8}, DType::I64, &g);
        const Tensor out = empty({8, 33}, DType::I64);
        for (int64_t b = 0; b < 8; ++b)
          for (int64_t i = 0; i < 33; ++i)
            out.data<int64_t>()[b * 33 + i] =
                static_cast<unsigned char>(text[static_cast<size_t>(at.data<int64_t>()[b] + i)]);
        return out;
      },
      &usage);
  CHECK(loss < 2.5);  // of ln 256 = 5.5
  CHECK(amin(usage).item<double>() > 0.05);
}

// What trainers and loss scaling look for is a loss that is not finite, not an error of a part.
TEST_CASE("broken weights give a loss of NaN") {
  const auto model = seeded(variants()[2].second);
  const NoGradGuard guard;
  fill_(model->named_parameters()[0].second, std::nan(""));
  const AgiformerLoss loss = model->loss(model->forward(text_input(ids(1, 9))), ids(1, 9));
  CHECK(std::isnan(loss.total.item<double>()));
  CHECK(std::isnan(loss.confidence.item<double>()));
}

TEST_CASE("bad input is refused with a reason") {
  const auto model = seeded(tiny());
  CHECK_THROWS_WITH_AS(model->forward(zeros({0, 3}, DType::I64)),
                       doctest::Contains("at least one sequence"), ValueError);
  CHECK_THROWS_AS(model->forward(full({1, 3}, 50, DType::I64)), ValueError);
  CHECK_THROWS_AS(model->forward(full({1, 3}, -1, DType::I64)), ValueError);
  CHECK_THROWS_AS(model->forward(zeros({1, 0}, DType::I64)), ValueError);
  CHECK_THROWS_AS(model->forward(zeros({1, 65}, DType::I64)), ValueError);
  CHECK_THROWS_AS(model->forward(zeros({1, 3})), ValueError);
  AgiformerConfig c = tiny({"langage"});
  CHECK_THROWS_WITH_AS(seeded(c), doctest::Contains("did you mean 'language'?"), ValueError);
  c = tiny();
  c.n_heads = 5;
  CHECK_THROWS_AS(seeded(c), ValueError);
}

}  // namespace
}  // namespace lydia::models
