// `lydia model-info model=full`: what a configuration of AGIFORMER is made of, and what it takes.
#include <cstdlib>
#include <iostream>
#include <map>
#include <string>

#include "cli/agiformer_task.h"
#include "cli/command_line.h"
#include "cli/model_folder.h"
#include "lydia/config/compose.h"
#include "lydia/config/interpolation.h"
#include "lydia/report/format.h"
#include "lydia/report/table.h"

namespace lydia::cli {
namespace {

using models::AgiformerConfig;
using report::Align;

constexpr const char* kHelp =
    "Usage: lydia model-info model=NAME [key=value ...] | --model DIR\n\n"
    "Parameters and memory of an AGIFORMER: of a configuration (base, text_only, multimodal, "
    "full,\n"
    "minimal, t4_optimized, with any overrides), or of a saved model.\n"
    "  --config-dir DIR  the folder of configurations (default: $LYDIA_CONF, else ./conf)\n";

std::string grouped(int64_t n) {
  std::string digits = std::to_string(n), out;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) out += ' ';
    out += digits[i];
  }
  return out;
}

std::string megabytes(double bytes) {
  return grouped(static_cast<int64_t>(bytes / 1e6 + 0.5)) + " MB";
}

// "blocks.3.moe.expert1.gate.weight" belongs to "blocks: expert 1 (logic)".
std::string part_of(const std::string& name, const AgiformerConfig& c) {
  const std::string head = name.substr(0, name.find('.'));
  if (head != "blocks") return head;
  const size_t second = name.find('.', head.size() + 1);
  const std::string rest = name.substr(second + 1);
  if (!rest.starts_with("moe.")) return "blocks: attention";
  if (!rest.starts_with("moe.expert")) return "blocks: router";
  const std::string number = rest.substr(10, rest.find('.', 10) - 10);
  return "blocks: expert " + number + " (" + c.expert_type(std::stoll(number)) + ")";
}

// Multiply-adds per token of the experts' weight matrices: on all tokens (keys, values, what
// relations and distances compare) and on the tokens that were sent, which are k / E of them.
struct ExpertWork {
  double all = 0, sent = 0;
};
ExpertWork expert_work(const models::Agiformer& model) {
  const AgiformerConfig& c = model.config;
  const double share = static_cast<double>(c.chosen_experts()) / static_cast<double>(c.n_experts);
  ExpertWork out;
  for (const auto& [name, value] : model.named_parameters()) {
    const bool product = name.find(".moe.expert") != std::string::npos && value.ndim() == 2 &&
                         name.ends_with(".weight");
    if (!product) continue;
    const auto size = static_cast<double>(value.numel());
    const bool qkv = name.ends_with("qkv.weight");
    const bool compared = name.ends_with("relation.parts.weight") ||
                          name.ends_with("coordinates.weight") || name.ends_with("time.weight");
    out.all += qkv ? size * 2 / 3 : compared ? size : 0;
    out.sent += share * (qkv ? size / 3 : compared ? 0 : size);
  }
  return out;
}

AgiformerConfig config_of(const CommandLine& line) {
  LYDIA_CHECK(!line.has("--model") || line.rest().empty(), ValueError,
              "lydia model-info: expected --model or a configuration, got both");
  if (line.has("--model")) return open_model(line.text("--model")).model->config;
  const char* conf = std::getenv("LYDIA_CONF");
  const std::string folder = line.text("--config-dir", conf ? conf : "conf");
  const config::Node composed =
      config::resolve(config::compose({folder}, "train", line.rest()).config);
  const std::string name = composed.get<std::string>("model.name");
  LYDIA_CHECK(name == "agiformer", ValueError,
              "lydia model-info: expected model=base, text_only, "
              "multimodal, full, minimal or t4_optimized, got the model '",
              name, "'");
  return agiformer_config_of(composed);
}

// What generation keeps per token: keys and values of all attention that looks back.
double cache_bytes(const AgiformerConfig& c) {
  if (c.use_linear_attention) return 0;
  const int64_t attentions = c.n_layers * (1 + c.n_experts) +
                             (c.use_introspection ? c.max_iterations : 0) +
                             (c.use_multimodal ? c.cross_modal_layers : 0);
  return static_cast<double>(2 * attentions * c.d_model * 4);
}

}  // namespace

int run_model_info(Args args) {
  const CommandLine line("lydia model-info", args,
                         {{"--model", true}, {"--config-dir", true}, {"--help", false}});
  if (line.has("--help")) {
    std::cout << kHelp;
    return 0;
  }
  const AgiformerConfig c = config_of(line);
  const models::Agiformer model(c);
  std::map<std::string, int64_t> parts;
  for (const auto& [name, value] : model.named_parameters())
    parts[part_of(name, c)] += value.numel();
  const int64_t total = model.parameter_count();
  report::Table table({"part", "parameters", "share"}, {Align::Left, Align::Right, Align::Right});
  const auto row = [&](const std::string& name, int64_t n) {
    const int64_t permille = total > 0 ? (1000 * n + total / 2) / total : 0;
    table.row({name, grouped(n),
               std::to_string(permille / 10) + "." + std::to_string(permille % 10) + " %"});
  };
  for (const auto& [name, n] : parts) row(name, n);
  row("total", total);
  std::cout << table.text() << "\n";

  const auto bytes = static_cast<double>(4 * total);
  report::Table memory({"memory", ""}, {Align::Left, Align::Right});
  memory.row({"weights, float32", megabytes(bytes)});
  memory.row({"weights, gradients and AdamW's moments", megabytes(4 * bytes)});
  memory.row({"cache of generation, per token",
              c.use_linear_attention
                  ? "none (a fixed state)"
                  : grouped(static_cast<int64_t>(cache_bytes(c) / 1e3 + 0.5)) + " kB"});
  if (c.use_memory)
    memory.row(
        {"memory state, per sequence, at most",
         megabytes(static_cast<double>(4 * c.d_model * (c.memory_size + c.max_segment_len)))});
  const ExpertWork work = expert_work(model);
  std::cout << memory.text() << "\n"
            << "work of the experts' weights per token: "
            << report::format_count(work.all + work.sent) << " multiply-adds, "
            << report::format_fixed(100 * work.all / (work.all + work.sent), 1)
            << " % of them on all tokens (keys, values, relations), the rest on those sent\n"
            << "experts: " << c.chosen_experts() << " of " << c.n_experts
            << " per token; blocks: " << c.n_layers << "; width " << c.d_model << "; heads "
            << c.n_heads << "\n";
  return 0;
}

}  // namespace lydia::cli
