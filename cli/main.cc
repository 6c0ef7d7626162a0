// The `lydia` command: finds the subcommand and turns errors into one line and an exit status.
#include <algorithm>
#include <exception>
#include <iomanip>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command.h"
#include "lydia/core/error.h"
#include "lydia/core/nearest.h"
#include "lydia/core/version.h"

namespace lydia::cli {
namespace {

constexpr Command kCommands[] = {
    {"doctor", "what this machine has: cores, ISA, memory, GPU, libraries", run_doctor},
    {"train", "train a model as a configuration says", run_train},
    {"eval", "score a trained model on held-out data", run_eval},
    {"generate", "continue a text with a saved language model", run_generate},
    {"inspect", "look inside a saved language model as it reads a text", run_inspect},
    {"model-info", "parameters and memory of an AGIFORMER", run_model_info},
    {"atlas", "plans that check, run and show themselves", run_atlas},
    {"tokenizer", "train, use and score the Turkish tokenizer MorphoPiece", run_tokenizer},
};

void print_help(std::ostream& out) {
  out << "Usage: lydia <command> [options]\n"
         "       lydia --version | --help\n\n"
         "Commands:\n";
  for (const Command& command : kCommands) {
    out << "  " << std::left << std::setw(12) << command.name << command.summary << "\n";
  }
}

int dispatch(Args args) {
  if (args.empty()) {
    print_help(std::cerr);
    return 2;
  }
  if (args[0] == "--help" || args[0] == "-h") {
    print_help(std::cout);
    return 0;
  }
  if (args[0] == "--version") {
    std::cout << "lydia " << version() << "\n";
    return 0;
  }
  std::vector<std::string_view> names = {"--help", "--version"};
  for (const Command& command : kCommands) {
    if (command.name == args[0]) return command.run(args.subspan(1));
    names.push_back(command.name);
  }
  fail<ValueError>("lydia: expected a command (see lydia --help), got '", args[0], "'",
                   nearest_hint(args[0], names));
}

// One line, whatever an argument that the message quotes may hold.
void print_error(const std::exception& error) {
  std::string line = error.what();
  std::replace_if(
      line.begin(), line.end(), [](unsigned char c) { return c < ' ' || c == 0x7f; }, '?');
  std::cerr << line << "\n";
}

}  // namespace
}  // namespace lydia::cli

int main(int argc, char** argv) {
  const std::vector<std::string_view> args(argv + (argc > 0), argv + argc);
  try {
    const int status = lydia::cli::dispatch(args);
    std::cout.flush();
    LYDIA_CHECK(std::cout, lydia::IoError, "lydia: the output could not be written");
    return status;
  } catch (const lydia::ValueError& error) {
    lydia::cli::print_error(error);
    return 2;
  } catch (const lydia::TypeError& error) {  // a value of the wrong kind in a configuration
    lydia::cli::print_error(error);
    return 2;
  } catch (const std::exception& error) {
    lydia::cli::print_error(error);
    return 1;
  }
}
