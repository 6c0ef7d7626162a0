#include "lydia/text/tokenizer_morphopiece.h"

#include <filesystem>

#include "lydia/core/error.h"
#include "lydia/io/file_bytes.h"
#include "lydia/io/left_overs.h"
#include "lydia/io/sha256.h"

namespace lydia::text {
namespace {

class MorphoPieceDecoder final : public ModelDecoder {
 public:
  MorphoPieceDecoder(const MorphoPiece& tokenizer, bool skip_special)
      : tokenizer_(tokenizer), skip_special_(skip_special), decoder_(tokenizer, skip_special) {}
  void push(int32_t id, std::string& out) override { decoder_.push(id, out); }
  void finish(std::string& out) override {
    decoder_.finish(out);
    decoder_ = MorphoPiece::Decoder(tokenizer_, skip_special_);
  }

 private:
  const MorphoPiece& tokenizer_;
  bool skip_special_;
  MorphoPiece::Decoder decoder_;
};

// The models that save() writes: "morphopiece.bin", "morphopiece-<digits of a hash>.bin".
bool is_model_name(std::string_view name) {
  return name.starts_with("morphopiece") && name.ends_with(".bin");
}

}  // namespace

SpecialIds MorphoPieceAdapter::special_ids() const {
  return {.pad = MorphoPiece::kPad,
          .unk = MorphoPiece::kUnk,
          .bos = MorphoPiece::kBos,
          .eos = MorphoPiece::kEos,
          .mask = MorphoPiece::kMask};
}

ModelTokens MorphoPieceAdapter::encode(std::string_view text,
                                       const ModelEncodeOptions& options) const {
  MorphEncodeOptions own{.mode = std::nullopt,
                         .offsets = options.spans,
                         .types = options.types,
                         .parse_special = options.parse_special,
                         .temperature = options.temperature,
                         .seed = options.seed};
  if (!options.mode.empty()) own.mode = parse_morph_mode(options.mode);
  MorphEncoding encoding = tokenizer_.encode(text, own);
  ModelTokens out;
  out.ids = std::move(encoding.ids);
  for (const MorphType type : encoding.types) out.types.push_back(static_cast<uint8_t>(type));
  for (const SemanticCategory category : encoding.categories)
    out.categories.push_back(static_cast<uint8_t>(category));
  if (!options.spans) return out;
  out.spans.reserve(encoding.offsets.size());
  for (const ByteSpan& span : encoding.offsets) out.spans.push_back({span.begin, span.end});
  out.words = std::move(encoding.word_ids);
  return out;
}

std::unique_ptr<ModelDecoder> MorphoPieceAdapter::decoder(bool skip_special) const {
  return std::make_unique<MorphoPieceDecoder>(tokenizer_, skip_special);
}

// Another model that is there stays, under the name that the folder's configuration has for it,
// until that is replaced too.
std::string MorphoPieceAdapter::save(const std::string& folder) const {
  const std::string path = folder + "/" + kFileName;
  io::remove_left_overs(folder, is_model_name);
  std::error_code error;
  if (!std::filesystem::exists(path, error)) {
    tokenizer_.save(path);
    return kFileName;
  }
  if (io::FileBytes::open(path).text() == tokenizer_.bytes()) return kFileName;
  const std::string name =
      "morphopiece-" + io::sha256_hex(tokenizer_.bytes()).substr(0, 12) + ".bin";
  tokenizer_.save(folder + "/" + name);
  return name;
}

const MorphoPiece& morphopiece_of(const TokenizerModel& model, std::string_view what) {
  const auto* adapter = dynamic_cast<const MorphoPieceAdapter*>(&model);
  LYDIA_CHECK(adapter, TypeError, what, ": expected a MorphoPiece tokenizer, got ", model.kind());
  return adapter->morphopiece();
}

}  // namespace lydia::text
