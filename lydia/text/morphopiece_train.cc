#include "lydia/text/morphopiece_train.h"

#include <algorithm>
#include <filesystem>

#include "lydia/core/error.h"
#include "lydia/io/file_bytes.h"
#include "lydia/io/json.h"
#include "lydia/io/pipe.h"
#include "lydia/io/sha256.h"
#include "lydia/text/core_list.h"
#include "lydia/text/morphopiece_counts.h"
#include "lydia/text/morphopiece_em.h"
#include "lydia/text/morphopiece_roots.h"
#include "lydia/text/morphopiece_vocab.h"

namespace lydia::text {
namespace {

class Trainer {
 public:
  explicit Trainer(const MorphTrainOptions& options) : options_(options) { check_options(); }

  MorphoPiece run() {
    read_texts();
    TrainLexicon lexicon = read_lexicon();
    CompiledGrammar grammar(std::move(lexicon.roots));
    ModelTables tables;
    tables.header.mode = static_cast<uint32_t>(options_.mode);
    add_fixed_pieces(tables);
    grammar.fill(tables);
    const std::vector<WeightedWord> words = weighted_words(counts_.words);
    MorphEstimator estimator(grammar, tables, lexicon.priors, options_.weights);
    estimator.run(words, options_.em_passes, stage("counting morphemes"));
    harvest_tails(words, options_.weights, tables);
    build_vocabulary(counts_, grammar, estimator.counts(), lexicon.priors,
                     {options_.vocab_size, options_.mode}, stage("vocabulary"), tables);
    tables.meta = meta();
    return MorphoPiece::from_bytes(tables.serialise(), "trained model");
  }

 private:
  std::function<void(int64_t, int64_t)> stage(const char* name) const {
    return [this, name](int64_t done, int64_t total) {
      if (options_.progress) options_.progress(name, done, total);
    };
  }

  void check_options() const {
    LYDIA_CHECK(options_.em_passes >= 0 && options_.em_passes <= 20, ValueError,
                "train: expected 0 to 20 passes, got ", options_.em_passes);
    // What the fixed pieces take is known much later; nothing this small has room for them.
    constexpr int32_t kLeastVocab = 1024;
    LYDIA_CHECK(options_.vocab_size >= kLeastVocab, ValueError,
                "train: expected a vocabulary of at least ", kLeastVocab, ", got ",
                options_.vocab_size);
    LYDIA_CHECK(options_.hunspell_dic.empty() == options_.hunspell_aff.empty(), ValueError,
                "train: expected both files of the Hunspell dictionary or none");
    const MorphWeights& w = options_.weights;
    for (const double weight :
         {w.alpha, w.beta, w.gamma, w.delta, w.guess, w.guess_letter, w.from_noun, w.tail}) {
      LYDIA_CHECK(weight >= 0 && weight <= 100, ValueError,
                  "train: expected weights from 0 to 100, got ", weight);
    }
  }

  io::FileBytes open(const std::string& path, const char* kind, const std::string& licence) {
    const bool pipe = io::is_pipe(path);  // its name is a number of the shell's
    io::FileBytes file = io::open_or_read_pipe(path);
    note(pipe ? "pipe" : std::filesystem::path(path).filename(), kind, file.text(), licence);
    return file;
  }

  void note(const std::string& name, const char* kind, std::string_view content,
            const std::string& licence) {
    sources_.push_back(io::Json::Object{{"name", name},
                                        {"kind", kind},
                                        {"bytes", static_cast<int64_t>(content.size())},
                                        {"sha256", io::sha256_hex(content)},
                                        {"licence", licence}});
  }

  void read_texts() {
    const auto progress = stage("reading text");
    const auto total =
        static_cast<int64_t>(options_.text_files.size() + options_.count_files.size());
    int64_t done = 0;
    for (const std::string& path : options_.text_files) {
      counts_.add_text(open(path, "text", options_.text_licence).text());
      progress(++done, total);
    }
    for (const std::string& path : options_.count_files) {
      counts_.add_counts(open(path, "counts", options_.text_licence).text(), path);
      progress(++done, total);
    }
    if (!options_.next_text) return;
    io::Sha256 digest;
    int64_t bytes = 0;
    for (std::string text; options_.next_text(text);) {
      digest.update(text.data(), text.size());
      bytes += static_cast<int64_t>(text.size());
      counts_.add_text(text);
    }
    sources_.push_back(io::Json::Object{{"name", "texts"},
                                        {"kind", "text"},
                                        {"bytes", bytes},
                                        {"sha256", digest.hex()},
                                        {"licence", options_.text_licence}});
  }

  TrainLexicon read_lexicon() {
    if (options_.core_list) {
      for (const CoreList& list : core_root_lists()) {
        note(std::string(list.name), "roots", list.tsv, "MIT");
      }
    }
    std::vector<NamedText> lists;
    for (const std::string& path : options_.root_files) {
      lists.push_back({path, std::string(open(path, "roots", "unknown").text())});
    }
    const auto progress = stage("lexicon");
    if (options_.hunspell_dic.empty()) {
      progress(0, 1);
      TrainLexicon lexicon = collect_roots(options_.core_list, lists, {}, {});
      progress(1, 1);
      return lexicon;
    }
    const io::FileBytes dic = open(options_.hunspell_dic, "dictionary", options_.hunspell_licence);
    const io::FileBytes aff = open(options_.hunspell_aff, "dictionary", options_.hunspell_licence);
    return collect_roots(options_.core_list, lists, dic.text(), aff.text(), progress);
  }

  std::string meta() const {
    const MorphWeights& w = options_.weights;
    const io::Json::Object weights = {{"alpha", w.alpha},         {"beta", w.beta},
                                      {"gamma", w.gamma},         {"delta", w.delta},
                                      {"guess", w.guess},         {"guess_letter", w.guess_letter},
                                      {"from_noun", w.from_noun}, {"tail", w.tail}};
    return io::to_json(io::Json::Object{{"format", "morphopiece"},
                                        {"mode", morph_mode_name(options_.mode)},
                                        {"vocab_size", int64_t{options_.vocab_size}},
                                        {"em_passes", int64_t{options_.em_passes}},
                                        {"text_bytes", counts_.bytes},
                                        {"weights", weights},
                                        {"sources", sources_}});
  }

  const MorphTrainOptions& options_;
  RunCounts counts_;
  io::Json::List sources_;
};

}  // namespace

MorphoPiece train_morphopiece(const MorphTrainOptions& options) { return Trainer(options).run(); }

std::pair<std::string, std::string> find_hunspell_turkish() {
  const std::string stem = "/usr/share/hunspell/tr_TR";
  std::error_code ignored;
  if (!std::filesystem::exists(stem + ".dic", ignored) ||
      !std::filesystem::exists(stem + ".aff", ignored))
    return {};
  return {stem + ".dic", stem + ".aff"};
}

}  // namespace lydia::text
