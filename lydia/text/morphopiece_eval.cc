#include "lydia/text/morphopiece_eval.h"

#include <algorithm>
#include <charconv>
#include <map>

#include "lydia/core/error.h"
#include "lydia/core/nearest.h"
#include "lydia/core/utf8.h"
#include "lydia/io/sha256.h"
#include "lydia/io/text_lines.h"

namespace lydia::text {
namespace {

double ratio(double part, double whole) { return whole == 0 ? 0 : part / whole; }

std::vector<int32_t> parse_cuts(std::string_view text, const std::string& where) {
  std::vector<int32_t> cuts;
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    int32_t cut = 0;
    const auto [to, error] = std::from_chars(text.data(), text.data() + end, cut);
    LYDIA_CHECK(error == std::errc() && to == text.data() + end && cut > 0, ValueError, where,
                ": expected letter positions above 0, got '", text.substr(0, end), "'");
    cuts.push_back(cut);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return cuts;
}

bool is_in(GoldPart part, std::string_view word) {
  if (part == GoldPart::All) return true;
  const char last = io::sha256_hex(word).back();
  const bool odd = (last >= 'a' ? last - 'a' + 10 : last - '0') % 2 != 0;
  return odd == (part == GoldPart::Hold);
}

GoldWord parse_gold(std::string_view line, const std::string& where) {
  std::vector<std::string_view> fields;
  for (size_t at = 0; at <= line.size();) {
    const size_t end = std::min(line.find('\t', at), line.size());
    fields.push_back(line.substr(at, end - at));
    at = end + 1;
  }
  LYDIA_CHECK(fields.size() == 5 && !fields[0].empty(), ValueError, where,
              ": expected word, morphemes, cuts, optional cuts and count, got ", fields.size(),
              " fields");
  GoldWord gold;
  gold.word = fields[0];
  gold.cuts = parse_cuts(fields[2], where);
  gold.optional = parse_cuts(fields[3], where);
  const auto [to, error] =
      std::from_chars(fields[4].data(), fields[4].data() + fields[4].size(), gold.count);
  LYDIA_CHECK(error == std::errc() && to == fields[4].data() + fields[4].size() && gold.count > 0,
              ValueError, where, ": expected a count above 0, got '", fields[4], "'");
  return gold;
}

struct Agreement {
  int64_t hits = 0, given = 0, gold = 0;
  bool exact() const { return hits == given && hits == gold; }
};

bool contains(const std::vector<int32_t>& list, int32_t value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

Agreement compare(const GoldWord& gold, const std::vector<int32_t>& cuts) {
  Agreement agreement;
  for (const int32_t cut : cuts) {
    if (contains(gold.optional, cut)) continue;
    ++agreement.given;
    agreement.hits += contains(gold.cuts, cut);
  }
  for (const int32_t cut : gold.cuts) agreement.gold += !contains(gold.optional, cut);
  return agreement;
}

void add(CutScore& score, const Agreement& agreement, int64_t times) {
  score.words += times;
  score.exact += agreement.exact() ? times : 0;
  score.hits += agreement.hits * times;
  score.given += agreement.given * times;
  score.gold += agreement.gold * times;
}

double f1_of(const Agreement& a) {
  return a.given + a.gold == 0 ? 1 : 2.0 * a.hits / (a.given + a.gold);
}

std::vector<int32_t> cuts_of(const Segmentation& segmentation) {
  std::vector<int32_t> cuts;
  int32_t letters = 0;
  for (const Morph& morph : segmentation.morphs) {
    if (letters > 0) cuts.push_back(letters);
    letters += static_cast<int32_t>(decode_utf8(morph.surface).size());
  }
  return cuts;
}

// The letter position where the root ends.
int32_t root_end(const std::vector<int32_t>& cuts, const std::vector<int32_t>& optional,
                 int32_t letters) {
  for (const int32_t cut : cuts) {
    if (!contains(optional, cut)) return cut;
  }
  return letters;
}

CutError error_of(const GoldWord& gold, const std::vector<int32_t>& cuts, bool known) {
  if (!known) return CutError::UnknownRoot;
  const Agreement agreement = compare(gold, cuts);
  const bool missed = agreement.hits < agreement.gold, extra = agreement.hits < agreement.given;
  const auto letters = static_cast<int32_t>(decode_utf8(gold.word).size());
  const int32_t ours = root_end(cuts, gold.optional, letters);
  const int32_t wanted = root_end(gold.cuts, gold.optional, letters);
  if (ours > wanted && !extra) return CutError::RootTooLong;
  if (ours < wanted && !missed) return CutError::RootTooShort;
  if (ours != wanted) return CutError::OtherRoot;
  if (missed && extra) return CutError::OtherSuffix;
  return missed ? CutError::MissedSuffix : CutError::ExtraSuffix;
}

}  // namespace

const char* cut_error_name(CutError error) {
  constexpr const char* kNames[] = {"unknown root",    "root not cut",  "root cut",
                                    "another root",    "suffix missed", "suffix cut",
                                    "suffix elsewhere"};
  return kNames[static_cast<size_t>(error)];
}

double CutScore::precision() const { return ratio(hits, given); }
double CutScore::recall() const { return ratio(hits, gold); }
double CutScore::f1() const { return ratio(2.0 * hits, given + gold); }
double CutScore::exact_share() const { return ratio(exact, words); }
double Fertility::tokens_per_word() const { return ratio(tokens, words); }
double Fertility::bytes_per_token() const { return ratio(bytes, tokens); }

GoldPart parse_gold_part(std::string_view name) {
  constexpr std::string_view kNames[] = {"all", "tune", "hold"};
  for (size_t i = 0; i < 3; ++i) {
    if (name == kNames[i]) return static_cast<GoldPart>(i);
  }
  fail<ValueError>("gold list: expected all, tune or hold, got '", name, "'",
                   nearest_hint(name, kNames));
}

std::vector<GoldWord> read_gold(const std::string& path, GoldPart part) {
  const io::TextLines lines(path);
  std::vector<GoldWord> words;
  for (int64_t i = 0; i < lines.size(); ++i) {
    const std::string_view line = lines.get(i);
    if (line.empty() || line.front() == '#') continue;
    GoldWord word = parse_gold(line, lines.where(i));
    if (is_in(part, word.word)) words.push_back(std::move(word));
  }
  return words;
}

SegmentationScore score_cuts(const std::vector<GoldWord>& gold, const CutFunction& cut) {
  SegmentationScore score;
  struct Best {
    Agreement agreement;
    bool set = false;
  };
  std::map<std::string_view, Best> by_word;
  int64_t pieces = 0;
  for (const GoldWord& word : gold) {
    const std::vector<int32_t> cuts = cut(word.word);
    const Agreement agreement = compare(word, cuts);
    add(score.tokens, agreement, word.count);
    pieces += static_cast<int64_t>(cuts.size() + 1) * word.count;
    Best& best = by_word[word.word];
    if (!best.set || f1_of(agreement) > f1_of(best.agreement)) best = {agreement, true};
  }
  for (const auto& [word, best] : by_word) add(score.types, best.agreement, 1);
  score.pieces_per_word =
      ratio(static_cast<double>(pieces), static_cast<double>(score.tokens.words));
  return score;
}

std::vector<int32_t> segment_cuts(const MorphoPiece& tokenizer, std::string_view word) {
  return cuts_of(tokenizer.segment(word)[0]);
}

std::array<int64_t, kCutErrors> count_cut_errors(const MorphoPiece& tokenizer,
                                                 const std::vector<GoldWord>& gold) {
  struct Best {
    const GoldWord* gold = nullptr;
    Segmentation ours;
    std::vector<int32_t> cuts;
  };
  std::map<std::string_view, Best> by_word;
  for (const GoldWord& word : gold) {
    Best& best = by_word[word.word];
    if (best.gold == nullptr) {
      best.ours = tokenizer.segment(word.word)[0];
      best.cuts = cuts_of(best.ours);
    }
    if (best.gold == nullptr ||
        f1_of(compare(word, best.cuts)) > f1_of(compare(*best.gold, best.cuts)))
      best.gold = &word;
  }
  std::array<int64_t, kCutErrors> counts{};
  for (const auto& [word, best] : by_word) {
    if (compare(*best.gold, best.cuts).exact()) continue;
    ++counts[static_cast<size_t>(error_of(*best.gold, best.cuts, best.ours.known))];
  }
  return counts;
}

std::vector<int32_t> token_cuts(const MorphoPiece& tokenizer, std::string_view word,
                                MorphMode mode) {
  MorphEncodeOptions options;
  options.mode = mode;
  options.offsets = true;
  std::vector<int32_t> cuts;
  const MorphEncoding encoding = tokenizer.encode(word, options);
  for (const ByteSpan& span : encoding.offsets) {
    if (span.begin == 0 || span.begin == span.end) continue;
    const auto cut = static_cast<int32_t>(decode_utf8(word.substr(0, span.begin)).size());
    if (cuts.empty() || cuts.back() != cut) cuts.push_back(cut);
  }
  return cuts;
}

Fertility measure_fertility(std::string_view text,
                            const std::function<size_t(std::string_view line)>& tokens) {
  Fertility fertility;
  for (size_t at = io::text_start(text); at < text.size();) {
    const std::string_view line = io::take_line(text, at);
    fertility.bytes += static_cast<int64_t>(line.size());
    fertility.tokens += static_cast<int64_t>(tokens(line));
    bool inside = false;
    for (const char c : line) {
      const bool space = c == ' ' || (c >= '\t' && c <= '\r');
      fertility.words += !space && !inside;
      inside = !space;
    }
  }
  return fertility;
}

Fertility measure_fertility(const MorphoPiece& tokenizer, std::string_view text, MorphMode mode) {
  MorphEncodeOptions options;
  options.mode = mode;
  return measure_fertility(
      text, [&](std::string_view line) { return tokenizer.encode(line, options).ids.size(); });
}

}  // namespace lydia::text
