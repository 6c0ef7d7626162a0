#include "lydia/train/metrics_spans.h"

#include <algorithm>
#include <set>

#include "lydia/core/error.h"

namespace lydia::train {
namespace {

struct Tag {
  char prefix = 'O';
  std::string_view type = "";
};

Tag parse_tag(std::string_view text, SpanScheme scheme) {
  if (text == "O") return {};
  const std::string_view prefixes = scheme == SpanScheme::Iob2 ? "BI" : "BIES";
  const bool known = !text.empty() && prefixes.find(text[0]) != std::string_view::npos &&
                     (text.size() == 1 || text[1] == '-');
  LYDIA_CHECK(known, ValueError, "spans: expected O or one of ", prefixes,
              " with a type, such as B-PER, got '", text, "'");
  return {text[0], text.size() > 2 ? text.substr(2) : "_"};
}

bool is_one_of(char c, std::string_view set) { return set.find(c) != std::string_view::npos; }

// Whether a span goes on from `before` to `now`.
bool continues(const Tag& before, const Tag& now) {
  return is_one_of(before.prefix, "BI") && is_one_of(now.prefix, "IE") && before.type == now.type;
}

bool begins(const Tag& before, const Tag& now, SpanScheme scheme) {
  if (now.prefix == 'B' || now.prefix == 'S') return true;
  // I or E that does not go on from a span.
  return scheme == SpanScheme::Lenient && now.prefix != 'O' && !continues(before, now);
}

// Whether a span that ends with `last` is whole.
bool is_whole(const Tag& last, SpanScheme scheme) {
  return scheme != SpanScheme::Iobes || last.prefix == 'E' || last.prefix == 'S';
}

}  // namespace

std::vector<Span> read_spans(const std::vector<std::string>& tags, SpanScheme scheme) {
  std::vector<Span> spans;
  Tag before;
  bool open = false;
  const auto close = [&](int64_t end) {
    if (open && is_whole(before, scheme)) {
      spans.back().end = end;
    } else if (open) {
      spans.pop_back();
    }
    open = false;
  };
  for (size_t i = 0; i < tags.size(); ++i) {
    const auto at = static_cast<int64_t>(i);
    const Tag now = parse_tag(tags[i], scheme);
    if (!open || !continues(before, now)) {
      close(at);
      open = begins(before, now, scheme);
      if (open) spans.push_back({std::string(now.type), at, at});
    }
    before = now;
  }
  close(static_cast<int64_t>(tags.size()));
  return spans;
}

void SpanScores::update(const std::vector<std::string>& predicted,
                        const std::vector<std::string>& target) {
  LYDIA_CHECK(predicted.size() == target.size(), ValueError,
              "spans: expected as many predicted tags as true ones, got ", predicted.size(),
              " and ", target.size());
  const std::vector<Span> found = read_spans(predicted, scheme_),
                          truth = read_spans(target, scheme_);
  const std::set<Span> truths(truth.begin(), truth.end());
  for (const Span& span : truth) ++types_[span.type].target;
  for (const Span& span : found) {
    Counts& counts = types_[span.type];
    ++counts.predicted;
    counts.right += truths.contains(span);
  }
}

ClassScores SpanScores::scores_of(const Counts& counts) {
  return scores_of_counts(counts.right, counts.predicted - counts.right,
                          counts.target - counts.right);
}

std::vector<std::string> SpanScores::types() const {
  std::vector<std::string> names;
  for (const auto& [name, counts] : types_) names.push_back(name);
  return names;
}

ClassScores SpanScores::type_scores(const std::string& type) const {
  const auto found = types_.find(type);
  LYDIA_CHECK(found != types_.end(), ValueError, "spans: no span of the type '", type,
              "' was seen");
  return scores_of(found->second);
}

ClassScores SpanScores::scores(Average average) const {
  std::vector<ClassScores> each;
  Counts all;
  for (const auto& [name, counts] : types_) {
    each.push_back(scores_of(counts));
    all.right += counts.right;
    all.predicted += counts.predicted;
    all.target += counts.target;
  }
  return average_scores(each, scores_of(all), average);
}

}  // namespace lydia::train
