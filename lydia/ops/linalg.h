// Linear algebra on matrices [..., m, n], leading dimensions a batch. float32 and float64; f16 and
// bf16 are refused. Decompositions come from LAPACK; a matrix it can't handle is a ValueError that
// names the batch entry. Gradients follow Giles (2008), "Collected matrix derivative results", and
// Golub and Pereyra (1973) for pinv; those of svd and eigh need distinct singular or eigenvalues.
#pragma once

#include <tuple>
#include <utility>

#include "lydia/core/tensor.h"

namespace lydia::linalg {

Tensor inv(const Tensor& a);
// Solves a x = b; b is [..., n] when it has one dimension, else [..., n, k].
Tensor solve(const Tensor& a, const Tensor& b);
Tensor det(const Tensor& a);
// (sign, log|det|); a singular matrix gives (0, -inf).
std::pair<Tensor, Tensor> slogdet(const Tensor& a);
// Lower L with L L^T = a (upper: U^T U = a); only the lower triangle is read.
Tensor cholesky(const Tensor& a, bool upper = false);
enum class QrMode { Reduced, Complete, R };
// (q, r); q is undefined for QrMode::R.
std::pair<Tensor, Tensor> qr(const Tensor& a, QrMode mode = QrMode::Reduced);
// (u, s, vh) with a = u diag(s) vh, s descending.
std::tuple<Tensor, Tensor, Tensor> svd(const Tensor& a, bool full_matrices = true);
Tensor svdvals(const Tensor& a);
// (eigenvalues ascending, eigenvectors in columns) of a symmetric matrix, read from one triangle.
std::pair<Tensor, Tensor> eigh(const Tensor& a, bool upper = false);
Tensor eigvalsh(const Tensor& a, bool upper = false);
// Moore-Penrose inverse; singular values up to max(atol, rtol * largest) count as zero, rtol
// defaulting to max(m, n) times the dtype's epsilon.
Tensor pinv(const Tensor& a, double atol = 0, std::optional<double> rtol = std::nullopt);
// Norms of matrices in two dims: "fro", "nuc", or the order 1, -1, 2, -2, inf, -inf.
Tensor matrix_norm(const Tensor& a, const std::string& order, const Dims& dims = {-2, -1},
                   bool keepdim = false);
Tensor matrix_norm(const Tensor& a, double order, const Dims& dims = {-2, -1},
                   bool keepdim = false);
Tensor matrix_power(const Tensor& a, int64_t n);
Tensor matrix_rank(const Tensor& a, double atol = 0, std::optional<double> rtol = std::nullopt);
// e^a = sum of a^k / k!, by scaling, squaring and a quotient of polynomials (Higham 2005).
Tensor matrix_exp(const Tensor& a);
// The x of smallest norm that minimises |a x - b|, through pinv with its rtol. b is [..., m, k], or
// [..., m] where a has one dimension more. `residuals`: |a x - b|^2 per column where m > n and
// every matrix has rank n, else empty.
struct Lstsq {
  Tensor solution, residuals, rank, singular_values;
};
Lstsq lstsq(const Tensor& a, const Tensor& b, std::optional<double> rtol = std::nullopt);

}  // namespace lydia::linalg

namespace lydia {

struct LinalgAttrs {
  bool flag = false;  // cholesky, eigh: upper; qr: complete; svd: full matrices
  double atol = 0, rtol = 0;
};

}  // namespace lydia
