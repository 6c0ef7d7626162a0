// f32 convolution through oneDNN: plain NCHW outside, the layouts that its kernels like inside.
//
// A plan is a convolution made for one geometry and thread count, kept for the next call. Its
// scratch memory comes from our allocator, so that threads may share a plan.
#include <omp.h>

#include <algorithm>
#include <dnnl.hpp>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "lydia/core/threads.h"
#include "lydia/cpu/conv.h"
#include "lydia/cpu/packed_weight.h"
#include "lydia/cpu/parallel.h"

namespace lydia::cpu {
namespace {

using dnnl::memory;

const dnnl::engine& engine() {
  static const dnnl::engine e(dnnl::engine::kind::cpu, 0);
  return e;
}

// oneDNN runs on as many OpenMP threads as the calling thread may start.
class ThreadCount {
 public:
  ThreadCount() : saved_(omp_get_max_threads()) {
    prepare_for_fork();
    omp_set_num_threads(get_num_threads());
  }
  ~ThreadCount() { omp_set_num_threads(saved_); }
  ThreadCount(const ThreadCount&) = delete;
  ThreadCount& operator=(const ThreadCount&) = delete;

 private:
  int saved_;
};

// How one operand looks to us and to the kernel, and the way between.
struct Operand {
  memory::desc plain, inner;
  dnnl::reorder reorder;  // to inner, or to plain for a result
  bool same = true;

  void set(const memory::desc& outside, const memory::desc& inside, bool result) {
    plain = outside;
    inner = inside;
    same = plain == inner;
    if (same) return;
    dnnl::primitive_attr attr;
    attr.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    const auto& from = result ? inner : plain;
    const auto& to = result ? plain : inner;
    reorder = dnnl::reorder({engine(), from, engine(), to, attr});
  }
};

constexpr size_t kMaxPlans = 1024;

struct Plan {
  dnnl::primitive conv;
  Operand x, w, y;
  memory::desc bias, scratch;
  int64_t weight_layout = 0;  // the number of w.inner
};

// The same number for the same layout. Called under the lock of the plans.
int64_t layout_number(const memory::desc& desc) {
  static auto& known = *new std::vector<memory::desc>;
  const auto at = std::find(known.begin(), known.end(), desc);
  if (at == known.end()) known.push_back(desc);
  return at - known.begin();
}

memory::desc plain_desc(const memory::dims& dims, memory::format_tag tag) {
  return {dims, memory::data_type::f32, tag};
}

// The dimensions of the problem as oneDNN wants them: depth only where there is one.
struct Sizes {
  memory::dims x, w, y, bias, stride, dilation, before, after;
  memory::format_tag data_tag, weight_tag;

  explicit Sizes(const ConvShape& s) {
    const int first = s.in[0] == 1 && s.kernel[0] == 1 && s.out[0] == 1 ? 1 : 0;
    x = {s.batch, s.groups * s.in_channels};
    y = {s.batch, s.groups * s.out_channels};
    bias = {s.groups * s.out_channels};
    w = {s.out_channels, s.in_channels};
    if (s.groups > 1) w.insert(w.begin(), s.groups);
    for (int d = first; d < 3; ++d) {
      x.push_back(s.in[d]);
      w.push_back(s.kernel[d]);
      y.push_back(s.out[d]);
      stride.push_back(s.stride[d]);
      dilation.push_back(s.dilation[d] - 1);
      before.push_back(s.padding[d]);
      after.push_back((s.out[d] - 1) * s.stride[d] + (s.kernel[d] - 1) * s.dilation[d] + 1 -
                      s.in[d] - s.padding[d]);
    }
    data_tag = first ? memory::format_tag::nchw : memory::format_tag::ncdhw;
    weight_tag = s.groups > 1 ? (first ? memory::format_tag::goihw : memory::format_tag::goidhw)
                              : (first ? memory::format_tag::oihw : memory::format_tag::oidhw);
  }
};

std::shared_ptr<Plan> make_plan(ConvMap map, const ConvShape& s, bool with_bias) {
  const Sizes z(s);
  const auto any = memory::format_tag::any;
  const memory::desc x = plain_desc(z.x, any), w = plain_desc(z.w, any), y = plain_desc(z.y, any);
  const memory::desc bias = with_bias ? plain_desc(z.bias, memory::format_tag::a) : memory::desc();
  const auto kind = dnnl::algorithm::convolution_direct;
  dnnl::primitive_attr attr;
  attr.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  auto plan = std::make_shared<Plan>();
  const auto take = [&](const auto& pd, const memory::desc& px, const memory::desc& pw,
                        const memory::desc& py) {
    plan->x.set(plain_desc(z.x, z.data_tag), px, map == ConvMap::GradInput);
    plan->w.set(plain_desc(z.w, z.weight_tag), pw, map == ConvMap::GradWeight);
    plan->y.set(plain_desc(z.y, z.data_tag), py, map == ConvMap::Forward);
    plan->weight_layout = layout_number(plan->w.inner);
    plan->bias = bias;
    plan->scratch = pd.scratchpad_desc();
  };
  const dnnl::convolution_forward::primitive_desc forward(
      {dnnl::prop_kind::forward_training, kind, x, w, bias, y, z.stride, z.dilation, z.before,
       z.after},
      attr, engine());
  if (map == ConvMap::Forward) {
    take(forward, forward.src_desc(), forward.weights_desc(), forward.dst_desc());
    plan->conv = dnnl::convolution_forward(forward);
  } else if (map == ConvMap::GradInput) {
    const dnnl::convolution_backward_data::primitive_desc pd(
        {kind, x, w, y, z.stride, z.dilation, z.before, z.after}, attr, engine(), forward);
    take(pd, pd.diff_src_desc(), pd.weights_desc(), pd.diff_dst_desc());
    plan->conv = dnnl::convolution_backward_data(pd);
  } else {
    const dnnl::convolution_backward_weights::primitive_desc pd(
        {kind, x, w, y, z.stride, z.dilation, z.before, z.after}, attr, engine(), forward);
    take(pd, pd.src_desc(), pd.diff_weights_desc(), pd.diff_dst_desc());
    plan->conv = dnnl::convolution_backward_weights(pd);
  }
  return plan;
}

// nullptr when oneDNN has no such convolution.
std::shared_ptr<const Plan> find_plan(ConvMap map, const ConvShape& s, bool with_bias) {
  std::vector<int64_t> key = {static_cast<int64_t>(map),
                              with_bias,
                              get_num_threads(),
                              s.batch,
                              s.in_channels,
                              s.out_channels,
                              s.groups};
  for (const auto* list : {&s.in, &s.kernel, &s.out, &s.stride, &s.padding, &s.dilation})
    key.insert(key.end(), *list, *list + 3);
  static std::mutex mutex;
  static auto& plans = *new std::map<std::vector<int64_t>, std::shared_ptr<const Plan>>;
  const std::lock_guard lock(mutex);
  if (plans.size() >= kMaxPlans) plans.clear();  // inputs of ever new sizes
  const auto [at, is_new] = plans.try_emplace(std::move(key));
  if (is_new) {
    try {
      at->second = make_plan(map, s, with_bias);
    } catch (const dnnl::error&) {  // stays nullptr
    }
  }
  return at->second;
}

// Memory of one operand in the kernel's layout.
class Placed {
 public:
  explicit Placed(const memory::desc& desc)
      : Placed(desc, empty({static_cast<int64_t>(desc.get_size())}, DType::U8)) {}
  Placed(const memory::desc& desc, const Tensor& t)
      : buffer_(t), memory_(desc, engine(), t.data_ptr()) {}
  const memory& get() const { return memory_; }
  const Tensor& buffer() const { return buffer_; }

 private:
  Tensor buffer_;
  memory memory_;
};

void convert(const dnnl::reorder& reorder, const dnnl::stream& stream, const memory& from,
             const memory& to) {
  const memory::desc desc = memory::desc(
      *dnnl_primitive_desc_query_md(reorder.get_primitive_desc(), dnnl_query_scratchpad_md, 0));
  const Placed scratch(desc);
  reorder.execute(stream,
                  {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}, {DNNL_ARG_SCRATCHPAD, scratch.get()}});
}

Placed place(const Operand& o, const Tensor& t, bool result, const dnnl::stream& stream) {
  const Placed outside(o.plain, t);
  if (o.same) return outside;
  const Placed inside(o.inner);
  if (!result) convert(o.reorder, stream, outside.get(), inside.get());
  return inside;
}

// The weights that a forward kernel reads: under inference_mode packed once.
Placed place_weights(const Plan& plan, const Tensor& w, const dnnl::stream& stream) {
  if (plan.w.same) return place(plan.w, w, false, stream);
  const auto pack = [&] { return place(plan.w, w, false, stream).buffer(); };
  return Placed(plan.w.inner, packed_weight(w, plan.weight_layout, pack));
}

}  // namespace

bool conv_onednn(ConvMap map, const ConvShape& shape, const ConvTensors& t) {
  const ThreadCount threads;
  const std::shared_ptr<const Plan> plan = find_plan(map, shape, t.bias.defined());
  if (!plan) return false;
  const dnnl::stream stream(engine());
  const bool forward = map == ConvMap::Forward, grad_input = map == ConvMap::GradInput,
             grad_weight = map == ConvMap::GradWeight;
  const Placed x = place(plan->x, t.x, grad_input, stream);
  const Placed w =
      grad_weight ? place(plan->w, t.w, true, stream) : place_weights(*plan, t.w, stream);
  const Placed y = place(plan->y, t.y, forward, stream);
  const Placed scratch(plan->scratch);
  std::unordered_map<int, memory> args = {
      {grad_input ? DNNL_ARG_DIFF_SRC : DNNL_ARG_SRC, x.get()},
      {grad_weight ? DNNL_ARG_DIFF_WEIGHTS : DNNL_ARG_WEIGHTS, w.get()},
      {forward ? DNNL_ARG_DST : DNNL_ARG_DIFF_DST, y.get()},
      {DNNL_ARG_SCRATCHPAD, scratch.get()}};
  if (t.bias.defined()) args.emplace(DNNL_ARG_BIAS, Placed(plan->bias, t.bias).get());
  plan->conv.execute(stream, args);
  const auto leave = [&](const Operand& o, const Placed& inside, const Tensor& to) {
    if (!o.same) convert(o.reorder, stream, inside.get(), Placed(o.plain, to).get());
  };
  if (forward) leave(plan->y, y, t.y);
  if (grad_input) leave(plan->x, x, t.x);
  if (grad_weight) leave(plan->w, w, t.w);
  return true;
}

}  // namespace lydia::cpu
