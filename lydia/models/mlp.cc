#include "lydia/models/mlp.h"

#include <string>

#include "lydia/core/error.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/random.h"
#include "lydia/ops/view.h"

namespace lydia::models {

Mlp::Mlp(const MlpOptions& options) : dropout_(options.dropout) {
  LYDIA_CHECK(options.inputs > 0 && options.classes > 0, ValueError,
              "Mlp: expected inputs and classes of at least 1, got ", options.inputs, " and ",
              options.classes);
  LYDIA_CHECK(dropout_ >= 0 && dropout_ < 1, ValueError, "Mlp: expected dropout in [0, 1), got ",
              dropout_);
  std::vector<int64_t> widths = options.hidden;
  widths.push_back(options.classes);
  int64_t in = options.inputs;
  for (const int64_t out : widths) {
    LYDIA_CHECK(out > 0, ValueError, "Mlp: expected widths of at least 1, got ", out);
    layers_.push_back(&child<nn::Linear>(std::to_string(layers_.size()), in, out));
    in = out;
  }
}

Tensor Mlp::forward(const Tensor& x) {
  Tensor h = flatten(x, 1);
  for (nn::Linear* layer : layers_) {
    h = (*layer)(h);
    if (layer != layers_.back()) h = dropout(relu(h), dropout_, training());
  }
  return h;
}

}  // namespace lydia::models
