#include "lydia/io/jsonl.h"

namespace lydia::io {

Json JsonLines::get(int64_t index) const {
  try {
    return parse_json(lines_.get(index), "json");
  } catch (const ValueError& error) {
    const std::string number = std::to_string(lines_.line_number(index));
    throw CorruptRecord(lines_.label(), number, error.what());
  }
}

std::vector<Json> read_jsonl(const std::string& path, CorruptLog* log) {
  const JsonLines lines(path, log ? log->on_corrupt() : OnCorrupt::Stop);
  if (log) log->merge(lines.lines().corrupt());
  std::vector<Json> values;
  for (int64_t i = 0; i < lines.size(); ++i) {
    try {
      values.push_back(lines.get(i));
    } catch (const CorruptRecord& record) {
      if (!log) throw;
      log->add(record);
    }
  }
  return values;
}

}  // namespace lydia::io
