// `lydia generate --model DIR --prompt TEXT`: writes on, token by token.
#include <cstdint>
#include <iostream>
#include <string>

#include "cli/command.h"
#include "cli/command_line.h"
#include "cli/model_folder.h"
#include "lydia/audio/resample.h"
#include "lydia/io/image.h"
#include "lydia/io/wav.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/reduce.h"
#include "lydia/ops/view.h"
#include "lydia/vision/transforms.h"

namespace lydia::cli {
namespace {

constexpr const char* kHelp =
    "Usage: lydia generate --model DIR --prompt TEXT [options]\n\n"
    "Continues a text with a saved model (a directory of save_pretrained, or a training run).\n\n"
    "Options:\n"
    "  --image FILE            a PNG or JPEG picture that stands before the prompt\n"
    "  --audio FILE            a WAV recording that stands before the prompt\n"
    "  --max-new-tokens N      how many tokens to write\n"
    "  --temperature X         0: always the likeliest token; higher is freer\n"
    "  --top-k N               choose among the N likeliest; 0: among all\n"
    "  --top-p X               ... and among the fewest that have this much of the probability\n"
    "  --repetition-penalty X  above 1 makes tokens that came before less likely\n"
    "  --seed N                the same seed gives the same text\n"
    "  --no-stream             print when all is written\n"
    "Defaults are those of the model's generation_config.json.\n";

models::GenerationOptions options_of(const CommandLine& line, models::GenerationOptions o) {
  constexpr int64_t kMost = int64_t{1} << 40;
  o.max_new_tokens = line.integer("--max-new-tokens", o.max_new_tokens, 0, kMost);
  o.temperature = line.number("--temperature", o.temperature);
  o.top_k = line.integer("--top-k", o.top_k, 0, kMost);
  o.top_p = line.number("--top-p", o.top_p);
  o.repetition_penalty = line.number("--repetition-penalty", o.repetition_penalty);
  if (line.has("--seed")) o.seed = static_cast<uint64_t>(line.integer("--seed", 0, 0, INT64_MAX));
  return o;
}

// What stands before the prompt: values of -1 to 1.
models::Modalities modalities_of(const CommandLine& line) {
  models::Modalities out;
  if (line.has("--image")) {
    const Tensor image = io::read_image(line.text("--image"), io::ImageMode::Rgb);
    out.image = unsqueeze(vision::to_float(image) * 2 - 1.0, 0);
  }
  if (line.has("--audio")) {
    const io::Audio audio = io::read_wav(line.text("--audio"));
    const Tensor wave = mean(audio.samples, {0}, true);
    out.audio = audio::resample(wave, audio.sample_rate, models::AudioFront::kRate);
  }
  return out;
}

}  // namespace

int run_generate(Args args) {
  const CommandLine line("lydia generate", args,
                         {{"--model", true},
                          {"--prompt", true},
                          {"--image", true},
                          {"--audio", true},
                          {"--max-new-tokens", true},
                          {"--temperature", true},
                          {"--top-k", true},
                          {"--top-p", true},
                          {"--repetition-penalty", true},
                          {"--seed", true},
                          {"--no-stream", false},
                          {"--help", false}});
  if (line.has("--help")) {
    std::cout << kHelp;
    return 0;
  }
  LYDIA_CHECK(line.rest().empty(), ValueError, "lydia generate: expected options, got '",
              line.rest()[0], "'");
  const std::string prompt = line.text("--prompt");
  LYDIA_CHECK(!prompt.empty(), ValueError, "--prompt: expected at least one character, got none");
  const models::Modalities before = modalities_of(line);
  const ModelFolder folder = open_model(line.text("--model"));
  const models::GenerationOptions options = options_of(line, folder.generation);
  check_options(options, folder.model->config);  // before anything is written
  const bool stream = !line.has("--no-stream");
  TokenStream out(folder);
  const Tensor start = folder.encode(prompt).ids;
  // The prompt goes through the stream too: what follows it depends on how it ends.
  for (int64_t i = 0; stream && i < start.numel(); ++i)
    std::cout << out.push(start.data<int64_t>()[i]);
  const Tensor ids = generate(*folder.model, start, options, {}, before, [&](const Tensor& token) {
    if (stream) std::cout << out.push(token.item<int64_t>()) << std::flush;
    return std::cout.good();
  });
  if (stream) {
    std::cout << out.finish();
  } else {
    const auto* data = ids.data<int64_t>();
    std::cout << folder.decode({data, data + ids.numel()});
  }
  std::cout << "\n";
  return 0;
}

}  // namespace lydia::cli
