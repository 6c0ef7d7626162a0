#include "cli/train_data.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include "cli/choice.h"
#include "cli/data_sources.h"
#include "lydia/core/error.h"
#include "lydia/train/batch_sampler.h"
#include "lydia/train/split.h"

namespace lydia::cli {
namespace {

using config::Field;
using config::Need;
using config::Node;
using config::Type;

constexpr const DataSource* kSources[] = {
    &kIdxImages, &kImageFolder, &kNpz,         &kWavFolder,       &kCsv,          &kConllu, &kText,
    &kJsonl,     &kTokens,      &kMorphoPiece, &kPictureCaptions, &kSoundCaptions};

constexpr Field kCommon[] = {{"name", Type::String},
                             {"batch_size", Type::Int},
                             {"workers", Type::Int},
                             {"on_corrupt", Type::String, Need::Optional}};

Tensor balanced_weights(const std::vector<int64_t>& labels, int64_t classes) {
  std::vector<int64_t> counts(static_cast<size_t>(classes), 0);
  for (const int64_t label : labels) ++counts[static_cast<size_t>(label)];
  const Tensor weights = empty({classes}, DType::F32);
  for (size_t c = 0; c < counts.size(); ++c) {
    const auto seen = static_cast<double>(std::max<int64_t>(counts[c], 1));
    weights.data<float>()[c] = static_cast<float>(static_cast<double>(labels.size()) /
                                                  (seen * static_cast<double>(classes)));
  }
  return weights;
}

DataPart subset(const DataPart& from, const train::Indices& indices) {
  DataPart out{std::make_shared<train::Subset>(from.examples, indices)};
  for (const int64_t i : indices) {
    if (!from.labels.empty()) out.labels.push_back(from.labels[static_cast<size_t>(i)]);
  }
  return out;
}

void hold_out(DataParts& parts) {
  const std::vector<double> shares{0.8, 0.2};
  const train::Split split = parts.train.groups.empty()
                                 ? train::split_random(parts.train.examples->size(), shares, 0)
                                 : train::split_by_group(parts.train.groups, shares, 0);
  LYDIA_CHECK(!split[0].empty() && !split[1].empty(), ValueError,
              "data: expected enough examples, or groups of them, to hold out a fifth, got ",
              parts.train.examples->size(), " examples");
  parts.validation = subset(parts.train, split[1]);
  parts.train = subset(parts.train, split[0]);
}

}  // namespace

std::string_view examples_name(Examples kind) {
  constexpr std::string_view names[] = {"pictures", "features", "tokens", "captions",
                                        "tagged words"};
  return names[static_cast<size_t>(kind)];
}

const DataSource& data_source(const Node& config) { return choose(config, "data.name", kSources); }

void check_data(const Node& config) { check_row(config, "data", kCommon, data_source(config)); }

RunData make_data(const Node& config) {
  RunData data = data_source(config).make(config);
  LYDIA_CHECK(data.train->size() > 0 && data.validation->size() > 0, ValueError,
              "data: expected examples to learn from and to validate with, got ",
              data.train->size(), " and ", data.validation->size());
  return data;
}

train::DataLoader make_loader(const Node& config, const RunData& data,
                              const train::DatasetPtr& part, bool shuffled) {
  const auto seed = static_cast<uint64_t>(config.get<int64_t>("seed"));
  const int64_t batch_size = config.get<int64_t>("data.batch_size");
  const train::LoaderOptions options{.workers = config.get<int>("data.workers"),
                                     .collate = data.collate,
                                     .seed = seed,
                                     .on_corrupt = on_corrupt(config)};
  if (shuffled && !data.lengths.empty()) {
    return {part,
            std::make_shared<train::LengthBatches>(
                data.lengths, train::LengthOptions{.batch_size = batch_size, .seed = seed}),
            options};
  }
  train::SamplerPtr sampler;
  if (shuffled) {
    sampler = std::make_shared<train::RandomSampler>(part->size(), seed);
  } else {
    sampler = std::make_shared<train::SequentialSampler>(part->size());
  }
  return {part, std::make_shared<train::FixedBatches>(sampler, batch_size), options};
}

io::OnCorrupt on_corrupt(const Node& config) {
  if (!config.contains("data.on_corrupt")) return io::OnCorrupt::Stop;
  constexpr std::array<std::string_view, 2> names{"stop", "skip"};
  return choice(config, "data.on_corrupt", names) == 0 ? io::OnCorrupt::Stop : io::OnCorrupt::Skip;
}

RunData assemble(const Node& config, DataParts parts, const Dims& shape, int64_t classes) {
  for (const DataPart* part : {&parts.train, &parts.validation, &parts.test}) {
    for (size_t i = 0; i < part->labels.size(); ++i) {
      LYDIA_CHECK(part->labels[i] >= 0 && part->labels[i] < classes, ValueError,
                  part->examples->where(static_cast<int64_t>(i)), ": expected a class from 0 to ",
                  classes - 1, ", got ", part->labels[i]);
    }
  }
  if (!parts.validation.examples) hold_out(parts);
  RunData out{.train = parts.train.examples,
              .validation = parts.validation.examples,
              .test = parts.test.examples,
              .shape = shape,
              .classes = classes};
  if (config.get<bool>("data.balance", false)) {
    out.class_weights = balanced_weights(parts.train.labels, classes);
  }
  return out;
}

std::string name_part(const std::string& path, int64_t number) {
  const std::filesystem::path file(path);
  if (number < 0) return file.parent_path().filename().string();
  const std::string name = file.stem().string();
  size_t begin = 0;
  for (int64_t i = 0; i < number; ++i) {
    begin = name.find('_', begin);
    LYDIA_CHECK(begin != std::string::npos, ValueError, path, ": expected more than ", number,
                " pieces between the \"_\" of its name, got ", i + 1);
    ++begin;
  }
  return name.substr(begin, name.find('_', begin) - begin);
}

}  // namespace lydia::cli
