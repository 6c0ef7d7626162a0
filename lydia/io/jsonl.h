// JSON Lines: one JSON value a line (jsonlines.org); blank lines are left out.
#pragma once

#include "lydia/io/json.h"
#include "lydia/io/text_lines.h"

namespace lydia::io {

class JsonLines {
 public:
  // Only finds the lines. With OnCorrupt::Skip, lines that are not UTF-8 are left out already here.
  explicit JsonLines(const std::string& path, OnCorrupt on_corrupt = OnCorrupt::Stop)
      : lines_(path, {.skip_blank = true, .on_corrupt = on_corrupt}) {}
  explicit JsonLines(FileBytes file, OnCorrupt on_corrupt = OnCorrupt::Stop)
      : lines_(std::move(file), {.skip_blank = true, .on_corrupt = on_corrupt}) {}

  int64_t size() const { return lines_.size(); }
  // Parses one line. Throws CorruptRecord for malformed JSON.
  Json get(int64_t index) const;
  std::string where(int64_t index) const { return lines_.where(index); }
  const TextLines& lines() const { return lines_; }

 private:
  TextLines lines_;
};

// All values of a file. Broken lines go to `log` where one is given, else stop the reading.
std::vector<Json> read_jsonl(const std::string& path, CorruptLog* log = nullptr);

}  // namespace lydia::io
