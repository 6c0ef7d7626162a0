// The subcommands of `lydia atlas`: one function each, one row in the table of cli/atlas.cc.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command.h"
#include "lydia/atlas/finding.h"

namespace lydia::cli {

struct AtlasCommand {
  std::string_view name;
  std::string_view summary;
  std::string_view help;
  int (*run)(Args args);
};

// Options and positional arguments of a subcommand.
class AtlasArgs {
 public:
  // `flags` take no value, `values` one each; -o is short for --output. Throws ValueError for
  // anything else that begins with a dash.
  AtlasArgs(Args args, std::vector<std::string_view> flags, std::vector<std::string_view> values);

  bool has(std::string_view flag) const;
  std::optional<std::string> value(std::string_view option) const;
  // All values of an option that may be given several times, in order.
  std::vector<std::string> values(std::string_view option) const;
  const std::vector<std::string>& positional() const { return positional_; }
  // --lang, else the language of the environment (LC_ALL, LC_MESSAGES, LANG): Turkish or English.
  atlas::Language language() const;

 private:
  std::vector<std::string> flags_, positional_;
  std::vector<std::pair<std::string, std::string>> values_;
};

// Writes to the file of --output, or to standard output.
void write_result(const AtlasArgs& args, const std::string& text);

// cli/atlas_plan.cc
int run_atlas_import(Args args);
int run_atlas_export(Args args);
int run_atlas_fmt(Args args);
int run_atlas_check(Args args);
// cli/atlas_show.cc
int run_atlas_show(Args args);
int run_atlas_emit(Args args);
// cli/atlas_run.cc
int run_atlas_run(Args args);
int run_atlas_run_one(Args args);
int run_atlas_done(Args args);
int run_atlas_why(Args args);
int run_atlas_status(Args args);
int run_atlas_gc(Args args);
// cli/atlas_licence.cc
int run_atlas_sbom(Args args);
int run_atlas_waive(Args args);

}  // namespace lydia::cli
