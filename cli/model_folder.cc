#include "cli/model_folder.h"

#include <filesystem>
#include <utility>

#include "lydia/core/error.h"
#include "lydia/io/file_bytes.h"
#include "lydia/io/json.h"
#include "lydia/models/agiformer/morphology.h"
#include "lydia/text/morphopiece.h"
#include "lydia/text/tokenizer_morphopiece.h"

namespace lydia::cli {
namespace {

namespace fs = std::filesystem;

std::string shown(unsigned char byte) {
  if (byte == '\n') return "\\n";
  if (byte > ' ' && byte < 0x7F) return std::string(1, static_cast<char>(byte));
  if (byte == ' ') return "space";
  constexpr const char* kHex = "0123456789ABCDEF";
  return std::string("\\x") + kHex[byte >> 4] + kHex[byte & 15];
}

std::optional<text::Tokenizer> tokenizer_in(const std::string& folder) {
  const std::string path = folder + "/tokenizer_config.json";
  if (!fs::exists(path)) return std::nullopt;
  const io::Json json = io::parse_json(io::FileBytes::open(path).text(), path);
  const io::Json* name = json.find("tokenizer_class");
  const bool bytes =
      name && std::holds_alternative<std::string>(name->value) && name->as_string() == "bytes";
  if (bytes) return std::nullopt;
  return text::Tokenizer::load(folder);
}

const text::MorphoPiece* morphology_of(const text::Tokenizer& tokenizer) {
  return tokenizer.model().kind() == "morphopiece"
             ? &text::morphopiece_of(tokenizer.model(), "AGIFORMER")
             : nullptr;
}

}  // namespace

ModelFolder open_model(const std::string& given) {
  LYDIA_CHECK(!given.empty(), ValueError,
              "--model: expected the folder of a saved model or of a training run, got none");
  const bool run = !fs::exists(given + "/config.json") && fs::exists(given + "/model/config.json");
  ModelFolder out{run ? given + "/model" : given, nullptr, {}, std::nullopt};
  out.model = models::load_pretrained(out.path);
  out.generation = models::load_generation_config(out.path);
  out.tokenizer = tokenizer_in(out.path);
  const int64_t tokens = out.tokenizer ? out.tokenizer->size() : 256;
  LYDIA_CHECK(tokens <= out.model->config.vocab_size, ValueError, out.path,
              ": expected a tokenizer of at most the model's ", out.model->config.vocab_size,
              " tokens, got ", tokens);
  if (out.tokenizer) set_morphology(*out.model, *out.tokenizer);
  return out;
}

EncodedText ModelFolder::encode(const std::string& text) const {
  std::vector<int32_t> ids;
  EncodedText out;
  if (tokenizer) {
    text::TokenizeOptions options;
    options.add_special_tokens = false;
    ids = tokenizer->encode({text}, options).ids;
    const text::MorphoPiece* const morphology = morphology_of(*tokenizer);
    for (const int32_t id : ids) {
      out.names.emplace_back(tokenizer->id_to_token(id));
      const bool known = morphology && id < morphology->vocab_size();
      out.morphology.emplace_back(
          known ? text::morph_type_name(morphology->morpho_types({&id, 1})[0]) : "-");
    }
  } else {
    for (const char c : text) {
      ids.push_back(static_cast<unsigned char>(c));
      out.names.push_back(shown(static_cast<unsigned char>(c)));
      out.morphology.emplace_back("-");
    }
  }
  out.ids = empty({1, static_cast<int64_t>(ids.size())}, DType::I64);
  std::copy(ids.begin(), ids.end(), out.ids.data<int64_t>());
  return out;
}

std::string ModelFolder::decode(const std::vector<int64_t>& ids) const {
  if (!tokenizer) return {ids.begin(), ids.end()};
  return tokenizer->decode(std::vector<int32_t>(ids.begin(), ids.end()));
}

TokenStream::TokenStream(const ModelFolder& folder) {
  if (folder.tokenizer) decoder_.emplace(*folder.tokenizer);
}

std::string TokenStream::push(int64_t id) {
  if (decoder_) return decoder_->push(static_cast<int32_t>(id));
  const auto byte = static_cast<unsigned char>(id);
  std::string out;
  if (wanted_ == 0 || (byte & 0xC0) != 0x80) {
    out = finish();
    wanted_ = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1;
  }
  held_ += static_cast<char>(byte);
  if (held_.size() == wanted_) out += finish();
  return out;
}

std::string TokenStream::finish() {
  if (decoder_) return decoder_->finish();
  wanted_ = 0;
  return std::exchange(held_, {});
}

}  // namespace lydia::cli
