// A text file as its lines, each reachable by its number without reading the others.
//
// Lines end with "\n" or "\r\n"; the last one needs no end. A byte order mark at the start is left
// out. gzip files are unpacked. The text is expected in UTF-8 (RFC 3629).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lydia/io/corrupt.h"
#include "lydia/io/file_bytes.h"

namespace lydia::io {

struct TextOptions {
  bool skip_blank = false;                 // leave out lines of white space alone
  OnCorrupt on_corrupt = OnCorrupt::Stop;  // of lines that are not UTF-8
};

class TextLines {
 public:
  // Throws IoError when the file cannot be read, CorruptRecord for a line that is not UTF-8.
  explicit TextLines(const std::string& path, const TextOptions& options = {});
  explicit TextLines(FileBytes file, const TextOptions& options = {});

  int64_t size() const { return static_cast<int64_t>(lines_.size()); }
  // Without its end; lives as long as this object. IndexError outside [0, size()).
  std::string_view get(int64_t index) const;
  // The number of the line in the file, from 1.
  int64_t line_number(int64_t index) const;
  // "<file>:<line>"
  std::string where(int64_t index) const;
  const std::string& label() const { return file_.label(); }
  const CorruptLog& corrupt() const { return corrupt_; }

 private:
  struct Line {
    uint64_t begin, end;
    int64_t number;
  };
  const Line& line(int64_t index) const;

  FileBytes file_;
  std::vector<Line> lines_;
  CorruptLog corrupt_;
};

// The next line of `text` from `at`, without its end; moves `at` behind the end.
std::string_view take_line(std::string_view text, size_t& at);
// Where the text begins: behind a byte order mark.
size_t text_start(std::string_view text);
// True for the empty text and for spaces, tabs and line ends alone.
bool is_blank(std::string_view text);

}  // namespace lydia::io
