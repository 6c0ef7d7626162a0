#include "cli/train_parts.h"

#include <array>
#include <filesystem>

#include "lydia/config/schema.h"
#include "lydia/core/error.h"
#include "lydia/core/nearest.h"
#include "lydia/io/idx.h"
#include "lydia/io/mapped_file.h"
#include "lydia/models/byte_transformer.h"
#include "lydia/models/cnn.h"
#include "lydia/models/mlp.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/index_select.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/reduce.h"
#include "lydia/ops/search.h"
#include "lydia/ops/view.h"
#include "lydia/text/corpus.h"
#include "lydia/train/packing.h"
#include "lydia/train/split.h"

namespace lydia::cli {
namespace {

using config::Field;
using config::Need;
using config::Node;
using config::Type;

constexpr Field kRoot[] = {
    {"seed", Type::Int},          {"threads", Type::Int, Need::Nullable},
    {"output_dir", Type::String}, {"sweep_dir", Type::String},
    {"model", Type::Map},         {"data", Type::Map},
    {"training", Type::Map},
};
constexpr Field kTraining[] = {
    {"max_steps", Type::Int},    {"max_epochs", Type::Int},        {"accumulate", Type::Int},
    {"log_interval", Type::Int}, {"eval_interval", Type::Int},     {"save_interval", Type::Int},
    {"keep_last", Type::Int},    {"clip_norm", Type::Float},       {"clip_value", Type::Float},
    {"ema_decay", Type::Float},  {"precision", Type::String},      {"on_nan", Type::String},
    {"monitor", Type::String},   {"maximize", Type::Bool},         {"patience", Type::Int},
    {"min_delta", Type::Float},  {"label_smoothing", Type::Float}, {"optimizer", Type::Map},
    {"schedule", Type::Map},
};
constexpr std::array<std::string_view, 3> kModels{"mlp", "cnn", "byte_transformer"};
enum ModelKind { kMlpModel, kCnnModel, kByteTransformerModel };
constexpr std::array<std::string_view, 2> kData{"idx_images", "text"};
enum DataKind { kPictureData, kTextData };
constexpr Field kMlp[] = {{"name", Type::String}, {"hidden", Type::List}, {"dropout", Type::Float}};
constexpr Field kCnn[] = {{"name", Type::String}, {"widths", Type::List}, {"dropout", Type::Float}};
constexpr Field kByteTransformer[] = {{"name", Type::String},
                                      {"width", Type::Int},
                                      {"layers", Type::Int},
                                      {"heads", Type::Int},
                                      {"dropout", Type::Float}};
constexpr Field kText[] = {{"name", Type::String},
                           {"path", Type::String},
                           {"length", Type::Int},
                           {"batch_size", Type::Int},
                           {"workers", Type::Int}};
constexpr Field kIdxImages[] = {{"name", Type::String},
                                {"path", Type::String},
                                {"batch_size", Type::Int},
                                {"workers", Type::Int},
                                {"balance", Type::Bool}};

// The value of `key`, which must be one of `options`; its place among them.
template <size_t N>
size_t choice(const Node& config, const std::string& key,
              const std::array<std::string_view, N>& options) {
  const std::string value = config.get<std::string>(key);
  std::string names;
  for (size_t i = 0; i < N; ++i) {
    if (options[i] == value) return i;
    names += (i ? ", " : "") + std::string(options[i]);
  }
  fail<ValueError>(key, ": expected one of ", names, ", got '", value, "'",
                   nearest_hint(value, options));
}

// x scaled to mean 0 and deviation 1 of the training pictures would leak nothing, but 0..255 to
// -1..1 serves as well and needs no statistics.
Tensor scaled_pictures(const std::string& path) {
  const Tensor pictures = io::read_idx(path);
  LYDIA_CHECK(pictures.ndim() >= 2 && pictures.dtype() == DType::U8, ValueError, path,
              ": expected uint8 pictures [n, height, width], got ", pictures.dtype(), " ",
              pictures.sizes());
  return unsqueeze(to(pictures, DType::F32) * (2 / 255.0) - 1.0, 1);
}

struct Pictures {
  Tensor input, label;  // float32 [n, 1, height, width], int64 [n]

  train::DatasetPtr dataset() const {
    if (!input.defined()) return nullptr;
    return std::make_shared<train::TensorDataset>(
        train::Example{{"input", input}, {"label", label}});
  }
};

// Undefined tensors where the folder has no such part.
Pictures idx_part(const std::string& folder, const std::string& part) {
  const auto file = [&](const std::string& rest) {
    const std::string plain = folder + "/" + part + rest;
    return std::filesystem::exists(plain + ".gz") ? plain + ".gz" : plain;
  };
  if (!std::filesystem::exists(file("-images-idx3-ubyte"))) return {};
  return {scaled_pictures(file("-images-idx3-ubyte")),
          to(io::read_idx(file("-labels-idx1-ubyte")), DType::I64)};
}

Pictures rows(const Pictures& from, const train::Indices& indices) {
  const Tensor at = empty({static_cast<int64_t>(indices.size())}, DType::I64);
  std::copy(indices.begin(), indices.end(), at.data<int64_t>());
  return {index_select(from.input, 0, at), index_select(from.label, 0, at)};
}

RunData picture_data(const Node& config) {
  const std::string folder = config.get<std::string>("data.path");
  Pictures training = idx_part(folder, "train"), validation = idx_part(folder, "val");
  LYDIA_CHECK(training.input.defined(), ValueError,
              "data.path: expected train-images-idx3-ubyte(.gz) in \"", folder,
              "\", got none; set LYDIA_DATA or data.path");
  if (!validation.input.defined()) {  // a fifth of the training examples, always the same
    const train::Split parts = train::split_random(training.label.size(0), {0.8, 0.2}, 0);
    validation = rows(training, parts[1]);
    training = rows(training, parts[0]);
  }
  const Tensor counts = to(bincount(training.label), DType::F32);
  RunData out{training.dataset(),
              validation.dataset(),
              idx_part(folder, "test").dataset(),
              training.input.numel() / training.input.size(0),
              training.input.size(1),
              counts.numel(),
              {}};
  if (config.get<bool>("data.balance")) {
    out.class_weights = static_cast<double>(training.label.numel()) /
                        (clamp(counts, 1, std::nullopt) * static_cast<double>(out.classes));
  }
  return out;
}

train::DatasetPtr byte_windows(const std::string& text, int64_t length) {
  const Tensor bytes = empty({static_cast<int64_t>(text.size())}, DType::U8);
  std::copy(text.begin(), text.end(), bytes.data<uint8_t>());
  return std::make_shared<train::TokenDataset>(bytes, length);
}

RunData text_data(const Node& config) {
  const int64_t length = config.get<int64_t>("data.length");
  const io::MappedFile file(config.get<std::string>("data.path"));
  const text::TextSplit parts = text::split_text(file.text(), 10);
  LYDIA_CHECK(std::min(parts.train.size(), parts.held_out.size()) > static_cast<size_t>(length),
              ValueError,
              "data.path: expected a text of many documents, more than data.length = ", length,
              " bytes to learn from and held out, got ", parts.train.size(), " and ",
              parts.held_out.size(), " in \"", file.path(), "\"");
  return {.train = byte_windows(parts.train, length),
          .validation = byte_windows(parts.held_out, length)};
}

// The numbers and switches of a section, but for the keys `without`.
train::Hyper numbers(const Node& config, const std::string& section,
                     const std::vector<std::string_view>& without) {
  train::Hyper out;
  for (const auto& [key, value, place] : config.at(section).map()) {
    if (std::find(without.begin(), without.end(), key) != without.end()) continue;
    const bool flag = value.kind() == Node::Kind::Bool;
    out[key] = flag ? value.boolean() : value.as<double>(section + "." + key);
  }
  return out;
}

}  // namespace

void check_config(const Node& config) {
  config::check_section(config, "", kRoot);
  config::check_section(config, "training", kTraining);
  constexpr std::span<const Field> kModelFields[] = {kMlp, kCnn, kByteTransformer};
  constexpr std::span<const Field> kDataFields[] = {kIdxImages, kText};
  const size_t model = choice(config, "model.name", kModels);
  const size_t data = choice(config, "data.name", kData);
  config::check_section(config, "model", kModelFields[model]);
  config::check_section(config, "data", kDataFields[data]);
  LYDIA_CHECK((model == kByteTransformerModel) == (data == kTextData), ValueError,
              "model: expected one for ", kData[data], ", got ", kModels[model],
              data == kTextData ? "; model=byte_transformer reads text"
                                : "; model=mlp and model=cnn take pictures");
}

RunData make_data(const Node& config) {
  return choice(config, "data.name", kData) == kTextData ? text_data(config) : picture_data(config);
}

std::unique_ptr<nn::Module> make_model(const Node& config, const RunData& data) {
  const size_t kind = choice(config, "model.name", kModels);
  if (kind == kByteTransformerModel) {
    return std::make_unique<models::ByteTransformer>(
        models::ByteTransformerOptions{.width = config.get<int64_t>("model.width"),
                                       .layers = config.get<int64_t>("model.layers"),
                                       .heads = config.get<int64_t>("model.heads"),
                                       .context = config.get<int64_t>("data.length"),
                                       .dropout = config.get<double>("model.dropout")});
  }
  if (kind == kCnnModel) {
    return std::make_unique<models::Cnn>(
        models::CnnOptions{.channels = data.channels,
                           .classes = data.classes,
                           .widths = config.get<std::vector<int64_t>>("model.widths"),
                           .dropout = config.get<double>("model.dropout")});
  }
  return std::make_unique<models::Mlp>(
      models::MlpOptions{.inputs = data.inputs,
                         .classes = data.classes,
                         .hidden = config.get<std::vector<int64_t>>("model.hidden"),
                         .dropout = config.get<double>("model.dropout")});
}

std::unique_ptr<train::Task> make_task(const Node& config, const RunData& data) {
  if (choice(config, "data.name", kData) == kTextData) {
    return std::make_unique<train::LanguageModel>(make_model(config, data));
  }
  return std::make_unique<train::Classification>(
      make_model(config, data),
      train::Classification::Options{
          .class_weights = data.class_weights,
          .label_smoothing = config.get<double>("training.label_smoothing")});
}

train::Optimizer make_optimizer(const Node& config, const nn::Module& model) {
  return train::Optimizer(config.get<std::string>("training.optimizer.name"), model.parameters(),
                          numbers(config, "training.optimizer", {"name"}));
}

// constant, linear and cosine run over what the warm-up leaves of max_steps; other names are those
// of train::make_schedule, with its numbers.
train::Schedule make_schedule(const Node& config) {
  const int64_t total = config.get<int64_t>("training.max_steps");
  const int64_t asked = config.get<int64_t>("training.schedule.warmup_steps");
  LYDIA_CHECK(asked >= 0, ValueError, "training.schedule.warmup_steps: expected at least 0, got ",
              asked);
  const int64_t warmup = std::min(asked, total / 2);  // a short run warms up too
  const double rest = static_cast<double>(std::max<int64_t>(total - warmup, 1));
  std::string name = config.get<std::string>("training.schedule.name");
  train::Hyper values = numbers(config, "training.schedule", {"name", "warmup_steps"});
  if (name == "constant") {
    name = "ConstantLR", values.insert({"factor", 1});
  } else if (name == "linear") {
    name = "LinearLR",
    values.insert({{"start_factor", 1}, {"end_factor", 0}, {"total_iters", rest}});
  } else if (name == "cosine") {
    name = "CosineAnnealingLR", values.insert({"T_max", rest});
  }
  const bool own_warmup = name == "InverseSquareRootLR";
  if (own_warmup)
    values.insert({"warmup_steps", static_cast<double>(std::max<int64_t>(warmup, 1))});
  const train::Schedule main = train::make_schedule(name, values);
  if (warmup == 0 || own_warmup) return main;
  const auto rise = [warmup](double base, int64_t step) {
    return base * static_cast<double>(step + 1) / static_cast<double>(warmup);
  };
  return train::sequential({rise, main}, {warmup});
}

train::TrainerOptions make_trainer_options(const Node& config) {
  const auto integer = [&](const std::string& key) {
    return config.get<int64_t>("training." + key);
  };
  const auto real = [&](const std::string& key) { return config.get<double>("training." + key); };
  constexpr std::array<std::string_view, 3> kPrecisions{"f32", "bf16", "f16"};
  return {
      .max_steps = integer("max_steps"),
      .max_epochs = integer("max_epochs"),
      .accumulate = integer("accumulate"),
      .log_interval = integer("log_interval"),
      .eval_interval = integer("eval_interval"),
      .save_interval = integer("save_interval"),
      .keep_last = integer("keep_last"),
      .clip_norm = real("clip_norm"),
      .clip_value = real("clip_value"),
      .ema_decay = real("ema_decay"),
      .precision = static_cast<train::Precision>(choice(config, "training.precision", kPrecisions)),
      .on_nan = static_cast<train::OnNan>(
          choice(config, "training.on_nan", std::array<std::string_view, 2>{"stop", "skip"})),
      .monitor = config.get<std::string>("training.monitor"),
      .maximize = config.get<bool>("training.maximize"),
      .patience = integer("patience"),
      .min_delta = real("min_delta"),
      .output_dir = config.get<std::string>("output_dir")};
}

train::DataLoader make_loader(const Node& config, const train::DatasetPtr& data, bool shuffled) {
  const auto seed = static_cast<uint64_t>(config.get<int64_t>("seed"));
  train::SamplerPtr sampler;
  if (shuffled) {
    sampler = std::make_shared<train::RandomSampler>(data->size(), seed);
  } else {
    sampler = std::make_shared<train::SequentialSampler>(data->size());
  }
  return train::DataLoader(
      data, std::make_shared<train::FixedBatches>(sampler, config.get<int64_t>("data.batch_size")),
      {.workers = config.get<int>("data.workers"), .seed = seed});
}

}  // namespace lydia::cli
