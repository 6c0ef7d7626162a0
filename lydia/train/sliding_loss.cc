#include "lydia/train/sliding_loss.h"

#include <algorithm>

#include "lydia/autograd/grad_mode.h"
#include "lydia/core/error.h"
#include "lydia/ops/cat.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/loss.h"
#include "lydia/ops/view.h"

namespace lydia::train {
namespace {

// Puts a module into eval mode and, at its end, back.
class EvalMode {
 public:
  explicit EvalMode(nn::Module& module) : module_(module), was_training_(module.training()) {
    module_.eval();
  }
  ~EvalMode() { module_.train(was_training_); }
  EvalMode(const EvalMode&) = delete;
  EvalMode& operator=(const EvalMode&) = delete;

 private:
  nn::Module& module_;
  bool was_training_;
};

// The loss of the last `counted` predictions of windows [rows, window + 1].
double window_loss(nn::Module& module, const Tensor& windows, int64_t counted) {
  const int64_t window = windows.size(1) - 1;
  const Tensor logits = module(narrow(windows, 1, 0, window));
  const Tensor labels = narrow(windows, 1, 1 + window - counted, counted);
  return cross_entropy(flatten(narrow(logits, 1, window - counted, counted), 0, 1), flatten(labels),
                       {}, LossReduction::Sum)
      .item<double>();
}

}  // namespace

double sliding_loss(nn::Module& module, const Tensor& tokens, int64_t length, int64_t stride,
                    int64_t batch_size) {
  LYDIA_CHECK(tokens.ndim() == 1 && is_integral(tokens.dtype()) && tokens.size(0) >= 2, ValueError,
              "sliding_loss: expected at least 2 integers in one dimension, got ", tokens.dtype(),
              " ", tokens.sizes());
  LYDIA_CHECK(1 <= stride && stride <= length && batch_size >= 1, ValueError,
              "sliding_loss: expected 1 <= stride <= length and a batch_size of at least 1, got ",
              stride, ", ", length, " and ", batch_size);
  const NoGradGuard no_grad;
  const EvalMode eval(module);
  const Tensor ids = tokens.to(DType::I64);
  const int64_t last = ids.size(0) - 1;  // predictions in all
  const int64_t window = std::min(length, last);
  double sum = window_loss(module, unsqueeze(narrow(ids, 0, 0, window + 1), 0), window);
  int64_t done = window;
  while (done < last) {
    const int64_t counted = std::min(stride, last - done);
    Tensors rows;
    while (static_cast<int64_t>(rows.size()) < batch_size && done + counted <= last) {
      done += counted;
      rows.push_back(narrow(ids, 0, done - window, window + 1));
    }
    sum += window_loss(module, stack(rows), counted);
  }
  return sum;
}

}  // namespace lydia::train
