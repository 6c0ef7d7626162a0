// What the subcommands of `lydia tokenizer` share.
#pragma once

#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command.h"
#include "cli/command_line.h"
#include "lydia/io/json.h"
#include "lydia/report/terminal.h"
#include "lydia/text/morphopiece.h"
#include "lydia/text/tokenizer.h"

namespace lydia::cli {

// Each takes what follows its name.
int run_tokenizer_train(Args args);   // tokenizer_train.cc
int run_tokenizer_eval(Args args);    // tokenizer_eval.cc
int run_tokenizer_bench(Args args);   // tokenizer_bench.cc
int run_tokenizer_show(Args args);    // tokenizer_show.cc
int run_tokenizer_export(Args args);  // tokenizer_train.cc

// Where the tokenizer is: --model, else $LYDIA_TOKENIZER, else what `make demo` built
// (out/tokenizer here or in the folder of lydia's sources). Throws ValueError that says so when
// there is none.
std::string find_tokenizer(const CommandLine& options);
text::Tokenizer load_tokenizer(const CommandLine& options);
const text::MorphoPiece& morphopiece(const text::Tokenizer& tokenizer);

// The lines of standard input without their ends, or the arguments when there are any.
std::vector<std::string> lines_of(const CommandLine& options);
std::string read_stdin();
// The text of all files, in order; folders stand for the *.txt in them, by name.
std::vector<std::string> text_files(const std::vector<std::string>& paths);
std::string read_text(const std::vector<std::string>& paths);

// The colour of a kind of morpheme (tokenizer.cc).
report::Style style_of(text::MorphType type);
void print_json(const io::Json& value);
io::Json::List to_json_list(const std::vector<int32_t>& ids);
// `bytes` with what is no UTF-8 replaced, for JSON.
std::string printable(std::string_view bytes);

}  // namespace lydia::cli
