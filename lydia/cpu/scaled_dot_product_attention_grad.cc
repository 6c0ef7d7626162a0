// Attention backward. Per block of queries and keys the weights come again from the saved
// logsumexp, P = exp(scale q kT + mask - lse); with D = rowsum(grad * out),
//
//   dv += PT grad     dS = P * (grad vT - D) * scale     dq += dS k     dk += dST q
//
// One thread does all query heads of a key head, so that sums run in one order.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "lydia/cpu/scaled_dot_product_attention_grad.cc"
// clang-format off: this header comes before any other of Highway
#include "lydia/cpu/each_isa_inl.h"
// clang-format on
#include <memory>

#include "lydia/cpu/attention_inl.h"
#include "lydia/cpu/isa.h"
#include "lydia/cpu/kernels.h"
#include "lydia/cpu/parallel.h"
#include "lydia/ops/attention.h"

HWY_BEFORE_NAMESPACE();
namespace lydia::cpu {
namespace HWY_NAMESPACE {
namespace {

template <class T>
class Backward {
 public:
  explicit Backward(const AttentionCall<T>& call)
      : call_(call),
        turned_q_(new_block(call.width)),
        turned_grad_(new_block(call.value_width)),
        weights_(new_block(kKeyBlock)),
        errors_(new_block(kKeyBlock)),
        lse_(new_block(1)),
        delta_(new_block(1)) {}

  // Queries [query, query + count) of one head against all their keys.
  void run(int64_t b, int64_t h, int64_t query, int64_t count) {
    const int64_t lanes = round_up(count, hn::MaxLanes(d_));
    const T* grad = call_.grad.at(b, h) + query * call_.grad.row;
    const T* q = call_.q.at(b, h) + query * call_.q.row;
    prepare(b, h, query, count, lanes);
    transpose_scaled(q, call_.q.row, count, call_.width, call_.scale * kLog2E, turned_q_.get(),
                     lanes);
    transpose_scaled(grad, call_.grad.row, count, call_.value_width, 1, turned_grad_.get(), lanes);
    const int64_t keys = visible_keys(call_, query, count);
    for (int64_t key = 0; key < keys; key += kKeyBlock)
      add_keys({b, h, query, count, key, std::min(kKeyBlock, keys - key), lanes}, q, grad);
  }

 private:
  static std::unique_ptr<T[]> new_block(int64_t rows) {
    return std::unique_ptr<T[]>(new T[static_cast<size_t>(rows * kQueryBlock)]);
  }

  // lse_ in units of log 2 and delta_ = rowsum(grad * out); lanes without a query get no weight.
  void prepare(int64_t b, int64_t h, int64_t query, int64_t count, int64_t lanes) {
    std::fill_n(lse_.get(), lanes, std::numeric_limits<T>::infinity());
    std::fill_n(delta_.get(), lanes, T{});
    const T* lse = call_.lse_row(b, h) + query;
    const T* grad = call_.grad.at(b, h) + query * call_.grad.row;
    const T* out = call_.out.at(b, h) + query * call_.out.row;
    for (int64_t i = 0; i < count; ++i, grad += call_.grad.row, out += call_.out.row) {
      lse_[i] = static_cast<T>(lse[i] * kLog2E);
      auto sum = hn::Zero(d_);
      int64_t j = 0;
      for (; j + kLanes <= call_.value_width; j += kLanes)
        sum = hn::MulAdd(hn::LoadU(d_, grad + j), hn::LoadU(d_, out + j), sum);
      T rest = hn::GetLane(hn::SumOfLanes(d_, sum));
      for (; j < call_.value_width; ++j) rest += grad[j] * out[j];
      delta_[i] = rest;
    }
  }

  void add_keys(const ScoreBlock& at, const T* q, const T* grad) {
    const int64_t kv = call_.kv_head(at.head);
    const HeadRows<const T>&keys = call_.k, &values = call_.v;
    const T* k = keys.at(at.batch, kv) + at.key * keys.row;
    const T* v = values.at(at.batch, kv) + at.key * values.row;
    T* dq = call_.dq.at(at.batch, at.head) + at.query * call_.dq.row;
    T* dk = call_.dk.at(at.batch, kv) + at.key * call_.dk.row;
    T* dv = call_.dv.at(at.batch, kv) + at.key * call_.dv.row;
    T *weights = weights_.get(), *errors = errors_.get();
    block_product<T>({at.key_count, at.lanes, call_.width, k, keys.row, 1, turned_q_.get(),
                      at.lanes, weights, at.lanes, false});
    if (call_.mask.data || (call_.causal && at.key + at.key_count > at.query))
      mask_scores(call_, at, weights);
    block_product<T>({at.key_count, at.lanes, call_.value_width, v, values.row, 1,
                      turned_grad_.get(), at.lanes, errors, at.lanes, false});
    weigh(at);
    block_product<T>({at.key_count, call_.value_width, at.query_count, weights, at.lanes, 1, grad,
                      call_.grad.row, dv, call_.dv.row, true});
    block_product<T>({at.key_count, call_.width, at.query_count, errors, at.lanes, 1, q,
                      call_.q.row, dk, call_.dk.row, true});
    block_product<T>({at.query_count, call_.width, at.key_count, errors, 1, at.lanes, k, keys.row,
                      dq, call_.dq.row, true});
  }

  // Scores become weights, and errors P * (error - delta) * scale.
  void weigh(const ScoreBlock& at) {
    const auto scale = hn::Set(d_, static_cast<T>(call_.scale));
    for (int64_t i = 0; i < at.lanes; i += kLanes) {
      const auto lse = hn::LoadU(d_, &lse_[i]), delta = hn::LoadU(d_, &delta_[i]);
      for (int64_t j = 0; j < at.key_count; ++j) {
        T *weight = &weights_[j * at.lanes + i], *error = &errors_[j * at.lanes + i];
        const auto p = vexp2(d_, hn::Sub(hn::LoadU(d_, weight), lse));
        hn::StoreU(p, d_, weight);
        const auto e = hn::Sub(hn::LoadU(d_, error), delta);
        hn::StoreU(hn::Mul(hn::Mul(p, scale), e), d_, error);
      }
    }
  }

  static constexpr int64_t kLanes = hn::MaxLanes(hn::ScalableTag<T>());
  const hn::ScalableTag<T> d_;
  const AttentionCall<T>& call_;
  std::unique_ptr<T[]> turned_q_, turned_grad_, weights_, errors_, lse_, delta_;
};

// Key heads [begin, end) of all batches.
template <class T>
void backward_heads(const AttentionCall<T>& call, int64_t begin, int64_t end) {
  Backward<T> backward(call);
  const int64_t share = call.heads / call.kv_heads;
  for (int64_t i = begin; i < end; ++i)
    for (int64_t h = i % call.kv_heads * share; h < (i % call.kv_heads + 1) * share; ++h)
      for (int64_t query = 0; query < call.queries; query += kQueryBlock)
        backward.run(i / call.kv_heads, h, query, std::min(kQueryBlock, call.queries - query));
}

void backward_f32(const AttentionCall<float>& call, int64_t begin, int64_t end) {
  backward_heads(call, begin, end);
}
void backward_f64(const AttentionCall<double>& call, int64_t begin, int64_t end) {
  backward_heads(call, begin, end);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace lydia::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lydia::cpu {
namespace {

HWY_EXPORT(backward_f32);
HWY_EXPORT(backward_f64);

void backward(const AttentionCall<float>& call, int64_t begin, int64_t end) {
  HWY_DYNAMIC_DISPATCH(backward_f32)(call, begin, end);
}
void backward(const AttentionCall<double>& call, int64_t begin, int64_t end) {
  HWY_DYNAMIC_DISPATCH(backward_f64)(call, begin, end);
}

template <class T>
HeadRows<T> zeroed(const Tensor& t) {
  std::fill_n(static_cast<T*>(t.data_ptr()), t.numel(), T{});
  return head_rows<T>(t);
}

template <class T>
void attention_grad_typed(const KernelCall& c) {
  const Tensor grad = dense_columns(c.in(0)), q = dense_columns(c.in(1)),
               k = dense_columns(c.in(2)), v = dense_columns(c.in(3));
  AttentionCall<T> call = attention_call<T>(q, k, v, c.has(4) ? c.in(4) : Tensor(), c.attributes);
  call.grad = head_rows<const T>(grad);
  call.out = head_rows<T>(c.in(5));
  call.lse = static_cast<T*>(c.in(6).data_ptr());
  call.dq = zeroed<T>(c.out(0)), call.dk = zeroed<T>(c.out(1)), call.dv = zeroed<T>(c.out(2));
  parallel_for(0, call.batches * call.kv_heads, 1,
               [&](int64_t begin, int64_t end) { backward(call, begin, end); });
}

}  // namespace

void scaled_dot_product_attention_grad(const KernelCall& call) {
  choose_isa();
  if (call.in(0).dtype() == DType::F32)
    attention_grad_typed<float>(call);
  else
    attention_grad_typed<double>(call);
}

}  // namespace lydia::cpu
#endif
