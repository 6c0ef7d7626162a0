#include "lydia/io/csv.h"

#include "lydia/core/utf8.h"
#include "lydia/io/safetensors_header.h"
#include "lydia/io/text_lines.h"

namespace lydia::io {
namespace {

struct Parsed {
  std::vector<std::string> fields;
  std::string problem;  // empty when the record is sound
  bool open = false;    // a quote was never closed
};

// Reads one record. After a quote is closed only a delimiter or the end of the record may follow.
class RecordParser {
 public:
  RecordParser(std::string_view text, size_t at, char delimiter)
      : text_(text), at_(at), delimiter_(delimiter) {}

  Parsed run() {
    Parsed out;
    do {
      out.fields.push_back(quoted() ? take_quoted(out) : take_plain(out));
    } while (take_delimiter());
    take_line_end();
    return out;
  }
  size_t at() const { return at_; }

 private:
  bool done() const { return at_ >= text_.size(); }
  bool quoted() const { return !done() && text_[at_] == '"'; }
  bool take_delimiter() {
    if (done() || text_[at_] != delimiter_) return false;
    ++at_;
    return true;
  }
  void take_line_end() {
    if (!done() && text_[at_] == '\r') ++at_;
    if (!done() && text_[at_] == '\n') ++at_;
  }
  bool at_line_end() const {
    return done() || text_[at_] == '\n' ||
           (text_[at_] == '\r' && (at_ + 1 == text_.size() || text_[at_ + 1] == '\n'));
  }

  std::string take_plain(Parsed& out) {
    const size_t begin = at_;
    for (; !at_line_end() && text_[at_] != delimiter_; ++at_) {
      if (text_[at_] == '"') out.problem = "a quote within a field that does not begin with one";
    }
    return std::string(text_.substr(begin, at_ - begin));
  }

  std::string take_quoted(Parsed& out) {
    std::string field;
    for (++at_; !done(); ++at_) {
      if (text_[at_] != '"') {
        field += text_[at_];
      } else if (at_ + 1 < text_.size() && text_[at_ + 1] == '"') {
        field += text_[at_++];
      } else {
        ++at_;
        if (!at_line_end() && text_[at_] != delimiter_) {
          out.problem = "text after a closing quote";
          take_plain(out);
        }
        return field;
      }
    }
    out.problem = "a quote that is never closed";
    out.open = true;
    return field;
  }

  std::string_view text_;
  size_t at_;
  char delimiter_;
};

int64_t count_lines(std::string_view text) {
  int64_t lines = 0;
  for (const char c : text) lines += c == '\n';
  return lines;
}

}  // namespace

CsvFile::CsvFile(const std::string& path, const CsvOptions& options)
    : CsvFile(FileBytes::open(path), options) {}

CsvFile::CsvFile(FileBytes file, const CsvOptions& options)
    : file_(std::move(file)), delimiter_(options.delimiter), corrupt_(options.on_corrupt) {
  LYDIA_CHECK(delimiter_ != '"' && delimiter_ != '\n' && delimiter_ != '\r', ValueError,
              "csv: expected a delimiter other than quotes and line ends");
  scan(options.header);
}

void CsvFile::scan(bool header) {
  const std::string_view text = file_.text();
  size_t fields = 0, at = text_start(text);
  int64_t line = 1;
  while (at < text.size()) {
    RecordParser parser(text, at, delimiter_);
    Parsed parsed = parser.run();
    // What a stray quote has swallowed begins again at the next line.
    size_t next = parser.at();
    if (parsed.open) next = at, take_line(text, next);
    const std::string_view raw = text.substr(at, next - at);
    const Record record{at, line};
    at = next;
    line += count_lines(raw);
    if (is_blank(raw)) continue;
    if (!is_valid_utf8(raw)) parsed.problem = "expected UTF-8";
    const bool first = fields == 0;
    if (first && parsed.problem.empty()) fields = parsed.fields.size();
    if (parsed.problem.empty() && parsed.fields.size() != fields) {
      parsed.problem = "expected " + std::to_string(fields) + " fields, got " +
                       std::to_string(parsed.fields.size());
    }
    if (!parsed.problem.empty()) {
      const CorruptRecord problem(file_.label(), std::to_string(record.line), parsed.problem);
      if (first && header) throw problem;
      corrupt_.add(problem);
    } else if (first && header) {
      columns_ = std::move(parsed.fields);
    } else {
      records_.push_back(record);
    }
  }
}

size_t CsvFile::column(std::string_view name) const {
  for (size_t i = 0; i < columns_.size(); ++i) {
    if (columns_[i] == name) return i;
  }
  std::string known;
  for (const std::string& column : columns_) known += (known.empty() ? "" : ", ") + column;
  fail<ValueError>(file_.label(), ": expected a column ", show_name(name), ", the columns are ",
                   known.empty() ? "not named" : known);
}

const CsvFile::Record& CsvFile::record(int64_t index) const {
  LYDIA_CHECK(index >= 0 && index < size(), IndexError, "CsvFile of \"", file_.label(),
              "\": expected an index below ", size(), ", got ", index);
  return records_[static_cast<size_t>(index)];
}

std::vector<std::string> CsvFile::get(int64_t index) const {
  return RecordParser(file_.text(), record(index).begin, delimiter_).run().fields;
}

std::string CsvFile::where(int64_t index) const {
  return file_.label() + ":" + std::to_string(record(index).line);
}

}  // namespace lydia::io
