#include "cli/train_models.h"

#include <algorithm>

#include "cli/agiformer_task.h"
#include "cli/choice.h"
#include "lydia/models/byte_transformer.h"
#include "lydia/models/cnn.h"
#include "lydia/models/mlp.h"
#include "lydia/models/tagger.h"
#include "lydia/nn/serialize.h"

namespace lydia::cli {
namespace {

using config::Field;
using config::Node;
using config::Type;
using TaskPtr = std::unique_ptr<train::Task>;

constexpr Examples kPicturesOnly[] = {Examples::Pictures};
constexpr Examples kFixedShape[] = {Examples::Pictures, Examples::Features};
constexpr Examples kTokensOnly[] = {Examples::Tokens};
constexpr Examples kWordsOnly[] = {Examples::TaggedWords};

constexpr Field kMlpFields[] = {{"hidden", Type::List}, {"dropout", Type::Float}};
constexpr Field kCnnFields[] = {{"widths", Type::List}, {"dropout", Type::Float}};
constexpr Field kByteTransformerFields[] = {{"width", Type::Int},  {"layers", Type::Int},
                                            {"heads", Type::Int},  {"dropout", Type::Float},
                                            {"ngrams", Type::Int}, {"table_rows", Type::Int}};
constexpr Field kTaggerFields[] = {
    {"width", Type::Int}, {"hidden", Type::Int}, {"layers", Type::Int}, {"dropout", Type::Float}};

TaskPtr mlp(const Node& config, const RunData& data) {
  return supervised(config, data,
                    std::make_unique<models::Mlp>(models::MlpOptions{
                        .inputs = numel_of(data.shape),
                        .classes = data.classes,
                        .hidden = config.get<std::vector<int64_t>>("model.hidden"),
                        .dropout = config.get<double>("model.dropout")}));
}

TaskPtr cnn(const Node& config, const RunData& data) {
  LYDIA_CHECK(data.shape.size() == 3, ValueError,
              "model=cnn: expected pictures [channels, height, width], got ", data.shape);
  return supervised(config, data,
                    std::make_unique<models::Cnn>(models::CnnOptions{
                        .channels = data.shape[0],
                        .classes = data.classes,
                        .widths = config.get<std::vector<int64_t>>("model.widths"),
                        .dropout = config.get<double>("model.dropout")}));
}

TaskPtr byte_transformer(const Node& config, const RunData& data) {
  return language_model(data,
                        std::make_unique<models::ByteTransformer>(models::ByteTransformerOptions{
                            .width = config.get<int64_t>("model.width"),
                            .layers = config.get<int64_t>("model.layers"),
                            .heads = config.get<int64_t>("model.heads"),
                            .context = data.shape[0],
                            .vocabulary = data.classes,
                            .dropout = config.get<double>("model.dropout"),
                            .ngrams = config.get<int64_t>("model.ngrams"),
                            .table_rows = config.get<int64_t>("model.table_rows")}));
}

TaskPtr tagger(const Node& config, const RunData& data) {
  return std::make_unique<train::Tagging>(std::make_unique<models::Tagger>(
      models::TaggerOptions{.buckets = data.buckets,
                            .tags = data.classes,
                            .width = config.get<int64_t>("model.width"),
                            .hidden = config.get<int64_t>("model.hidden"),
                            .layers = config.get<int64_t>("model.layers"),
                            .dropout = config.get<double>("model.dropout")}));
}

constexpr ModelFactory kMlp{"mlp", kMlpFields, kFixedShape, mlp};
constexpr ModelFactory kCnn{"cnn", kCnnFields, kPicturesOnly, cnn};
constexpr ModelFactory kByteTransformer{"byte_transformer", kByteTransformerFields, kTokensOnly,
                                        byte_transformer};

constexpr ModelFactory kTagger{"tagger", kTaggerFields, kWordsOnly, tagger};

constexpr const ModelFactory* kModels[] = {&kMlp, &kCnn, &kByteTransformer, &kTagger, &kAgiformer};
constexpr Field kCommon[] = {{"name", Type::String}};

bool takes(const ModelFactory& model, Examples kind) {
  return std::find(model.takes.begin(), model.takes.end(), kind) != model.takes.end();
}

}  // namespace

void check_model(const Node& config) {
  const ModelFactory& model = choose(config, "model.name", kModels);
  check_row(config, "model", kCommon, model);
  const Examples kind = data_source(config).gives;
  if (takes(model, kind)) return;
  std::string fitting;
  for (const ModelFactory* other : kModels) {
    if (takes(*other, kind)) fitting += (fitting.empty() ? "" : ", ") + std::string(other->name);
  }
  fail<ValueError>("model: expected one that takes the ", examples_name(kind),
                   " of data.name = ", data_source(config).name, ": ", fitting, "; got ",
                   model.name);
}

TaskPtr make_task(const Node& config, const RunData& data) {
  return choose(config, "model.name", kModels).make(config, data);
}

void save_task(const Node& config, train::Task& task, const std::string& folder) {
  const ModelFactory& model = choose(config, "model.name", kModels);
  if (model.save)
    model.save(task, folder);
  else
    nn::save_model(task.module(), folder + "/model.safetensors");
}

TaskPtr supervised(const Node& config, const RunData& data, std::unique_ptr<nn::Module> model) {
  if (data.regression) return std::make_unique<train::Regression>(std::move(model));
  return std::make_unique<train::Classification>(
      std::move(model), train::Classification::Options{
                            .class_weights = data.class_weights,
                            .label_smoothing = config.get<double>("training.label_smoothing")});
}

TaskPtr language_model(const RunData& data, std::unique_ptr<nn::Module> model) {
  return std::make_unique<train::LanguageModel>(std::move(model), data.bytes_per_token);
}

}  // namespace lydia::cli
