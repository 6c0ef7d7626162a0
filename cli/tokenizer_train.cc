// `lydia tokenizer train` makes a MorphoPiece model; `lydia tokenizer export` writes its
// approximation for Hugging Face tokenizers.
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>

#include "cli/tokenizer_parts.h"
#include "lydia/core/error.h"
#include "lydia/io/atomic_file.h"
#include "lydia/report/format.h"
#include "lydia/report/progress.h"
#include "lydia/report/table.h"
#include "lydia/report/terminal.h"
#include "lydia/text/morphopiece_train.h"
#include "lydia/text/tokenizer_export.h"
#include "lydia/text/tokenizer_morphopiece.h"

namespace lydia::cli {
namespace {

constexpr const char* kTrainHelp =
    "Usage: lydia tokenizer train [options] [text ...]\n\n"
    "Makes a model from lydia's own list of roots, Debian's hunspell-tr when it is installed, and\n"
    "text files (plain or .gz, or pipes; a folder stands for its *.txt). The same inputs give the\n"
    "same bytes.\n\n"
    "  --output PATH      a folder, or a file when it ends in .bin (default: out/tokenizer)\n"
    "  --vocab-size N     (default: 32000)\n"
    "  --mode M           morph, compact or canonical: what encode does unless told otherwise\n"
    "                     (default: compact)\n"
    "  --counts FILE      word<TAB>count a line; may be given again, as may --roots\n"
    "  --roots FILE       root<TAB>class<TAB>flags<TAB>category a line, or one root a line\n"
    "  --hunspell-dic FILE, --hunspell-aff FILE   another Hunspell dictionary\n"
    "  --no-hunspell      without one\n"
    "  --no-core-list     without lydia's own list\n"
    "  --text-licence S   what is written down about the text (default: unknown)\n"
    "  --em-passes N      (default: 2)\n"
    "  --quiet, --json\n";

constexpr const char* kExportHelp =
    "Usage: lydia tokenizer export --output tokenizer.json [--text FILE] [--json] [--model "
    "PATH]\n\n"
    "Writes an approximation for Hugging Face tokenizers: a Unigram model over the same pieces.\n"
    "Prints the share of words that both cut alike, on the text of --text (may be given again).\n";

// A progress bar for each stage of a training.
class Stages {
 public:
  explicit Stages(bool quiet) : quiet_(quiet) {}
  void operator()(std::string_view stage, int64_t done, int64_t total) {
    if (quiet_) return;
    if (stage != stage_) {
      stage_ = stage;
      done_ = 0;
      bar_.emplace(total, report::ProgressOptions{.label = stage_, .unit = "items"});
    }
    bar_->advance(done - std::exchange(done_, done));
  }

  void finish() { bar_.reset(); }

 private:
  bool quiet_;
  std::string stage_;
  int64_t done_ = 0;
  std::optional<report::ProgressBar> bar_;
};

text::MorphTrainOptions options_of(const CommandLine& options) {
  text::MorphTrainOptions out;
  out.vocab_size = static_cast<int32_t>(options.integer("--vocab-size", 32000, 1024, 10'000'000));
  out.mode = text::parse_morph_mode(options.text("--mode", "compact"));
  out.text_files = text_files(options.rest());
  out.count_files = options.all("--counts");
  out.root_files = options.all("--roots");
  out.hunspell_dic = options.text("--hunspell-dic");
  out.hunspell_aff = options.text("--hunspell-aff");
  if (!options.has("--no-hunspell") && out.hunspell_dic.empty() && out.hunspell_aff.empty())
    std::tie(out.hunspell_dic, out.hunspell_aff) = text::find_hunspell_turkish();
  out.text_licence = options.text("--text-licence", "unknown");
  out.core_list = !options.has("--no-core-list");
  out.em_passes = static_cast<int>(options.integer("--em-passes", 2, 0, 100));
  return out;
}

// Before minutes of work: the folder of the output is made, and can be written to.
void check_writable(const std::string& output) {
  namespace fs = std::filesystem;
  const fs::path folder =
      output.ends_with(".bin") ? fs::path(output).parent_path() : fs::path(output);
  std::error_code error;
  if (!folder.empty()) fs::create_directories(folder, error);
  const std::string where = folder.empty() ? "." : folder.string();
  LYDIA_CHECK(!error && ::access(where.c_str(), W_OK) == 0, IoError,
              "lydia tokenizer train: expected an output that can be written, got \"", output,
              "\"");
}

}  // namespace

int run_tokenizer_train(Args args) {
  const CommandLine options("lydia tokenizer train", args,
                            {{"--output", true},
                             {"--vocab-size", true},
                             {"--mode", true},
                             {"--counts", true},
                             {"--roots", true},
                             {"--hunspell-dic", true},
                             {"--hunspell-aff", true},
                             {"--no-hunspell"},
                             {"--no-core-list"},
                             {"--text-licence", true},
                             {"--em-passes", true},
                             {"--quiet"},
                             {"--json"},
                             {"--help"},
                             {"-h"}});
  if (options.has("--help") || options.has("-h")) {
    std::cout << kTrainHelp;
    return 0;
  }
  const std::string output = options.text("--output", "out/tokenizer");
  text::MorphTrainOptions how = options_of(options);
  const auto stages = std::make_shared<Stages>(options.has("--quiet"));
  how.progress = [stages](std::string_view stage, int64_t done, int64_t total) {
    (*stages)(stage, done, total);
  };
  check_writable(output);
  const auto start = std::chrono::steady_clock::now();
  text::MorphoPiece model = text::train_morphopiece(how);
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  stages->finish();
  const text::MorphModelInfo info = model.info();
  if (output.ends_with(".bin")) {
    model.save(output);
  } else {
    text::Tokenizer(std::make_shared<text::MorphoPieceAdapter>(std::move(model))).save(output);
  }
  if (options.has("--json")) {
    print_json(io::Json::Object{{"path", output},
                                {"seconds", seconds},
                                {"vocab_size", info.vocab_size},
                                {"roots", info.roots},
                                {"sequences", info.sequences},
                                {"file_bytes", static_cast<int64_t>(info.file_bytes)}});
  } else {
    std::cout << output << ": " << info.vocab_size << " tokens, " << info.roots << " roots, "
              << report::format_bytes(info.file_bytes) << ", trained in "
              << report::format_duration(seconds) << "\n";
    if (info.vocab_size < how.vocab_size) {
      std::cout << "The text and the lists give no more than that: " << how.vocab_size
                << " tokens were asked for.\n";
    }
  }
  return 0;
}

int run_tokenizer_export(Args args) {
  const CommandLine options(
      "lydia tokenizer export", args,
      {{"--output", true}, {"--text", true}, {"--model", true}, {"--json"}, {"--help"}, {"-h"}});
  if (options.has("--help") || options.has("-h")) {
    std::cout << kExportHelp;
    return 0;
  }
  LYDIA_CHECK(options.has("--output") && options.rest().empty(), ValueError,
              "lydia tokenizer export: expected --output FILE and no other argument");
  const text::Tokenizer tokenizer = load_tokenizer(options);
  const text::MorphoPiece& model = morphopiece(tokenizer);
  const text::UnigramExport exported(model);
  const std::string output = options.text("--output");
  std::optional<double> share;
  if (options.has("--text"))
    share = text::agreement(model, exported, read_text(options.all("--text")));
  io::write_file_atomic(output, exported.json(share) + "\n");
  if (options.has("--json")) {
    print_json(io::Json::Object{{"path", output},
                                {"pieces", static_cast<int64_t>(exported.size())},
                                {"words_cut_alike", share ? io::Json(*share) : io::Json()}});
    return 0;
  }
  std::cout << output << ": " << exported.size() << " pieces, approximate";
  if (share) std::cout << "; cuts " << report::format_fixed(*share * 100, 1) << "% of words alike";
  std::cout << "\n";
  return 0;
}

}  // namespace lydia::cli
