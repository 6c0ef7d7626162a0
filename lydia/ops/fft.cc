#include "lydia/ops/fft.h"

#include <cmath>

#include "lydia/ops/copy.h"
#include "lydia/ops/op.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/view.h"

namespace lydia {
namespace {

// The bare transform, without scaling. Its adjoint is the opposite one.
Tensor transform(const Tensor& x, int64_t dim, bool inverse) {
  const Tensor in = contiguous(x);
  Tensor out = empty_like(in);
  run(Op::fft, {&in}, {&out}, FftAttrs{dim, inverse});
  return out;
}

double scale_of(const char* op, const std::string& norm, int64_t n, bool inverse) {
  const double count = static_cast<double>(n);
  if (norm == "ortho") return 1 / std::sqrt(count);
  LYDIA_CHECK(norm == "backward" || norm == "forward", ValueError, op,
              ": expected norm 'backward', 'forward' or 'ortho', got '", norm, "'");
  return inverse == (norm == "backward") ? 1 / count : 1;
}

void check_floats(const char* op, const Tensor& x) {
  check_defined(op, x, "input");
  LYDIA_CHECK(x.dtype() == DType::F32 || x.dtype() == DType::F64, TypeError, op,
              ": expected float32 or float64, got ", x.dtype());
}

// The dimension to transform, of a complex tensor.
int complex_dim(const char* op, const Tensor& x, int64_t dim) {
  check_floats(op, x);
  LYDIA_CHECK(x.ndim() >= 2 && x.size(-1) == 2, ValueError, op,
              ": expected complex values as a last dimension of 2, got shape ", x.sizes());
  return wrap_dim(op, dim, x.ndim() - 1);
}

int64_t check_length(const char* op, std::optional<int64_t> n, int64_t have) {
  const int64_t length = n.value_or(have);
  LYDIA_CHECK(length >= 1, ValueError, op, ": expected a length of at least 1, got ", length);
  return length;
}

// Cut or padded with zeros to length n along dim.
Tensor resized(const Tensor& x, int dim, int64_t n) {
  if (x.sizes()[dim] >= n) return narrow(x, dim, 0, n);
  Dims sizes = x.sizes();
  sizes[dim] = n;
  checked_numel("fft", sizes);
  return as_strided_scatter({}, x, sizes, x.sizes(), contiguous_strides(sizes), 0, false);
}

Tensor complex_transform(const char* op, const Tensor& x, std::optional<int64_t> n, int64_t dim,
                         const std::string& norm, bool inverse) {
  const int d = complex_dim(op, x, dim);
  const int64_t length = check_length(op, n, x.sizes()[d]);
  const double scale = scale_of(op, norm, length, inverse);
  const Tensor y = transform(resized(x, d, length), d, inverse);
  return scale == 1 ? y : mul(y, scale);
}

}  // namespace

const GradRule fft_rule = {[](const GradContext& c, const Tensors& g) -> Tensors {
  const auto& a = c.attrs<FftAttrs>();
  return {transform(g[0], a.dim, !a.inverse)};
}};

namespace fft {

Tensor fft(const Tensor& x, std::optional<int64_t> n, int64_t dim, const std::string& norm) {
  return complex_transform("fft", x, n, dim, norm, false);
}

Tensor ifft(const Tensor& x, std::optional<int64_t> n, int64_t dim, const std::string& norm) {
  return complex_transform("ifft", x, n, dim, norm, true);
}

Tensor rfft(const Tensor& x, std::optional<int64_t> n, int64_t dim, const std::string& norm) {
  check_floats("rfft", x);
  LYDIA_CHECK(x.ndim() > 0, ValueError, "rfft: expected at least one dimension, got a 0-d tensor");
  const int d = wrap_dim("rfft", dim, x.ndim());
  const int64_t length = check_length("rfft", n, x.sizes()[d]);
  const double scale = scale_of("rfft", norm, length, false);
  Dims sizes = x.sizes();
  sizes.push_back(2);
  Dims strides = contiguous_strides(sizes), real = strides;
  real.resize(real.size() - 1);
  const Tensor complex = as_strided_scatter({}, x, sizes, x.sizes(), real, 0, false);
  const Tensor y = narrow(transform(resized(complex, d, length), d, false), d, 0, length / 2 + 1);
  return contiguous(scale == 1 ? y : mul(y, scale));
}

// The missing half is the conjugate of the given one, mirrored.
Tensor irfft(const Tensor& x, std::optional<int64_t> n, int64_t dim, const std::string& norm) {
  const int d = complex_dim("irfft", x, dim);
  const int64_t length = check_length("irfft", n, 2 * (x.sizes()[d] - 1));
  const double scale = scale_of("irfft", norm, length, true);
  const int64_t half = length / 2 + 1;
  Tensor given = resized(x, d, half);
  // The imaginary parts of X[0] and X[n/2] do not count.
  Tensor counts = full_like(given.detach(), 1);
  fill_(select(select(counts, -1, 1), d, 0), 0);
  if (length % 2 == 0) fill_(select(select(counts, -1, 1), d, half - 1), 0);
  given = mul(given, counts);
  Dims sizes = given.sizes();
  sizes[d] = length;
  const Dims strides = contiguous_strides(sizes);
  Tensor whole = as_strided_scatter({}, given, sizes, given.sizes(), strides, 0, false);
  if (const int64_t rest = length - half; rest > 0) {
    Tensor sign = full({2}, 1, x.dtype());
    fill_(select(sign, 0, 1), -1);
    const Tensor mirrored =
        mul(slice(narrow(given, d, 1, rest), d, std::nullopt, std::nullopt, -1), sign);
    whole = as_strided_scatter(whole, mirrored, sizes, mirrored.sizes(), strides, half * strides[d],
                               false);
  }
  const Tensor y = select(transform(whole, d, true), -1, 0);
  return contiguous(scale == 1 ? y : mul(y, scale));
}

}  // namespace fft
}  // namespace lydia
