#include "lydia/ops/random.h"

#include <cmath>

#include "lydia/ops/copy.h"
#include "lydia/ops/inplace.h"
#include "lydia/ops/nonzero.h"
#include "lydia/ops/pointwise.h"

namespace lydia {
namespace {

Generator::State take(GeneratorPtr generator, int64_t elements) {
  Generator& g = generator ? *generator : default_generator();
  return g.reserve(static_cast<uint64_t>(elements / kElementsPerBlock + 1));
}

Tensors no_gradient(const GradContext& c, const Tensors& g) {
  return {zeros_like_shape(g[0], c.sizes(0))};
}

// Fills self with random numbers; its old values do not matter. Strided memory is filled by a copy.
const Tensor& fill_random(Op op, const Tensor& self, RandomAttrs attrs, GeneratorPtr generator) {
  check_inplace(op_name(op), self);
  attrs.from = take(generator, self.numel());
  Tensor target = self.is_contiguous() ? self.detach() : empty(self.sizes(), self.dtype());
  run(op, {&self}, {&target}, attrs);
  if (!self.is_contiguous()) return write_inplace(op_name(op), self, target);
  adopt_history(self, target);
  return self;
}

void check_float(const char* op, const Tensor& t) {
  LYDIA_CHECK(t.is_floating_point(), TypeError, op, ": expected a floating-point tensor, got ",
              t.dtype());
}

void check_probability(const char* op, double p) {
  LYDIA_CHECK(p >= 0 && p <= 1, ValueError, op, ": expected p in [0, 1], got ", p);
}

}  // namespace

const GradRule uniform_rule = {no_gradient};
const GradRule normal_rule = {no_gradient};
const GradRule exponential_rule = {no_gradient};
const GradRule randint_rule = {no_gradient};
const GradRule randperm_rule = {};
const GradRule multinomial_rule = {};

const Tensor& uniform_(const Tensor& self, double low, double high, GeneratorPtr generator) {
  check_defined("uniform", self, "self");
  check_float("uniform", self);
  LYDIA_CHECK(low <= high && std::isfinite(high - low), ValueError,
              "uniform: expected low <= high, both finite, got ", low, " and ", high);
  return fill_random(Op::uniform, self, {{}, low, high}, generator);
}

const Tensor& normal_(const Tensor& self, double mean, double std, GeneratorPtr generator) {
  check_defined("normal", self, "self");
  check_float("normal", self);
  LYDIA_CHECK(std >= 0, ValueError, "normal: expected std >= 0, got ", std);
  return fill_random(Op::normal, self, {{}, mean, std}, generator);
}

const Tensor& exponential_(const Tensor& self, double lambda, GeneratorPtr generator) {
  check_defined("exponential", self, "self");
  check_float("exponential", self);
  LYDIA_CHECK(lambda > 0, ValueError, "exponential: expected a rate > 0, got ", lambda);
  return fill_random(Op::exponential, self, {{}, lambda}, generator);
}

const Tensor& random_(const Tensor& self, int64_t low, int64_t high, GeneratorPtr generator) {
  check_defined("randint", self, "self");
  LYDIA_CHECK(low < high, ValueError, "randint: expected low < high, got ", low, " and ", high);
  RandomAttrs attrs;
  attrs.low = low;
  attrs.range = static_cast<uint64_t>(high) - static_cast<uint64_t>(low);
  return fill_random(Op::randint, self, attrs, generator);
}

const Tensor& bernoulli_(const Tensor& self, double p, GeneratorPtr generator) {
  check_defined("bernoulli", self, "self");
  check_probability("bernoulli", p);
  check_inplace("bernoulli", self);
  const Tensor u = rand(self.sizes(), DType::F32, generator);
  return write_inplace("bernoulli", self, lt(u, scalar_tensor(p, DType::F64)));
}

Tensor rand(const Dims& sizes, DType dtype, GeneratorPtr generator) {
  return uniform_(empty(sizes, dtype), 0, 1, generator);
}
Tensor randn(const Dims& sizes, DType dtype, GeneratorPtr generator) {
  return normal_(empty(sizes, dtype), 0, 1, generator);
}
Tensor randint(int64_t low, int64_t high, const Dims& sizes, DType dtype, GeneratorPtr generator) {
  return random_(empty(sizes, dtype), low, high, generator);
}

Tensor randperm(int64_t n, DType dtype, GeneratorPtr generator) {
  LYDIA_CHECK(n >= 0, ValueError, "randperm: expected n >= 0, got ", n);
  Tensor out = empty({n}, DType::I64);
  RandomAttrs attrs;
  attrs.from = take(generator, n);
  run(Op::randperm, {}, {&out}, attrs);
  return to(out, dtype);
}

Tensor normal(const Tensor& mean, const Tensor& std, GeneratorPtr generator) {
  check_defined("normal", mean, "mean");
  check_defined("normal", std, "std");
  check_float("normal", mean);
  const Dims sizes = broadcast_shapes("normal", mean.sizes(), std.sizes());
  return add(mul(randn(sizes, mean.dtype(), generator), std), mean);
}

Tensor bernoulli(const Tensor& p, GeneratorPtr generator) {
  check_defined("bernoulli", p, "input");
  check_float("bernoulli", p);
  const DType compute = p.dtype() == DType::F64 ? DType::F64 : DType::F32;
  const Tensor share = to(p.detach(), compute);
  const Tensor outside = add(lt(share, 0), gt(share, 1));
  LYDIA_CHECK(nonzero(outside).numel() == 0, ValueError,
              "bernoulli: expected probabilities in [0, 1], got one outside");
  return to(lt(rand(p.sizes(), compute, generator), share), p.dtype());
}

Tensor multinomial(const Tensor& weights, int64_t count, bool replacement, GeneratorPtr generator) {
  check_defined("multinomial", weights, "input");
  check_float("multinomial", weights);
  LYDIA_CHECK(weights.ndim() == 1 || weights.ndim() == 2, ValueError,
              "multinomial: expected weights of one or two dimensions, got shape ",
              weights.sizes());
  const int64_t choices = weights.size(-1);
  LYDIA_CHECK(count > 0 && (replacement || count <= choices), ValueError,
              "multinomial: expected num_samples in [1, ", choices, "], got ", count);
  Dims sizes = weights.sizes();
  sizes.back() = count;
  Tensor out = empty(sizes, DType::I64, weights.device());
  const Tensor w = contiguous(to(weights.detach(), DType::F64));
  RandomAttrs attrs;
  attrs.range = replacement;
  attrs.from = take(generator, replacement ? out.numel() : w.numel());
  run(Op::multinomial, {&w}, {&out}, attrs);
  return out;
}

Tensor dropout(const Tensor& x, double p, bool training, GeneratorPtr generator) {
  check_defined("dropout", x, "input");
  check_float("dropout", x);
  check_probability("dropout", p);
  if (!training || p == 0) return x;
  const double scale = p < 1 ? 1 / (1 - p) : 0;
  Tensor out = empty(x.sizes(), x.dtype(), x.device());
  Tensor mask = empty(x.sizes(), DType::Bool, x.device());
  run(Op::dropout, {&x}, {&out, &mask}, RandomAttrs{take(generator, x.numel()), p, scale});
  return out;
}

const GradRule dropout_rule = {
    [](const GradContext& c, const Tensors& g) -> Tensors {
      return {mul(mul(g[0], c.attrs<RandomAttrs>().b), to(c.out(1), g[0].dtype()))};
    },
    kOut(1)};

}  // namespace lydia
