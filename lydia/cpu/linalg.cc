// Linear algebra through LAPACK, one matrix of the batch after the other.
//
// LAPACK stores columns; each matrix is copied transposed into a buffer and back, which costs
// little beside the decomposition.
#include "lydia/ops/linalg.h"

#include <lapacke.h>

#include <cmath>
#include <vector>

#include "lydia/cpu/kernels.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/view.h"

namespace lydia::cpu {
namespace {

// One name for the float and double routines.
#define LYDIA_LAPACK(name, ...)                                          \
  if constexpr (sizeof(T) == 4)                                          \
    return LAPACKE_s##name(LAPACK_COL_MAJOR __VA_OPT__(, ) __VA_ARGS__); \
  else                                                                   \
    return LAPACKE_d##name(LAPACK_COL_MAJOR __VA_OPT__(, ) __VA_ARGS__);

template <class T>
int getrf(int n, T* a, int* pivots) {
  LYDIA_LAPACK(getrf, n, n, a, n, pivots)
}
template <class T>
int getri(int n, T* a, const int* pivots) {
  LYDIA_LAPACK(getri, n, a, n, pivots)
}
template <class T>
int gesv(int n, int k, T* a, int* pivots, T* b) {
  LYDIA_LAPACK(gesv, n, k, a, n, pivots, b, n)
}
template <class T>
int potrf(int n, T* a) {
  LYDIA_LAPACK(potrf, 'L', n, a, n)
}
template <class T>
int geqrf(int m, int n, T* a, T* tau) {
  LYDIA_LAPACK(geqrf, m, n, a, m, tau)
}
template <class T>
int orgqr(int m, int columns, int k, T* a, const T* tau) {
  LYDIA_LAPACK(orgqr, m, columns, k, a, m, tau)
}
template <class T>
int gesdd(char job, int m, int n, T* a, T* s, T* u, T* vt, int rows_vt) {
  LYDIA_LAPACK(gesdd, job, m, n, a, m, s, u, m, vt, rows_vt)
}
template <class T>
int syevd(char triangle, int n, T* a, T* w) {
  LYDIA_LAPACK(syevd, 'V', triangle, n, a, n, w)
}
#undef LYDIA_LAPACK

// A column-major matrix of the batch.
template <class T>
struct Matrix {
  Matrix(int rows, int columns) : m(rows), n(columns), data(static_cast<size_t>(rows) * columns) {}
  T* get() { return data.data(); }
  T& at(int i, int j) { return data[static_cast<size_t>(j) * m + i]; }
  // Row-major memory in and out.
  void load(const T* from) {
    for (int i = 0; i < m; ++i)
      for (int j = 0; j < n; ++j) at(i, j) = from[static_cast<int64_t>(i) * n + j];
  }
  void store(T* to, int columns) {
    for (int i = 0; i < m; ++i)
      for (int j = 0; j < columns; ++j) to[static_cast<int64_t>(i) * columns + j] = at(i, j);
  }
  void store(T* to) { store(to, n); }
  int m, n;
  std::vector<T> data;
};

// Sizes in LAPACK's int, and the batch.
struct Batch {
  explicit Batch(const char* name, const Tensor& a) : op(name) {
    LYDIA_CHECK(a.size(-2) <= 1 << 24 && a.size(-1) <= 1 << 24, ValueError, op,
                ": expected matrices of at most 2^24 rows and columns, got ", a.sizes());
    m = static_cast<int>(a.size(-2));
    n = static_cast<int>(a.size(-1));
    for (int d = 0; d + 2 < a.ndim(); ++d) count *= a.sizes()[d];
  }
  const char* op;
  int m, n;
  int64_t count = 1;
  void check(int info, int64_t entry, const char* what) const {
    LYDIA_CHECK(info == 0, ValueError, op, ": matrix ", entry, " of the batch ", what);
  }
};

template <class Body>
void visit(const Tensor& t, Body&& body) {
  if (t.dtype() == DType::F64)
    body(double{});
  else
    body(float{});
}

bool all_finite(const auto& values) {
  for (auto v : values)
    if (!std::isfinite(v)) return false;
  return true;
}

}  // namespace

void linalg_inv(const KernelCall& call) {
  const Tensor in = contiguous(call.in(0).detach());
  const Batch b("inv", in);
  visit(in, [&]<class T>(T) {
    Matrix<T> a(b.n, b.n);
    std::vector<int> pivots(static_cast<size_t>(b.n));
    const int64_t step = int64_t{b.n} * b.n;
    for (int64_t i = 0; i < b.count && b.n; ++i) {
      a.load(in.data<T>() + i * step);
      b.check(getrf(b.n, a.get(), pivots.data()), i, "is singular");
      b.check(getri(b.n, a.get(), pivots.data()), i, "is singular");
      a.store(call.out().data<T>() + i * step);
    }
  });
}

void linalg_solve(const KernelCall& call) {
  const Tensor lhs = contiguous(call.in(0).detach()), rhs = contiguous(call.in(1).detach());
  const Batch b("solve", lhs);
  const int k = static_cast<int>(rhs.size(-1));
  visit(lhs, [&]<class T>(T) {
    Matrix<T> a(b.n, b.n), x(b.n, k);
    std::vector<int> pivots(static_cast<size_t>(b.n));
    for (int64_t i = 0; i < b.count && b.n && k; ++i) {
      a.load(lhs.data<T>() + i * b.n * b.n);
      x.load(rhs.data<T>() + i * b.n * k);
      b.check(gesv(b.n, k, a.get(), pivots.data(), x.get()), i, "is singular");
      x.store(call.out().data<T>() + i * b.n * k);
    }
  });
}

namespace {

// LU of each matrix; body(entry, LU, sign of the row exchanges).
template <class T, class Body>
void for_lu(const Tensor& in, const Batch& b, Body&& body) {
  Matrix<T> a(b.n, b.n);
  std::vector<int> pivots(static_cast<size_t>(b.n));
  for (int64_t i = 0; i < b.count; ++i) {
    a.load(in.data<T>() + i * b.n * b.n);
    if (b.n) getrf(b.n, a.get(), pivots.data());  // a zero pivot is an answer here
    int sign = 1;
    for (int j = 0; j < b.n; ++j) sign *= pivots[static_cast<size_t>(j)] == j + 1 ? 1 : -1;
    body(i, a, sign);
  }
}

}  // namespace

void linalg_det(const KernelCall& call) {
  const Tensor in = contiguous(call.in(0).detach());
  const Batch b("det", in);
  visit(in, [&]<class T>(T) {
    for_lu<T>(in, b, [&](int64_t i, Matrix<T>& lu, int sign) {
      T d = static_cast<T>(sign);
      for (int j = 0; j < b.n; ++j) d *= lu.at(j, j);
      call.out().data<T>()[i] = d;
    });
  });
}

void linalg_slogdet(const KernelCall& call) {
  const Tensor in = contiguous(call.in(0).detach());
  const Batch b("slogdet", in);
  visit(in, [&]<class T>(T) {
    for_lu<T>(in, b, [&](int64_t i, Matrix<T>& lu, int sign) {
      T log = 0, s = static_cast<T>(sign);
      for (int j = 0; j < b.n; ++j) {
        const T u = lu.at(j, j);
        s = u == 0 ? T{0} : u < 0 ? -s : s;
        log += std::log(std::fabs(u));
      }
      call.out(0).data<T>()[i] = s;
      call.out(1).data<T>()[i] = log;
    });
  });
}

void linalg_cholesky(const KernelCall& call) {
  const Tensor in = contiguous(call.in(0).detach());
  const Batch b("cholesky", in);
  visit(in, [&]<class T>(T) {
    Matrix<T> a(b.n, b.n);
    for (int64_t i = 0; i < b.count && b.n; ++i) {
      a.load(in.data<T>() + i * b.n * b.n);
      b.check(potrf(b.n, a.get()), i, "is not positive definite");
      for (int c = 1; c < b.n; ++c)
        for (int r = 0; r < c; ++r) a.at(r, c) = 0;
      a.store(call.out().data<T>() + i * b.n * b.n);
    }
  });
}

void linalg_qr(const KernelCall& call) {
  const Tensor in = contiguous(call.in(0).detach());
  const Batch b("qr", in);
  const int k = std::min(b.m, b.n), width = static_cast<int>(call.out(0).size(-1));
  visit(in, [&]<class T>(T) {
    Matrix<T> a(b.m, std::max(b.n, width)), r(width, b.n);
    std::vector<T> tau(static_cast<size_t>(std::max(k, 1)));
    Matrix<T> loaded(b.m, b.n);
    for (int64_t i = 0; i < b.count && b.m; ++i) {
      loaded.load(in.data<T>() + i * b.m * b.n);
      std::fill(a.data.begin(), a.data.end(), T{0});
      std::copy(loaded.data.begin(), loaded.data.end(), a.data.begin());
      if (k) b.check(geqrf(b.m, b.n, a.get(), tau.data()), i, "has no QR decomposition");
      for (int c = 0; c < b.n; ++c)
        for (int row = 0; row < width; ++row)
          r.at(row, c) = row <= c && row < b.m ? a.at(row, c) : T{0};
      r.store(call.out(1).data<T>() + i * width * b.n);
      if (width) b.check(orgqr(b.m, width, k, a.get(), tau.data()), i, "has no QR decomposition");
      a.store(call.out(0).data<T>() + i * b.m * width, width);
    }
  });
}

void linalg_svd(const KernelCall& call) {
  const Tensor in = contiguous(call.in(0).detach());
  const Batch b("svd", in);
  const int k = std::min(b.m, b.n);
  const bool full = call.attrs<LinalgAttrs>().flag;
  const int u_columns = full ? b.m : k, vt_rows = full ? b.n : k;
  visit(in, [&]<class T>(T) {
    Matrix<T> a(b.m, b.n), u(b.m, u_columns), vt(vt_rows, b.n);
    for (int64_t i = 0; i < b.count; ++i) {
      a.load(in.data<T>() + i * b.m * b.n);
      LYDIA_CHECK(all_finite(a.data), ValueError, "svd: matrix ", i,
                  " of the batch holds NaN or infinity");
      if (k) {
        const int info = gesdd(full ? 'A' : 'S', b.m, b.n, a.get(), call.out(1).data<T>() + i * k,
                               u.get(), vt.get(), std::max(vt_rows, 1));
        b.check(info, i, "did not converge");
      } else {
        for (int j = 0; j < u_columns; ++j) u.at(j, j) = 1;
        for (int j = 0; j < vt_rows; ++j) vt.at(j, j) = 1;
      }
      u.store(call.out(0).data<T>() + i * b.m * u_columns);
      vt.store(call.out(2).data<T>() + i * vt_rows * b.n);
    }
  });
}

void linalg_eigh(const KernelCall& call) {
  const Tensor in = contiguous(call.in(0).detach());
  const Batch b("eigh", in);
  const char triangle = call.attrs<LinalgAttrs>().flag ? 'U' : 'L';
  visit(in, [&]<class T>(T) {
    Matrix<T> a(b.n, b.n);
    for (int64_t i = 0; i < b.count && b.n; ++i) {
      a.load(in.data<T>() + i * b.n * b.n);
      LYDIA_CHECK(all_finite(a.data), ValueError, "eigh: matrix ", i,
                  " of the batch holds NaN or infinity");
      b.check(syevd(triangle, b.n, a.get(), call.out(0).data<T>() + i * b.n), i,
              "did not converge");
      a.store(call.out(1).data<T>() + i * b.n * b.n);
    }
  });
}

void linalg_pinv(const KernelCall& call) {
  const Tensor in = contiguous(call.in(0).detach());
  const Batch b("pinv", in);
  const auto& attrs = call.attrs<LinalgAttrs>();
  const int k = std::min(b.m, b.n);
  visit(in, [&]<class T>(T) {
    Matrix<T> a(b.m, b.n), u(b.m, k), vt(k, b.n);
    std::vector<T> s(static_cast<size_t>(std::max(k, 1)));
    for (int64_t i = 0; i < b.count && k; ++i) {
      a.load(in.data<T>() + i * b.m * b.n);
      LYDIA_CHECK(all_finite(a.data), ValueError, "pinv: matrix ", i,
                  " of the batch holds NaN or infinity");
      b.check(gesdd('S', b.m, b.n, a.get(), s.data(), u.get(), vt.get(), k), i, "did not converge");
      const double limit = std::max(attrs.atol, attrs.rtol * static_cast<double>(s[0]));
      T* out = call.out().data<T>() + i * b.m * b.n;
      std::fill_n(out, int64_t{b.m} * b.n, T{0});
      for (int j = 0; j < k; ++j) {
        const T value = s[static_cast<size_t>(j)];
        if (static_cast<double>(value) <= limit) continue;
        for (int r = 0; r < b.n; ++r)
          for (int c = 0; c < b.m; ++c)
            out[static_cast<int64_t>(r) * b.m + c] += vt.at(j, r) / value * u.at(c, j);
      }
    }
  });
}

}  // namespace lydia::cpu
