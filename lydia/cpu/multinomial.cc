// randperm and multinomial: draws that look at earlier ones, row by row on one thread each.
#include <algorithm>
#include <cmath>
#include <vector>

#include "lydia/cpu/kernels.h"
#include "lydia/cpu/parallel.h"
#include "lydia/ops/random.h"

namespace lydia::cpu {
namespace {

// 64 random bits for element i of the op's stream.
uint64_t word_at(const RandomAttrs& a, int64_t i) {
  const uint64_t block = a.from.used + static_cast<uint64_t>(i / 2);
  const PhiloxBlock w =
      philox({static_cast<uint32_t>(block), static_cast<uint32_t>(block >> 32), 0, 0},
             {static_cast<uint32_t>(a.from.seed), static_cast<uint32_t>(a.from.seed >> 32)});
  const size_t at = i % 2 ? 2 : 0;
  return uint64_t{w[at + 1]} << 32 | w[at];
}

double unit_at(const RandomAttrs& a, int64_t i) {
  return static_cast<double>(word_at(a, i) >> 11) * 0x1p-53;
}

double checked_total(const double* w, int64_t n) {
  double total = 0;
  for (int64_t i = 0; i < n; ++i) {
    LYDIA_CHECK(w[i] >= 0 && std::isfinite(w[i]), ValueError,
                "multinomial: expected finite weights >= 0, got ", w[i]);
    total += w[i];
  }
  LYDIA_CHECK(total > 0, ValueError, "multinomial: expected weights with a sum > 0, got ", total);
  return total;
}

// The first place whose running sum exceeds a uniform share of the total.
void draw_with_replacement(const RandomAttrs& a, const double* w, int64_t n, int64_t first,
                           int64_t count, int64_t* to) {
  const double total = checked_total(w, n);
  std::vector<double> sums(static_cast<size_t>(n));
  double sum = 0;
  int64_t last = 0;  // rounding may carry a draw past the end
  for (int64_t i = 0; i < n; ++i) {
    sums[static_cast<size_t>(i)] = sum += w[i];
    if (w[i] > 0) last = i;
  }
  for (int64_t k = 0; k < count; ++k) {
    const auto at = std::upper_bound(sums.begin(), sums.end(), unit_at(a, first + k) * total);
    to[k] = std::min<int64_t>(at - sums.begin(), last);
  }
}

// The `count` smallest of Exp(1) / w: an exponential race, in order of arrival.
void draw_without(const RandomAttrs& a, const double* w, int64_t n, int64_t first, int64_t count,
                  int64_t* to) {
  checked_total(w, n);
  std::vector<std::pair<double, int64_t>> arrival;
  for (int64_t i = 0; i < n; ++i)
    if (w[i] > 0) arrival.emplace_back(-std::log1p(-unit_at(a, first + i)) / w[i], i);
  LYDIA_CHECK(static_cast<int64_t>(arrival.size()) >= count, ValueError,
              "multinomial: expected at least ", count,
              " weights > 0 to draw without replacement, got ", arrival.size());
  std::partial_sort(arrival.begin(), arrival.begin() + count, arrival.end());
  for (int64_t k = 0; k < count; ++k) to[k] = arrival[static_cast<size_t>(k)].second;
}

}  // namespace

// Fisher-Yates.
void randperm(const KernelCall& call) {
  const auto& a = call.attrs<RandomAttrs>();
  int64_t* to = static_cast<int64_t*>(call.out().data_ptr());
  const int64_t n = call.out().numel();
  for (int64_t i = 0; i < n; ++i) to[i] = i;
  for (int64_t i = n - 1; i > 0; --i) {
    const auto scaled =
        static_cast<unsigned __int128>(word_at(a, i)) * static_cast<uint64_t>(i + 1);
    std::swap(to[i], to[static_cast<int64_t>(scaled >> 64)]);
  }
}

void multinomial(const KernelCall& call) {
  const auto& a = call.attrs<RandomAttrs>();
  const Tensor &w = call.in(0), &out = call.out();
  const int64_t n = w.sizes().back(), count = out.sizes().back();
  const int64_t rows = out.numel() / std::max<int64_t>(count, 1);
  const double* from = static_cast<const double*>(w.data_ptr());
  int64_t* to = static_cast<int64_t*>(out.data_ptr());
  const bool replacement = a.range != 0;
  parallel_for(0, rows, std::max<int64_t>(1, 1024 / std::max<int64_t>(1, n)),
               [&](int64_t begin, int64_t end) {
                 for (int64_t r = begin; r < end; ++r) {
                   const auto draw = replacement ? &draw_with_replacement : &draw_without;
                   draw(a, from + r * n, n, r * (replacement ? count : n), count, to + r * count);
                 }
               });
}

}  // namespace lydia::cpu
