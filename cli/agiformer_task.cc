#include "cli/agiformer_task.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "lydia/core/error.h"
#include "lydia/models/agiformer/morphology.h"
#include "lydia/models/agiformer/pretrained.h"
#include "lydia/ops/cat.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/reduce.h"
#include "lydia/ops/view.h"
#include "lydia/train/metrics.h"
#include "lydia/train/metrics_calibration.h"

namespace lydia::cli {
namespace {

using config::Field;
using config::Node;
using config::Type;
using models::Agiformer;
using models::AgiformerConfig;
using models::AgiformerLoss;
using models::AgiformerOutput;

// Undefined where there is none.
Tensor given(const train::Batch& batch, const char* name) {
  const Tensor* found = batch.find(name);
  return found ? *found : Tensor();
}

bool has_captions(const train::Batch& batch) {
  return batch.contains("image") || batch.contains("audio");
}

// Runs through a batch segment by segment: visit(output, labels of the segment, loss).
template <class Visit>
void each_segment(Agiformer& model, const train::Batch& batch, int64_t length, const Visit& visit) {
  const Tensor &ids = batch["input_ids"], &labels = batch["labels"];
  models::MemoryState state;
  for (int64_t start = 0; start < ids.size(1); start += length) {
    const int64_t n = std::min(length, ids.size(1) - start);
    models::AgiformerInput in;
    in.text = contiguous(narrow(ids, 1, start, n));
    if (start == 0) in.image = given(batch, "image"), in.audio = given(batch, "audio");
    const Tensor target = contiguous(narrow(labels, 1, start, n));
    const AgiformerOutput out = model.forward(in, state);
    state = out.state;
    visit(out, target, model.loss(out, target));
  }
}

double count_of(const Tensor& labels) {
  return sum(ne(labels, train::kIgnoreLabel)).item<double>();
}

// What a validation adds up.
struct Totals {
  double tokens = 0, captions = 0;
  std::vector<std::pair<std::string, double>> parts;
  std::vector<double> confidence;
  std::vector<int64_t> right;
  Tensor usage;  // [blocks, experts]

  void add(const std::string& name, const Tensor& value, double count) {
    for (auto& [known, sum] : parts) {
      if (known != name) continue;
      sum += value.item<double>() * count;
      return;
    }
    parts.emplace_back(name, value.item<double>() * count);
  }
  void add_confidence(const AgiformerOutput& out, const Tensor& labels) {
    const Tensor guess = contiguous(eq(argmax(out.logits, -1), labels));
    const Tensor sure = contiguous(out.info.introspection.confidence.to(DType::F32));
    const Tensor counts = contiguous(ne(labels, train::kIgnoreLabel));
    for (int64_t i = 0; i < labels.numel(); ++i) {
      if (!counts.data<bool>()[i]) continue;
      confidence.push_back(sure.data<float>()[i]);
      right.push_back(guess.data<bool>()[i]);
    }
  }
  void add_usage(const AgiformerOutput& out, double count) {
    Tensors blocks;
    for (const models::RouterInfo& router : out.info.routers) blocks.push_back(router.expert_usage);
    const Tensor seen = stack(blocks, 0) * count;
    usage = usage.defined() ? usage + seen : seen;
  }
};

io::Json to_json_value(const Node& node) {
  switch (node.kind()) {
    case Node::Kind::Bool: return node.boolean();
    case Node::Kind::Int: return node.integer();
    case Node::Kind::Float: return node.real();
    case Node::Kind::String: return node.string();
    case Node::Kind::List: {
      io::Json::List out;
      for (const Node& item : node.list()) out.push_back(to_json_value(item));
      return out;
    }
    default: return {};
  }
}

// One field per member of the model's configuration.
std::vector<Field> member_fields() {
  static const io::Json::Object kMembers = to_json(AgiformerConfig());
  std::vector<Field> out;
  for (const auto& [name, value] : kMembers) {
    const bool list = std::holds_alternative<io::Json::List>(value.value);
    const bool text = std::holds_alternative<std::string>(value.value);
    const bool flag = std::holds_alternative<bool>(value.value);
    const bool real = std::holds_alternative<double>(value.value);
    const Type type = list   ? Type::List
                      : text ? Type::String
                      : flag ? Type::Bool
                      : real ? Type::Float
                             : Type::Int;
    out.push_back({name, type, config::Need::Optional});
  }
  return out;
}

std::unique_ptr<train::Task> make(const Node& config, const RunData& data) {
  AgiformerConfig c = agiformer_config_of(config);
  if (!data.tokenizer.empty()) {
    c.vocab_size = data.classes;
    if (c.pad_id < 0)
      c.pad_id = text::Tokenizer::load(data.tokenizer).token_to_id("<pad>").value_or(-1);
  }
  LYDIA_CHECK(data.classes <= c.vocab_size, ValueError, "model.vocab_size: expected at least the ",
              data.classes, " tokens of the data, got ", c.vocab_size);
  return std::make_unique<AgiformerTask>(std::make_unique<Agiformer>(c), data.bytes_per_token,
                                         data.tokenizer);
}

void save(train::Task& task, const std::string& directory) {
  static_cast<AgiformerTask&>(task).save(directory);
}

const std::vector<Field> kFields = member_fields();
constexpr Examples kTakes[] = {Examples::Tokens, Examples::Captions};

}  // namespace

AgiformerConfig agiformer_config_of(const Node& config) {
  io::Json::Object members;
  for (const Node::Entry& entry : config.at("model").map())
    if (entry.key != "name") members.emplace_back(entry.key, to_json_value(entry.value));
  return models::agiformer_config(members);
}

AgiformerTask::AgiformerTask(std::unique_ptr<Agiformer> model, double bytes_per_token,
                             const std::string& tokenizer)
    : model_(std::move(model)), bytes_per_token_(bytes_per_token) {
  if (tokenizer.empty()) return;
  tokenizer_ = text::Tokenizer::load(tokenizer);
  models::set_morphology(*model_, *tokenizer_);
}

int64_t AgiformerTask::segment_length(const train::Batch& batch) const {
  const AgiformerConfig& c = model_->config;
  const int64_t length = batch["input_ids"].size(1);
  if (has_captions(batch)) return length;
  const int64_t least = c.use_memory ? std::min<int64_t>(2, length) : 1;
  const int64_t count = std::max(least, (length + c.max_seq_len - 1) / c.max_seq_len);
  return (length + count - 1) / count;
}

Tensor AgiformerTask::loss(const train::Batch& batch) {
  Tensor total;
  double tokens = 0;
  const int64_t length = segment_length(batch);
  each_segment(*model_, batch, length,
               [&](const AgiformerOutput&, const Tensor& labels, const AgiformerLoss& loss) {
                 const double count = std::max(count_of(labels), 1.0);
                 total = total.defined() ? total + loss.total * count : loss.total * count;
                 tokens += count;
               });
  return total * (1 / tokens);
}

double AgiformerTask::units(const train::Batch& batch) const { return count_of(batch["labels"]); }

train::Figures AgiformerTask::evaluate(train::DataLoader& data) {
  Totals t;
  const AgiformerConfig& c = model_->config;
  while (const std::optional<train::Batch> batch = data.next()) {
    const int64_t length = segment_length(*batch);
    if (has_captions(*batch)) t.captions += static_cast<double>(batch->at("labels").size(0));
    each_segment(*model_, *batch, length,
                 [&](const AgiformerOutput& out, const Tensor& labels, const AgiformerLoss& loss) {
                   const double count = count_of(labels);
                   t.tokens += count;
                   t.add("loss", loss.language, count);
                   if (c.n_experts > 1) t.add("load_balancing", loss.balance, count);
                   if (c.n_experts > 1) t.add_usage(out, count);
                   if (!c.use_introspection) return;
                   t.add("confidence_loss", loss.confidence, count);
                   t.add("error_loss", loss.error, count);
                   t.add("ponder_loss", loss.ponder, count);
                   t.add_confidence(out, labels);
                 });
  }
  LYDIA_CHECK(t.tokens > 0, ValueError, "evaluate: expected data, got an empty loader");
  train::Figures out;
  for (const auto& [name, sum] : t.parts) out.emplace_back(name, sum / t.tokens);
  const double loss = train::figure(out, "loss");
  LYDIA_CHECK(std::isfinite(loss), train::NotFiniteError, "expected a finite loss, got ", loss,
              "; the training diverged");
  out.emplace_back("perplexity", std::exp(loss));
  out.emplace_back("bits_per_byte", loss * std::numbers::log2e / bytes_per_token_);
  if (t.captions > 0)
    out.emplace_back("bits_per_caption", loss * std::numbers::log2e * t.tokens / t.captions);
  if (!t.confidence.empty()) {
    const auto bins = train::reliability_bins(t.confidence, t.right);
    out.emplace_back("confidence_ece", train::calibration_error(bins));
  }
  if (t.usage.defined())
    out.emplace_back("least_expert_usage", amin(t.usage).item<double>() / t.tokens);
  return out;
}

void AgiformerTask::save(const std::string& directory) const {
  if (tokenizer_) tokenizer_->save(directory);
  save_pretrained(*model_, directory);
}

const ModelFactory kAgiformer{"agiformer", kFields, kTakes, make, save};

}  // namespace lydia::cli
