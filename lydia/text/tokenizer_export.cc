#include "lydia/text/tokenizer_export.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <limits>
#include <map>

#include "lydia/core/utf8.h"
#include "lydia/io/json.h"
#include "lydia/text/morphopiece_eval.h"
#include "lydia/text/turkish_letters.h"

namespace lydia::text {
namespace {

using io::Json;

constexpr std::string_view kSpace = "\xe2\x96\x81";  // U+2581, as SentencePiece has it

// What a piece costs for being one (fewest pieces first), how much its probability weighs, and how
// much rarer cased and glued spellings are.
constexpr double kPieceCost = 8, kWeight = 0.3;
constexpr double kCapital = 0.5, kUpper = 1, kGlued = 0.5;
// tokenizers' own: an unknown character costs this more than the rarest piece.
constexpr double kUnknown = 10;

std::string upper(std::string_view text) {
  std::u32string out;
  for (const char32_t c : decode_utf8(text)) out += turkish_upper(c);
  return encode_utf8(out);
}

std::string capital(std::string_view text) {
  std::u32string out = decode_utf8(text);
  if (!out.empty()) out[0] = turkish_upper(out[0]);
  return encode_utf8(out);
}

bool has_letters(PieceKind kind) {
  return kind == PieceKind::Root || kind == PieceKind::Suffix || kind == PieceKind::Spelling ||
         kind == PieceKind::Sequence;
}

}  // namespace

void UnigramExport::add(const std::string& piece, double score) {
  const auto [there, added] = index_.emplace(piece, pieces_.size());
  if (added) {
    pieces_.emplace_back(piece, score);
    longest_ = std::max(longest_, piece.size());
  } else {
    pieces_[there->second].second = std::max(pieces_[there->second].second, score);
  }
}

UnigramExport::UnigramExport(const MorphoPiece& tokenizer) {
  for (int32_t id = 0; id <= MorphoPiece::kMask; ++id)
    pieces_.emplace_back(tokenizer.id_to_token(id), 0);
  for (int b = 0; b < 256; ++b) {
    std::array<char, 8> name;
    std::snprintf(name.data(), name.size(), "<0x%02X>", b);
    pieces_.emplace_back(name.data(), 0);
  }
  for (int32_t id = 0; id < tokenizer.vocab_size(); ++id) {
    const PieceInfo piece = tokenizer.piece(id);
    const bool plain = piece.kind == PieceKind::Digits || piece.kind == PieceKind::Symbol;
    if (!(plain || has_letters(piece.kind)) || piece.text.empty()) continue;
    if (piece.kind == PieceKind::Sequence && tokenizer.mode() != MorphMode::Compact) continue;
    const double score = kWeight * piece.score - kPieceCost;
    const auto add_cased = [&](const std::string& before, double cost) {
      add(before + piece.text, score - cost);
      if (plain) return;
      if (piece.starts_word) add(before + capital(piece.text), score - cost - kCapital);
      add(before + upper(piece.text), score - cost - kUpper);
    };
    if (piece.starts_word || plain) add_cased(std::string(kSpace), 0);
    add_cased("", piece.starts_word ? kGlued : 0);
  }
  add(std::string(kSpace), -kPieceCost);
  double least = 0;
  for (const auto& [piece, score] : pieces_) least = std::min(least, score);
  unknown_score_ = least - kUnknown;
}

std::vector<std::string> UnigramExport::segment(std::string_view word) const {
  const std::string text = std::string(kSpace).append(word);
  struct Best {
    double score = -std::numeric_limits<double>::infinity();
    size_t from = 0;
    bool unknown = false;
  };
  std::vector<Best> best(text.size() + 1);
  best[0].score = 0;
  for (size_t at = 0; at < text.size();) {
    const size_t step = decode_code_point(text, at).length;
    const auto offer = [&](size_t end, double score, bool unknown) {
      if (best[at].score + score > best[end].score)
        best[end] = {best[at].score + score, at, unknown};
    };
    bool single = false;
    const size_t furthest = std::min(text.size(), at + longest_);
    for (size_t end = at + step; end <= furthest;) {
      if (const auto known = index_.find(text.substr(at, end - at)); known != index_.end()) {
        offer(end, pieces_[known->second].second, false);
        single |= end == at + step;
      }
      if (end == text.size()) break;
      end += decode_code_point(text, end).length;
    }
    if (!single) offer(at + step, unknown_score_, true);
    at += step;
  }
  std::vector<std::string> out;
  bool last_unknown = false;
  for (size_t end = text.size(); end > 0; end = best[end].from) {
    std::string piece = text.substr(best[end].from, end - best[end].from);
    if (best[end].unknown && last_unknown)
      out.back().insert(0, piece);
    else
      out.push_back(std::move(piece));
    last_unknown = best[end].unknown;
  }
  std::reverse(out.begin(), out.end());
  return out;
}

std::string UnigramExport::json(std::optional<double> agreement) const {
  Json::List vocab, added;
  for (const auto& [piece, score] : pieces_) vocab.emplace_back(Json::List{piece, score});
  for (int64_t id = 0; id <= MorphoPiece::kMask; ++id) {
    added.emplace_back(Json::Object{{"id", id},
                                    {"content", pieces_[static_cast<size_t>(id)].first},
                                    {"single_word", false},
                                    {"lstrip", false},
                                    {"rstrip", false},
                                    {"normalized", false},
                                    {"special", true}});
  }
  const Json::Object spaces = {{"type", "Metaspace"},
                               {"replacement", std::string(kSpace)},
                               {"prepend_scheme", "always"},
                               {"split", true}};
  // Readers refuse unknown members of the file, but not of its model.
  Json::Object note = {{"note", "approximate: a unigram model in place of MorphoPiece"}};
  if (agreement) note.emplace_back("words_cut_alike", *agreement);
  Json::Object model = {{"type", "Unigram"},
                        {"unk_id", int64_t{MorphoPiece::kUnk}},
                        {"vocab", std::move(vocab)},
                        {"byte_fallback", true},
                        {"lydia", std::move(note)}};
  return io::to_json(Json::Object{
      {"version", "1.0"},
      {"truncation", Json()},
      {"padding", Json()},
      {"added_tokens", std::move(added)},
      {"normalizer", Json()},
      {"pre_tokenizer", spaces},
      {"post_processor", Json()},
      {"decoder",
       Json::Object{{"type", "Sequence"},
                    {"decoders", Json::List{Json::Object{{"type", "ByteFallback"}}, spaces}}}},
      {"model", std::move(model)}});
}

double agreement(const MorphoPiece& tokenizer, const UnigramExport& exported,
                 std::string_view text) {
  std::map<std::string_view, int64_t> counts;
  const auto is_space = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
  for (size_t at = 0; at < text.size();) {
    size_t end = at;
    while (end < text.size() && !is_space(text[end])) ++end;
    if (end > at) ++counts[text.substr(at, end - at)];
    at = end + 1;
  }
  int64_t words = 0, alike = 0;
  for (const auto& [word, count] : counts) {
    std::vector<int32_t> cuts;  // letters before each cut, as token_cuts has them
    int32_t letters = 0;
    const std::vector<std::string> pieces = exported.segment(word);
    for (size_t i = 0; i < pieces.size(); ++i) {
      if (letters > 0) cuts.push_back(letters);
      letters += static_cast<int32_t>(decode_utf8(pieces[i]).size()) - (i == 0);  // U+2581
    }
    words += count;
    if (cuts == token_cuts(tokenizer, word, tokenizer.mode())) alike += count;
  }
  return words ? static_cast<double>(alike) / static_cast<double>(words) : 1;
}

}  // namespace lydia::text
