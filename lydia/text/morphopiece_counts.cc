#include "lydia/text/morphopiece_counts.h"

#include <charconv>

#include "lydia/core/error.h"
#include "lydia/io/text_lines.h"
#include "lydia/text/morphopiece_text.h"

namespace lydia::text {
namespace {

constexpr size_t kMaxCountedRun = 64;  // longer ones are nobody's words

void count(TextCounts& map, std::string_view run, int64_t times) {
  if (run.empty() || run.size() > kMaxCountedRun) return;
  const auto at = map.find(run);
  if (at != map.end()) {
    at->second += times;
  } else {
    map.emplace(run, times);
  }
}

bool is_white(std::string_view text) {
  return text.find_first_not_of(" \n\r\t") == std::string_view::npos;
}

template <class Map>
auto& entry(Map& map, std::string_view key) {
  const auto at = map.find(key);
  return at != map.end() ? at->second : map.try_emplace(std::string(key)).first->second;
}

void count_follower(FollowerCounts& map, std::string_view marks, bool spaced) {
  Followers& found = entry(map, marks);
  ++(spaced ? found.spaced : found.at_once);
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
  std::string_view before;  // marks
  bool directly = false;    // nothing is between them and what comes
  for (size_t at = 0; at < text.size();) {
    const Run run = next_run(text, at);
    std::string_view bytes_of_run = text.substr(at, run.end - at);
    at = run.end;
    if (run.kind != RunKind::Other) {
      const bool is_word = run.kind == RunKind::Word;
      count(is_word ? words : numbers, bytes_of_run, 1);
      if (directly) count(entry(is_word ? words_behind : numbers_behind, before), bytes_of_run, 1);
      before = {};
      directly = true;
      continue;
    }
    const bool spaced = at < text.size() && bytes_of_run.back() == ' ';
    if (spaced) bytes_of_run.remove_suffix(1);
    directly = !spaced;
    if (bytes_of_run.empty()) continue;
    count(others, bytes_of_run, 1);
    if (at == text.size()) continue;
    const std::string_view last = last_character(bytes_of_run);
    count_follower(followers, last, spaced);
    const bool is_short = bytes_of_run.size() <= kMaxMarks;
    if (is_short) count_follower(run_followers, bytes_of_run, spaced);
    before = is_short ? bytes_of_run : last;
  }
}

bool RunCounts::opens(std::string_view marks) const {
  if (marks.empty()) return false;
  const std::string_view last = last_character(marks);
  const auto rather_at_once = [](const Followers& f) { return f.at_once > f.spaced; };
  if (const auto at = run_followers.find(marks); at != run_followers.end() && !is_white(marks))
    return rather_at_once(at->second);
  if (is_white(last)) return true;
  const auto at = followers.find(last);
  return at != followers.end() && rather_at_once(at->second);
}

TextCounts RunCounts::glued(const std::map<std::string, TextCounts, std::less<>>& behind) const {
  TextCounts all;
  for (const auto& [marks, runs] : behind) {
    if (opens(marks)) continue;
    for (const auto& [run, times] : runs) all[run] += times;
  }
  return all;
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
