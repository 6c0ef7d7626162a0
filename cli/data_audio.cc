// A folder of WAV files with a class each, as pictures of their log-mel spectrograms or as samples.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <functional>
#include <set>

#include "cli/data_sources.h"
#include "lydia/audio/mel.h"
#include "lydia/audio/resample.h"
#include "lydia/core/error.h"
#include "lydia/io/wav.h"
#include "lydia/models/agiformer/perception.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/reduce.h"
#include "lydia/ops/shape_ops.h"
#include "lydia/ops/view.h"

namespace lydia::cli {
namespace {

namespace fs = std::filesystem;
using config::Field;
using config::Node;
using config::Type;

struct Recordings {
  std::vector<std::string> files;
  std::vector<int64_t> labels;
};

// The mean of the channels [samples], cut or filled with silence to one length.
class Samples {
 public:
  Samples(const Node& config, int64_t rate)
      : rate_(rate),
        count_(std::llround(config.get<double>("data.seconds") * static_cast<double>(rate))) {
    LYDIA_CHECK(count_ > 0, ValueError, "data.seconds: expected above 0, got ",
                config.get<double>("data.seconds"));
  }
  int64_t count() const { return count_; }

  Tensor operator()(const std::string& path) const {
    const io::Audio audio = io::read_wav(path);
    Tensor x = mean(audio.samples, {0});
    if (audio.sample_rate != rate_) x = audio::resample(x, audio.sample_rate, rate_);
    x = narrow(x, 0, 0, std::min(x.size(0), count_));
    return pad(x, {0, count_ - x.size(0)});
  }

 private:
  int64_t rate_, count_;
};

// [1, n_mels, frames], mean 0 and deviation 1.
class LogMel {
 public:
  LogMel(const Node& config, int64_t rate)
      : samples_(config, rate),
        mel_({.sample_rate = rate,
              .stft = {.n_fft = config.get<int64_t>("data.n_fft"),
                       .hop_length = config.get<int64_t>("data.hop_length")},
              .n_mels = config.get<int64_t>("data.n_mels")}) {
    LYDIA_CHECK(samples_.count() > mel_.options().stft.n_fft, ValueError,
                "data.seconds: expected more than one window of data.n_fft = ",
                mel_.options().stft.n_fft, " samples, got ", samples_.count());
  }

  Tensor operator()(const std::string& path) const {
    const Tensor loud = log(mel_(samples_(path)) + 1e-6);
    const Tensor centred = loud - mean(loud);
    return unsqueeze(centred / (sqrt(mean(centred * centred)) + 1e-6), 0);
  }

 private:
  Samples samples_;
  audio::MelSpectrogram mel_;
};

std::vector<std::string> wav_files(const std::string& folder) {
  std::vector<std::string> files;
  std::error_code error;
  for (const auto& entry : fs::recursive_directory_iterator(folder, error)) {
    const std::string ending = entry.path().extension().string();
    if (ending == ".wav" || ending == ".WAV") files.push_back(entry.path().string());
  }
  LYDIA_CHECK(!files.empty(), ValueError, "data.path: expected .wav files in \"", folder,
              "\", got none; set LYDIA_DATA or data.path");
  std::sort(files.begin(), files.end());
  return files;
}

using Read = std::function<Tensor(const std::string&)>;

train::DatasetPtr examples(const Node& config, const Recordings& of, const Read& read) {
  auto made = std::make_shared<train::FunctionDataset>(
      std::ssize(of.files),
      [of, read](int64_t i) {
        const auto at = static_cast<size_t>(i);
        const Tensor label = empty({}, DType::I64);
        *label.data<int64_t>() = of.labels[at];
        return train::Example{{"input", read(of.files[at])}, {"label", label}};
      },
      [of](int64_t i) { return of.files[static_cast<size_t>(i)]; });
  if (!config.get<bool>("data.cache")) return made;
  return std::make_shared<train::CachedDataset>(std::move(made));
}

RunData recordings(const Node& config, const Read& read) {
  const int64_t label_part = config.get<int64_t>("data.label_part");
  const int64_t group_part = config.get<int64_t>("data.group_part");
  const int64_t test_part = config.get<int64_t>("data.test_part");
  const auto test_values = config.get<std::vector<std::string>>("data.test_values");
  const std::vector<std::string> files = wav_files(config.get<std::string>("data.path"));
  std::set<std::string> names;
  for (const std::string& file : files) names.insert(name_part(file, label_part));
  const std::vector<std::string> classes(names.begin(), names.end());

  Recordings training, test;
  DataParts parts;
  for (const std::string& file : files) {
    const bool tests = test_part >= 0 && std::find(test_values.begin(), test_values.end(),
                                                   name_part(file, test_part)) != test_values.end();
    Recordings& to = tests ? test : training;
    const auto label =
        std::lower_bound(classes.begin(), classes.end(), name_part(file, label_part));
    to.files.push_back(file);
    to.labels.push_back(label - classes.begin());
    if (!tests && group_part >= 0) parts.train.groups.push_back(name_part(file, group_part));
  }
  LYDIA_CHECK(!training.files.empty(), ValueError,
              "data.test_values: expected some files to learn from, got only test files");
  parts.train.examples = examples(config, training, read);
  parts.train.labels = training.labels;
  if (!test.files.empty()) parts.test = {examples(config, test, read), test.labels};
  const Dims shape = parts.train.examples->get(0)["input"].sizes();
  RunData out = assemble(config, std::move(parts), shape, std::ssize(classes));
  out.labels = classes;
  return out;
}

RunData wav_folder(const Node& config) {
  return recordings(config, LogMel(config, config.get<int64_t>("data.sample_rate")));
}

constexpr Field kFields[] = {
    {"path", Type::String},   {"label_part", Type::Int},   {"group_part", Type::Int},
    {"test_part", Type::Int}, {"test_values", Type::List}, {"sample_rate", Type::Int},
    {"seconds", Type::Float}, {"n_fft", Type::Int},        {"hop_length", Type::Int},
    {"n_mels", Type::Int},    {"cache", Type::Bool},       {"balance", Type::Bool}};

}  // namespace

RunData wav_samples(const Node& config) {
  return recordings(config, Samples(config, models::AudioFront::kRate));
}

constexpr DataSource kWavFolder{"wav_folder", kFields, Examples::Pictures, wav_folder};

}  // namespace lydia::cli
