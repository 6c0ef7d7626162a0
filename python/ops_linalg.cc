// lydia.linalg and lydia.fft; the Python modules of those names re-export what is here.
#include <nanobind/stl/pair.h>
#include <nanobind/stl/tuple.h>

#include "lydia/ops/fft.h"
#include "lydia/ops/linalg.h"
#include "python/bind.h"

namespace lydia::python {
namespace {

namespace la = linalg;

nb::object none_or(const Tensor& t) { return t.defined() ? nb::cast(t) : nb::none(); }

la::QrMode qr_mode(const std::string& mode) {
  if (mode == "reduced") return la::QrMode::Reduced;
  if (mode == "complete") return la::QrMode::Complete;
  LYDIA_CHECK(mode == "r", ValueError, "qr: expected mode 'reduced', 'complete' or 'r', got '",
              mode, "'");
  return la::QrMode::R;
}

bool is_upper(const char* op, const std::string& uplo) {
  LYDIA_CHECK(uplo == "L" || uplo == "U", ValueError, op, ": expected UPLO 'L' or 'U', got '", uplo,
              "'");
  return uplo == "U";
}

void register_fft(Module& parent) {
  Module m(parent.def_submodule("_fft"));
  const auto def = [&](const char* name, auto f) {
    m.def(
        name,
        [f](const Tensor& x, std::optional<int64_t> n, int64_t dim,
            std::optional<std::string> norm) { return f(x, n, dim, norm.value_or("backward")); },
        "input"_a, "n"_a = nb::none(), "dim"_a = -1, "norm"_a = nb::none());
  };
  def("fft", &fft::fft);
  def("ifft", &fft::ifft);
  def("rfft", &fft::rfft);
  def("irfft", &fft::irfft);
}

}  // namespace

void register_ops_linalg(Module& parent) {
  Module m(parent.def_submodule("_linalg"));
  m.def("inv", &la::inv, "A"_a);
  m.def("solve", &la::solve, "A"_a, "B"_a);
  m.def("det", &la::det, "A"_a);
  m.def("_slogdet", &la::slogdet, "A"_a);
  m.def("cholesky", &la::cholesky, "A"_a, nb::kw_only(), "upper"_a = false);
  m.def(
      "_qr",
      [](const Tensor& a, const std::string& mode) {
        const auto [q, r] = la::qr(a, qr_mode(mode));
        return nb::make_tuple(none_or(q), r);
      },
      "A"_a, "mode"_a);
  m.def("_svd", &la::svd, "A"_a, "full_matrices"_a);
  m.def("svdvals", &la::svdvals, "A"_a);
  m.def(
      "_eigh",
      [](const Tensor& a, const std::string& uplo) { return la::eigh(a, is_upper("eigh", uplo)); },
      "A"_a, "UPLO"_a);
  m.def(
      "eigvalsh",
      [](const Tensor& a, const std::string& uplo) {
        return la::eigvalsh(a, is_upper("eigvalsh", uplo));
      },
      "A"_a, "UPLO"_a = "L");
  m.def(
      "pinv",
      [](const Tensor& a, std::optional<double> atol, std::optional<double> rtol) {
        return la::pinv(a, atol.value_or(0), rtol);
      },
      "A"_a, nb::kw_only(), "atol"_a = nb::none(), "rtol"_a = nb::none());
  m.def(
      "matrix_rank",
      [](const Tensor& a, std::optional<double> atol, std::optional<double> rtol) {
        return la::matrix_rank(a, atol.value_or(0), rtol);
      },
      "A"_a, nb::kw_only(), "atol"_a = nb::none(), "rtol"_a = nb::none());
  m.def(
      "matrix_norm",
      [](const Tensor& a, const std::string& ord, const Dims& dim, bool keepdim) {
        return la::matrix_norm(a, ord, dim, keepdim);
      },
      "A"_a, "ord"_a = "fro", "dim"_a = Dims{-2, -1}, "keepdim"_a = false);
  m.def(
      "matrix_norm",
      [](const Tensor& a, double ord, const Dims& dim, bool keepdim) {
        return la::matrix_norm(a, ord, dim, keepdim);
      },
      "A"_a, "ord"_a, "dim"_a = Dims{-2, -1}, "keepdim"_a = false);
  m.def("matrix_power", &la::matrix_power, "A"_a, "n"_a);
  m.def("matrix_exp", &la::matrix_exp, "A"_a);
  m.def(
      "_lstsq",
      [](const Tensor& a, const Tensor& b, std::optional<double> rtol) {
        const la::Lstsq out = la::lstsq(a, b, rtol);
        return nb::make_tuple(out.solution, out.residuals, out.rank, out.singular_values);
      },
      "A"_a, "B"_a, "rcond"_a.none());
  register_fft(parent);
}

}  // namespace lydia::python
