#include "lydia/vision/transforms.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "lydia/ops/copy.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/resample.h"
#include "lydia/ops/shape_ops.h"
#include "lydia/ops/view.h"

namespace lydia::vision {
namespace {

void check_image(const char* op, const Tensor& image, bool floating) {
  LYDIA_CHECK(image.defined() && image.ndim() == 3, ValueError, op,
              ": expected an image [channels, height, width], got ",
              image.defined() ? to_string(image.sizes()) : "nothing");
  LYDIA_CHECK(!floating || image.dtype() == DType::F32 || image.dtype() == DType::F64, TypeError,
              op, ": expected a float32 or float64 image, got ", image.dtype(), "; see to_float");
}

// Output i of `out` is the sum of the inputs under a triangle around its place, `radius` input
// pixels wide on each side. Its weights sum to 1 also at the border.
SampleMapPtr triangle_map(int64_t in, int64_t out, bool antialias) {
  auto map = std::make_shared<SampleMap>();
  map->in = in;
  const double ratio = static_cast<double>(in) / static_cast<double>(out);
  const double radius = antialias ? std::max(1.0, ratio) : 1.0;
  for (int64_t i = 0; i < out; ++i) {
    double centre = (static_cast<double>(i) + 0.5) * ratio - 0.5;
    if (!antialias) centre = std::clamp(centre, 0.0, static_cast<double>(in - 1));
    const auto first = std::max<int64_t>(0, static_cast<int64_t>(std::ceil(centre - radius)));
    const auto last = std::min<int64_t>(in - 1, static_cast<int64_t>(std::floor(centre + radius)));
    double sum = 0;
    for (int64_t k = first; k <= last; ++k) {
      sum += std::max(0.0, 1 - std::abs(static_cast<double>(k) - centre) / radius);
    }
    for (int64_t k = first; k <= last; ++k) {
      const double w = std::max(0.0, 1 - std::abs(static_cast<double>(k) - centre) / radius);
      if (w > 0) map->add_tap(k, w / sum);
    }
    map->end_output();
  }
  return map;
}

Tensor channel_values(const std::vector<double>& values, int64_t channels, DType dtype,
                      const char* name) {
  LYDIA_CHECK(values.size() == 1 || std::ssize(values) == channels, ValueError,
              "normalize: expected 1 or ", channels, " values as ", name, ", got ", values.size());
  const Tensor out = empty({std::ssize(values), 1, 1}, DType::F64);
  std::copy(values.begin(), values.end(), out.data<double>());
  return out.to(dtype);
}

// One picture plane, sampled between its pixels.
template <class T>
double sample(const T* plane, int64_t height, int64_t width, double x, double y, double fill) {
  const double left = std::floor(x), top = std::floor(y);
  double sum = 0;
  for (int dy = 0; dy < 2; ++dy) {
    for (int dx = 0; dx < 2; ++dx) {
      const double at_x = left + dx, at_y = top + dy;
      const bool inside = at_x >= 0 && at_y >= 0 && at_x < static_cast<double>(width) &&
                          at_y < static_cast<double>(height);
      const double weight = (1 - std::abs(x - at_x)) * (1 - std::abs(y - at_y));
      const double value =
          inside ? static_cast<double>(
                       plane[static_cast<int64_t>(at_y) * width + static_cast<int64_t>(at_x)])
                 : fill;
      sum += weight * value;
    }
  }
  return sum;
}

template <class T>
void sample_image(const Tensor& image, const AffineMatrix& m, double fill, const Tensor& out) {
  const int64_t height = image.size(1), width = image.size(2);
  const double cx = static_cast<double>(width - 1) / 2, cy = static_cast<double>(height - 1) / 2;
  T* to = out.data<T>();
  for (int64_t c = 0; c < image.size(0); ++c) {
    const T* plane = image.data<T>() + c * height * width;
    for (int64_t i = 0; i < height; ++i) {
      for (int64_t j = 0; j < width; ++j) {
        const double x = static_cast<double>(j) - cx, y = static_cast<double>(i) - cy;
        *to++ = static_cast<T>(sample(plane, height, width, m[0] * x + m[1] * y + m[2] + cx,
                                      m[3] * x + m[4] * y + m[5] + cy, fill));
      }
    }
  }
}

}  // namespace

Tensor to_float(const Tensor& image) {
  if (image.is_floating_point()) return image;
  LYDIA_CHECK(image.dtype() == DType::U8 || image.dtype() == DType::U16, TypeError,
              "to_float: expected an image of uint8, uint16 or floats, got ", image.dtype());
  const double largest = image.dtype() == DType::U8 ? 255 : 65535;
  return div(image.to(DType::F32), Scalar(largest));
}

Tensor resize(const Tensor& image, int64_t height, int64_t width, bool antialias) {
  check_image("resize", image, true);
  LYDIA_CHECK(height > 0 && width > 0 && image.numel() > 0, ValueError,
              "resize: expected sizes above 0, got ", image.sizes(), " to ", height, " x ", width);
  return resample_last(image, {triangle_map(image.size(1), height, antialias),
                               triangle_map(image.size(2), width, antialias)});
}

Tensor crop(const Tensor& image, int64_t top, int64_t left, int64_t height, int64_t width) {
  check_image("crop", image, false);
  LYDIA_CHECK(top >= 0 && left >= 0 && height >= 0 && width >= 0 && height <= image.size(1) - top &&
                  width <= image.size(2) - left,
              ValueError, "crop: expected a piece within ", image.sizes(), ", got ", height, " x ",
              width, " at (", top, ", ", left, ")");
  return image.narrow(1, top, height).narrow(2, left, width);
}

Tensor center_crop(const Tensor& image, int64_t height, int64_t width) {
  check_image("center_crop", image, false);
  return crop(image, (image.size(1) - height) / 2, (image.size(2) - width) / 2, height, width);
}

Tensor pad_border(const Tensor& image, int64_t pixels, double value) {
  check_image("pad_border", image, false);
  return pixels == 0 ? image : pad(image, {pixels, pixels, pixels, pixels}, "constant", value);
}

Tensor flip_horizontal(const Tensor& image) {
  check_image("flip_horizontal", image, false);
  return flip(image, {2});
}

Tensor normalize(const Tensor& image, const std::vector<double>& mean,
                 const std::vector<double>& std) {
  check_image("normalize", image, true);
  for (const double s : std) {
    LYDIA_CHECK(s > 0, ValueError, "normalize: expected a std above 0, got ", s);
  }
  const Tensor centred = sub(image, channel_values(mean, image.size(0), image.dtype(), "mean"));
  return div(centred, channel_values(std, image.size(0), image.dtype(), "std"));
}

Tensor affine(const Tensor& image, const AffineMatrix& matrix, double fill) {
  check_image("affine", image, true);
  for (const double m : matrix) {
    LYDIA_CHECK(std::isfinite(m) && std::abs(m) < 1e9, ValueError,
                "affine: expected finite numbers in the matrix, got ", m);
  }
  const Tensor source = image.detach().contiguous(), out = empty(image.sizes(), image.dtype());
  image.dtype() == DType::F32 ? sample_image<float>(source, matrix, fill, out)
                              : sample_image<double>(source, matrix, fill, out);
  return out;
}

Tensor random_crop(const Tensor& image, int64_t height, int64_t width, int64_t padding,
                   PhiloxStream& random, double fill) {
  check_image("random_crop", image, false);
  LYDIA_CHECK(padding >= 0, ValueError, "random_crop: expected a padding of at least 0, got ",
              padding);
  const Tensor padded = pad_border(image, padding, fill);
  const int64_t free_y = padded.size(1) - height, free_x = padded.size(2) - width;
  LYDIA_CHECK(height > 0 && width > 0 && free_y >= 0 && free_x >= 0, ValueError,
              "random_crop: expected a piece within ", padded.sizes(), ", got ", height, " x ",
              width);
  const auto top = static_cast<int64_t>(random.below(static_cast<uint64_t>(free_y) + 1));
  const auto left = static_cast<int64_t>(random.below(static_cast<uint64_t>(free_x) + 1));
  return crop(padded, top, left, height, width);
}

Tensor random_affine(const Tensor& image, const RandomAffine& o, PhiloxStream& random) {
  check_image("random_affine", image, true);
  LYDIA_CHECK(o.min_scale > 0 && o.min_scale <= o.max_scale, ValueError,
              "random_affine: expected 0 < min_scale <= max_scale, got ", o.min_scale, " and ",
              o.max_scale);
  const double angle = random.uniform(-o.degrees, o.degrees) * std::numbers::pi / 180;
  const double x = random.uniform(-o.shift_x, o.shift_x) * static_cast<double>(image.size(2));
  const double y = random.uniform(-o.shift_y, o.shift_y) * static_cast<double>(image.size(1));
  const double scale = 1 / random.uniform(o.min_scale, o.max_scale);
  const double c = std::cos(angle) * scale, s = std::sin(angle) * scale;
  // The way back: moved, turned and scaled pictures are looked up in the original.
  return affine(image, {c, s, -c * x - s * y, -s, c, s * x - c * y}, o.fill);
}

Tensor random_flip(const Tensor& image, double probability, PhiloxStream& random) {
  return random.uniform() < probability ? flip_horizontal(image) : image;
}

}  // namespace lydia::vision
