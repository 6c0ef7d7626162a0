// Comma-separated values (RFC 4180): fields in double quotes may hold commas, line ends and doubled
// quotes. Records end with "\n" or "\r\n"; blank lines between records are left out; a byte order
// mark at the start is left out; gzip files are unpacked.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lydia/io/corrupt.h"
#include "lydia/io/file_bytes.h"

namespace lydia::io {

struct CsvOptions {
  char delimiter = ',';
  bool header = true;  // the first record names the columns
  OnCorrupt on_corrupt = OnCorrupt::Stop;
};

class CsvFile {
 public:
  // Finds and checks all records. A record is broken when a quote is not closed, text follows a
  // closing quote, a quote opens within a field, it is not UTF-8, or the number of its fields is
  // not that of the first. A broken header always throws.
  explicit CsvFile(const std::string& path, const CsvOptions& options = {});
  explicit CsvFile(FileBytes file, const CsvOptions& options = {});

  int64_t size() const { return static_cast<int64_t>(records_.size()); }
  // Empty without a header.
  const std::vector<std::string>& columns() const { return columns_; }
  // The place of a column. ValueError when there is none of that name.
  size_t column(std::string_view name) const;
  // The fields of a record. IndexError outside [0, size()).
  std::vector<std::string> get(int64_t index) const;
  // "<file>:<line>" of the line the record begins in.
  std::string where(int64_t index) const;
  const CorruptLog& corrupt() const { return corrupt_; }

 private:
  struct Record {
    uint64_t begin;
    int64_t line;
  };
  const Record& record(int64_t index) const;
  void scan(bool header);

  FileBytes file_;
  char delimiter_;
  std::vector<std::string> columns_;
  std::vector<Record> records_;
  CorruptLog corrupt_;
};

}  // namespace lydia::io
