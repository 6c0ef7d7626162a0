// Attention forward: per block of queries, blocks of keys update the running maximum m, the sum l
// of 2^(score - m) and the weighted sum of values; scores are in units of log 2.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "lydia/cpu/scaled_dot_product_attention.cc"
// clang-format off: this header comes before any other of Highway
#include "lydia/cpu/each_isa_inl.h"
// clang-format on
#include <vector>

#include "lydia/cpu/attention_inl.h"
#include "lydia/cpu/isa.h"
#include "lydia/cpu/kernels.h"
#include "lydia/cpu/parallel.h"
#include "lydia/ops/attention.h"
#include "lydia/ops/copy.h"

HWY_BEFORE_NAMESPACE();
namespace lydia::cpu {
namespace HWY_NAMESPACE {
namespace {

template <class T>
class Forward {
 public:
  explicit Forward(const AttentionCall<T>& call)
      : call_(call),
        turned_q_(new_block(call.width)),
        scores_(new_block(kKeyBlock)),
        sum_(new_block(call.value_width)),
        max_(new_block(1)),
        total_(new_block(1)),
        shrink_(new_block(1)) {}

  // Queries [query, query + count) of one head.
  void run(int64_t b, int64_t h, int64_t query, int64_t count) {
    const int64_t lanes = round_up(count, hn::MaxLanes(d_));
    std::fill_n(max_.get(), lanes, -std::numeric_limits<T>::infinity());
    std::fill_n(total_.get(), lanes, T{});
    std::fill_n(sum_.get(), count * call_.value_width, T{});
    transpose_scaled(call_.q.at(b, h) + query * call_.q.row, call_.q.row, count, call_.width,
                     call_.scale * kLog2E, turned_q_.get(), lanes);
    const int64_t keys = visible_keys(call_, query, count);
    for (int64_t key = 0; key < keys; key += kKeyBlock)
      add_keys({b, h, query, count, key, std::min(kKeyBlock, keys - key), lanes});
    finish(b, h, query, count);
  }

 private:
  static std::unique_ptr<T[]> new_block(int64_t rows) {
    return std::unique_ptr<T[]>(new T[static_cast<size_t>(rows * kQueryBlock)]);
  }

  void add_keys(const ScoreBlock& at) {
    const int64_t kv = call_.kv_head(at.head);
    const T* k = call_.k.at(at.batch, kv) + at.key * call_.k.row;
    const T* v = call_.v.at(at.batch, kv) + at.key * call_.v.row;
    block_product<T>({at.key_count, at.lanes, call_.width, k, call_.k.row, 1, turned_q_.get(),
                      at.lanes, scores_.get(), at.lanes, false});
    if (call_.mask.data || (call_.causal && at.key + at.key_count > at.query))
      mask_scores(call_, at, scores_.get());
    if (weigh(at)) shrink_sums(at.query_count);
    block_product<T>({at.query_count, call_.value_width, at.key_count, scores_.get(), 1, at.lanes,
                      v, call_.v.row, sum_.get(), call_.value_width, true});
  }

  // Scores become weights under the new maximum. True when an old maximum was exceeded, so that
  // what is already summed must shrink.
  bool weigh(const ScoreBlock& at) {
    bool moved = false;
    for (int64_t i = 0; i < at.lanes; i += hn::MaxLanes(d_)) {
      T* column = scores_.get() + i;
      const auto old = hn::LoadU(d_, max_.get() + i);
      auto top = old;
      for (int64_t j = 0; j < at.key_count; ++j)
        top = hn::Max(top, hn::LoadU(d_, column + j * at.lanes));
      hn::StoreU(top, d_, max_.get() + i);
      // While all keys are masked the maximum is -inf; any finite number gives weights of zero.
      const auto base = hn::IfThenElse(hn::Eq(top, hn::Neg(hn::Inf(d_))), hn::Zero(d_), top);
      auto total = hn::Zero(d_);
      for (int64_t j = 0; j < at.key_count; ++j) {
        const auto weight = vexp2(d_, hn::Sub(hn::LoadU(d_, column + j * at.lanes), base));
        hn::StoreU(weight, d_, column + j * at.lanes);
        total = hn::Add(total, weight);
      }
      const auto shrink = vexp2(d_, hn::Sub(old, base));
      hn::StoreU(shrink, d_, shrink_.get() + i);
      hn::StoreU(hn::MulAdd(hn::LoadU(d_, total_.get() + i), shrink, total), d_, total_.get() + i);
      moved |= !hn::AllTrue(d_, hn::Eq(shrink, hn::Set(d_, T{1})));
    }
    return moved;
  }

  void scale_row(T* row, T factor) {
    for (int64_t i = 0; i < call_.value_width; ++i) row[i] *= factor;
  }
  void shrink_sums(int64_t count) {
    for (int64_t i = 0; i < count; ++i)
      if (shrink_[i] != T{1}) scale_row(&sum_[i * call_.value_width], shrink_[i]);
  }

  void finish(int64_t b, int64_t h, int64_t query, int64_t count) {
    T* out = call_.out.at(b, h) + query * call_.out.row;
    T* lse = call_.lse_row(b, h) + query;
    for (int64_t i = 0; i < count; ++i) {
      const bool none = total_[i] == 0;
      scale_row(&sum_[i * call_.value_width], none ? T{0} : T{1} / total_[i]);
      std::copy_n(&sum_[i * call_.value_width], call_.value_width, out + i * call_.out.row);
      lse[i] = none ? std::numeric_limits<T>::infinity()
                    : static_cast<T>(max_[i] * kLn2 + std::log(total_[i]));
    }
  }

  const hn::ScalableTag<T> d_;
  const AttentionCall<T>& call_;
  std::unique_ptr<T[]> turned_q_, scores_, sum_, max_, total_, shrink_;
};

// Blocks [begin, end) of all heads' query blocks.
template <class T>
void forward_blocks(const AttentionCall<T>& call, int64_t begin, int64_t end) {
  Forward<T> forward(call);
  const int64_t blocks = (call.queries + kQueryBlock - 1) / kQueryBlock;
  for (int64_t i = begin; i < end; ++i) {
    const int64_t head = i / blocks, step = i % blocks;
    // First and last blocks in turn: under a causal mask these are the short and the long ones.
    const int64_t query = (step % 2 ? blocks - 1 - step / 2 : step / 2) * kQueryBlock;
    forward.run(head / call.heads, head % call.heads, query,
                std::min(kQueryBlock, call.queries - query));
  }
}

void forward_f32(const AttentionCall<float>& call, int64_t begin, int64_t end) {
  forward_blocks(call, begin, end);
}
void forward_f64(const AttentionCall<double>& call, int64_t begin, int64_t end) {
  forward_blocks(call, begin, end);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace lydia::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lydia::cpu {
namespace {

HWY_EXPORT(forward_f32);
HWY_EXPORT(forward_f64);

void forward(const AttentionCall<float>& call, int64_t begin, int64_t end) {
  HWY_DYNAMIC_DISPATCH(forward_f32)(call, begin, end);
}
void forward(const AttentionCall<double>& call, int64_t begin, int64_t end) {
  HWY_DYNAMIC_DISPATCH(forward_f64)(call, begin, end);
}

template <class T>
void attention_typed(const KernelCall& c) {
  const Tensor q = dense_columns(c.in(0)), k = dense_columns(c.in(1)), v = dense_columns(c.in(2));
  AttentionCall<T> call = attention_call<T>(q, k, v, c.has(3) ? c.in(3) : Tensor(), c.attributes);
  call.out = head_rows<T>(c.out(0));
  call.lse = static_cast<T*>(c.out(1).data_ptr());
  const int64_t blocks = (call.queries + kQueryBlock - 1) / kQueryBlock;
  parallel_for(0, call.batches * call.heads * blocks, 1,
               [&](int64_t begin, int64_t end) { forward(call, begin, end); });
}

}  // namespace

Tensor dense_columns(const Tensor& t) {
  if (t.strides().back() == 1 || t.size(-1) == 1) return t;
  Tensor copy = empty(t.sizes(), t.dtype(), t.device());
  raw_copy(copy, t);
  return copy;
}

template <class T>
AttentionCall<T> attention_call(const Tensor& q, const Tensor& k, const Tensor& v,
                                const Tensor& mask, const void* attrs) {
  const auto& a = *static_cast<const AttentionAttrs*>(attrs);
  AttentionCall<T> call{};
  call.batches = q.size(0), call.heads = q.size(1), call.kv_heads = k.size(1);
  call.queries = q.size(2), call.keys = k.size(2);
  call.width = q.size(3), call.value_width = v.size(3);
  call.scale = a.scale, call.causal = a.causal;
  call.q = head_rows<const T>(q), call.k = head_rows<const T>(k), call.v = head_rows<const T>(v);
  if (mask.defined())
    call.mask = {mask.data_ptr(),   mask.dtype() == DType::Bool, mask.strides()[0],
                 mask.strides()[1], mask.strides()[2],           mask.strides()[3]};
  return call;
}
template AttentionCall<float> attention_call<float>(const Tensor&, const Tensor&, const Tensor&,
                                                    const Tensor&, const void*);
template AttentionCall<double> attention_call<double>(const Tensor&, const Tensor&, const Tensor&,
                                                      const Tensor&, const void*);

void scaled_dot_product_attention(const KernelCall& call) {
  choose_isa();
  if (call.in(0).dtype() == DType::F32)
    attention_typed<float>(call);
  else
    attention_typed<double>(call);
}

}  // namespace lydia::cpu
#endif
