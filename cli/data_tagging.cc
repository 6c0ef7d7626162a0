// Treebanks in CoNLL-U as data of a tagger: the part of speech (UPOS) of every word.
#include <algorithm>
#include <array>

#include "cli/data_sources.h"
#include "lydia/core/error.h"
#include "lydia/io/conllu.h"
#include "lydia/text/word_features.h"
#include "lydia/train/metrics.h"

namespace lydia::cli {
namespace {

using config::Field;
using config::Need;
using config::Node;
using config::Type;

// universaldependencies.org/u/pos
constexpr std::array<std::string_view, 17> kTags{"ADJ",   "ADP",   "ADV", "AUX",  "CCONJ", "DET",
                                                 "INTJ",  "NOUN",  "NUM", "PART", "PRON",  "PROPN",
                                                 "PUNCT", "SCONJ", "SYM", "VERB", "X"};

// CorruptRecord for a tag that is none.
train::Example tagged(const io::ConlluSentence& sentence, int64_t buckets,
                      const std::string& path) {
  const auto words = std::ssize(sentence.words);
  const Tensor ids = empty({words, static_cast<int64_t>(text::kWordFeatures)}, DType::I64);
  const Tensor labels = empty({words}, DType::I64);
  int64_t* at = ids.data<int64_t>();
  for (int64_t i = 0; i < words; ++i) {
    const io::ConlluWord& word = sentence.words[static_cast<size_t>(i)];
    const auto features = text::word_features(word.form, buckets);
    at = std::copy(features.begin(), features.end(), at);
    const auto tag = std::find(kTags.begin(), kTags.end(), word.upos);
    if (tag == kTags.end()) {
      throw io::CorruptRecord(
          path, std::to_string(sentence.line),
          "expected a UPOS tag of word " + word.id + ", got '" + word.upos + "'");
    }
    labels.data<int64_t>()[i] = tag - kTags.begin();
  }
  return {{"input_ids", ids}, {"labels", labels}};
}

DataPart sentences(const Node& config, const std::string& path, io::CorruptLog& broken) {
  const int64_t buckets = config.get<int64_t>("data.buckets");
  auto examples = std::make_shared<std::vector<train::Example>>();
  auto places = std::make_shared<std::vector<int64_t>>();
  for (const io::ConlluSentence& sentence : io::read_conllu(path, &broken)) {
    try {
      if (sentence.words.empty()) continue;
      examples->push_back(tagged(sentence, buckets, path));
      places->push_back(sentence.line);
    } catch (const io::CorruptRecord& record) {
      broken.add(record);
    }
  }
  LYDIA_CHECK(!examples->empty(), ValueError, path, ": expected sentences, got none");
  return {std::make_shared<train::FunctionDataset>(
      std::ssize(*examples), [examples](int64_t i) { return (*examples)[static_cast<size_t>(i)]; },
      [places, path](int64_t i) {
        return path + ":" + std::to_string((*places)[static_cast<size_t>(i)]);
      })};
}

RunData conllu(const Node& config) {
  io::CorruptLog broken(on_corrupt(config));
  const auto part = [&](const std::string& key) {
    const auto path = config.get<std::optional<std::string>>(key);
    return path ? sentences(config, *path, broken) : DataPart();
  };
  DataParts parts{part("data.path"), part("data.validation_path"), part("data.test_path")};
  RunData out = assemble(config, std::move(parts), {}, std::ssize(kTags));
  out.labels.assign(kTags.begin(), kTags.end());
  out.buckets = config.get<int64_t>("data.buckets");
  out.collate = train::padded({.values = {{"labels", train::kIgnoreLabel}}});
  for (int64_t i = 0; i < out.train->size(); ++i) {
    out.lengths.push_back(out.train->get(i)["labels"].size(0));
  }
  out.corrupt_records = broken.count();
  return out;
}

constexpr Field kFields[] = {{"path", Type::String},
                             {"validation_path", Type::String, Need::Nullable},
                             {"test_path", Type::String, Need::Nullable},
                             {"buckets", Type::Int}};

}  // namespace

constexpr DataSource kConllu{"conllu", kFields, Examples::TaggedWords, conllu};

}  // namespace lydia::cli
