// Pictures with a class each: IDX files, folders of PNG and JPEG files, and arrays in an npz file
// (these may be rows of features as well).
#include <algorithm>
#include <filesystem>

#include "cli/data_sources.h"
#include "lydia/core/error.h"
#include "lydia/io/idx.h"
#include "lydia/io/npy.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/view.h"
#include "lydia/train/image_folder.h"
#include "lydia/vision/transforms.h"

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

DataPart tensor_part(const Tensor& input, const Tensor& label) {
  return {std::make_shared<train::TensorDataset>(
              train::Example{{"input", input}, {"label", to(label, DType::I64)}}),
          numbers(label)};
}

// train-images-idx3-ubyte or the like, with .gz where that is what is there.
std::string idx_file(const std::string& folder, const std::string& name) {
  const std::string plain = folder + "/" + name;
  return std::filesystem::exists(plain + ".gz") ? plain + ".gz" : plain;
}

// Empty where the folder has no such part.
DataPart idx_part(const std::string& folder, const std::string& part) {
  const std::string path = idx_file(folder, part + "-images-idx3-ubyte");
  if (!std::filesystem::exists(path)) return {};
  const Tensor pictures = io::read_idx(path);
  LYDIA_CHECK(pictures.ndim() == 3 && pictures.dtype() == DType::U8, ValueError, path,
              ": expected uint8 pictures [n, height, width], got ", pictures.dtype(), " ",
              pictures.sizes());
  return tensor_part(unsqueeze(scaled(pictures), 1),
                     io::read_idx(idx_file(folder, part + "-labels-idx1-ubyte")));
}

// Of one example.
Dims shape_of(const DataPart& part) { return part.examples->get(0)["input"].sizes(); }

// The largest label of the training part and one. A label that is out of all proportion is a wrong
// one: a model would be made with an output for each class below it.
int64_t class_count(const DataPart& part, const std::string& file) {
  constexpr int64_t kMost = 1'000'000, kAlways = 1'000;
  const auto largest = std::max_element(part.labels.begin(), part.labels.end());
  const int64_t limit = std::clamp(std::ssize(part.labels), kAlways, kMost);
  LYDIA_CHECK(*largest < limit, ValueError, file, ": record ", largest - part.labels.begin(),
              ": expected a label below ", limit, " for ", part.labels.size(),
              " records of classes numbered from 0, got ", *largest);
  return 1 + *largest;
}

RunData idx_images(const Node& config) {
  const std::string folder = config.get<std::string>("data.path");
  DataParts parts{idx_part(folder, "train"), idx_part(folder, "val"), idx_part(folder, "test")};
  LYDIA_CHECK(parts.train.examples && !parts.train.labels.empty(), ValueError,
              "data.path: expected train-images-idx3-ubyte(.gz) in \"", folder,
              "\", got none; set LYDIA_DATA or data.path");
  const Dims shape = shape_of(parts.train);
  const int64_t classes = class_count(parts.train, idx_file(folder, "train-labels-idx1-ubyte"));
  return assemble(config, std::move(parts), shape, classes);
}

// The pictures of a folder, brought to one size.
DataPart folder_part(const Node& config, const std::string& folder,
                     const std::vector<std::string>* classes) {
  if (!std::filesystem::is_directory(folder)) return {};
  const int64_t channels = config.get<int64_t>("data.channels");
  LYDIA_CHECK(channels == 1 || channels == 3, ValueError,
              "data.channels: expected 1 (grey) or 3 (red, green, blue), got ", channels);
  const auto files = std::make_shared<train::ImageFolder>(
      folder, channels == 1 ? io::ImageMode::Grey : io::ImageMode::Rgb);
  LYDIA_CHECK(!classes || files->classes() == *classes, ValueError, folder,
              ": expected a folder for each class of the training pictures, and no other");
  const int64_t height = config.get<int64_t>("data.height"),
                width = config.get<int64_t>("data.width");
  LYDIA_CHECK(height >= 1 && width >= 1, ValueError,
              "data.height, data.width: expected at least 1, got ", height, " and ", width);
  const int64_t group_part = config.get<int64_t>("data.group_part");
  DataPart part;
  for (int64_t i = 0; i < files->size(); ++i) {
    part.labels.push_back(files->label(i));
    if (group_part >= 0) part.groups.push_back(name_part(files->where(i), group_part));
  }
  part.examples = std::make_shared<train::FunctionDataset>(
      files->size(),
      [files, height, width](int64_t i) {
        const train::Example file = files->get(i);
        const Tensor picture = vision::resize(vision::to_float(file["image"]), height, width);
        return train::Example{{"input", picture * 2 - 1.0}, {"label", file["label"]}};
      },
      [files](int64_t i) { return files->where(i); });
  if (config.get<bool>("data.cache")) {
    part.examples = std::make_shared<train::CachedDataset>(part.examples);
  }
  return part;
}

RunData image_folder(const Node& config) {
  const std::string folder = config.get<std::string>("data.path");
  const bool parted = std::filesystem::is_directory(folder + "/train");
  const std::string training = parted ? folder + "/train" : folder;
  const std::vector<std::string> classes = train::ImageFolder(training).classes();
  DataParts parts{folder_part(config, training, &classes)};
  if (parted) {
    parts.validation = folder_part(config, folder + "/val", &classes);
    parts.test = folder_part(config, folder + "/test", &classes);
  }
  const Dims shape{config.get<int64_t>("data.channels"), config.get<int64_t>("data.height"),
                   config.get<int64_t>("data.width")};
  RunData out = assemble(config, std::move(parts), shape, std::ssize(classes));
  out.labels = classes;
  return out;
}

const Tensor* array(const io::NamedTensors& arrays, const std::string& name) {
  for (const auto& [key, tensor] : arrays) {
    if (key == name) return &tensor;
  }
  return nullptr;
}

// uint8 [n, height, width] or [n, height, width, channels], or floating [n, ...] as they are.
Tensor npz_input(const Tensor& x, const std::string& name) {
  LYDIA_CHECK(x.ndim() >= 2, ValueError, "data.path: expected \"", name,
              "\" to have examples in its first dimension and values behind it, got shape ",
              x.sizes());
  if (x.dtype() != DType::U8) return to(x, DType::F32);
  if (x.ndim() == 3) return unsqueeze(scaled(x), 1);
  return x.ndim() == 4 ? contiguous(permute(scaled(x), {0, 3, 1, 2})) : scaled(x);
}

DataPart npz_part(const io::NamedTensors& arrays, const std::string& part) {
  const Tensor* input = array(arrays, part + "_images");
  const Tensor* label = array(arrays, part + "_labels");
  if (!input && !label) return {};
  LYDIA_CHECK(input && label && input->ndim() > 0 && label->numel() == input->size(0), ValueError,
              "data.path: expected ", part, "_images and as many ", part, "_labels");
  LYDIA_CHECK(!is_floating(label->dtype()), TypeError, part,
              "_labels: expected whole numbers, got ", label->dtype());
  return tensor_part(npz_input(*input, part + "_images"), flatten(*label));
}

RunData npz(const Node& config) {
  const std::string path = config.get<std::string>("data.path");
  const io::NamedTensors arrays = io::load_npz(path);
  DataParts parts{npz_part(arrays, "train"), npz_part(arrays, "val"), npz_part(arrays, "test")};
  LYDIA_CHECK(parts.train.examples && !parts.train.labels.empty(), ValueError,
              "data.path: expected arrays train_images and train_labels in \"", path, "\"");
  const Dims shape = shape_of(parts.train);
  const int64_t classes = class_count(parts.train, path + ": train_labels");
  return assemble(config, std::move(parts), shape, classes);
}

constexpr Field kFolderFields[] = {{"path", Type::String},    {"height", Type::Int},
                                   {"width", Type::Int},      {"channels", Type::Int},
                                   {"group_part", Type::Int}, {"cache", Type::Bool},
                                   {"balance", Type::Bool}};
constexpr Field kIdxFields[] = {{"path", Type::String}, {"balance", Type::Bool}};

}  // namespace

constexpr DataSource kIdxImages{"idx_images", kIdxFields, Examples::Pictures, idx_images};
constexpr DataSource kImageFolder{"image_folder", kFolderFields, Examples::Pictures, image_folder};
constexpr DataSource kNpz{"npz", kIdxFields, Examples::Pictures, npz};

}  // namespace lydia::cli
