// AdamW (Loshchilov and Hutter 2019): Adam with weight decay apart from the gradient, after
// clipping the gradients' common norm.
//
//   m = b1 m + (1 - b1) g,  v = b2 v + (1 - b2) g^2
//   w = w - rate (m / (1 - b1^t) / (sqrt(v / (1 - b2^t)) + eps) + decay w)
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "lydia/io/safetensors_tensors.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/reduce.h"

namespace charlm {

class AdamW {
 public:
  explicit AdamW(const lydia::io::NamedTensors& parameters) {
    for (const auto& [name, w] : parameters) {
      // Matrices decay; biases and norms do not.
      slots_.push_back({w, lydia::zeros_like(w), lydia::zeros_like(w), w.ndim() > 1 ? 0.01f : 0});
    }
  }

  void step(float rate) {
    ++time_;
    const float clip = clip_factor();
    const float fix1 = 1 - std::pow(kBeta1, static_cast<float>(time_));
    const float fix2 = 1 - std::pow(kBeta2, static_cast<float>(time_));
    for (Slot& s : slots_) {
      const lydia::Tensor gradient = lydia::contiguous(s.weight.grad());
      const int64_t rows = s.weight.size(0), width = s.weight.numel() / rows;
      for (int64_t at = 0; at < s.weight.numel(); at += width) {
        const float* g = gradient.data<float>() + at;
        // A row of a table that no character of the batch asked for rests.
        if (std::all_of(g, g + width, [](float x) { return x == 0; })) continue;
        float* w = s.weight.data<float>() + at;
        float* m = s.mean.data<float>() + at;
        float* v = s.square.data<float>() + at;
        for (int64_t i = 0; i < width; ++i) {
          const float d = clip * g[i];
          m[i] += (1 - kBeta1) * (d - m[i]);
          v[i] += (1 - kBeta2) * (d * d - v[i]);
          w[i] -= rate * (m[i] / fix1 / (std::sqrt(v[i] / fix2) + kEpsilon) + s.decay * w[i]);
        }
      }
      s.weight.set_grad({});
    }
  }

 private:
  static constexpr float kBeta1 = 0.9f, kBeta2 = 0.99f, kEpsilon = 1e-8f, kMaxNorm = 1;

  struct Slot {
    lydia::Tensor weight, mean, square;
    float decay;
  };

  float clip_factor() const {
    double squares = 0;
    for (const Slot& s : slots_)
      squares += lydia::sum(lydia::square(s.weight.grad())).item<double>();
    return std::min(1.f, kMaxNorm / static_cast<float>(std::sqrt(squares) + 1e-6));
  }

  std::vector<Slot> slots_;
  int64_t time_ = 0;
};

}  // namespace charlm
