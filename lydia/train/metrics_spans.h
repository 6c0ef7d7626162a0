// Named entities as spans of tags, and precision, recall and F1 over whole spans: one counts as
// found when its type, its begin and its end are all right. Read as seqeval reads them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "lydia/train/metrics.h"

namespace lydia::train {

enum class SpanScheme {
  Lenient,  // any of IOB, IOB2, IOBES, read as CoNLL's script does: a span also begins at I or E
            // after O, after E or S, and where the type changes
  Iob2,     // strict: B, then I of the same type; an I without B is no span
  Iobes,    // strict: S, or B, then I, then E of the same type; what has no E is no span
};

struct Span {
  std::string type;            // "_" for a tag without one
  int64_t begin = 0, end = 0;  // tokens [begin, end)
  friend auto operator<=>(const Span&, const Span&) = default;
};

// The spans of one sentence's tags: "O", "B-PER", "I-PER", ... Throws ValueError for other tags
// (Iob2 takes no E and S).
std::vector<Span> read_spans(const std::vector<std::string>& tags,
                             SpanScheme scheme = SpanScheme::Lenient);

class SpanScores {
 public:
  explicit SpanScores(SpanScheme scheme = SpanScheme::Lenient) : scheme_(scheme) {}
  // One sentence. Throws ValueError when the two differ in length.
  void update(const std::vector<std::string>& predicted, const std::vector<std::string>& target);
  void reset() { types_.clear(); }

  // Sorted names of the types that were seen.
  std::vector<std::string> types() const;
  ClassScores type_scores(const std::string& type) const;
  ClassScores scores(Average average) const;

 private:
  struct Counts {
    int64_t right = 0, predicted = 0, target = 0;
  };
  static ClassScores scores_of(const Counts& counts);

  SpanScheme scheme_;
  std::map<std::string, Counts> types_;
};

}  // namespace lydia::train
