// `lydia tokenizer bench`: megabytes of UTF-8 a second, on this machine.
#include <algorithm>
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
    "  new words each word of the text, bare and with endings put to it, once: no word comes "
    "twice\n"
    "  cold      the same without the table of frequent words and the cache\n"
    "  decode    the ids of the text back to text\n\n"
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

// Parts of about the same size that end behind a line, one for each thread.
std::vector<std::string_view> parts_of(std::string_view text, size_t count) {
  std::vector<std::string_view> parts;
  size_t begin = 0;
  for (size_t i = 1; i <= count && begin < text.size(); ++i) {
    size_t end = i == count ? text.size() : std::max(begin, text.size() * i / count);
    while (end < text.size() && text[end] != '\n' && text[end] != ' ') ++end;
    parts.push_back(text.substr(begin, end - begin));
    begin = end;
  }
  return parts;
}

int64_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  int64_t pages = 0, resident = 0;
  file >> pages >> resident;
  return resident * 4096;
}

struct Bench {
  const text::MorphoPiece& model;
  std::string text, fresh;
  std::vector<int32_t> ids;
  text::MorphEncodeOptions how;

  void encode(std::string_view what, int threads, bool cache) const {
    text::MorphEncodeOptions options = how;
    options.use_cache = cache;
    const auto work = [&](std::string_view part) {
      std::vector<int32_t> out;
      out.reserve(part.size() / 2);
      model.encode_to(part, options, out);
    };
    if (threads == 1) return work(what);
    std::vector<std::jthread> pool;
    for (const std::string_view part : parts_of(what, static_cast<size_t>(threads)))
      pool.emplace_back(work, part);
  }
};

struct Row {
  std::string name;
  int threads;
  size_t bytes;
  std::function<void()> run;
  std::vector<double> seconds = {};
  double megabytes_per_second() const {
    std::vector<double> sorted = seconds;
    std::sort(sorted.begin(), sorted.end());
    return static_cast<double>(bytes) / 1e6 / sorted[sorted.size() / 2];
  }
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
  for (const int t : threads) {
    rows.push_back({"warm", t, bench.text.size(), [&, t] { bench.encode(bench.text, t, true); }});
    rows.push_back(
        {"new words", t, bench.fresh.size(), [&, t] { bench.encode(bench.fresh, t, true); }});
  }
  rows.push_back({"cold", 1, bench.fresh.size(), [&] { bench.encode(bench.fresh, 1, false); }});
  rows.push_back({"decode", 1, bench.text.size(), [&] { bench.model.decode(bench.ids); }});
  return rows;
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
  const double load = seconds_of([&] { tokenizer.emplace(text::Tokenizer::load(path)); });
  const std::string text = read_text(options.all("--text"));
  Bench bench{.model = morphopiece(*tokenizer),
              .text = text,
              .fresh = new_words(text),
              .ids = {},
              .how = {}};
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
  for (int64_t i = 0; i < runs; ++i)
    for (Row& row : rows) row.seconds.push_back(seconds_of(row.run));

  if (options.has("--json")) {
    Json::List out;
    for (const Row& row : rows)
      out.emplace_back(Json::Object{{"name", row.name},
                                    {"threads", int64_t{row.threads}},
                                    {"bytes", static_cast<int64_t>(row.bytes)},
                                    {"mb_per_s", row.megabytes_per_second()}});
    print_json(Json::Object{{"load_ms", load * 1e3},
                            {"resident_bytes", resident},
                            {"tokens", static_cast<int64_t>(bench.ids.size())},
                            {"rows", std::move(out)}});
    return 0;
  }
  using report::Align;
  report::Table table({"", "threads", "MB", "MB/s"},
                      {Align::Left, Align::Right, Align::Right, Align::Right});
  for (const Row& row : rows)
    table.row({row.name, std::to_string(row.threads),
               report::format_fixed(static_cast<double>(row.bytes) / 1e6, 2),
               report::format_fixed(row.megabytes_per_second(), 1)});
  std::cout << table.text(report::use_color(1)) << "load " << report::format_fixed(load * 1e3, 1)
            << " ms, resident "
            << report::format_bytes(static_cast<uint64_t>(std::max<int64_t>(resident, 0))) << "\n";
  return 0;
}

}  // namespace lydia::cli
