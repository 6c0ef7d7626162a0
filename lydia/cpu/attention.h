// What the forward and backward kernels of attention are handed: addresses and strides, in
// elements, of [batch, head, row, column] operands whose columns are neighbours.
#pragma once

#include <cstdint>

#include "lydia/ops/op.h"

namespace lydia::cpu {

template <class T>
struct HeadRows {
  T* data = nullptr;
  int64_t batch = 0, head = 0, row = 0;
  T* at(int64_t b, int64_t h) const { return data + b * batch + h * head; }
};

struct ScoreMask {
  const void* data = nullptr;  // bool, or T to be added
  bool boolean = false;
  int64_t batch = 0, head = 0, row = 0, column = 0;
};

template <class T>
struct AttentionCall {
  int64_t batches, heads, kv_heads, queries, keys, width, value_width;
  double scale;
  bool causal;
  HeadRows<const T> q, k, v;
  ScoreMask mask;
  HeadRows<T> out;
  T* lse;  // [batch, head, row]
  // Backward only.
  HeadRows<const T> grad;
  HeadRows<T> dq, dk, dv;  // zeros at first

  int64_t kv_head(int64_t h) const { return h / (heads / kv_heads); }
  T* lse_row(int64_t b, int64_t h) const { return lse + (b * heads + h) * queries; }
};

inline constexpr int64_t kQueryBlock = 64;  // queries of a block: the lanes of its score rows
inline constexpr int64_t kKeyBlock = 64;    // keys of a block: its score rows

// t itself when its last dimension is dense, else a contiguous copy.
Tensor dense_columns(const Tensor& t);

template <class T>
HeadRows<T> head_rows(const Tensor& t) {
  return {static_cast<T*>(t.data_ptr()), t.strides()[0], t.strides()[1], t.strides()[2]};
}

// Fills in all but the outputs. The tensors must outlive the call's use.
template <class T>
AttentionCall<T> attention_call(const Tensor& q, const Tensor& k, const Tensor& v,
                                const Tensor& mask, const void* attrs);

}  // namespace lydia::cpu
