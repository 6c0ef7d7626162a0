// Pictures with a class each: IDX files.
#include <algorithm>
#include <filesystem>

#include "cli/data_sources.h"
#include "lydia/core/error.h"
#include "lydia/io/idx.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/view.h"

namespace lydia::cli {
namespace {

using config::Field;
using config::Node;
using config::Type;

// 0..255 to -1..1 serves as well as mean 0 and deviation 1, and needs no statistics.
Tensor scaled(const Tensor& pictures) { return to(pictures, DType::F32) * (2 / 255.0) - 1.0; }

std::vector<int64_t> numbers(const Tensor& labels) {
  const Tensor wide = contiguous(to(labels, DType::I64));
  return {wide.data<int64_t>(), wide.data<int64_t>() + wide.numel()};
}

ClassedPart tensor_part(const Tensor& input, const Tensor& label) {
  return {std::make_shared<train::TensorDataset>(
              train::Example{{"input", input}, {"label", to(label, DType::I64)}}),
          numbers(label)};
}

// Empty where the folder has no such part.
ClassedPart idx_part(const std::string& folder, const std::string& part) {
  const auto file = [&](const std::string& rest) {
    const std::string plain = folder + "/" + part + rest;
    return std::filesystem::exists(plain + ".gz") ? plain + ".gz" : plain;
  };
  const std::string path = file("-images-idx3-ubyte");
  if (!std::filesystem::exists(path)) return {};
  const Tensor pictures = io::read_idx(path);
  LYDIA_CHECK(pictures.ndim() == 3 && pictures.dtype() == DType::U8, ValueError, path,
              ": expected uint8 pictures [n, height, width], got ", pictures.dtype(), " ",
              pictures.sizes());
  return tensor_part(unsqueeze(scaled(pictures), 1), io::read_idx(file("-labels-idx1-ubyte")));
}

// Of one example.
Dims shape_of(const ClassedPart& part) { return part.examples->get(0)["input"].sizes(); }

int64_t class_count(const ClassedPart& part) {
  return 1 + *std::max_element(part.labels.begin(), part.labels.end());
}

RunData idx_images(const Node& config) {
  const std::string folder = config.get<std::string>("data.path");
  ClassedParts parts{idx_part(folder, "train"), idx_part(folder, "val"), idx_part(folder, "test")};
  LYDIA_CHECK(parts.train.examples && !parts.train.labels.empty(), ValueError,
              "data.path: expected train-images-idx3-ubyte(.gz) in \"", folder,
              "\", got none; set LYDIA_DATA or data.path");
  const Dims shape = shape_of(parts.train);
  const int64_t classes = class_count(parts.train);
  return classified(config, std::move(parts), shape, classes);
}

constexpr Field kIdxFields[] = {{"path", Type::String}, {"balance", Type::Bool}};

}  // namespace

constexpr DataSource kIdxImages{"idx_images", kIdxFields, Examples::Pictures, idx_images};

}  // namespace lydia::cli
