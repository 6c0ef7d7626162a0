// The `lydia` command: finds the subcommand and turns errors into one line and an exit status.
#include <iostream>
#include <span>
#include <string_view>
#include <vector>

#include "cli/command.h"
#include "lydia/core/error.h"
#include "lydia/core/version.h"

namespace lydia::cli {
namespace {

constexpr std::span<const Command> kCommands{};

void print_help(std::ostream& out) {
  out << "Usage: lydia <command> [options]\n"
         "       lydia --version | --help\n";
  if (!kCommands.empty()) out << "\nCommands:\n";
  for (const Command& command : kCommands) {
    out << "  " << command.name << std::string(12 - command.name.size(), ' ') << command.summary
        << "\n";
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
  for (const Command& command : kCommands) {
    if (command.name == args[0]) return command.run(args.subspan(1));
  }
  fail<ValueError>("lydia: unknown command '", args[0], "'; see lydia --help");
}

}  // namespace
}  // namespace lydia::cli

int main(int argc, char** argv) {
  const std::vector<std::string_view> args(argv + 1, argv + argc);
  try {
    return lydia::cli::dispatch(args);
  } catch (const lydia::ValueError& error) {
    std::cerr << error.what() << "\n";
    return 2;
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
