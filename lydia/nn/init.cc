// First values of parameters.
#include "lydia/nn/init.h"

#include <cmath>

#include "lydia/autograd/grad_mode.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/creation.h"
#include "lydia/ops/linalg.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/random.h"
#include "lydia/ops/triangle.h"
#include "lydia/ops/view.h"

namespace lydia::nn::init {
namespace {

double normal_cdf(double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); }

void check_matrix(const char* name, const Tensor& t) {
  LYDIA_CHECK(t.ndim() == 2, ValueError, name, ": expected 2 dimensions, got shape ", t.sizes());
}

double kaiming_std(const Tensor& t, double a, Fan fan, const std::string& nonlinearity) {
  const auto [in, out] = calculate_fans(t);
  const double size = static_cast<double>(fan == Fan::In ? in : out);
  return calculate_gain(nonlinearity, a) / std::sqrt(size);
}

double xavier_std(const Tensor& t, double gain) {
  const auto [in, out] = calculate_fans(t);
  return gain * std::sqrt(2.0 / static_cast<double>(in + out));
}

}  // namespace

Fan parse_fan(const std::string& text) {
  LYDIA_CHECK(text == "fan_in" || text == "fan_out", ValueError,
              "init: expected mode 'fan_in' or 'fan_out', got '", text, "'");
  return text == "fan_in" ? Fan::In : Fan::Out;
}

std::pair<int64_t, int64_t> calculate_fans(const Tensor& t) {
  LYDIA_CHECK(t.ndim() >= 2, ValueError,
              "init: expected at least 2 dimensions for fans, got shape ", t.sizes());
  int64_t field = 1;
  for (int d = 2; d < t.ndim(); ++d) field *= t.sizes()[d];
  return {t.sizes()[1] * field, t.sizes()[0] * field};
}

double calculate_gain(const std::string& name, std::optional<double> param) {
  if (name == "linear" || name == "sigmoid" || name.starts_with("conv")) return 1;
  if (name == "tanh") return 5.0 / 3;
  if (name == "relu") return std::sqrt(2.0);
  if (name == "selu") return 0.75;
  LYDIA_CHECK(name == "leaky_relu", ValueError, "calculate_gain: unknown nonlinearity '", name,
              "'");
  const double slope = param.value_or(0.01);
  return std::sqrt(2 / (1 + slope * slope));
}

const Tensor& uniform_(const Tensor& t, double a, double b, Generator* g) {
  const NoGradGuard guard;
  return lydia::uniform_(t, a, b, g);
}

const Tensor& normal_(const Tensor& t, double mean, double std, Generator* g) {
  const NoGradGuard guard;
  return lydia::normal_(t, mean, std, g);
}

const Tensor& trunc_normal_(const Tensor& t, double mean, double std, double a, double b,
                            Generator* g) {
  LYDIA_CHECK(a < b && std > 0, ValueError, "trunc_normal_: expected a < b and std > 0, got ", a,
              ", ", b, " and ", std);
  const NoGradGuard guard;
  const double low = 2 * normal_cdf((a - mean) / std) - 1;
  const double high = 2 * normal_cdf((b - mean) / std) - 1;
  lydia::uniform_(t, low, high, g);
  const Tensor values = add(mul(erfinv(t), std * std::sqrt(2.0)), mean);
  return copy_(t, clamp(values, Scalar(a), Scalar(b)));
}

const Tensor& constant_(const Tensor& t, double value) {
  const NoGradGuard guard;
  return fill_(t, value);
}

const Tensor& ones_(const Tensor& t) { return constant_(t, 1); }
const Tensor& zeros_(const Tensor& t) { return constant_(t, 0); }

const Tensor& eye_(const Tensor& t) {
  check_matrix("eye_", t);
  const NoGradGuard guard;
  return copy_(t, eye(t.size(0), t.size(1), t.dtype()));
}

const Tensor& dirac_(const Tensor& t, int64_t groups) {
  LYDIA_CHECK(t.ndim() >= 3 && t.ndim() <= 5, ValueError,
              "dirac_: expected 3 to 5 dimensions, got shape ", t.sizes());
  LYDIA_CHECK(groups > 0 && t.size(0) % groups == 0, ValueError,
              "dirac_: expected groups that divide ", t.size(0), ", got ", groups);
  const NoGradGuard guard;
  zero_(t);
  Tensor centre = t;
  for (int d = t.ndim() - 1; d >= 2; --d) centre = select(centre, d, t.size(d) / 2);
  const int64_t rows = t.size(0) / groups, ones = std::min(rows, t.size(1));
  for (int64_t g = 0; g < groups; ++g) fill_(diagonal(narrow(centre, 0, g * rows, ones)), 1);
  return t;
}

const Tensor& xavier_uniform_(const Tensor& t, double gain, Generator* g) {
  const double bound = std::sqrt(3.0) * xavier_std(t, gain);
  return init::uniform_(t, -bound, bound, g);
}

const Tensor& xavier_normal_(const Tensor& t, double gain, Generator* g) {
  return init::normal_(t, 0, xavier_std(t, gain), g);
}

const Tensor& kaiming_uniform_(const Tensor& t, double a, Fan fan, const std::string& nonlinearity,
                               Generator* g) {
  if (t.numel() == 0) return t;
  const double bound = std::sqrt(3.0) * kaiming_std(t, a, fan, nonlinearity);
  return init::uniform_(t, -bound, bound, g);
}

const Tensor& kaiming_normal_(const Tensor& t, double a, Fan fan, const std::string& nonlinearity,
                              Generator* g) {
  if (t.numel() == 0) return t;
  return init::normal_(t, 0, kaiming_std(t, a, fan, nonlinearity), g);
}

const Tensor& orthogonal_(const Tensor& t, double gain, Generator* g) {
  LYDIA_CHECK(t.ndim() >= 2, ValueError, "orthogonal_: expected at least 2 dimensions, got shape ",
              t.sizes());
  if (t.numel() == 0) return t;
  const NoGradGuard guard;
  const int64_t rows = t.size(0), cols = t.numel() / rows;
  const bool wide = rows < cols;
  const DType compute = t.dtype() == DType::F64 ? DType::F64 : DType::F32;
  const Tensor random = randn(wide ? Dims{cols, rows} : Dims{rows, cols}, compute, g);
  const auto [q, r] = linalg::qr(random);
  Tensor unit = mul(q, sign(diagonal(r)));
  if (wide) unit = unit.t();
  return copy_(t, mul(reshape(unit, t.sizes()), gain));
}

const Tensor& sparse_(const Tensor& t, double sparsity, double std, Generator* g) {
  check_matrix("sparse_", t);
  LYDIA_CHECK(sparsity >= 0 && sparsity <= 1, ValueError,
              "sparse_: expected a share from 0 to 1, got ", sparsity);
  const NoGradGuard guard;
  const int64_t rows = t.size(0);
  const auto zeros = static_cast<int64_t>(std::ceil(sparsity * static_cast<double>(rows)));
  lydia::normal_(t, 0, std, g);
  for (int64_t column = 0; column < t.size(1); ++column) {
    const Tensor order = randperm(rows, DType::I64, g);
    for (int64_t i = 0; i < zeros; ++i)
      fill_(select(select(t, 1, column), 0, order.data<int64_t>()[i]), 0);
  }
  return t;
}

}  // namespace lydia::nn::init
