// Training, scoring and writing with a Model.
#pragma once

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include "examples/charlm/adamw.h"
#include "examples/charlm/data.h"
#include "examples/charlm/model.h"
#include "lydia/autograd/backward.h"
#include "lydia/autograd/grad_mode.h"
#include "lydia/ops/loss.h"
#include "lydia/ops/softmax.h"
#include "lydia/report/format.h"
#include "lydia/report/plot.h"
#include "lydia/report/progress.h"

namespace charlm {

// -log2 P of each target, averaged.
inline Tensor bits_per_char(const Tensor& logits, const Tensor& targets) {
  return lydia::cross_entropy(logits, targets) * std::numbers::log2e;
}

// Bits per character of `tokens` as a text that begins here. Every character is predicted once,
// from a whole context; before the start stand line ends.
inline double score(const Model& model, const std::vector<int32_t>& tokens, int32_t line_end) {
  const lydia::NoGradGuard no_grad;
  const int64_t context = model.size().context();
  constexpr int64_t kLength = 256, kBatch = 16;
  std::vector<int32_t> padded(static_cast<size_t>(context), line_end);
  padded.insert(padded.end(), tokens.begin(), tokens.end());
  const auto count = static_cast<int64_t>(tokens.size());
  double bits = 0;
  for (int64_t at = 0; at < count;) {
    const int64_t length = std::min(kLength, count - at);
    std::vector<int64_t> starts;
    while (static_cast<int64_t>(starts.size()) < kBatch && at + length <= count) {
      starts.push_back(at);
      at += length;
    }
    const Batch batch = make_batch(padded, starts, length, context);
    const Tensor logits = model.forward(batch.ids, static_cast<int64_t>(starts.size()));
    bits += bits_per_char(logits, batch.targets).item<double>() *
            static_cast<double>(batch.targets.numel());
  }
  return bits / static_cast<double>(count);
}

struct TrainPlan {
  int64_t steps, batch, length;
  float rate;
  uint32_t seed;
};

struct TrainLog {
  lydia::report::Series train{"training", {}, {}}, held_out{"held out", {}, {}};
  double seconds = 0;
};

// Up to `rate` in the first twentieth, then down along a cosine.
inline float rate_at(const TrainPlan& plan, int64_t step) {
  const float done = static_cast<float>(step) / static_cast<float>(plan.steps);
  const float cosine = 0.5f * (1 + std::cos(std::numbers::pi_v<float> * done));
  return plan.rate * std::min(1.f, 20 * done + 1e-3f) * (0.03f + 0.97f * cosine);
}

inline TrainLog train(Model& model, const Data& data, const TrainPlan& plan) {
  constexpr int64_t kCurvePoints = 12;
  const int64_t context = model.size().context();
  const int64_t length = std::min(plan.length, static_cast<int64_t>(data.train.size()) - context);
  AdamW optimizer(model.parameters());
  std::mt19937 random(plan.seed);
  lydia::report::ProgressBar bar(plan.steps * plan.batch * length,
                                 {.label = "training", .unit = "chars"});
  TrainLog log;
  const auto start = std::chrono::steady_clock::now();
  for (int64_t step = 1; step <= plan.steps; ++step) {
    const Batch batch = random_batch(data.train, plan.batch, length, context, random);
    const Tensor loss = bits_per_char(model.forward(batch.ids, plan.batch), batch.targets);
    lydia::backward(loss);
    const float rate = rate_at(plan, step);
    optimizer.step(rate);
    const double bits = loss.item<double>();
    LYDIA_CHECK(std::isfinite(bits), lydia::Error, "charlm: the loss is ", bits, " at step ", step);
    log.train.x.push_back(static_cast<double>(step));
    log.train.y.push_back(bits);
    if (step == 1 || step * kCurvePoints / plan.steps != (step - 1) * kCurvePoints / plan.steps) {
      log.held_out.x.push_back(static_cast<double>(step));
      log.held_out.y.push_back(score(model, data.curve, data.vocab.id('\n')));
      bar.set("held out", lydia::report::format_fixed(log.held_out.y.back(), 3));
    }
    bar.set("bits", lydia::report::format_fixed(bits, 3));
    bar.set("rate", lydia::report::format_number(rate, 2));
    bar.advance(plan.batch * length);
  }
  bar.finish();
  log.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return log;
}

// `count` characters that follow a line end. A temperature below 1 prefers the likelier characters.
inline std::string write_text(const Model& model, const Data& data, int64_t count,
                              double temperature, uint32_t seed) {
  const lydia::NoGradGuard no_grad;
  std::mt19937 random(seed);
  const auto context = static_cast<size_t>(model.size().context());
  std::vector<int32_t> tokens(context, data.vocab.id('\n'));
  for (int64_t n = 0; n < count; ++n) {
    const Tensor ids = lydia::empty({static_cast<int64_t>(context)}, lydia::DType::I64);
    std::copy(tokens.end() - static_cast<std::ptrdiff_t>(context), tokens.end(),
              ids.data<int64_t>());
    const Tensor p = lydia::softmax(model.forward(ids, 1) * (1 / temperature), -1);
    double left = static_cast<double>(random()) / 4294967296.0;
    int32_t next = 0;
    while (next + 1 < data.vocab.size() && (left -= p.data<float>()[next]) > 0) ++next;
    tokens.push_back(next);
  }
  return lydia::encode_utf8(data.vocab.decode(std::span(tokens).subspan(context)));
}

}  // namespace charlm
