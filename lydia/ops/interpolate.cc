#include <cmath>

#include "lydia/ops/op.h"
#include "lydia/ops/pool.h"
#include "lydia/ops/resample.h"

namespace lydia {
namespace {

enum class Mode { Nearest, NearestExact, Linear, Cubic, Area };

Mode parse_mode(const std::string& mode, int spatial) {
  struct Name {
    const char* name;
    Mode mode;
    int spatial;  // 0 for any
  };
  constexpr Name kNames[] = {
      {"nearest", Mode::Nearest, 0}, {"nearest-exact", Mode::NearestExact, 0},
      {"area", Mode::Area, 0},       {"linear", Mode::Linear, 1},
      {"bilinear", Mode::Linear, 2}, {"bicubic", Mode::Cubic, 2},
      {"trilinear", Mode::Linear, 3}};
  for (const Name& n : kNames) {
    if (mode != n.name) continue;
    LYDIA_CHECK(n.spatial == 0 || n.spatial == spatial, ValueError, "interpolate: expected ",
                n.spatial + 2, " dimensions with mode '", mode, "', got ", spatial + 2);
    return n.mode;
  }
  fail<ValueError>(
      "interpolate: expected mode nearest, nearest-exact, linear, bilinear, bicubic, "
      "trilinear or area, got '",
      mode, "'");
}

// How positions of one dimension map: `ratio` is input steps per output step.
struct Axis {
  int64_t in, out;
  double ratio;
  bool align;

  double source(int64_t i) const {
    const double at = static_cast<double>(i);
    return align ? at * ratio : (at + 0.5) * ratio - 0.5;
  }
};

// PyTorch finds the nearest element in f32; so do we, so that the same one is picked.
int64_t nearest(const Axis& a, int64_t i, float shift) {
  const float at = (static_cast<float>(i) + shift) * static_cast<float>(a.ratio);
  return std::min(static_cast<int64_t>(std::floor(at)), a.in - 1);
}

void linear_taps(const Axis& a, int64_t i, SampleMap& map) {
  const double at = std::max(a.source(i), 0.0);
  const int64_t low = std::min(static_cast<int64_t>(at), a.in - 1);
  const double rest = std::min(at - static_cast<double>(low), 1.0);
  map.add_tap(low, 1 - rest);
  if (rest > 0) map.add_tap(std::min(low + 1, a.in - 1), rest);
}

// Keys' cubic at distance t, a = -3/4.
double cubic(double t) {
  constexpr double a = -0.75;
  t = std::abs(t);
  if (t <= 1) return ((a + 2) * t - (a + 3)) * t * t + 1;
  return t < 2 ? ((a * t - 5 * a) * t + 8 * a) * t - 4 * a : 0;
}

void cubic_taps(const Axis& a, int64_t i, SampleMap& map) {
  const double at = a.source(i), low = std::floor(at);
  for (int64_t k = -1; k <= 2; ++k) {
    const double position = low + static_cast<double>(k);
    const int64_t from = std::clamp<int64_t>(static_cast<int64_t>(position), 0, a.in - 1);
    map.add_tap(from, cubic(at - position));
  }
}

SampleMapPtr axis_map(Mode mode, const Axis& a) {
  if (mode == Mode::Area) return adaptive_average_map(a.in, a.out);
  auto map = std::make_shared<SampleMap>();
  map->in = a.in;
  for (int64_t i = 0; i < a.out; ++i) {
    if (mode == Mode::Nearest) map->add_tap(nearest(a, i, 0), 1);
    if (mode == Mode::NearestExact) map->add_tap(nearest(a, i, 0.5f), 1);
    if (mode == Mode::Linear) linear_taps(a, i, *map);
    if (mode == Mode::Cubic) cubic_taps(a, i, *map);
    map->end_output();
  }
  return map;
}

template <class V>
V entry(const std::vector<V>& values, size_t i) {
  return values.size() == 1 ? values[0] : values[i];
}

Axis make_axis(int64_t in, size_t d, const InterpolateOptions& o) {
  Axis a{in, 0, 0, o.align_corners.value_or(false)};
  double scale = 0;
  if (o.size.empty()) {
    scale = entry(o.scale_factor, d);
    const double size = std::floor(static_cast<double>(in) * scale);
    LYDIA_CHECK(size >= 1 && size <= 0x1p30, ValueError,
                "interpolate: expected scale_factor to give sizes from 1 to 2^30, got ", scale);
    a.out = static_cast<int64_t>(size);
  } else {
    a.out = entry(o.size, d);
    LYDIA_CHECK(a.out >= 1 && a.out <= (int64_t{1} << 30), ValueError,
                "interpolate: expected sizes from 1 to 2^30, got ", a.out);
  }
  if (a.align)
    a.ratio = a.out > 1 ? static_cast<double>(in - 1) / static_cast<double>(a.out - 1) : 0;
  else if (scale > 0 && !o.recompute_scale_factor)
    a.ratio = 1 / scale;
  else
    a.ratio = static_cast<double>(in) / static_cast<double>(a.out);
  return a;
}

}  // namespace

Tensor interpolate(const Tensor& x, const InterpolateOptions& o) {
  check_defined("interpolate", x, "input");
  const int spatial = x.ndim() - 2;
  LYDIA_CHECK(spatial >= 1 && spatial <= 3, ValueError,
              "interpolate: expected an input [N, C, ..] with 1 to 3 more dimensions, got shape ",
              x.sizes());
  LYDIA_CHECK(o.size.empty() != o.scale_factor.empty(), ValueError,
              "interpolate: expected either size or scale_factor, got ",
              o.size.empty() ? "none" : "both");
  const size_t count = o.size.empty() ? o.scale_factor.size() : o.size.size();
  LYDIA_CHECK(count == 1 || count == static_cast<size_t>(spatial), ValueError,
              "interpolate: expected 1 or ", spatial, " sizes or factors, got ", count);
  const Mode mode = parse_mode(o.mode, spatial);
  LYDIA_CHECK(!o.align_corners || mode == Mode::Linear || mode == Mode::Cubic, ValueError,
              "interpolate: expected align_corners only with linear and cubic modes, got mode '",
              o.mode, "'");
  std::vector<SampleMapPtr> maps;
  for (int d = 0; d < spatial; ++d) {
    const int64_t in = x.sizes()[d + 2];
    LYDIA_CHECK(in >= 1, ValueError, "interpolate: expected sizes of at least 1, got shape ",
                x.sizes());
    maps.push_back(axis_map(mode, make_axis(in, static_cast<size_t>(d), o)));
  }
  return resample_last(x, maps);
}

}  // namespace lydia
