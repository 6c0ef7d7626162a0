// A table of text: headers, rows, one alignment per column. Rendered for a terminal here and for
// HTML by html.h.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace lydia::report {

enum class Align { Left, Right };

class Table {
 public:
  // Columns are aligned left unless `aligns` says otherwise; missing entries mean left.
  explicit Table(std::vector<std::string> headers, std::vector<Align> aligns = {});

  // Throws ValueError unless there is one cell per column.
  Table& row(std::vector<std::string> cells);

  const std::vector<std::string>& headers() const { return headers_; }
  const std::vector<std::vector<std::string>>& rows() const { return rows_; }
  Align align(size_t column) const { return aligns_[column]; }

  // Lines of text, columns two spaces apart, a rule under the headers, a newline at the end of each
  // line. Headers are bold when `color` holds. Cells must hold no newlines (they become spaces).
  std::string text(bool color = false) const;

 private:
  std::vector<std::string> headers_;
  std::vector<Align> aligns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace lydia::report
