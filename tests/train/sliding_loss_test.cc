// sliding_loss: every token counts once, with the context that was promised.
#include "lydia/train/sliding_loss.h"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "lydia/core/error.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/view.h"

namespace lydia::train {
namespace {

constexpr int64_t kVocabulary = 7;

Tensor text(int64_t size) {
  const Tensor out = empty({size}, DType::I64);
  for (int64_t i = 0; i < size; ++i) out.data<int64_t>()[i] = i * i % kVocabulary;
  return out;
}

// -ln P(next | place in the window, id) has a known value: logits are zeros but for logit[next],
// which grows with the place. Remembers how many tokens it was shown at once.
class Places final : public nn::Module {
 public:
  Tensor forward(const Tensor& ids) override {
    CHECK(!training());
    longest = std::max(longest, ids.size(1));
    most_rows = std::max(most_rows, ids.size(0));
    const Tensor out = zeros({ids.size(0), ids.size(1), kVocabulary});
    for (int64_t b = 0; b < ids.size(0); ++b) {
      for (int64_t t = 0; t < ids.size(1); ++t) {
        const Tensor id = select(select(ids, 0, b), 0, t);
        out.data<float>()[(b * ids.size(1) + t) * kVocabulary + id.item<int64_t>()] = score(t);
      }
    }
    return out;
  }
  static float score(int64_t place) { return static_cast<float>(place + 1) * 0.1f; }

  int64_t longest = 0, most_rows = 0;
};

// The same, one token after the other.
double expected(const Tensor& tokens, int64_t length, int64_t stride) {
  const int64_t* id = tokens.data<int64_t>();
  double sum = 0;
  int64_t end = std::min(length, tokens.size(0) - 1);  // the window predicts up to id[end]
  for (int64_t at = 1; at < tokens.size(0); ++at) {
    if (at > end) end = std::min(end + stride, tokens.size(0) - 1);
    const int64_t window = std::min(length, tokens.size(0) - 1);
    const double score = Places::score(at - 1 - (end - window));
    sum += std::log(std::exp(score) + kVocabulary - 1) - (id[at] == id[at - 1] ? score : 0);
  }
  return sum;
}

TEST_CASE("every token counts once, in the window that was promised") {
  Places model;
  for (const int64_t size : {2, 5, 9, 10, 11, 40, 101}) {
    for (const auto& [length, stride] : std::vector<std::pair<int64_t, int64_t>>{
             {8, 8}, {8, 4}, {8, 3}, {8, 1}, {1, 1}, {200, 50}}) {
      const Tensor tokens = text(size);
      CHECK(sliding_loss(model, tokens, length, stride, 3) ==
            doctest::Approx(expected(tokens, length, stride)).epsilon(1e-5));
      CHECK(model.longest <= length);
      model.longest = 0;
    }
  }
  CHECK(model.most_rows == 3);
  CHECK(model.training());
}

TEST_CASE("bad arguments are refused") {
  Places model;
  CHECK_THROWS_AS(sliding_loss(model, text(1), 8, 4), ValueError);
  CHECK_THROWS_AS(sliding_loss(model, text(9), 8, 9), ValueError);
  CHECK_THROWS_AS(sliding_loss(model, text(9), 8, 0), ValueError);
  CHECK_THROWS_AS(sliding_loss(model, text(9).to(DType::F32), 8, 4), ValueError);
  CHECK(model.training());
}

}  // namespace
}  // namespace lydia::train
