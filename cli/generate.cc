// `lydia generate --model DIR --prompt TEXT`: writes on, token by token.
#include <cmath>
#include <iostream>
#include <string>

#include "cli/command.h"
#include "cli/model_folder.h"
#include "cli/options.h"

namespace lydia::cli {
namespace {

constexpr const char* kHelp =
    "Usage: lydia generate --model DIR --prompt TEXT [options]\n\n"
    "Continues a text with a saved model (a directory of save_pretrained, or a training run).\n\n"
    "Options:\n"
    "  --max-new-tokens N      how many tokens to write\n"
    "  --temperature X         0: always the likeliest token; higher is freer\n"
    "  --top-k N               choose among the N likeliest; 0: among all\n"
    "  --top-p X               ... and among the fewest that have this much of the probability\n"
    "  --repetition-penalty X  above 1 makes tokens that came before less likely\n"
    "  --seed N                the same seed gives the same text\n"
    "  --no-stream             print when all is written\n"
    "Defaults are those of the model's generation_config.json.\n";

// Bytes of a text as they come, so that only whole UTF-8 characters reach the terminal.
class Utf8Stream {
 public:
  void write(unsigned char byte) {
    if (wanted_ == 0 || (byte & 0xC0) != 0x80) {
      flush();
      wanted_ = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1;
    }
    held_ += static_cast<char>(byte);
    if (held_.size() == wanted_) flush();
  }
  void flush() {
    std::cout << held_ << std::flush;
    held_.clear();
    wanted_ = 0;
  }

 private:
  std::string held_;
  size_t wanted_ = 0;
};

models::GenerationOptions options_of(const Options& options, models::GenerationOptions o) {
  if (options.has("max-new-tokens")) o.max_new_tokens = options.integer("max-new-tokens");
  if (options.has("temperature")) o.temperature = options.number("temperature");
  if (options.has("top-k")) o.top_k = options.integer("top-k");
  if (options.has("top-p")) o.top_p = options.number("top-p");
  if (options.has("repetition-penalty"))
    o.repetition_penalty = options.number("repetition-penalty");
  if (options.has("seed")) o.seed = static_cast<uint64_t>(options.integer("seed"));
  return o;
}

}  // namespace

int run_generate(Args args) {
  const Options options(args,
                        {"model", "prompt", "max-new-tokens", "temperature", "top-k", "top-p",
                         "repetition-penalty", "seed"},
                        {"no-stream", "help"});
  if (options.has("help")) {
    std::cout << kHelp;
    return 0;
  }
  LYDIA_CHECK(options.positional.empty(), ValueError, "lydia generate: expected options, got '",
              options.positional[0], "'");
  const std::string& prompt = options.text("prompt");
  LYDIA_CHECK(!prompt.empty(), ValueError, "--prompt: expected at least one character, got none");
  const ModelFolder folder = open_model(options.text("model"));
  const bool stream = !options.has("no-stream");
  Utf8Stream out;
  if (stream) std::cout << prompt << std::flush;
  const Tensor ids =
      generate(*folder.model, folder.encode(prompt), options_of(options, folder.generation), {}, {},
               [&](const Tensor& token) {
                 if (stream) out.write(static_cast<unsigned char>(token.item<int64_t>()));
                 return std::cout.good();
               });
  if (stream) {
    out.flush();
  } else {
    const auto* data = ids.data<int64_t>();
    std::cout << folder.decode({data, data + ids.numel()});
  }
  std::cout << "\n";
  return 0;
}

}  // namespace lydia::cli
