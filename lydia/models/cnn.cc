#include "lydia/models/cnn.h"

#include "lydia/core/error.h"
#include "lydia/nn/conv.h"
#include "lydia/nn/norm.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/pool.h"
#include "lydia/ops/random.h"
#include "lydia/ops/reduce.h"

namespace lydia::models {
namespace {

class Block final : public nn::Module {
 public:
  Block(int64_t in, int64_t out)
      : conv_(child<nn::Conv2d>("conv", in, out, Dims{3},
                                nn::ConvLayerOptions{.padding = Dims{1}, .bias = false})),
        norm_(child<nn::BatchNorm2d>("norm", out)) {}
  Tensor forward(const Tensor& x) override { return relu(norm_(conv_(x))); }

 private:
  nn::Conv2d& conv_;
  nn::BatchNorm2d& norm_;
};

}  // namespace

Cnn::Cnn(const CnnOptions& options)
    : dropout_(options.dropout),
      stages_(child<nn::ModuleList>("stages")),
      head_(child<nn::Linear>("head", options.widths.empty() ? 0 : options.widths.back(),
                              options.classes)) {
  LYDIA_CHECK(!options.widths.empty(), ValueError, "Cnn: expected widths, got none");
  LYDIA_CHECK(dropout_ >= 0 && dropout_ < 1, ValueError, "Cnn: expected dropout in [0, 1), got ",
              dropout_);
  int64_t in = options.channels;
  for (const int64_t width : options.widths) {
    auto stage = std::make_unique<nn::Sequential>();
    stage->add<Block>(in, width);
    stage->add<Block>(width, width);
    stages_.append(std::move(stage));
    in = width;
  }
}

Tensor Cnn::forward(const Tensor& x) {
  Tensor h = x;
  for (size_t i = 0; i < stages_.size(); ++i) {
    if (i > 0) h = max_pool2d(h, {.kernel = {2}}).values;
    h = stages_[i](h);
  }
  return head_(dropout(mean(h, {2, 3}), dropout_, training()));
}

}  // namespace lydia::models
