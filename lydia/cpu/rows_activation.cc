// Row kernels of the activations and of their gradients (f32, f64). A gradient row takes the
// upstream gradient g first, then y (sigmoid, tanh, relu) or x (the others).
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "lydia/cpu/rows_activation.cc"
#include "lydia/cpu/each_isa_inl.h"
#include "lydia/cpu/row_families.h"
#include "lydia/cpu/rows_inl.h"
#include "lydia/cpu/vec_erf_inl.h"
#include "lydia/cpu/vec_math_inl.h"

HWY_BEFORE_NAMESPACE();
namespace lydia::cpu {
namespace HWY_NAMESPACE {
namespace {  // the files of the rows share names such as Add

LYDIA_ROW1(Sigmoid, vsigmoid(d, x))
LYDIA_ROW1(Silu, hn::Mul(x, vsigmoid(d, x)))
LYDIA_ROW1(Relu, hn::IfThenZeroElse(hn::Le(x, hn::Zero(d)), x))
LYDIA_ROW2(ReluGrad, hn::IfThenZeroElse(hn::Le(b, hn::Zero(d)), a))

LYDIA_ROW2(SigmoidGrad, hn::Mul(hn::Mul(a, hn::Sub(set(d, 1), b)), b))
LYDIA_ROW2(TanhGrad, hn::Mul(a, hn::NegMulAdd(b, b, set(d, 1))))

// d/dx x s(x) = s (1 + x (1 - s))
struct SiluGrad : NoAttrs {
  using NoAttrs::NoAttrs;
  template <class D, class V>
  HWY_INLINE V operator()(D d, V g, V x) const {
    const auto s = sigmoid_pair(d, x);
    return hn::Mul(g, hn::Mul(s.value, hn::MulAdd(x, s.rest, set(d, 1))));
  }
};

// x Phi(x), with the normal distribution Phi; its derivative is Phi(x) + x phi(x).
struct Gelu : NoAttrs {
  using NoAttrs::NoAttrs;
  template <class D, class V>
  HWY_INLINE V operator()(D d, V x) const {
    const Normal<D> at = normal(d, x);
    return hn::NegMulAdd(at.a, at.tail, hn::Max(x, hn::Zero(d)));
  }
};
struct GeluGrad : NoAttrs {
  using NoAttrs::NoAttrs;
  template <class D, class V>
  HWY_INLINE V operator()(D d, V g, V x) const {
    const Normal<D> at = normal(d, x);
    const V cdf = hn::IfThenElse(hn::Lt(x, hn::Zero(d)), at.tail, hn::Sub(set(d, 1), at.tail));
    // Where the density is 0, x may be infinite.
    const V bend = hn::IfThenZeroElse(hn::Eq(at.density, hn::Zero(d)), hn::Mul(x, at.density));
    return hn::Mul(g, hn::Add(cdf, bend));
  }
};

// x Phi~(x) with the cubic tanh argument u = sqrt(2/pi) (x + 0.044715 x^3). As (1 + tanh u) / 2 is
// sigmoid(2u), that is x sigmoid(2u).
template <class D, class V>
HWY_INLINE V twice_tanh_argument(D d, V x) {
  const V cubic = set(d, 2 * 0.79788456080286535588 * 0.044715);
  const V linear = set(d, 2 * 0.79788456080286535588);
  return hn::Mul(x, hn::MulAdd(hn::Mul(x, x), cubic, linear));
}

LYDIA_ROW1(GeluTanh, hn::Mul(x, vsigmoid(d, twice_tanh_argument(d, x))))

// With s = sigmoid(2u): s + x s (1 - s) (2u)'.
struct GeluTanhGrad : NoAttrs {
  using NoAttrs::NoAttrs;
  template <class D, class V>
  HWY_INLINE V operator()(D d, V g, V x) const {
    const auto s = sigmoid_pair(d, twice_tanh_argument(d, x));
    const V cubic = set(d, 6 * 0.79788456080286535588 * 0.044715);
    const V linear = set(d, 2 * 0.79788456080286535588);
    const V slope = hn::Mul(x, hn::MulAdd(hn::Mul(x, x), cubic, linear));
    // Where s is 0 or 1 the slope, which may be infinite there, no longer counts.
    const V product = hn::Mul(s.value, s.rest);
    const V bend = hn::IfThenZeroElse(hn::Eq(product, hn::Zero(d)), hn::Mul(slope, product));
    return hn::Mul(g, hn::Add(s.value, bend));
  }
};

struct LeakyRelu : Attrs<1> {
  using Attrs::Attrs;
  template <class D, class V>
  HWY_INLINE V operator()(D d, V x) const {
    return hn::IfThenElse(hn::Gt(x, hn::Zero(d)), x, hn::Mul(x, attr(d, 0)));
  }
};

struct LeakyReluGrad : Attrs<1> {
  using Attrs::Attrs;
  template <class D, class V>
  HWY_INLINE V operator()(D d, V g, V x) const {
    return hn::IfThenElse(hn::Gt(x, hn::Zero(d)), g, hn::Mul(g, attr(d, 0)));
  }
};

struct Elu : Attrs<1> {
  using Attrs::Attrs;
  template <class D, class V>
  HWY_INLINE V operator()(D d, V x) const {
    return hn::IfThenElse(hn::Gt(x, hn::Zero(d)), x, hn::Mul(attr(d, 0), vexpm1(d, x)));
  }
};

struct EluGrad : Attrs<1> {
  using Attrs::Attrs;
  template <class D, class V>
  HWY_INLINE V operator()(D d, V g, V x) const {
    const V slope = hn::Mul(attr(d, 0), vexp(d, x));
    return hn::Mul(g, hn::IfThenElse(hn::Gt(x, hn::Zero(d)), set(d, 1), slope));
  }
};

// log(1 + e^(beta x)) / beta = (max(beta x, 0) + log1p(e^-|beta x|)) / beta; x itself beyond the
// threshold.
struct Softplus : Attrs<2> {
  using Attrs::Attrs;
  template <class D, class V>
  HWY_INLINE V operator()(D d, V x) const {
    const V beta = attr(d, 0);
    const V z = hn::Mul(x, beta);
    const V positive = hn::IfThenZeroElse(hn::Lt(z, hn::Zero(d)), z);
    const V sum = hn::Add(positive, log1p_unit(d, vexp(d, hn::Neg(hn::Abs(z)))));
    const V per_beta = hn::Div(set(d, 1), beta);  // the same for all elements
    return hn::IfThenElse(hn::Gt(z, attr(d, 1)), x, hn::Mul(sum, per_beta));
  }
};

struct SoftplusGrad : Attrs<2> {
  using Attrs::Attrs;
  template <class D, class V>
  HWY_INLINE V operator()(D d, V g, V x) const {
    const V z = hn::Mul(x, attr(d, 0));
    return hn::IfThenElse(hn::Gt(z, attr(d, 1)), g, hn::Mul(g, vsigmoid(d, z)));
  }
};

template <class T>
RowFn float_activation(RowOp op) {
  switch (op) {
    case RowOp::sigmoid: return map_row<T, 1, Sigmoid>;
    case RowOp::relu: return map_row<T, 1, Relu>;
    case RowOp::gelu: return map_row<T, 1, Gelu>;
    case RowOp::gelu_tanh: return map_row<T, 1, GeluTanh>;
    case RowOp::silu: return map_row<T, 1, Silu>;
    case RowOp::softplus: return map_row<T, 1, Softplus>;
    case RowOp::elu: return map_row<T, 1, Elu>;
    case RowOp::leaky_relu: return map_row<T, 1, LeakyRelu>;
    case RowOp::sigmoid_grad: return map_row<T, 2, SigmoidGrad>;
    case RowOp::tanh_grad: return map_row<T, 2, TanhGrad>;
    case RowOp::relu_grad: return map_row<T, 2, ReluGrad>;
    case RowOp::gelu_grad: return map_row<T, 2, GeluGrad>;
    case RowOp::gelu_tanh_grad: return map_row<T, 2, GeluTanhGrad>;
    case RowOp::silu_grad: return map_row<T, 2, SiluGrad>;
    case RowOp::softplus_grad: return map_row<T, 2, SoftplusGrad>;
    case RowOp::elu_grad: return map_row<T, 2, EluGrad>;
    case RowOp::leaky_relu_grad: return map_row<T, 2, LeakyReluGrad>;
    default: return nullptr;
  }
}

RowFn activation_row(RowOp op, DType t) {
  if (t == DType::F32) return float_activation<float>(op);
  if (t == DType::F64) return float_activation<double>(op);
  return nullptr;
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace lydia::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lydia::cpu {
namespace {
HWY_EXPORT(activation_row);
}
RowFn activation_row(RowOp op, DType t) { return HWY_DYNAMIC_DISPATCH(activation_row)(op, t); }
}  // namespace lydia::cpu
#endif
