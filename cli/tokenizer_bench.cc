// `lydia tokenizer bench`: megabytes of UTF-8 a second, on this machine.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <fstream>
#include <iostream>
#include <random>
#include <set>
#include <thread>

#include "cli/tokenizer_parts.h"
#include "lydia/core/error.h"
#include "lydia/report/format.h"
#include "lydia/report/table.h"
#include "lydia/report/terminal.h"

namespace lydia::cli {
namespace {

using io::Json;

constexpr const char* kHelp =
    "Usage: lydia tokenizer bench --text FILE [options]\n\n"
    "Megabytes (10^6 bytes) of UTF-8 a second to ids, the median of the runs; the runs of all "
    "rows\n"
    "take turns.\n"
    "  warm      the text again and again\n"
    "  batch     its lines one by one, as encode_batch takes them (ids alone)\n"
    "  new words each word of the text, bare and with endings put to it, once: no word comes "
    "twice\n"
    "  cold      the same without the table of frequent words and the cache\n"
    "  decode    the ids of the text back to text\n"
    "scale: the best run beside the best one on one thread\n\n"
    "  --text FILE      may be given again; a folder stands for its *.txt\n"
    "  --runs N         (default: 7)\n"
    "  --threads LIST   (default: 1,2)\n"
    "  --mode M         morph, compact or canonical (default: the model's own)\n"
    "  --new-words FILE write the text of new words there, for other tokenizers\n"
    "  --json, --model PATH\n";

double seconds_of(const auto& f) {
  const auto start = std::chrono::steady_clock::now();
  f();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// Every word of the text, alone and with each of a few endings, in an order of its own.
std::string new_words(std::string_view text) {
  constexpr std::string_view kEndings[] = {"", "lar", "lerin", "dan", "de", "lı", "siz", "miş"};
  const auto is_space = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
  std::set<std::string> words;
  for (size_t at = 0; at < text.size();) {
    size_t end = at;
    while (end < text.size() && !is_space(text[end])) ++end;
    for (const std::string_view ending : kEndings)
      if (end > at) words.insert(std::string(text.substr(at, end - at)).append(ending));
    at = end + 1;
  }
  std::vector<std::string> order(words.begin(), words.end());
  std::mt19937_64 random(1);
  for (size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random() % i]);
  std::string out;
  for (const std::string& word : order) out += word + " ";
  return out;
}

// Parts of some 64 kB that end behind a line or a word: whoever is done takes the next one.
std::vector<std::string_view> parts_of(std::string_view text) {
  constexpr size_t kPart = size_t{1} << 16;
  std::vector<std::string_view> parts;
  for (size_t begin = 0; begin < text.size();) {
    size_t end = std::min(begin + kPart, text.size());
    while (end < text.size() && text[end] != '\n' && text[end] != ' ') ++end;
    parts.push_back(text.substr(begin, end - begin));
    begin = end;
  }
  return parts;
}

// One text a line, as a program that trains has them.
std::vector<text::TextInput> lines_of(std::string_view text) {
  std::vector<text::TextInput> lines;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back({text.substr(begin, end - begin)});
    begin = end + 1;
  }
  return lines;
}

int64_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  int64_t pages = 0, resident = 0;
  file >> pages >> resident;
  return resident * 4096;
}

struct Bench {
  const text::Tokenizer& tokenizer;
  const text::MorphoPiece& model;
  std::string text, fresh;
  std::vector<int32_t> ids;
  text::MorphEncodeOptions how;
  mutable std::vector<std::vector<int32_t>> out;  // of each thread, kept from run to run

  void encode(const std::vector<std::string_view>& parts, int threads, bool cache) const {
    text::MorphEncodeOptions options = how;
    options.use_cache = cache;
    std::atomic<size_t> next = 0;
    const auto work = [&](std::vector<int32_t>& own) {
      own.clear();
      for (size_t i; (i = next.fetch_add(1)) < parts.size();) {
        model.encode_to(parts[i], options, own);
      }
    };
    out.resize(std::max(out.size(), static_cast<size_t>(threads)));
    std::vector<std::jthread> others;
    for (int i = 1; i < threads; ++i) {
      others.emplace_back([&, i] { work(out[static_cast<size_t>(i)]); });
    }
    work(out[0]);
  }
};

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

struct Row {
  std::string name;
  int threads;
  size_t bytes;
  std::function<void()> run;
  std::vector<double> seconds = {};
  double megabytes_per_second() const { return static_cast<double>(bytes) / 1e6 / median(seconds); }
};

std::vector<int> parse_threads(const std::string& list) {
  std::vector<int> out;
  for (size_t at = 0; at <= list.size();) {
    const size_t end = std::min(list.find(',', at), list.size());
    const std::string one = list.substr(at, end - at);
    LYDIA_CHECK(
        !one.empty() && one.size() < 4 &&
            std::all_of(one.begin(), one.end(), [](char c) { return c >= '0' && c <= '9'; }) &&
            std::stoi(one) > 0,
        ValueError, "lydia tokenizer bench: expected --threads such as 1,2, got '", list, "'");
    out.push_back(std::stoi(one));
    at = end + 1;
  }
  return out;
}

std::vector<Row> rows_of(const Bench& bench, const std::vector<int>& threads) {
  std::vector<Row> rows;
  const auto text = parts_of(bench.text), fresh = parts_of(bench.fresh);
  const auto lines = lines_of(bench.text);
  text::TokenizeOptions batch{.details = false};
  if (bench.how.mode) batch.mode = text::morph_mode_name(*bench.how.mode);
  for (const int t : threads) {
    rows.push_back({"warm", t, bench.text.size(), [&, text, t] { bench.encode(text, t, true); }});
    rows.push_back(
        {"new words", t, bench.fresh.size(), [&, fresh, t] { bench.encode(fresh, t, true); }});
    rows.push_back({"batch", t, bench.text.size(),
                    [&, lines, batch, t] { bench.tokenizer.encode_batch(lines, batch, t); }});
  }
  rows.push_back({"cold", 1, bench.fresh.size(), [&, fresh] { bench.encode(fresh, 1, false); }});
  rows.push_back({"decode", 1, bench.text.size(), [&] { bench.model.decode(bench.ids); }});
  return rows;
}

// How many times as fast as the row of that name on one thread, each at its best: what else the
// machine does disturbs two threads more than one. 0 for rows that are not such.
double scale_of(const Row& row, const std::vector<Row>& rows) {
  const auto best = [](const Row& r) {
    return *std::min_element(r.seconds.begin(), r.seconds.end());
  };
  for (const Row& one : rows) {
    if (row.threads > 1 && one.threads == 1 && one.name == row.name) return best(one) / best(row);
  }
  return 0;
}

}  // namespace

int run_tokenizer_bench(Args args) {
  const CommandLine options("lydia tokenizer bench", args,
                            {{"--text", true},
                             {"--runs", true},
                             {"--threads", true},
                             {"--mode", true},
                             {"--new-words", true},
                             {"--json"},
                             {"--model", true},
                             {"--help"},
                             {"-h"}});
  if (options.has("--help") || options.has("-h")) {
    std::cout << kHelp;
    return 0;
  }
  LYDIA_CHECK(options.has("--text") && options.rest().empty(), ValueError,
              "lydia tokenizer bench: expected --text FILE");
  const int64_t runs = options.integer("--runs", 7, 1, 1000);
  const std::vector<int> threads = parse_threads(options.text("--threads", "1,2"));
  const std::string path = find_tokenizer(options);
  const int64_t before = resident_bytes();
  std::optional<text::Tokenizer> tokenizer;
  const double first_load = seconds_of([&] { tokenizer.emplace(text::Tokenizer::load(path)); });
  const std::string text = read_text(options.all("--text"));
  Bench bench{.tokenizer = *tokenizer,
              .model = morphopiece(*tokenizer),
              .text = text,
              .fresh = new_words(text),
              .ids = {},
              .how = {},
              .out = {}};
  if (options.has("--mode")) bench.how.mode = text::parse_morph_mode(options.text("--mode"));
  if (options.has("--new-words")) {
    std::ofstream file(options.text("--new-words"), std::ios::binary);
    file << bench.fresh;
    LYDIA_CHECK(file.flush(), IoError, options.text("--new-words"), ": could not be written");
  }
  bench.model.encode_to(bench.text, bench.how, bench.ids);
  const int64_t resident = resident_bytes() - before - static_cast<int64_t>(bench.text.size()) -
                           static_cast<int64_t>(bench.fresh.size()) -
                           static_cast<int64_t>(bench.ids.size() * sizeof(int32_t));

  std::vector<Row> rows = rows_of(bench, threads);
  for (Row& row : rows) row.run();  // not counted
  std::vector<double> loads;
  for (int64_t i = 0; i < runs; ++i) {
    for (Row& row : rows) row.seconds.push_back(seconds_of(row.run));
    loads.push_back(seconds_of([&] { text::Tokenizer::load(path); }));
  }
  const double load = median(loads);

  if (options.has("--json")) {
    Json::List out;
    for (const Row& row : rows)
      out.emplace_back(Json::Object{{"name", row.name},
                                    {"threads", int64_t{row.threads}},
                                    {"bytes", static_cast<int64_t>(row.bytes)},
                                    {"mb_per_s", row.megabytes_per_second()},
                                    {"scale", scale_of(row, rows)}});
    print_json(Json::Object{{"load_ms", load * 1e3},
                            {"first_load_ms", first_load * 1e3},
                            {"resident_bytes", resident},
                            {"tokens", static_cast<int64_t>(bench.ids.size())},
                            {"rows", std::move(out)}});
    return 0;
  }
  using report::Align;
  report::Table table({"", "threads", "MB", "MB/s", "scale"},
                      {Align::Left, Align::Right, Align::Right, Align::Right, Align::Right});
  for (const Row& row : rows) {
    const double scale = scale_of(row, rows);
    table.row({row.name, std::to_string(row.threads),
               report::format_fixed(static_cast<double>(row.bytes) / 1e6, 2),
               report::format_fixed(row.megabytes_per_second(), 1),
               scale > 0 ? report::format_fixed(scale, 2) : ""});
  }
  std::cout << table.text(report::use_color(1)) << "load " << report::format_fixed(load * 1e3, 1)
            << " ms (the first " << report::format_fixed(first_load * 1e3, 1) << "), resident "
            << report::format_bytes(static_cast<uint64_t>(std::max<int64_t>(resident, 0))) << "\n";
  return 0;
}

}  // namespace lydia::cli
