#include "lydia/io/conllu.h"

#include <array>
#include <charconv>
#include <optional>

#include "lydia/core/utf8.h"
#include "lydia/io/text_lines.h"

namespace lydia::io {
namespace {

constexpr size_t kColumns = 10;
using Columns = std::array<std::string_view, kColumns>;

std::optional<int64_t> number(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

std::string value_of(std::string_view column) {
  return column == "_" ? std::string() : std::string(column);
}

// Reads one sentence, line by line; remembers the first thing that is wrong with it.
class SentenceParser {
 public:
  explicit SentenceParser(const std::string& label) : label_(label) {}

  bool empty() const { return sentence_.line == 0; }

  void add(std::string_view line, int64_t number) {
    if (empty()) sentence_.line = number;
    if (broken_) return;
    line_ = number;
    if (!is_valid_utf8(line)) return broken("expected UTF-8");
    if (line.starts_with('#')) {
      line.remove_prefix(line.starts_with("# ") ? 2 : 1);
      sentence_.comments.emplace_back(line);
      return;
    }
    Columns columns;
    if (split(line, columns)) add_token(columns);
  }

  // The finished sentence, and a fresh start. Throws CorruptRecord for a broken one.
  ConlluSentence take() {
    const auto count = static_cast<int64_t>(sentence_.words.size());
    if (count == 0) broken("a sentence without words");
    for (const ConlluWord& word : sentence_.words) {
      if (word.head > count) broken("word " + word.id + " has a head outside the sentence");
    }
    if (!sentence_.ranges.empty() && sentence_.ranges.back().last > count) {
      broken("a multiword token reaches outside the sentence");
    }
    ConlluSentence done = std::exchange(sentence_, {});
    const std::optional<CorruptRecord> problem = std::exchange(broken_, std::nullopt);
    if (problem) throw *problem;
    return done;
  }

 private:
  void broken(const std::string& what) {
    if (!broken_) broken_ = CorruptRecord(label_, std::to_string(line_), what);
  }

  bool split(std::string_view line, Columns& columns) {
    size_t count = 0;
    for (size_t at = 0; at <= line.size(); ++count) {
      const size_t end = std::min(line.find('\t', at), line.size());
      if (count < kColumns) columns[count] = line.substr(at, end - at);
      at = end + 1;
    }
    if (count != kColumns) {
      broken("expected 10 columns, got " + std::to_string(count));
      return false;
    }
    for (const std::string_view column : columns) {
      if (column.empty()) {
        broken("an empty column (\"_\" stands for no value)");
        return false;
      }
    }
    return true;
  }

  void add_token(const Columns& columns) {
    const std::string_view id = columns[0];
    if (const size_t dash = id.find('-'); dash != std::string_view::npos) {
      add_range(columns, number(id.substr(0, dash)), number(id.substr(dash + 1)));
    } else if (const size_t dot = id.find('.'); dot != std::string_view::npos) {
      const auto after = number(id.substr(0, dot)), which = number(id.substr(dot + 1));
      if (!after || !which || *after != std::ssize(sentence_.words)) {
        return broken("an empty node with the unexpected number " + std::string(id));
      }
      sentence_.empty_nodes.push_back(word(columns));
    } else {
      if (number(id) != std::ssize(sentence_.words) + 1) {
        return broken("expected word " + std::to_string(sentence_.words.size() + 1) + ", got \"" +
                      std::string(id) + "\"");
      }
      sentence_.words.push_back(word(columns));
    }
  }

  void add_range(const Columns& columns, std::optional<int64_t> first,
                 std::optional<int64_t> last) {
    const int64_t taken = sentence_.ranges.empty() ? 0 : sentence_.ranges.back().last;
    if (!first || !last || *first != std::ssize(sentence_.words) + 1 || *last < *first ||
        *first <= taken) {
      return broken("a multiword token with the unexpected range " + std::string(columns[0]));
    }
    sentence_.ranges.push_back({*first, *last, std::string(columns[1]), value_of(columns[9])});
  }

  ConlluWord word(const Columns& columns) {
    ConlluWord out;
    out.id = columns[0];
    out.form = columns[1];
    // The lemma of "_" is "_": there the underscore is a value.
    out.lemma = columns[1] == "_" ? std::string(columns[2]) : value_of(columns[2]);
    out.upos = value_of(columns[3]);
    out.xpos = value_of(columns[4]);
    out.feats = value_of(columns[5]);
    if (columns[6] != "_") {
      const auto head = number(columns[6]);
      if (!head) broken("expected a number as head, got \"" + std::string(columns[6]) + "\"");
      out.head = head.value_or(-1);
    }
    out.deprel = value_of(columns[7]);
    out.deps = value_of(columns[8]);
    out.misc = value_of(columns[9]);
    return out;
  }

  const std::string& label_;
  ConlluSentence sentence_;
  std::optional<CorruptRecord> broken_;
  int64_t line_ = 0;
};

}  // namespace

std::string ConlluSentence::comment(std::string_view key) const {
  for (const std::string& text : comments) {
    const size_t equals = text.find('=');
    if (equals == std::string::npos) continue;
    std::string_view name = std::string_view(text).substr(0, equals);
    while (name.ends_with(' ')) name.remove_suffix(1);
    if (name != key) continue;
    const size_t start = text.find_first_not_of(' ', equals + 1);
    return start == std::string::npos ? "" : text.substr(start);
  }
  return "";
}

std::vector<ConlluSentence> parse_conllu(const FileBytes& file, CorruptLog* log) {
  const std::string_view text = file.text();
  std::vector<ConlluSentence> sentences;
  SentenceParser parser(file.label());
  const auto finish = [&] {
    if (parser.empty()) return;
    try {
      sentences.push_back(parser.take());
    } catch (const CorruptRecord& record) {
      if (!log) throw;
      log->add(record);
    }
  };
  int64_t number = 0;
  for (size_t at = text_start(text); at < text.size();) {
    const std::string_view line = take_line(text, at);
    ++number;
    if (is_blank(line)) {
      finish();
    } else {
      parser.add(line, number);
    }
  }
  finish();
  return sentences;
}

std::vector<ConlluSentence> read_conllu(const std::string& path, CorruptLog* log) {
  return parse_conllu(FileBytes::open(path), log);
}

}  // namespace lydia::io
