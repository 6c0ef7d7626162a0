#include "lydia/io/corrupt.h"

namespace lydia::io {

void CorruptLog::add(const CorruptRecord& record) {
  if (on_corrupt_ == OnCorrupt::Stop) throw record;
  ++count_;
  if (messages_.size() < kKept) messages_.push_back(record.what());
}

void CorruptLog::merge(const CorruptLog& other) {
  count_ += other.count_;
  for (const std::string& message : other.messages_) {
    if (messages_.size() < kKept) messages_.push_back(message);
  }
}

}  // namespace lydia::io
