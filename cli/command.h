// A subcommand of `lydia`: one file per subcommand, one row in the table of cli/main.cc.
#pragma once

#include <span>
#include <string_view>

namespace lydia::cli {

using Args = std::span<const std::string_view>;

struct Command {
  std::string_view name;
  std::string_view summary;
  // Takes what follows the subcommand's name and returns the exit status. A ValueError becomes
  // status 2 (wrong use), any other error status 1.
  int (*run)(Args args);
};

// What this machine has (cli/doctor.cc).
int run_doctor(Args args);
// Training and scoring (cli/train.cc).
int run_train(Args args);
int run_eval(Args args);
// A saved language model: writing on, looking inside, counting (cli/generate.cc, inspect.cc,
// model_info.cc).
int run_generate(Args args);
int run_inspect(Args args);
int run_model_info(Args args);

// Plans that check, run and show themselves (cli/atlas.cc).
int run_atlas(Args args);

// Turkish text to tokens and back (cli/tokenizer.cc).
int run_tokenizer(Args args);

}  // namespace lydia::cli
