#include "lydia/text/morphopiece_counts.h"

#include <charconv>

#include "lydia/core/error.h"
#include "lydia/io/text_lines.h"
#include "lydia/text/morphopiece_text.h"

namespace lydia::text {
namespace {

constexpr size_t kMaxCountedRun = 64;  // longer ones are nobody's words

void count(std::map<std::string, int64_t, std::less<>>& map, std::string_view run, int64_t times) {
  if (run.empty() || run.size() > kMaxCountedRun) return;
  const auto at = map.find(run);
  if (at != map.end()) {
    at->second += times;
  } else {
    map.emplace(run, times);
  }
}

// The last character, as well as it can be told.
std::string_view last_character(std::string_view run) {
  size_t at = run.size() - 1;
  while (at > 0 && (static_cast<uint8_t>(run[at]) & 0xC0) == 0x80) --at;
  return run.substr(at);
}

}  // namespace

void RunCounts::add_text(std::string_view text) {
  bytes += static_cast<int64_t>(text.size());
  for (size_t at = 0; at < text.size();) {
    const Run run = next_run(text, at);
    std::string_view bytes_of_run = text.substr(at, run.end - at);
    at = run.end;
    if (run.kind == RunKind::Word) count(words, bytes_of_run, 1);
    if (run.kind == RunKind::Number) count(numbers, bytes_of_run, 1);
    if (run.kind != RunKind::Other) continue;
    const bool spaced = at < text.size() && bytes_of_run.back() == ' ';
    if (spaced) bytes_of_run.remove_suffix(1);
    if (bytes_of_run.empty()) continue;
    count(others, bytes_of_run, 1);
    if (at == text.size()) continue;
    const std::string_view last = last_character(bytes_of_run);
    auto follower = followers.find(last);
    if (follower == followers.end()) follower = followers.emplace(last, std::pair{0, 0}).first;
    ++(spaced ? follower->second.second : follower->second.first);
  }
}

void RunCounts::add_counts(std::string_view lines, const std::string& label) {
  size_t number = 0;
  for (size_t at = 0; at < lines.size();) {
    const std::string_view line = io::take_line(lines, at);
    ++number;
    if (line.empty() || line.front() == '#') continue;
    const size_t tab = line.find('\t');
    int64_t times = 0;
    const std::string_view digits = tab == std::string_view::npos ? "" : line.substr(tab + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), times);
    LYDIA_CHECK(error == std::errc() && end == digits.data() + digits.size() && times > 0 &&
                    times < (int64_t{1} << 40),
                ValueError, label, ":", number, ": expected a word, a tab and a count above 0");
    const std::string_view word = line.substr(0, tab);
    bytes += static_cast<int64_t>(word.size() + 1) * times;
    for (size_t from = 0; from < word.size();) {
      const Run run = next_run(word, from);
      if (run.kind == RunKind::Word) count(words, word.substr(from, run.end - from), times);
      from = run.end;
    }
  }
}

}  // namespace lydia::text
