#include "lydia/io/text_lines.h"

#include "lydia/core/utf8.h"

namespace lydia::io {

std::string_view take_line(std::string_view text, size_t& at) {
  const size_t found = text.find('\n', at);
  const size_t end = found == std::string_view::npos ? text.size() : found;
  std::string_view line = text.substr(at, end - at);
  at = found == std::string_view::npos ? text.size() : found + 1;
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

size_t text_start(std::string_view text) { return text.starts_with("\xEF\xBB\xBF") ? 3 : 0; }

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

TextLines::TextLines(const std::string& path, const TextOptions& options)
    : TextLines(FileBytes::open(path), options) {}

TextLines::TextLines(FileBytes file, const TextOptions& options)
    : file_(std::move(file)), corrupt_(options.on_corrupt) {
  const std::string_view text = file_.text();
  int64_t number = 0;
  for (size_t at = text_start(text); at < text.size();) {
    ++number;
    const std::string_view line = take_line(text, at);
    if (options.skip_blank && is_blank(line)) continue;
    if (!is_valid_utf8(line)) {
      corrupt_.add({file_.label(), std::to_string(number), "expected UTF-8"});
      continue;
    }
    const auto begin = static_cast<uint64_t>(line.data() - text.data());
    lines_.push_back({begin, begin + line.size(), number});
  }
}

const TextLines::Line& TextLines::line(int64_t index) const {
  LYDIA_CHECK(index >= 0 && index < size(), IndexError, "TextLines of \"", label(),
              "\": expected an index below ", size(), ", got ", index);
  return lines_[static_cast<size_t>(index)];
}

std::string_view TextLines::get(int64_t index) const {
  const Line& found = line(index);
  return file_.text().substr(found.begin, found.end - found.begin);
}

int64_t TextLines::line_number(int64_t index) const { return line(index).number; }

std::string TextLines::where(int64_t index) const {
  return label() + ":" + std::to_string(line_number(index));
}

}  // namespace lydia::io
