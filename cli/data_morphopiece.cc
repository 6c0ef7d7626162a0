// Text cut into tokens by a trained tokenizer: the next token of documents, about one in ten of
// which is held out.
#include "cli/data_sources.h"
#include "lydia/core/error.h"
#include "lydia/io/mapped_file.h"
#include "lydia/text/corpus.h"
#include "lydia/text/tokenizer.h"
#include "lydia/train/packing.h"

namespace lydia::cli {
namespace {

using config::Field;
using config::Node;
using config::Type;

Tensor tokens_of(const text::Tokenizer& tokenizer, const std::string& text) {
  text::TokenizeOptions options;
  options.add_special_tokens = options.details = false;
  const std::vector<int32_t> ids = tokenizer.encode({text}, options).ids;
  const Tensor out = empty({static_cast<int64_t>(ids.size())}, DType::I32);
  std::copy(ids.begin(), ids.end(), out.data<int32_t>());
  return out;
}

RunData make(const Node& config) {
  const int64_t length = config.get<int64_t>("data.length");
  LYDIA_CHECK(length >= 1, ValueError, "data.length: expected at least 1, got ", length);
  const std::string folder = config.get<std::string>("data.tokenizer");
  const text::Tokenizer tokenizer = text::Tokenizer::load(folder);
  const io::MappedFile file(config.get<std::string>("data.path"));
  const text::TextSplit parts = text::split_text(file.text(), 10);
  const Tensor train = tokens_of(tokenizer, parts.train),
               held_out = tokens_of(tokenizer, parts.held_out);
  LYDIA_CHECK(std::min(train.numel(), held_out.numel()) > length, ValueError,
              "data.path: expected a text of many documents, more than data.length = ", length,
              " tokens to learn from and held out, got ", train.numel(), " and ", held_out.numel(),
              " in \"", file.path(), "\"");
  return {.train = std::make_shared<train::TokenDataset>(train, length),
          .validation = std::make_shared<train::TokenDataset>(held_out, length),
          .shape = {length},
          .classes = tokenizer.size(),
          .bytes_per_token =
              static_cast<double>(parts.held_out.size()) / static_cast<double>(held_out.numel()),
          .tokenizer = folder};
}

constexpr Field kFields[] = {
    {"path", Type::String}, {"tokenizer", Type::String}, {"length", Type::Int}};

}  // namespace

constexpr DataSource kMorphoPiece{"morphopiece", kFields, Examples::Tokens, make};

}  // namespace lydia::cli
