// fft: unscaled complex transforms along one dimension, by KISS FFT in double precision. Lengths
// with a large prime factor, where its cost grows with the square, go through Bluestein (1970): a
// convolution with a chirp, done by transforms of a power of two.
#include "lydia/ops/fft.h"

#include <bit>
#include <complex>
#include <kissfft/kissfft.hh>
#include <numbers>
#include <vector>

#include "lydia/cpu/kernels.h"
#include "lydia/cpu/parallel.h"

namespace lydia::cpu {
namespace {

using Complex = std::complex<double>;
using Line = std::vector<Complex>;

int64_t largest_factor(int64_t n) {
  int64_t largest = 1;
  for (int64_t p = 2; p * p <= n; ++p)
    for (; n % p == 0; n /= p) largest = p;
  return std::max(largest, n);
}

// Transforms lines of one length.
class Transform {
 public:
  Transform(int64_t n, bool inverse) : n_(n), direct_(largest_factor(n) <= 64) {
    if (direct_) {
      plan_.emplace_back(static_cast<size_t>(n), inverse);
      return;
    }
    const auto size = std::bit_ceil(static_cast<size_t>(2 * n - 1));
    plan_.emplace_back(size, false);
    plan_.emplace_back(size, true);
    chirp_.resize(static_cast<size_t>(n));
    for (int64_t j = 0; j < n; ++j) {  // j^2 mod 2n keeps the angle small and exact
      const auto square = static_cast<unsigned __int128>(j) * static_cast<unsigned __int128>(j);
      const double angle = std::numbers::pi *
                           static_cast<double>(square % static_cast<unsigned __int128>(2 * n)) /
                           static_cast<double>(n);
      chirp_[static_cast<size_t>(j)] = std::polar(1.0, inverse ? angle : -angle);
    }
    Line filter(size);
    for (size_t j = 0; j < chirp_.size(); ++j)
      filter[j] = filter[(size - j) % size] = std::conj(chirp_[j]);
    filter_.resize(size);
    plan_[0].transform(filter.data(), filter_.data());
  }

  void run(const Line& in, Line& out) {
    if (direct_) return plan_[0].transform(in.data(), out.data());
    const size_t size = filter_.size();
    Line padded(size), spectrum(size);
    for (size_t j = 0; j < chirp_.size(); ++j) padded[j] = in[j] * chirp_[j];
    plan_[0].transform(padded.data(), spectrum.data());
    for (size_t j = 0; j < size; ++j) spectrum[j] *= filter_[j];
    plan_[1].transform(spectrum.data(), padded.data());
    for (int64_t j = 0; j < n_; ++j)
      out[static_cast<size_t>(j)] = padded[static_cast<size_t>(j)] / static_cast<double>(size) *
                                    chirp_[static_cast<size_t>(j)];
  }

 private:
  int64_t n_;
  bool direct_;
  std::vector<kissfft<double>> plan_;
  Line chirp_, filter_;
};

template <class T>
void transform_lines(const Tensor& in, const Tensor& out, const FftAttrs& a) {
  const int64_t n = in.sizes()[a.dim], stride = in.strides()[a.dim] / 2;
  const auto* from = reinterpret_cast<const std::complex<T>*>(in.data<T>());
  auto* to = reinterpret_cast<std::complex<T>*>(out.data<T>());
  const int64_t lines = in.numel() / 2 / n;
  parallel_for(0, lines, std::max<int64_t>(1, 4096 / n), [&](int64_t begin, int64_t end) {
    Transform transform(n, a.inverse);
    Line x(static_cast<size_t>(n)), y(static_cast<size_t>(n));
    for (int64_t line = begin; line < end; ++line) {
      const int64_t start = line / stride * stride * n + line % stride;
      for (int64_t j = 0; j < n; ++j) x[static_cast<size_t>(j)] = Complex(from[start + j * stride]);
      transform.run(x, y);
      for (int64_t j = 0; j < n; ++j)
        to[start + j * stride] = std::complex<T>(y[static_cast<size_t>(j)]);
    }
  });
}

}  // namespace

void fft(const KernelCall& call) {
  const auto& a = call.attrs<FftAttrs>();
  if (call.out().numel() == 0) return;
  if (call.out().dtype() == DType::F64)
    transform_lines<double>(call.in(0), call.out(), a);
  else
    transform_lines<float>(call.in(0), call.out(), a);
}

}  // namespace lydia::cpu
