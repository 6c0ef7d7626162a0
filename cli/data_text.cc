// Text as data of a language model: the next byte of documents, about one in ten of which is held
// out.
#include "cli/data_sources.h"
#include "lydia/core/error.h"
#include "lydia/io/mapped_file.h"
#include "lydia/text/corpus.h"
#include "lydia/train/packing.h"

namespace lydia::cli {
namespace {

using config::Field;
using config::Node;
using config::Type;

train::DatasetPtr byte_windows(const std::string& text, int64_t length) {
  const Tensor bytes = empty({static_cast<int64_t>(text.size())}, DType::U8);
  std::copy(text.begin(), text.end(), bytes.data<uint8_t>());
  return std::make_shared<train::TokenDataset>(bytes, length);
}

RunData byte_data(const Node& config, const text::TextSplit& parts) {
  const int64_t length = config.get<int64_t>("data.length");
  LYDIA_CHECK(length >= 1, ValueError, "data.length: expected at least 1, got ", length);
  LYDIA_CHECK(std::min(parts.train.size(), parts.held_out.size()) > static_cast<size_t>(length),
              ValueError,
              "data.path: expected a text of many documents, more than data.length = ", length,
              " bytes to learn from and held out, got ", parts.train.size(), " and ",
              parts.held_out.size(), " in \"", config.get<std::string>("data.path"), "\"");
  return {.train = byte_windows(parts.train, length),
          .validation = byte_windows(parts.held_out, length),
          .shape = {length},
          .classes = 256};
}

RunData text_data(const Node& config) {
  const io::MappedFile file(config.get<std::string>("data.path"));
  return byte_data(config, text::split_text(file.text(), 10));
}

constexpr Field kTextFields[] = {{"path", Type::String}, {"length", Type::Int}};

}  // namespace

constexpr DataSource kText{"text", kTextFields, Examples::Tokens, text_data};

}  // namespace lydia::cli
