// The data of a run: a table of sources, one row each, chosen by `data.name`.
//
// A new source is a DataSource (its keys, what it gives, how it is made), one line in the table of
// train_data.cc and one file conf/data/<name>.yaml.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lydia/config/node.h"
#include "lydia/config/schema.h"
#include "lydia/train/collate.h"
#include "lydia/train/data_loader.h"
#include "lydia/train/dataset.h"

namespace lydia::cli {

// What the examples are; a model says which of them it takes.
//   Pictures     input float32 [channels, height, width], label int64 (also: spectrograms)
//   Features     input float32 [n], label int64, or float32 where the run is a regression
//   Tokens       input_ids and labels, int64 [length]
//   Captions     Tokens, and what they are about: image float32 [3, height, width] or audio float32
//                [samples]
//   TaggedWords  input_ids int64 [words, features] below buckets, labels int64 [words]
enum class Examples { Pictures, Features, Tokens, Captions, TaggedWords };
std::string_view examples_name(Examples kind);

struct RunData {
  train::DatasetPtr train = nullptr, validation = nullptr, test = nullptr;
  Dims shape = {};                       // of one input; empty where they differ
  int64_t classes = 0;                   // classes, tags or the size of the vocabulary
  int64_t buckets = 0;                   // of word features
  bool regression = false;               // labels are numbers to come near to
  std::vector<std::string> labels = {};  // what the classes are called, where they have names
  Tensor class_weights = {};             // undefined unless classes are balanced
  std::vector<int64_t> lengths = {};     // of training examples: batches are of similar length
  train::Collate collate = train::stack_examples;
  double bytes_per_token = 1;
  std::string tokenizer = {};   // its folder, for a model that takes it along; empty: bytes
  int64_t corrupt_records = 0;  // left out while reading
};

struct DataSource {
  std::string_view name;
  std::span<const config::Field> fields;  // keys of `data` beside those that all have
  Examples gives;
  RunData (*make)(const config::Node& config);
};

// The row of `data.name`; ValueError, suggesting the nearest, where there is none.
const DataSource& data_source(const config::Node& config);
// Throws for unknown keys of `data`, missing ones and wrong types.
void check_data(const config::Node& config);
RunData make_data(const config::Node& config);

// Shuffled by seed and epoch, for training; in order otherwise.
train::DataLoader make_loader(const config::Node& config, const RunData& data,
                              const train::DatasetPtr& part, bool shuffled);

// `data.on_corrupt`: stop (default) or skip.
io::OnCorrupt on_corrupt(const config::Node& config);

// One part of a source; no examples: there is no such part.
struct DataPart {
  train::DatasetPtr examples = nullptr;
  std::vector<int64_t> labels = {};      // where each example has a class
  std::vector<std::string> groups = {};  // examples of one group stay on the same side of a split
};
struct DataParts {
  DataPart train = {}, validation = {}, test = {};
};
// The run's data. Without a validation part a fifth of the training examples, always the same, is
// held out. Labels are checked; data.balance, where there is one, weighs classes by 1 / how often
// they occur.
RunData assemble(const config::Node& config, DataParts parts, const Dims& shape, int64_t classes);

// The pieces of a file's name, cut at "_", without its ending: "7_jackson_12.wav" gives 7, jackson,
// 12. `number` -1 gives the name of its folder. ValueError where there is no such piece.
std::string name_part(const std::string& path, int64_t number);

}  // namespace lydia::cli
