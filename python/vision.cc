// lydia.vision: picture files and transforms.
#include "lydia/io/image.h"
#include "lydia/vision/transforms.h"
#include "python/bind.h"
#include "python/register.h"

namespace lydia::python {
namespace {

io::ImageMode mode_of(const std::string& name) {
  if (name == "unchanged") return io::ImageMode::Unchanged;
  if (name == "grey" || name == "gray") return io::ImageMode::Grey;
  LYDIA_CHECK(name == "rgb", ValueError,
              "read_image: expected mode \"unchanged\", \"gray\" or \"rgb\", got \"", name, "\"");
  return io::ImageMode::Rgb;
}

// A stream of its own from one draw of a generator (the default one without).
PhiloxStream stream_of(Generator* generator) {
  Generator& from = generator ? *generator : default_generator();
  const Generator::State state = from.reserve(1);
  return PhiloxStream(state.seed, state.used);
}

}  // namespace

void register_vision(nb::module_& parent) {
  Module m = Module(parent.def_submodule("_vision", "Pictures."));
  m.def(
      "read_image",
      [](const std::string& path, const std::string& mode, int64_t max_pixels) {
        const io::ImageMode wanted = mode_of(mode);
        const nb::gil_scoped_release release;
        return io::read_image(path, wanted, {max_pixels});
      },
      "path"_a, "mode"_a, "max_pixels"_a);
  m.def("write_png", &io::write_png, "path"_a, "image"_a);
  m.def("to_float", &vision::to_float, "image"_a);
  m.def("resize", &vision::resize, "image"_a, "height"_a, "width"_a, "antialias"_a = true);
  m.def("crop", &vision::crop, "image"_a, "top"_a, "left"_a, "height"_a, "width"_a);
  m.def("center_crop", &vision::center_crop, "image"_a, "height"_a, "width"_a);
  m.def("pad_border", &vision::pad_border, "image"_a, "pixels"_a, "value"_a = 0.0);
  m.def("hflip", &vision::flip_horizontal, "image"_a);
  m.def("normalize", &vision::normalize, "image"_a, "mean"_a, "std"_a);
  m.def(
      "affine",
      [](const Tensor& image, const std::vector<double>& matrix, double fill) {
        LYDIA_CHECK(matrix.size() == 6, ValueError, "affine: expected 6 numbers, got ",
                    matrix.size());
        vision::AffineMatrix m;
        std::copy(matrix.begin(), matrix.end(), m.begin());
        return vision::affine(image, m, fill);
      },
      "image"_a, "matrix"_a, "fill"_a = 0.0);
  m.def(
      "random_crop",
      [](const Tensor& image, int64_t height, int64_t width, int64_t padding, double fill,
         Generator* generator) {
        PhiloxStream random = stream_of(generator);
        return vision::random_crop(image, height, width, padding, random, fill);
      },
      "image"_a, "height"_a, "width"_a, "padding"_a = 0, "fill"_a = 0.0,
      "generator"_a.none() = nb::none());
  m.def(
      "random_affine",
      [](const Tensor& image, double degrees, double shift_x, double shift_y, double min_scale,
         double max_scale, double fill, Generator* generator) {
        PhiloxStream random = stream_of(generator);
        return vision::random_affine(image, {degrees, shift_x, shift_y, min_scale, max_scale, fill},
                                     random);
      },
      "image"_a, "degrees"_a = 0.0, "shift_x"_a = 0.0, "shift_y"_a = 0.0, "min_scale"_a = 1.0,
      "max_scale"_a = 1.0, "fill"_a = 0.0, "generator"_a.none() = nb::none());
  m.def(
      "random_flip",
      [](const Tensor& image, double p, Generator* generator) {
        PhiloxStream random = stream_of(generator);
        return vision::random_flip(image, p, random);
      },
      "image"_a, "p"_a = 0.5, "generator"_a.none() = nb::none());
}

}  // namespace lydia::python
