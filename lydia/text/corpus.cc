#include "lydia/text/corpus.h"

#include <algorithm>
#include <cstdint>

#include "lydia/core/error.h"

namespace lydia::text {
namespace {

// FNV-1a, then a finalising mix: the low bits of FNV alone follow the last byte too closely.
uint64_t hash(std::string_view bytes) {
  uint64_t h = 0xcbf29ce484222325u;
  for (const char c : bytes) h = (h ^ static_cast<uint8_t>(c)) * 0x100000001b3u;
  h ^= h >> 32;
  h *= 0x9e3779b97f4a7c15u;
  return h ^ h >> 32;
}

}  // namespace

std::vector<std::string_view> split_documents(std::string_view text) {
  const std::string_view separator = text.find("\n\n") != std::string_view::npos ? "\n\n" : "\n";
  std::vector<std::string_view> documents;
  for (size_t start = 0; start < text.size();) {
    size_t end = text.find(separator, start);
    end = end == std::string_view::npos ? text.size() : end + separator.size();
    while (end < text.size() && text[end] == '\n') ++end;
    documents.push_back(text.substr(start, end - start));
    start = end;
  }
  return documents;
}

TextSplit split_text(std::string_view text, unsigned one_in) {
  LYDIA_CHECK(one_in >= 2, ValueError, "split_text: expected one_in of at least 2, got ", one_in);
  TextSplit split;
  for (const std::string_view document : split_documents(text)) {
    // Without the line ends, so that the last document hashes like its copies before it.
    const size_t end = document.find_last_not_of('\n');
    const bool held = hash(document.substr(0, end + 1)) % one_in == 0;
    (held ? split.held_out : split.train) += document;
  }
  return split;
}

}  // namespace lydia::text
