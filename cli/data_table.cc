// Tables in CSV files: numbers in the columns of features, and a class or a number to predict.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <set>

#include "cli/choice.h"
#include "cli/data_sources.h"
#include "lydia/core/error.h"
#include "lydia/io/csv.h"

namespace lydia::cli {
namespace {

using config::Field;
using config::Need;
using config::Node;
using config::Type;

struct Columns {
  std::vector<size_t> features;
  size_t target;
};

struct Rows {
  std::vector<float> values;  // [rows, features]
  std::vector<std::string> targets, places;
};

Columns columns_of(const Node& config, const io::CsvFile& file) {
  Columns out{{}, file.column(config.get<std::string>("data.target"))};
  for (const std::string& name : config.get<std::vector<std::string>>("data.features")) {
    out.features.push_back(file.column(name));
  }
  for (size_t c = 0;
       config.get<std::vector<std::string>>("data.features").empty() && c < file.columns().size();
       ++c) {
    if (c != out.target) out.features.push_back(c);
  }
  LYDIA_CHECK(!out.features.empty(), ValueError, "data.features: expected at least one column");
  return out;
}

std::optional<float> number(const std::string& text) {
  float value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && std::isfinite(value) ? std::optional(value) : std::nullopt;
}

float number_or_corrupt(const std::string& text, const std::string& column,
                        const std::string& where) {
  if (const std::optional<float> value = number(text)) return *value;
  const size_t colon = where.rfind(':');
  throw io::CorruptRecord(where.substr(0, colon), where.substr(colon + 1),
                          "expected a number in column " + column + ", got '" + text + "'");
}

Rows read_rows(const Node& config, const std::string& path, io::CorruptLog& broken) {
  const std::string delimiter = config.get<std::string>("data.delimiter");
  LYDIA_CHECK(delimiter.size() == 1, ValueError, "data.delimiter: expected one character, got '",
              delimiter, "'");
  const io::CsvFile file(path, {.delimiter = delimiter[0], .on_corrupt = broken.on_corrupt()});
  broken.merge(file.corrupt());
  const Columns columns = columns_of(config, file);
  Rows rows;
  for (int64_t i = 0; i < file.size(); ++i) {
    const std::vector<std::string> record = file.get(i);
    std::vector<float> values;
    try {
      for (const size_t c : columns.features) {
        values.push_back(number_or_corrupt(record[c], file.columns()[c], file.where(i)));
      }
    } catch (const io::CorruptRecord& bad) {
      broken.add(bad);
      continue;
    }
    rows.values.insert(rows.values.end(), values.begin(), values.end());
    rows.targets.push_back(record[columns.target]);
    rows.places.push_back(file.where(i));
  }
  LYDIA_CHECK(!rows.targets.empty(), ValueError, path, ": expected rows, got none");
  return rows;
}

Tensor matrix(const Rows& rows) {
  const auto count = std::ssize(rows.targets);
  const Tensor out = empty({count, std::ssize(rows.values) / count}, DType::F32);
  std::copy(rows.values.begin(), rows.values.end(), out.data<float>());
  return out;
}

DataPart classes_part(const Rows& rows, const Tensor& x, const std::vector<std::string>& classes) {
  DataPart part;
  const Tensor label = empty({x.size(0)}, DType::I64);
  for (size_t i = 0; i < rows.targets.size(); ++i) {
    const auto at = std::lower_bound(classes.begin(), classes.end(), rows.targets[i]);
    LYDIA_CHECK(at != classes.end() && *at == rows.targets[i], ValueError, rows.places[i],
                ": expected a class of the training table, got '", rows.targets[i], "'");
    part.labels.push_back(at - classes.begin());
    label.data<int64_t>()[i] = at - classes.begin();
  }
  part.examples =
      std::make_shared<train::TensorDataset>(train::Example{{"input", x}, {"label", label}});
  return part;
}

DataPart numbers_part(const Rows& rows, const Tensor& x) {
  const Tensor label = empty({x.size(0)}, DType::F32);
  for (size_t i = 0; i < rows.targets.size(); ++i) {
    label.data<float>()[i] = number_or_corrupt(rows.targets[i], "data.target", rows.places[i]);
  }
  return {std::make_shared<train::TensorDataset>(train::Example{{"input", x}, {"label", label}})};
}

// Columns to mean 0 and deviation 1 of the training examples alone, in place: the examples of all
// parts are views of these matrices.
void standardize(const train::Dataset& training, const std::vector<Tensor>& matrices) {
  const int64_t width = matrices[0].size(1), count = training.size();
  std::vector<double> sums(static_cast<size_t>(width)), squares(sums);
  for (int64_t i = 0; i < count; ++i) {
    const Tensor row = training.get(i)["input"];
    for (int64_t c = 0; c < width; ++c) sums[static_cast<size_t>(c)] += row.data<float>()[c];
  }
  for (double& sum : sums) sum /= static_cast<double>(count);
  for (int64_t i = 0; i < count; ++i) {
    const Tensor row = training.get(i)["input"];
    for (int64_t c = 0; c < width; ++c) {
      const auto at = static_cast<size_t>(c);
      squares[at] += std::pow(row.data<float>()[c] - sums[at], 2);
    }
  }
  for (const Tensor& x : matrices) {
    for (int64_t i = 0; x.defined() && i < x.numel(); ++i) {
      const auto at = static_cast<size_t>(i % width);
      const double deviation = std::sqrt(squares[at] / static_cast<double>(count));
      float& value = x.data<float>()[i];
      value = static_cast<float>((value - sums[at]) / (deviation > 0 ? deviation : 1));
    }
  }
}

RunData csv(const Node& config) {
  constexpr std::array<std::string_view, 2> kinds{"class", "number"};
  const bool regression = choice(config, "data.target_kind", kinds) == 1;
  io::CorruptLog broken(on_corrupt(config));
  const Rows rows = read_rows(config, config.get<std::string>("data.path"), broken);
  const std::set<std::string> names(rows.targets.begin(), rows.targets.end());
  const std::vector<std::string> classes(names.begin(), names.end());
  const auto part = [&](const Rows& from, const Tensor& x) {
    return regression ? numbers_part(from, x) : classes_part(from, x, classes);
  };
  const Tensor x = matrix(rows);
  Tensor test_x;
  DataParts parts{part(rows, x)};
  if (const auto path = config.get<std::optional<std::string>>("data.test_path")) {
    const Rows test = read_rows(config, *path, broken);
    test_x = matrix(test);
    LYDIA_CHECK(test_x.size(1) == x.size(1), ValueError, *path, ": expected ", x.size(1),
                " columns of features, got ", test_x.size(1));
    parts.test = part(test, test_x);
  }
  RunData out =
      assemble(config, std::move(parts), {x.size(1)}, regression ? 1 : std::ssize(classes));
  standardize(*out.train, {x, test_x});
  out.regression = regression;
  if (!regression) out.labels = classes;
  out.corrupt_records = broken.count();
  return out;
}

constexpr Field kFields[] = {{"path", Type::String},   {"test_path", Type::String, Need::Nullable},
                             {"target", Type::String}, {"target_kind", Type::String},
                             {"features", Type::List}, {"delimiter", Type::String},
                             {"balance", Type::Bool}};

}  // namespace

constexpr DataSource kCsv{"csv", kFields, Examples::Features, csv};

}  // namespace lydia::cli
