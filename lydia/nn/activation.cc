// Activations, dropout and changes of shape that are more than a call.
#include "lydia/nn/activation.h"

#include "lydia/nn/text.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/fold.h"
#include "lydia/ops/random.h"
#include "lydia/ops/softmax.h"
#include "lydia/ops/view.h"

namespace lydia::nn {

Tensor Threshold::forward(const Tensor& x) { return lydia::threshold(x, threshold, value); }
Tensor Softmax::forward(const Tensor& x) { return softmax(x, dim); }
Tensor LogSoftmax::forward(const Tensor& x) { return log_softmax(x, dim); }
Tensor Unflatten::forward(const Tensor& x) { return unflatten(x, dim, sizes); }
Tensor PixelShuffle::forward(const Tensor& x) { return pixel_shuffle(x, upscale_factor); }

PReLU::PReLU(int64_t count, double first)
    : weight(parameter("weight", full({count}, first, default_dtype()))) {}

Dropout::Dropout(double probability) : p(probability) {
  LYDIA_CHECK(p >= 0 && p <= 1, ValueError, "Dropout: expected p from 0 to 1, got ", p);
}

Tensor Dropout::forward(const Tensor& x) { return dropout(x, p, training()); }

std::string Dropout::extra_repr() const { return text("p=", p, ", inplace=False"); }

template <int kSpatial>
Tensor ChannelDropout<kSpatial>::forward(const Tensor& x) {
  const bool alone = kSpatial != 2 && x.ndim() == kSpatial + 1;
  LYDIA_CHECK(alone || x.ndim() == kSpatial + 2, ValueError, type_name(), ": expected ",
              kSpatial + 2, " dimensions, got shape ", x.sizes());
  if (!training() || p == 0) return x;
  Dims sizes(static_cast<size_t>(x.ndim()), 1);
  for (size_t d = 0; d < (alone ? 1u : 2u); ++d) sizes[d] = x.sizes()[d];
  return mul(x, dropout(ones(sizes, x.dtype()), p, true));
}

template struct ChannelDropout<1>;
template struct ChannelDropout<2>;
template struct ChannelDropout<3>;

}  // namespace lydia::nn
