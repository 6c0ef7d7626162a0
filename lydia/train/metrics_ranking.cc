#include "lydia/train/metrics_ranking.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "lydia/train/metrics_input.h"

namespace lydia::train {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// Rows with one score: how many of each class.
struct Group {
  double positives = 0, negatives = 0;
};

// The groups from the highest score down.
std::vector<Group> groups_of(std::span<const double> scores, std::span<const int64_t> targets,
                             std::string_view metric) {
  check_same_count(static_cast<int64_t>(scores.size()), static_cast<int64_t>(targets.size()),
                   metric);
  check_classes(targets, 2, metric);
  std::vector<size_t> order(scores.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return scores[a] > scores[b]; });
  std::vector<Group> groups;
  for (size_t i = 0; i < order.size(); ++i) {
    if (i == 0 || scores[order[i]] != scores[order[i - 1]]) groups.emplace_back();
    (targets[order[i]] == 1 ? groups.back().positives : groups.back().negatives) += 1;
  }
  return groups;
}

}  // namespace

double auroc(std::span<const double> scores, std::span<const int64_t> targets) {
  double positives = 0, negatives = 0, won = 0;
  for (const Group& group : groups_of(scores, targets, "auroc")) {
    won += group.negatives * (positives + group.positives / 2);
    positives += group.positives;
    negatives += group.negatives;
  }
  return positives == 0 || negatives == 0 ? kNan : won / (positives * negatives);
}

double auroc(const Tensor& scores, const Tensor& targets) {
  return auroc(score_rows(scores, 1, "auroc").values, labels_of(targets, "auroc").values);
}

double auroc_one_vs_rest(const Tensor& scores, const Tensor& targets) {
  const ScoreRows rows = score_rows(scores, 2, "auroc");
  const Labels labels = labels_of(targets, "auroc");
  check_same_count(rows.rows, labels.size(), "auroc");
  check_classes(labels.values, rows.columns, "auroc");
  double sum = 0;
  for (int64_t c = 0; c < rows.columns; ++c) {
    std::vector<double> column;
    std::vector<int64_t> is_class;
    for (int64_t i = 0; i < rows.rows; ++i) {
      column.push_back(rows.row(i)[static_cast<size_t>(c)]);
      is_class.push_back(labels.values[static_cast<size_t>(i)] == c);
    }
    const double one = auroc(column, is_class);
    LYDIA_CHECK(
        one == one, ValueError, "auroc: expected rows inside and outside of each class, got ",
        std::count(is_class.begin(), is_class.end(), 1), " of ", rows.rows, " in class ", c);
    sum += one;
  }
  return sum / static_cast<double>(rows.columns);
}

double average_precision(std::span<const double> scores, std::span<const int64_t> targets) {
  double positives = 0, taken = 0, sum = 0;
  for (const Group& group : groups_of(scores, targets, "average_precision")) {
    positives += group.positives;
    taken += group.positives + group.negatives;
    sum += group.positives * positives / taken;
  }
  return positives == 0 ? kNan : sum / positives;
}

double average_precision(const Tensor& scores, const Tensor& targets) {
  return average_precision(score_rows(scores, 1, "average_precision").values,
                           labels_of(targets, "average_precision").values);
}

void RankingScores::update(const Tensor& scores, const Tensor& targets) {
  const ScoreRows rows = score_rows(scores, 1, "ranking");
  const Labels labels = labels_of(targets, "ranking");
  check_same_count(rows.rows, labels.size(), "ranking");
  check_classes(labels.values, 2, "ranking");
  scores_.insert(scores_.end(), rows.values.begin(), rows.values.end());
  targets_.insert(targets_.end(), labels.values.begin(), labels.values.end());
}

void RankingScores::reset() {
  scores_.clear();
  targets_.clear();
}

}  // namespace lydia::train
