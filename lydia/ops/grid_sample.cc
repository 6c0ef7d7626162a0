// Written with gathers: out = sum over the neighbours of a place of weight times pixel, where
// weight is a product over dimensions. The gradient reaches pixels through gather, places through
// weights.
#include "lydia/ops/grid_sample.h"

#include "lydia/ops/autocast.h"
#include "lydia/ops/cat.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/creation.h"
#include "lydia/ops/gather.h"
#include "lydia/ops/matmul.h"
#include "lydia/ops/op.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/view.h"

namespace lydia {
namespace {

constexpr double kFar = 1 << 24;

bool is_half(DType t) { return t == DType::F16 || t == DType::BF16; }

enum class Outside { zeros, border, reflection };

Outside parse_outside(const std::string& mode) {
  if (mode == "zeros") return Outside::zeros;
  if (mode == "border") return Outside::border;
  LYDIA_CHECK(mode == "reflection", ValueError,
              "grid_sample: expected padding_mode 'zeros', 'border' or 'reflection', got '", mode,
              "'");
  return Outside::reflection;
}

void check_grid(const Tensor& x, const Tensor& grid, const GridSampleOptions& o) {
  check_defined("grid_sample", x, "input");
  check_defined("grid_sample", grid, "grid");
  const int spatial = x.ndim() - 2;
  LYDIA_CHECK(x.is_floating_point() && x.dtype() == grid.dtype(), TypeError,
              "grid_sample: expected input and grid of one floating-point dtype, got ", x.dtype(),
              " and ", grid.dtype());
  LYDIA_CHECK(
      (spatial == 2 || spatial == 3) && grid.ndim() == x.ndim() && grid.size(0) == x.size(0) &&
          grid.size(-1) == spatial,
      ValueError,
      "grid_sample: expected input [N, C, H, W] and grid [N, Ho, Wo, 2], or input [N, C, D, "
      "H, W] and grid [N, Do, Ho, Wo, 3], got ",
      x.sizes(), " and ", grid.sizes());
  for (int d = 0; d < spatial; ++d)
    LYDIA_CHECK(x.size(2 + d) > 0, ValueError,
                "grid_sample: expected an input with pixels, got shape ", x.sizes());
  LYDIA_CHECK(o.mode == "bilinear" || o.mode == "nearest" || o.mode == "bicubic", ValueError,
              "grid_sample: expected mode 'bilinear', 'nearest' or 'bicubic', got '", o.mode, "'");
  LYDIA_CHECK(o.mode != "bicubic" || spatial == 2, ValueError,
              "grid_sample: bicubic is for input [N, C, H, W], got shape ", x.sizes());
}

// Coordinates mirrored at the edges until they lie inside.
Tensor reflect(const Tensor& at, double low, double high) {
  const double span = high - low;
  if (span == 0) return zeros_like(at);
  const Tensor off = abs(sub(at, low)), turns = floor(div(off.detach(), span));
  const Tensor rest = sub(off, mul(turns, span));
  const Tensor forward = eq(remainder(turns, 2), 0);
  return where(forward, add(rest, low), sub(high, rest));
}

// Where a coordinate outside [0, size - 1] is read.
Tensor bring_inside(const Tensor& at, int64_t size, Outside outside, bool align) {
  const double last = static_cast<double>(size - 1);
  if (outside == Outside::zeros) return at;
  const Tensor mirrored = outside == Outside::border ? at
                          : align                    ? reflect(at, 0, last)
                                                     : reflect(at, -0.5, last + 0.5);
  return clamp(mirrored, 0, last);
}

// One neighbour along one dimension: its index (floating, maybe outside) and its weight.
struct Tap {
  Tensor index, weight;
};

// Keys' kernel at distances 1 + t, t, 1 - t, 2 - t.
std::vector<Tensor> cubic_weights(const Tensor& t) {
  constexpr double a = -0.75;
  const auto near = [](const Tensor& d) { return ((d * (a + 2)) - (a + 3)) * d * d + 1; };
  const auto far = [](const Tensor& d) { return ((d * a - 5 * a) * d + 8 * a) * d - 4 * a; };
  return {far(t + 1), near(t), near(1 - t), far(2 - t)};
}

std::vector<Tap> taps_of(const Tensor& place, int64_t size, const GridSampleOptions& o,
                         Outside outside) {
  if (o.mode == "bicubic") {
    const Tensor base = floor(place.detach());
    const std::vector<Tensor> weights = cubic_weights(place - base);
    std::vector<Tap> taps;
    taps.reserve(4);
    for (int i = 0; i < 4; ++i)
      taps.push_back({bring_inside(base + (i - 1), size, outside, o.align_corners),
                      weights[static_cast<size_t>(i)]});
    return taps;
  }
  const Tensor at = bring_inside(place, size, outside, o.align_corners);
  if (o.mode == "nearest") return {{round(at.detach()), {}}};
  const Tensor low = floor(at.detach()), share = at - low;
  return {{low, 1 - share}, {low + 1, share}};
}

// The sum over the neighbours of the dimensions from `d` on. `flat` and `weight` are those of the
// dimensions before: index into the flattened image, product of weights (undefined: 1).
struct Sampler {
  const Tensor& pixels;  // [N, C, all]
  const Dims& image;     // sizes of the dimensions
  const std::vector<std::vector<Tap>>& taps;

  Tensor sum(size_t d, const Tensor& flat, const Tensor& weight) const {
    if (d == taps.size()) return term(flat, weight);
    Tensor total;
    const double last = static_cast<double>(image[d] - 1);
    for (const Tap& tap : taps[d]) {
      const Tensor inside = logical_and(ge(tap.index, 0), le(tap.index, last));
      const Tensor here = to(clamp(tap.index, 0, last), DType::I64);
      const Tensor counts =
          tap.weight.defined() ? where(inside, tap.weight, 0) : to(inside, pixels.dtype());
      const Tensor part = sum(d + 1, flat.defined() ? flat * image[d] + here : here,
                              weight.defined() ? weight * counts : counts);
      total = total.defined() ? total + part : part;
    }
    return total;
  }

  Tensor term(const Tensor& flat, const Tensor& weight) const {
    const Dims sizes{pixels.size(0), pixels.size(1), flat.size(1)};
    return gather(pixels, 2, expand(unsqueeze(flat, 1), sizes)) * unsqueeze(weight, 1);
  }
};

// n places from edge to edge of [-1, 1], or from centre to centre of the outermost pixels.
Tensor centres(int64_t n, bool align, const Tensor& like) {
  const double reach = n <= 1 ? 0 : align ? 1 : static_cast<double>(n - 1) / static_cast<double>(n);
  return linspace(-reach, reach, n, like.dtype(), like.device());
}

}  // namespace

Tensor grid_sample(const Tensor& x, const Tensor& grid, const GridSampleOptions& o) {
  LYDIA_FULL_PRECISION(grid_sample, x, grid, o);
  check_grid(x, grid, o);
  if (is_half(x.dtype()))  // a half has no fractions at coordinates above 2048
    return to(grid_sample(to(x, DType::F32), to(grid, DType::F32), o), x.dtype());
  const Outside outside = parse_outside(o.padding_mode);
  const int spatial = x.ndim() - 2;
  Dims image, out{x.size(0), x.size(1)};
  int64_t pixels = 1, places = 1;
  std::vector<std::vector<Tap>> taps;
  for (int d = 0; d < spatial; ++d) {
    image.push_back(x.size(2 + d));
    out.push_back(grid.size(1 + d));
    pixels *= image[d];
    places *= grid.size(1 + d);
  }
  const Tensor flat_grid =
      reshape(where(isnan(grid), -1, grid), {grid.size(0), places, int64_t{spatial}});
  for (int d = 0; d < spatial; ++d) {
    const double size = static_cast<double>(image[d]);
    const Tensor g = select(flat_grid, 2, spatial - 1 - d);  // the grid names x first
    const Tensor place = o.align_corners ? (g + 1) * ((size - 1) / 2) : ((g + 1) * size - 1) / 2;
    // Beyond kFar a float has no fractions left, and infinity no index.
    taps.push_back(taps_of(clamp(place, -kFar, kFar), image[d], o, outside));
  }
  const Tensor rows = reshape(x, {x.size(0), x.size(1), pixels});
  return reshape(Sampler{rows, image, taps}.sum(0, {}, {}), out);
}

Tensor affine_grid(const Tensor& theta, const Dims& sizes, bool align_corners) {
  LYDIA_FULL_PRECISION(affine_grid, theta, sizes, align_corners);
  check_defined("affine_grid", theta, "theta");
  const int64_t spatial = sizes.ndim() - 2;
  LYDIA_CHECK(theta.is_floating_point(), TypeError,
              "affine_grid: expected a floating-point theta, got ", theta.dtype());
  LYDIA_CHECK(
      (spatial == 2 || spatial == 3) && theta.sizes() == Dims({sizes[0], spatial, spatial + 1}),
      ValueError,
      "affine_grid: expected theta [N, 2, 3] with size [N, C, H, W] or theta [N, 3, 4] with "
      "size [N, C, D, H, W], got ",
      theta.sizes(), " and ", sizes);
  for (int64_t n : sizes)
    LYDIA_CHECK(n > 0, ValueError, "affine_grid: expected sizes above 0, got ", sizes);
  Dims image;
  for (int64_t d = 0; d < spatial; ++d) image.push_back(sizes[d + 2]);
  checked_numel("affine_grid", sizes);
  std::vector<Tensor> columns;  // x first
  for (int64_t d = spatial; d-- > 0;) {
    Dims line(static_cast<size_t>(spatial), 1);
    line[d] = image[d];
    columns.push_back(expand(reshape(centres(image[d], align_corners, theta), line), image));
  }
  columns.push_back(ones(image, theta.dtype(), theta.device()));
  const Tensor places = reshape(stack(columns, -1), {1, numel_of(image), spatial + 1});
  Dims out = image;
  out.insert(0, sizes[0]);
  out.push_back(spatial);
  return reshape(matmul(places, transpose(theta, 1, 2)), out);
}

}  // namespace lydia
