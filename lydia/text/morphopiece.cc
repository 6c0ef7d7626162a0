#include "lydia/text/morphopiece.h"

#include <algorithm>
#include <array>
#include <limits>

#include "lydia/core/error.h"
#include "lydia/io/atomic_file.h"
#include "lydia/io/mapped_file.h"
#include "lydia/text/morphopiece_model.h"
#include "lydia/text/morphopiece_render.h"
#include "lydia/text/morphopiece_segment.h"
#include "lydia/text/morphopiece_text.h"

namespace lydia::text {
namespace {

// The special token whose name starts at `at`, or -1.
int32_t special_at(const MorphoPieceModel& model, std::string_view text, size_t at) {
  for (int32_t id = MorphoPiece::kPad; id <= MorphoPiece::kMask; ++id) {
    const std::string_view name = model.text(model.piece(id).name);
    if (text.substr(at, name.size()) == name) return id;
  }
  return -1;
}

// Calls plain(text, at) and special(id, begin, end) in the order of the text.
template <class Plain, class Special>
void split_at_special(const MorphoPieceModel& model, std::string_view text, Plain&& plain,
                      Special&& special) {
  size_t from = 0;
  for (size_t at = text.find('<'); at != std::string_view::npos; at = text.find('<', at)) {
    const int32_t id = special_at(model, text, at);
    if (id < 0) {
      ++at;
      continue;
    }
    const size_t end = at + model.text(model.piece(id).name).size();
    plain(text.substr(from, at - from), from);
    special(id, at, end);
    from = at = end;
  }
  plain(text.substr(from), from);
}

void check_options(std::string_view text, const MorphEncodeOptions& options) {
  LYDIA_CHECK(text.size() <= std::numeric_limits<uint32_t>::max(), ValueError,
              "encode: expected at most ", std::numeric_limits<uint32_t>::max(), " bytes, got ",
              text.size());
  LYDIA_CHECK(options.temperature >= 0, ValueError,
              "encode: expected a temperature of at least 0, got ", options.temperature);
}

}  // namespace

MorphoPiece::MorphoPiece(std::shared_ptr<const MorphoPieceModel> model)
    : model_(std::move(model)) {}

MorphoPiece MorphoPiece::load(const std::string& path) {
  return MorphoPiece(std::make_shared<const MorphoPieceModel>(io::MappedFile(path), path));
}

MorphoPiece MorphoPiece::from_bytes(std::string content, const std::string& label) {
  return MorphoPiece(std::make_shared<const MorphoPieceModel>(std::move(content), label));
}

void MorphoPiece::save(const std::string& path) const {
  io::write_file_atomic(path, model_->file_bytes);
}

std::string_view MorphoPiece::bytes() const { return model_->file_bytes; }
MorphMode MorphoPiece::mode() const { return static_cast<MorphMode>(model_->header.mode); }
int32_t MorphoPiece::vocab_size() const { return static_cast<int32_t>(model_->pieces.size()); }

MorphModelInfo MorphoPiece::info() const {
  const auto count = [](const auto& list) { return static_cast<int64_t>(list.size()); };
  MorphModelInfo info;
  info.format_major = static_cast<int>(kModelFormatMajor);
  info.format_minor = static_cast<int>(kModelFormatMinor);
  info.mode = mode();
  info.vocab_size = vocab_size();
  info.roots = count(model_->lemmas) - 1;
  info.states = count(model_->states);
  info.arcs = count(model_->arcs);
  info.words = count(model_->words);
  info.tails = count(model_->tail_costs);
  info.sequences = std::count_if(model_->pieces.begin(), model_->pieces.end(), [](const auto& p) {
    return p.kind == static_cast<uint8_t>(PieceKind::Sequence);
  });
  info.file_bytes = model_->file_bytes.size();
  info.meta_json = model_->meta;
  return info;
}

void MorphoPiece::encode_to(std::string_view text, const MorphEncodeOptions& options,
                            std::vector<int32_t>& ids) const {
  check_options(text, options);
  if (!options.parse_special) return encode_plain(*model_, text, options, ids);
  split_at_special(
      *model_, text,
      [&](std::string_view plain, size_t) { encode_plain(*model_, plain, options, ids); },
      [&](int32_t id, size_t, size_t) { ids.push_back(id); });
}

MorphEncoding MorphoPiece::encode(std::string_view text, const MorphEncodeOptions& options) const {
  MorphEncoding encoding;
  if (!options.offsets && !options.types) {
    encode_to(text, options, encoding.ids);
    return encoding;
  }
  check_options(text, options);
  int32_t words = 0;
  const auto plain = [&](std::string_view part, size_t at) {
    encode_spans(*model_, part, static_cast<uint32_t>(at), options, words, encoding);
  };
  if (!options.parse_special) {
    plain(text, 0);
    return encoding;
  }
  split_at_special(*model_, text, plain, [&](int32_t id, size_t begin, size_t end) {
    encoding.ids.push_back(id);
    if (options.offsets) {
      encoding.offsets.push_back({static_cast<uint32_t>(begin), static_cast<uint32_t>(end)});
      encoding.word_ids.push_back(words);
    }
    if (options.types) {
      encoding.types.push_back(id == kPad ? MorphType::Pad : MorphType::Special);
      encoding.categories.push_back(id == kPad ? SemanticCategory::Pad : SemanticCategory::Special);
    }
    ++words;
  });
  return encoding;
}

std::string MorphoPiece::decode(std::span<const int32_t> ids, bool skip_special) const {
  std::string out;
  RenderState state;
  for (const int32_t id : ids) {
    model_->check_id(id, "decode");
    render_token(*model_, id, skip_special, state, out);
  }
  finish_render(*model_, state, out);
  return out;
}

std::vector<Segmentation> MorphoPiece::segment(std::string_view word, int nbest) const {
  LYDIA_CHECK(nbest >= 1 && nbest <= kMaxReadings, ValueError, "segment: expected nbest from 1 to ",
              kMaxReadings, ", got ", nbest);
  return segment_word(*model_, word, nbest);
}

Segmentation MorphoPiece::sample(std::string_view word, double temperature, uint64_t seed) const {
  LYDIA_CHECK(temperature > 0, ValueError, "sample: expected a temperature above 0, got ",
              temperature);
  return sample_word(*model_, word, temperature, seed);
}

std::vector<MorphType> MorphoPiece::morpho_types(std::span<const int32_t> ids) const {
  std::vector<MorphType> types;
  types.reserve(ids.size());
  for (const int32_t id : ids) {
    model_->check_id(id, "morpho_types");
    types.push_back(static_cast<MorphType>(model_->piece(id).type));
  }
  return types;
}

std::vector<std::vector<MorphType>> MorphoPiece::morpho_type_lists(
    std::span<const int32_t> ids) const {
  std::vector<std::vector<MorphType>> lists;
  for (const int32_t id : ids) {
    model_->check_id(id, "morpho_type_lists");
    const auto parts = model_->piece_parts(id);
    lists.push_back(parts.empty() ? morpho_types(std::span(&id, 1)) : morpho_types(parts));
  }
  return lists;
}

std::vector<SemanticCategory> MorphoPiece::semantic_categories(std::span<const int32_t> ids) const {
  std::vector<SemanticCategory> categories;
  categories.reserve(ids.size());
  for (const int32_t id : ids) {
    model_->check_id(id, "semantic_categories");
    categories.push_back(static_cast<SemanticCategory>(model_->piece(id).category));
  }
  return categories;
}

std::string_view MorphoPiece::id_to_token(int32_t id) const {
  model_->check_id(id, "id_to_token");
  return model_->text(model_->piece(id).name);
}

std::optional<int32_t> MorphoPiece::token_to_id(std::string_view token) const {
  const int32_t id = model_->find(token);
  return id < 0 ? std::nullopt : std::optional(id);
}

PieceInfo MorphoPiece::piece(int32_t id) const {
  model_->check_id(id, "piece");
  const PieceRecord& record = model_->piece(id);
  PieceInfo info;
  info.kind = static_cast<PieceKind>(record.kind);
  const bool named = info.kind == PieceKind::Special || info.kind == PieceKind::Marker;
  info.text = model_->text(named ? record.name : record.text);
  info.type = static_cast<MorphType>(record.type);
  info.category = static_cast<SemanticCategory>(record.category);
  info.starts_word = (record.flags & kStartsWord) != 0;
  info.label = piece_label(*model_, id);
  const auto parts = model_->piece_parts(id);
  info.parts.assign(parts.begin(), parts.end());
  info.score = -static_cast<double>(record.score) / kCostUnit;
  return info;
}

MorphoPiece::Decoder::Decoder(const MorphoPiece& tokenizer, bool skip_special)
    : model_(tokenizer.model_), skip_special_(skip_special) {}

void MorphoPiece::Decoder::push(int32_t id, std::string& out) {
  model_->check_id(id, "decode");
  render_token(*model_, id, skip_special_, state_, out);
}

void MorphoPiece::Decoder::finish(std::string& out) { finish_render(*model_, state_, out); }

}  // namespace lydia::text
