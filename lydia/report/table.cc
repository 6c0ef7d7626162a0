#include "lydia/report/table.h"

#include <algorithm>

#include "lydia/core/error.h"
#include "lydia/report/terminal.h"

namespace lydia::report {
namespace {

std::string one_line(std::string cell) {
  std::replace_if(
      cell.begin(), cell.end(), [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
  return cell;
}

void append_cell(std::string& line, const std::string& cell, size_t width, Align align, bool last) {
  const std::string padding(width - display_width(cell), ' ');
  if (align == Align::Right) line += padding;
  line += cell;
  if (align == Align::Left && !last) line += padding;
  if (!last) line += "  ";
}

}  // namespace

Table::Table(std::vector<std::string> headers, std::vector<Align> aligns)
    : headers_(std::move(headers)), aligns_(std::move(aligns)) {
  LYDIA_CHECK(aligns_.size() <= headers_.size(), ValueError, "Table: expected at most ",
              headers_.size(), " alignments, got ", aligns_.size());
  aligns_.resize(headers_.size(), Align::Left);
  for (std::string& header : headers_) header = one_line(std::move(header));
}

Table& Table::row(std::vector<std::string> cells) {
  LYDIA_CHECK(cells.size() == headers_.size(), ValueError, "Table::row: expected ", headers_.size(),
              " cells, got ", cells.size());
  for (std::string& cell : cells) cell = one_line(std::move(cell));
  rows_.push_back(std::move(cells));
  return *this;
}

std::string Table::text(bool color) const {
  std::vector<size_t> widths;
  for (size_t c = 0; c < headers_.size(); ++c) {
    size_t width = display_width(headers_[c]);
    for (const auto& cells : rows_) width = std::max(width, display_width(cells[c]));
    widths.push_back(width);
  }
  const auto line = [&](const std::vector<std::string>& cells) {
    std::string out;
    for (size_t c = 0; c < cells.size(); ++c) {
      append_cell(out, cells[c], widths[c], aligns_[c], c + 1 == cells.size());
    }
    return out;
  };
  std::string out = paint(line(headers_), Style::Bold, color) + "\n";
  for (size_t c = 0; c < widths.size(); ++c) {
    for (size_t i = 0; i < widths[c]; ++i) out += "─";
    out += c + 1 == widths.size() ? "\n" : "  ";
  }
  for (const auto& cells : rows_) out += line(cells) + "\n";
  return out;
}

}  // namespace lydia::report
