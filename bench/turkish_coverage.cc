// How much of a Turkish text the grammar reads, and how ambiguously:
//   turkish_coverage <file>...       .tsv files are root lists, .dic and .aff a Hunspell
//   dictionary,
//                                    all others texts
// Words are runs of Turkish letters in lower case. A reading is a root and its suffixes; two
// readings may cut at the same places.
#include <iostream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "lydia/core/error.h"
#include "lydia/core/utf8.h"
#include "lydia/io/file_bytes.h"
#include "lydia/report/format.h"
#include "lydia/report/table.h"
#include "lydia/text/turkish_analysis.h"
#include "lydia/text/turkish_hunspell.h"
#include "lydia/text/turkish_letters.h"

namespace {

using namespace lydia;
using namespace lydia::text;

struct Sources {
  std::vector<Root> roots;
  std::string dic, aff;
  std::map<std::u32string, int> words;
};

void count_words(std::string_view text, std::map<std::u32string, int>& words) {
  std::u32string word;
  for (const char32_t letter : turkish_lower(decode_utf8(text)) + U'\n') {
    if (letter_code(letter) != 0) {
      word += letter;
    } else if (!word.empty()) {
      ++words[word];
      word.clear();
    }
  }
}

Sources read(int count, char** paths) {
  Sources sources;
  for (int i = 0; i < count; ++i) {
    const std::string path = paths[i];
    const auto file = io::FileBytes::open(path);
    if (path.ends_with(".tsv")) {
      const auto roots = read_roots(file.text(), path);
      sources.roots.insert(sources.roots.end(), roots.begin(), roots.end());
    } else if (path.ends_with(".dic")) {
      sources.dic = file.text();
    } else if (path.ends_with(".aff")) {
      sources.aff = file.text();
    } else {
      count_words(file.text(), sources.words);
    }
  }
  return sources;
}

struct Coverage {
  int types = 0, tokens = 0, read_types = 0, read_tokens = 0, one_cut_types = 0;
  int64_t readings = 0, cuts = 0;  // over the types that are read

  void add(std::u32string_view word, int uses, const Lexicon& lexicon) {
    const auto found = analyse(word, lexicon);
    std::set<std::string> ways;
    for (const Analysis& reading : found) ways.insert(with_bars(word, reading.suffixes));
    ++types;
    tokens += uses;
    if (found.empty()) return;
    ++read_types;
    read_tokens += uses;
    one_cut_types += ways.size() == 1;
    readings += static_cast<int64_t>(found.size());
    cuts += static_cast<int64_t>(ways.size());
  }
};

std::string share(double part, double whole) {
  return whole == 0 ? "-" : report::format_fixed(100 * part / whole, 1);
}

void add_row(report::Table& table, const std::string& name, const Lexicon& lexicon,
             const Sources& sources) {
  Coverage of;
  for (const auto& [word, uses] : sources.words) of.add(word, uses, lexicon);
  const double read = of.read_types;
  table.row({name, std::to_string(lexicon.roots().size()), share(of.read_types, of.types),
             share(of.read_tokens, of.tokens), share(of.one_cut_types, read),
             report::format_fixed(static_cast<double>(of.readings) / read, 2),
             report::format_fixed(static_cast<double>(of.cuts) / read, 2)});
}

}  // namespace

int main(int argc, char** argv) try {
  const Sources sources = read(argc - 1, argv + 1);
  LYDIA_CHECK(!sources.words.empty(), ValueError,
              "turkish_coverage: expected texts (and .tsv, .dic, .aff files), got no words");
  using enum report::Align;
  report::Table table({"roots of", "roots", "types read %", "tokens read %", "one cut %",
                       "readings", "ways to cut"},
                      {Left, Right, Right, Right, Right, Right, Right});
  Lexicon lexicon;
  lexicon.add(read_roots(closed_class_roots(), "closed classes"));
  add_row(table, "closed classes", lexicon, sources);
  if (!sources.roots.empty()) {
    lexicon.add(sources.roots);
    add_row(table, "+ root lists", lexicon, sources);
  }
  if (!sources.dic.empty() && !sources.aff.empty()) {
    lexicon.add(read_hunspell(sources.dic, sources.aff, lexicon));
    add_row(table, "+ Hunspell", lexicon, sources);
  }
  std::cout << table.text();
  return 0;
} catch (const std::exception& e) {
  std::cerr << e.what() << '\n';
  return 1;
}
