#include "cli/tokenizer_parts.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <iterator>

#include "lydia/core/error.h"
#include "lydia/core/utf8.h"
#include "lydia/io/pipe.h"
#include "lydia/text/tokenizer_morphopiece.h"

namespace lydia::cli {

namespace fs = std::filesystem;

std::string find_tokenizer(const CommandLine& options) {
  if (options.has("--model")) return options.text("--model");
  if (const char* path = std::getenv("LYDIA_TOKENIZER"); path && *path) return path;
  std::vector<fs::path> places = {fs::path("out") / "tokenizer"};
  std::error_code error;
  // build/<preset>/lydia
  if (const fs::path program = fs::read_symlink("/proc/self/exe", error); !error)
    places.push_back(program.parent_path().parent_path().parent_path() / "out" / "tokenizer");
  for (const fs::path& place : places)
    if (fs::exists(place / "tokenizer_config.json", error)) return place.string();
  fail<ValueError>(
      "lydia tokenizer: expected a model from --model PATH, $LYDIA_TOKENIZER or out/tokenizer "
      "(make demo trains one), got none");
}

text::Tokenizer load_tokenizer(const CommandLine& options) {
  return text::Tokenizer::load(find_tokenizer(options));
}

const text::MorphoPiece& morphopiece(const text::Tokenizer& tokenizer) {
  return text::morphopiece_of(tokenizer.model(), "lydia tokenizer");
}

std::string read_stdin() {
  return {std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>()};
}

std::vector<std::string> lines_of(const CommandLine& options) {
  if (!options.rest().empty()) return options.rest();
  std::vector<std::string> lines;
  for (std::string line; std::getline(std::cin, line);) {
    if (line.ends_with('\r')) line.pop_back();
    lines.push_back(std::move(line));
  }
  return lines;
}

std::vector<std::string> text_files(const std::vector<std::string>& paths) {
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    if (!fs::is_directory(path)) {
      files.push_back(path);
      continue;
    }
    const size_t first = files.size();
    for (const auto& entry : fs::directory_iterator(path))
      if (entry.path().extension() == ".txt") files.push_back(entry.path().string());
    LYDIA_CHECK(files.size() > first, ValueError, path, ": expected *.txt files, got none");
    std::sort(files.begin() + static_cast<ptrdiff_t>(first), files.end());
  }
  return files;
}

std::string read_text(const std::vector<std::string>& paths) {
  std::string out;
  for (const std::string& path : text_files(paths)) {
    const io::FileBytes file = io::open_or_read_pipe(path);
    out += file.text();
    if (!out.ends_with('\n')) out += '\n';
  }
  return out;
}

void print_json(const io::Json& value) { std::cout << io::to_json(value) << "\n"; }

io::Json::List to_json_list(const std::vector<int32_t>& ids) {
  io::Json::List out;
  for (const int32_t id : ids) out.emplace_back(int64_t{id});
  return out;
}

std::string printable(std::string_view bytes) {
  return is_valid_utf8(bytes) ? std::string(bytes) : encode_utf8(decode_utf8(bytes));
}

}  // namespace lydia::cli
