// Metrics on tensors; python/lydia/metrics.py takes lists and arrays and gives them their names.
#include "lydia/train/metrics.h"

#include <nanobind/stl/string_view.h>

#include "lydia/train/metrics_calibration.h"
#include "lydia/train/metrics_interval.h"
#include "lydia/train/metrics_ranking.h"
#include "lydia/train/metrics_spans.h"
#include "python/bind.h"
#include "python/register.h"

namespace lydia::python {
namespace {

using namespace train;

nb::tuple to_tuple(const ClassScores& s) {
  return nb::make_tuple(s.precision, s.recall, s.f1, s.support);
}

template <class E>
E choose(std::string_view what, std::string_view name,
         std::initializer_list<std::pair<std::string_view, E>> options) {
  std::string names;
  for (const auto& [option, value] : options) {
    if (option == name) return value;
    names += (names.empty() ? "'" : ", '") + std::string(option) + "'";
  }
  fail<ValueError>(what, ": expected ", names, ", got '", name, "'");
}

Average to_average(std::string_view name) {
  return choose<Average>(
      "average", name,
      {{"micro", Average::Micro}, {"macro", Average::Macro}, {"weighted", Average::Weighted}});
}
Binning to_binning(std::string_view name) {
  return choose<Binning>("binning", name, {{"width", Binning::Width}, {"mass", Binning::Mass}});
}
SpanScheme to_scheme(std::string_view name) {
  return choose<SpanScheme>(
      "scheme", name,
      {{"lenient", SpanScheme::Lenient}, {"iob2", SpanScheme::Iob2}, {"iobes", SpanScheme::Iobes}});
}
IntervalMethod to_method(std::string_view name) {
  return choose<IntervalMethod>(
      "method", name, {{"bca", IntervalMethod::BCa}, {"percentile", IntervalMethod::Percentile}});
}

void register_streams(nb::module_& m) {
  nb::class_<Mean>(m, "_Mean")
      .def(nb::init<>())
      .def("update", &Mean::update, "value"_a, "weight"_a = 1.0, "Takes a value with a weight.")
      .def("compute", &Mean::compute, "The value over what update() took so far.")
      .def("reset", &Mean::reset, "Forgets what update() took.");
  nb::class_<Accuracy>(m, "_Accuracy")
      .def(nb::init<int64_t>(), "k"_a = 1)
      .def("update", &Accuracy::update, "predicted"_a, "target"_a, "Takes a batch.")
      .def("compute", &Accuracy::compute, "The value over what update() took so far.")
      .def("reset", &Accuracy::reset, "Forgets what update() took.")
      .def_prop_ro("count", &Accuracy::count);
  nb::class_<ConfusionMatrix>(m, "_ConfusionMatrix")
      .def(nb::init<int64_t>(), "classes"_a)
      .def("update", &ConfusionMatrix::update, "predicted"_a, "target"_a, "Takes a batch.")
      .def("compute", &ConfusionMatrix::compute, "The value over what update() took so far.")
      .def("reset", &ConfusionMatrix::reset, "Forgets what update() took.")
      .def("accuracy", &ConfusionMatrix::accuracy, "The share of right predictions.")
      .def(
          "class_scores",
          [](const ConfusionMatrix& c, int64_t label) { return to_tuple(c.class_scores(label)); },
          "label"_a)
      .def(
          "scores",
          [](const ConfusionMatrix& c, std::string_view average) {
            return to_tuple(c.scores(to_average(average)));
          },
          "average"_a);
}

void register_collections(nb::module_& m) {
  nb::class_<Perplexity>(m, "_Perplexity")
      .def(nb::init<>())
      .def("update", nb::overload_cast<const Tensor&, const Tensor&>(&Perplexity::update),
           "logits"_a, "target"_a, "Takes logits [..., V] and targets [...].")
      .def("update_sum", nb::overload_cast<double, int64_t>(&Perplexity::update), "loss_sum"_a,
           "tokens"_a, "Takes a sum of losses and its number of tokens.")
      .def("compute", &Perplexity::compute, "The value over what update() took so far.")
      .def("bits_per_byte", &Perplexity::bits_per_byte, "bytes"_a,
           "The loss in bits over the number of bytes of the text.")
      .def("reset", &Perplexity::reset, "Forgets what update() took.");
  nb::class_<RankingScores>(m, "_RankingScores")
      .def(nb::init<>())
      .def("update", &RankingScores::update, "scores"_a, "targets"_a)
      .def("auroc", &RankingScores::auroc)
      .def("average_precision", &RankingScores::average_precision)
      .def("reset", &RankingScores::reset, "Forgets what update() took.");
  nb::class_<SpanScores>(m, "_SpanScores")
      .def(
          "__init__",
          [](SpanScores* s, std::string_view scheme) { new (s) SpanScores(to_scheme(scheme)); },
          "scheme"_a)
      .def("update", &SpanScores::update, "predicted"_a, "target"_a, "Takes a batch of tags.")
      .def("reset", &SpanScores::reset, "Forgets what update() took.")
      .def("types", &SpanScores::types)
      .def(
          "type_scores",
          [](const SpanScores& s, const std::string& type) {
            return to_tuple(s.type_scores(type));
          },
          "type"_a)
      .def(
          "scores",
          [](const SpanScores& s, std::string_view average) {
            return to_tuple(s.scores(to_average(average)));
          },
          "average"_a);
}

nb::list bins_of(const Tensor& probabilities, const Tensor& targets, int bins,
                 std::string_view binning) {
  nb::list out;
  for (const ReliabilityBin& b :
       reliability_bins(probabilities, targets, bins, to_binning(binning))) {
    out.append(nb::make_tuple(b.low, b.high, b.count, b.confidence, b.accuracy));
  }
  return out;
}

nb::tuple bootstrap_of(int64_t n, nb::callable statistic, int64_t resamples, double level,
                       std::string_view method, uint64_t seed) {
  const Statistic call = [&](std::span<const int64_t> rows) {
    const Tensor indices = empty({static_cast<int64_t>(rows.size())}, DType::I64);
    std::copy(rows.begin(), rows.end(), indices.data<int64_t>());
    return nb::cast<double>(nb::float_(statistic(indices)));
  };
  const Interval i = bootstrap(n, call, {resamples, level, to_method(method), seed});
  return nb::make_tuple(i.value, i.low, i.high, i.undefined);
}

}  // namespace

void register_metrics(nb::module_& m) {
  register_streams(m);
  register_collections(m);
  m.def("_auroc", nb::overload_cast<const Tensor&, const Tensor&>(&auroc), "scores"_a, "targets"_a);
  m.def("_auroc_one_vs_rest", &auroc_one_vs_rest, "scores"_a, "targets"_a);
  m.def("_average_precision", nb::overload_cast<const Tensor&, const Tensor&>(&average_precision),
        "scores"_a, "targets"_a);
  m.def("_reliability_bins", &bins_of, "probabilities"_a, "targets"_a, "bins"_a, "binning"_a);
  m.def(
      "_calibration_error",
      [](const Tensor& p, const Tensor& y, int bins, std::string_view binning, bool largest) {
        return calibration_error(reliability_bins(p, y, bins, to_binning(binning)), largest);
      },
      "probabilities"_a, "targets"_a, "bins"_a, "binning"_a, "largest"_a);
  m.def(
      "_reliability_svg",
      [](const Tensor& p, const Tensor& y, int bins, std::string_view binning,
         const std::string& title) {
        return reliability_svg(reliability_bins(p, y, bins, to_binning(binning)), title);
      },
      "probabilities"_a, "targets"_a, "bins"_a, "binning"_a, "title"_a);
  m.def("_brier_score", &brier_score, "probabilities"_a, "targets"_a);
  m.def("_fit_temperature", &fit_temperature, "logits"_a, "targets"_a);
  m.def("_bootstrap", &bootstrap_of, "n"_a, "statistic"_a, "resamples"_a, "level"_a, "method"_a,
        "seed"_a);
  m.def(
      "_bootstrap_mean",
      [](const std::vector<double>& values, int64_t resamples, double level,
         std::string_view method, uint64_t seed) {
        const Interval i = bootstrap_mean(values, {resamples, level, to_method(method), seed});
        return nb::make_tuple(i.value, i.low, i.high, i.undefined);
      },
      "values"_a, "resamples"_a, "level"_a, "method"_a, "seed"_a);
  m.def(
      "_read_spans",
      [](const std::vector<std::string>& tags, std::string_view scheme) {
        nb::list out;
        for (const Span& s : read_spans(tags, to_scheme(scheme)))
          out.append(nb::make_tuple(s.type, s.begin, s.end));
        return out;
      },
      "tags"_a, "scheme"_a);
}

}  // namespace lydia::python
