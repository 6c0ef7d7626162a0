#include "lydia/autograd/checkpoint.h"

#include <mutex>

#include "lydia/autograd/grad_mode.h"
#include "lydia/core/rng.h"
#include "lydia/ops/autocast.h"
#include "lydia/ops/op.h"

namespace lydia {
namespace {

// Notes what a second run of the function saves.
class Recorder final : public SavedTensorStore {
 public:
  int64_t pack(const Tensor& value) override {
    values.push_back(value.detach());
    return static_cast<int64_t>(values.size()) - 1;
  }
  Tensor unpack(int64_t id) override { return values[static_cast<size_t>(id)]; }

  Tensors values;
};

// The default generator as it was, for the time of a second run.
class ReplayedRandom {
 public:
  explicit ReplayedRandom(Generator::State then) : now_(default_generator().state()) {
    default_generator().set_state(then);
  }
  ~ReplayedRandom() { default_generator().set_state(now_); }
  ReplayedRandom(const ReplayedRandom&) = delete;
  ReplayedRandom& operator=(const ReplayedRandom&) = delete;

 private:
  Generator::State now_;
};

class Region final : public SavedTensorStore {
 public:
  Region(std::function<Tensors(const Tensors&)> fn, const Tensors& inputs)
      : fn_(std::move(fn)),
        inputs_(inputs),
        random_(default_generator().state()),
        autocast_(autocast_state()) {
    for (const Tensor& x : inputs_) versions_.push_back(x.defined() ? x.version() : 0);
  }

  int64_t pack(const Tensor& value) override {
    metas_.push_back({value.sizes(), value.dtype()});
    return static_cast<int64_t>(metas_.size()) - 1;
  }

  Tensor unpack(int64_t id) override {
    const std::lock_guard lock(mutex_);
    if (values_.empty()) compute_again();
    return values_[static_cast<size_t>(id)];
  }

 private:
  void compute_again() {
    Tensors inputs;
    for (size_t i = 0; i < inputs_.size(); ++i) {
      const Tensor& x = inputs_[i];
      inputs.push_back(x.defined() ? x.detach() : x);
      if (!x.defined()) continue;
      LYDIA_CHECK(x.version() == versions_[i], Error, "checkpoint: input ", i, " of shape ",
                  x.sizes(), " was changed in place before its backward; clone() it first");
      if (x.requires_grad()) inputs.back().set_requires_grad();
    }
    const auto recorder = make_ref<Recorder>();
    {
      const EnableGradGuard grad;
      const SavedTensorsGuard guard(recorder);
      const ReplayedRandom random(random_);
      const AutocastGuard autocast(autocast_);
      fn_(inputs);
    }
    LYDIA_CHECK(recorder->values.size() == metas_.size(), ValueError,
                "checkpoint: expected the second run to save ", metas_.size(),
                " tensors as the first did, got ", recorder->values.size());
    for (size_t i = 0; i < metas_.size(); ++i) {
      const Tensor& v = recorder->values[i];
      LYDIA_CHECK(v.sizes() == metas_[i].sizes && v.dtype() == metas_[i].dtype, ValueError,
                  "checkpoint: expected the second run to save a tensor of shape ", metas_[i].sizes,
                  " and ", metas_[i].dtype, " as the first did, got ", v.sizes(), " and ",
                  v.dtype());
    }
    values_ = std::move(recorder->values);
  }

  std::function<Tensors(const Tensors&)> fn_;
  Tensors inputs_;
  Generator::State random_;  // before the first run
  AutocastState autocast_;
  std::vector<uint32_t> versions_;
  std::vector<ValueMeta> metas_;
  std::mutex mutex_;
  Tensors values_;  // after the second run
};

}  // namespace

Tensors checkpoint(const std::function<Tensors(const Tensors&)>& fn, const Tensors& inputs) {
  if (!grad_enabled()) return fn(inputs);
  const SavedTensorsGuard guard(make_ref<Region>(fn, inputs));
  return fn(inputs);
}

}  // namespace lydia
