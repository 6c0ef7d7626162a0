// What a broken record of a data file is called, and what happens when one comes: it stops the run,
// or it is counted and left out.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lydia/core/error.h"

namespace lydia::io {

// A record that breaks its format. The text begins "<file>:<place>: ", where the place is a line of
// a text file ("7") or what the format counts in ("record 7", "byte 120").
class CorruptRecord : public ValueError {
 public:
  CorruptRecord(const std::string& file, const std::string& place, const std::string& what)
      : ValueError(file + ":" + place + ": " + what), file_(file), place_(place) {}
  const std::string& file() const { return file_; }
  const std::string& place() const { return place_; }

 private:
  std::string file_, place_;
};

enum class OnCorrupt { Stop, Skip };

// Counts the broken records of one reading.
class CorruptLog {
 public:
  static constexpr size_t kKept = 20;  // messages; the rest is only counted

  explicit CorruptLog(OnCorrupt on_corrupt = OnCorrupt::Stop) : on_corrupt_(on_corrupt) {}
  // Throws `record` again when broken records stop the run; counts it otherwise.
  void add(const CorruptRecord& record);
  // Counts what another log has counted.
  void merge(const CorruptLog& other);
  OnCorrupt on_corrupt() const { return on_corrupt_; }
  int64_t count() const { return count_; }
  const std::vector<std::string>& messages() const { return messages_; }

 private:
  OnCorrupt on_corrupt_;
  int64_t count_ = 0;
  std::vector<std::string> messages_;
};

}  // namespace lydia::io
