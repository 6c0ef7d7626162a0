// Pictures or sounds, and a caption of each made of its class: a line end, one of data.frames with
// the word of the class in place of "{}", a line end, as bytes.
#include <algorithm>

#include "cli/data_sources.h"
#include "lydia/core/error.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/view.h"
#include "lydia/train/metrics.h"

namespace lydia::cli {
namespace {

using config::Field;
using config::Node;
using config::Type;

// Every caption that there is: of class c in frame f.
class Captions {
 public:
  Captions(const Node& config, int64_t classes)
      : frames_(config.get<std::vector<std::string>>("data.frames")) {
    const auto words = config.get<std::vector<std::string>>("data.words");
    LYDIA_CHECK(std::ssize(words) == classes, ValueError,
                "data.words: expected a word for each of the ", classes, " classes, got ",
                words.size());
    LYDIA_CHECK(!frames_.empty(), ValueError, "data.frames: expected at least one, got none");
    for (const std::string& word : words) {
      for (const std::string& frame : frames_) {
        const size_t gap = frame.find("{}");
        LYDIA_CHECK(gap != std::string::npos, ValueError,
                    "data.frames: expected {} in each, where the word stands, got '", frame, "'");
        texts_.push_back("\n" + std::string(frame).replace(gap, 2, word) + "\n");
        length_ = std::max(length_, std::ssize(texts_.back()) - 1);
      }
    }
  }

  int64_t frames() const { return std::ssize(frames_); }
  int64_t length() const { return length_; }

  // input_ids and labels, filled up to one length with what does not count.
  train::Example of(int64_t label, int64_t frame) const {
    const std::string& text = texts_[static_cast<size_t>(label * frames() + frame)];
    const Tensor ids = full({length_}, '\n', DType::I64),
                 labels = full({length_}, train::kIgnoreLabel, DType::I64);
    for (size_t i = 0; i + 1 < text.size(); ++i) {
      ids.data<int64_t>()[i] = static_cast<unsigned char>(text[i]);
      labels.data<int64_t>()[i] = static_cast<unsigned char>(text[i + 1]);
    }
    return {{"input_ids", ids}, {"labels", labels}};
  }

 private:
  std::vector<std::string> frames_, texts_;
  int64_t length_ = 0;
};

// Each example of `base` once in every frame, its input under `field`.
train::DatasetPtr captioned(train::DatasetPtr base, const Captions& captions, const char* field) {
  if (!base) return nullptr;
  return std::make_shared<train::FunctionDataset>(
      base->size() * captions.frames(),
      [base, captions, field = std::string(field)](int64_t i) {
        const train::Example seen = base->get(i / captions.frames());
        train::Example out = captions.of(seen["label"].item<int64_t>(), i % captions.frames());
        const Tensor& input = seen["input"];
        // A model sees three channels.
        const bool grey = input.ndim() == 3 && input.size(0) == 1;
        out.set(field, grey ? expand(input, {3, input.size(1), input.size(2)}) : input);
        return out;
      },
      [base, frames = captions.frames()](int64_t i) { return base->where(i / frames); });
}

RunData with_captions(const Node& config, RunData base, const char* field) {
  const Captions captions(config, base.classes);
  return {.train = captioned(base.train, captions, field),
          .validation = captioned(base.validation, captions, field),
          .test = captioned(base.test, captions, field),
          .shape = {captions.length()},
          .classes = 256};
}

RunData picture_captions(const Node& config) {
  return with_captions(config, kIdxImages.make(config), "image");
}
RunData sound_captions(const Node& config) {
  return with_captions(config, wav_samples(config), "audio");
}

constexpr Field kPictureFields[] = {
    {"path", Type::String}, {"words", Type::List}, {"frames", Type::List}};
constexpr Field kSoundFields[] = {
    {"path", Type::String},      {"words", Type::List},     {"frames", Type::List},
    {"label_part", Type::Int},   {"group_part", Type::Int}, {"test_part", Type::Int},
    {"test_values", Type::List}, {"seconds", Type::Float},  {"cache", Type::Bool}};

}  // namespace

constexpr DataSource kPictureCaptions{"picture_captions", kPictureFields, Examples::Captions,
                                      picture_captions};
constexpr DataSource kSoundCaptions{"sound_captions", kSoundFields, Examples::Captions,
                                    sound_captions};

}  // namespace lydia::cli
