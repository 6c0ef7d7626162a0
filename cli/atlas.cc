// `lydia atlas <subcommand>`: plans that check, run and show themselves.
#include "cli/atlas.h"

#include <algorithm>
#include <cstdlib>
#include <iomanip>
#include <iostream>

#include "lydia/core/error.h"
#include "lydia/core/nearest.h"
#include "lydia/io/atomic_file.h"
#include "lydia/io/json.h"

namespace lydia::cli {
namespace {

constexpr AtlasCommand kCommands[] = {
    {"import", "a Markdown plan as YAML",
     "Usage: lydia atlas import [PLAN.md] [-o PLAN.yaml] [--lang en|tr]\n\n"
     "Reads a plan in Markdown (Turkish or English labels) and writes it as YAML. Nothing of its\n"
     "text is lost: what is no field is kept as notes. Nothing is executed.\n",
     run_atlas_import},
    {"export", "a plan as Markdown",
     "Usage: lydia atlas export [PLAN] [-o PLAN.md] [--labels en|tr] [--lang en|tr]\n\n"
     "Writes a plan as Markdown. What no label can say stands in fenced blocks (yaml atlas).\n"
     "--labels picks the language of the labels (default: the plan's); texts stay as they are.\n",
     run_atlas_export},
    {"fmt", "put a plan into its canonical form",
     "Usage: lydia atlas fmt [PLAN] [--check] [--drop-comments]\n\n"
     "Rewrites the file in place. A YAML file with comments is left alone, unless\n"
     "--drop-comments: comments are no part of a plan (notes are). --check writes nothing and\n"
     "exits 1 when the file would change.\n",
     run_atlas_fmt},
    {"check", "what is wrong with a plan",
     "Usage: lydia atlas check [PLAN] [--json] [--lang en|tr] [--root DIR] [--no-files]\n"
     "                         [--no-licences] [--today YYYY-MM-DD]\n\n"
     "Prints file:line:column: severity code message; hint. Nothing is executed.\n"
     "Exit status: 0 no errors, 1 errors, 2 wrong use.\n\n"
     "  --root DIR     the folder that paths start from (default: the plan's)\n"
     "  --no-files     do not look for modules and documents on the disk\n"
     "  --no-licences  without the licence gate\n"
     "  --today DATE   the day that waivers expire against\n",
     run_atlas_check},
    {"show", "hierarchy, schedule, critical path, licences",
     "Usage: lydia atlas show [PLAN] [--text | --gantt | --mermaid | --html | --json]\n"
     "                        [-o FILE]\n"
     "                        [--lang en|tr] [--cpu N] [--gpu N] [--mem SIZE] [--seed N]\n\n"
     "Shows the plan and its schedule: list scheduling by upward rank under persons (effort,\n"
     "hours_per_day) and machines (needs, and the times of earlier runs). --gantt shows past\n"
     "attempts and the schedule as bars. --html writes one page\n"
     "that needs no network. Nothing is executed.\n",
     run_atlas_show},
    {"run", "run what is not up to date",
     "Usage: lydia atlas run [PLAN] [TASK|GROUP...] [options]\n\n"
     "Runs the tasks and all they need; without names, the whole plan. PLAN is a file; else\n"
     "--plan FILE, or plan.yaml or atlas.yaml in this folder.\n"
     "Exit status: 0 all done, 1 something failed, 2 wrong use, 3 only people's tasks wait,\n"
     "130 interrupted.\n\n"
     "  --dry-run       say what would be done, run nothing\n"
     "  --force         run the named tasks though they are up to date\n"
     "  --keep-going    a failure stops only what needs it\n"
     "  --cpu N, --mem SIZE, --gpu N   what may be used at once\n"
     "  --param NAME=VALUE   a parameter of the plan\n"
     "  --store URI     keep results in a folder that machines share, and take theirs\n"
     "  --today DATE    the day that waivers expire against\n"
     "  --json          one event a line\n",
     run_atlas_run},
    {"run-one", "run one task whose inputs are there",
     "Usage: lydia atlas run-one TASK [--plan FILE] [--force] [--json] [--param NAME=VALUE]\n"
     "       lydia atlas run-one KEY --store URI [--folder DIR] [--json]\n\n"
     "What the task needs must be up to date. With --store, a task that lydia atlas emit has put\n"
     "into a store that machines share: it runs in a folder of its own (--folder DIR keeps it)\n"
     "and leaves its result in the store.\n",
     run_atlas_run_one},
    {"done", "close a person's task",
     "Usage: lydia atlas done TASK --by PERSONA --evidence FILE [--took 3h] [--plan FILE]\n\n"
     "The file's digest becomes part of what the task's result depends on. What the person took,\n"
     "beside the estimate, calibrates the schedule: --took, or else the working hours since a run\n"
     "first said that the task waits.\n",
     run_atlas_done},
    {"why", "why a task would run again",
     "Usage: lydia atlas why TASK|GROUP... | --all [--plan FILE] [--json] [--param NAME=VALUE]\n\n"
     "Each part of the task's key that has changed, before and now.\n",
     run_atlas_why},
    {"status", "what is up to date", "Usage: lydia atlas status [PLAN] [--plan FILE] [--json]\n",
     run_atlas_status},
    {"gc", "remove results that nothing needs",
     "Usage: lydia atlas gc [PLAN] [--plan FILE] [--keep-attempts N]\n", run_atlas_gc},
    {"sbom", "what the plan's outputs are made of",
     "Usage: lydia atlas sbom [PLAN] [--plan FILE] [--format cyclonedx|spdx|notice] [-o FILE]\n"
     "                        [--created YYYY-MM-DDTHH:MM:SSZ]\n\n"
     "CycloneDX 1.6 or SPDX 2.3 as JSON, or the NOTICE text. The time is that of the last result,\n"
     "of SOURCE_DATE_EPOCH or of --created: the same plan and results give the same bytes.\n",
     run_atlas_sbom},
    {"waive", "record who answers for a finding",
     "Usage: lydia atlas waive [PLAN] --owner WHO --reason WHY --expires YYYY-MM-DD\n"
     "                         (--task TASK | --purl PURL | both) [--code CODE]\n\n"
     "Adds the waiver to the plan's YAML file.\n",
     run_atlas_waive},
    {"emit", "the plan for a cluster",
     "Usage: lydia atlas emit [PLAN] --to slurm|argo|k8s|airflow --store URI [-o FILE]\n"
     "                        [--image IMAGE] [--program PATH] [--name NAME] [--param "
     "NAME=VALUE]\n\n"
     "Writes one file that submits the plan: a shell script of sbatch calls, an Argo Workflow,\n"
     "Kubernetes Jobs, or an Airflow DAG. URI is a folder that all machines mount at one path\n"
     "(containers from the volume claim \"lydia-store\"); what the tasks need is put there, and\n"
     "every node calls `lydia atlas run-one KEY --store URI`: keys, cache, checks, retries and\n"
     "licence gate stay the same. `lydia atlas run --store URI` fetches the results.\n",
     run_atlas_emit},
};

void print_help(std::ostream& out) {
  out << "Usage: lydia atlas <subcommand> [options]; lydia atlas <subcommand> --help\n\n"
         "PLAN: a file; without one, plan.yaml or atlas.yaml in this folder.\n\nSubcommands:\n";
  for (const AtlasCommand& command : kCommands) {
    out << "  " << std::left << std::setw(10) << command.name << command.summary << "\n";
  }
}

bool contains(const std::vector<std::string_view>& list, std::string_view item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

// Programs that read JSON get errors as JSON, too.
int run_command(const AtlasCommand& command, Args args) {
  if (!contains({args.begin(), args.end()}, "--json")) return command.run(args);
  try {
    return command.run(args);
  } catch (const std::exception& error) {
    std::cout << io::to_json(io::Json::Object{{"event", "error"}, {"message", error.what()}})
              << "\n";
    throw;
  }
}

}  // namespace

AtlasArgs::AtlasArgs(Args args, std::vector<std::string_view> flags,
                     std::vector<std::string_view> values) {
  values.push_back("--lang");
  for (size_t i = 0; i < args.size(); ++i) {
    const std::string_view arg = args[i] == "-o" ? "--output" : args[i];
    if (!arg.starts_with('-') || arg == "-") {
      positional_.emplace_back(arg);
    } else if (contains(flags, arg)) {
      flags_.emplace_back(arg);
    } else if (contains(values, arg)) {
      LYDIA_CHECK(i + 1 < args.size(), ValueError, "lydia atlas: ", arg,
                  ": expected a value, got none");
      values_.emplace_back(arg, args[++i]);
    } else {
      flags.insert(flags.end(), values.begin(), values.end());
      fail<ValueError>("lydia atlas: expected an option of --help, got '", arg, "'",
                       nearest_hint(arg, flags));
    }
  }
}

bool AtlasArgs::has(std::string_view flag) const {
  return std::find(flags_.begin(), flags_.end(), flag) != flags_.end();
}

std::optional<std::string> AtlasArgs::value(std::string_view option) const {
  for (auto at = values_.rbegin(); at != values_.rend(); ++at) {
    if (at->first == option) return at->second;  // the last one counts
  }
  return std::nullopt;
}

std::vector<std::string> AtlasArgs::values(std::string_view option) const {
  std::vector<std::string> out;
  for (const auto& [name, value] : values_)
    if (name == option) out.push_back(value);
  return out;
}

atlas::Language AtlasArgs::language() const {
  if (const auto given = value("--lang")) {
    LYDIA_CHECK(*given == "en" || *given == "tr", ValueError, "--lang: expected en or tr, got '",
                *given, "'");
    return *given == "tr" ? atlas::Language::Turkish : atlas::Language::English;
  }
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    const char* locale = std::getenv(name);
    if (!locale || *locale == '\0') continue;
    const bool turkish = std::string_view(locale).starts_with("tr");
    return turkish ? atlas::Language::Turkish : atlas::Language::English;
  }
  return atlas::Language::English;
}

void write_result(const AtlasArgs& args, const std::string& text) {
  if (const auto path = args.value("--output")) {
    io::write_file_atomic(*path, text);
  } else {
    std::cout << text;
  }
}

int run_atlas(Args args) {
  if (args.empty() || args[0] == "--help" || args[0] == "-h") {
    print_help(args.empty() ? std::cerr : std::cout);
    return args.empty() ? 2 : 0;
  }
  std::vector<std::string_view> names;
  for (const AtlasCommand& command : kCommands) {
    names.push_back(command.name);
    if (command.name != args[0]) continue;
    const Args rest = args.subspan(1);
    const bool help = std::any_of(rest.begin(), rest.end(), [](std::string_view arg) {
      return arg == "--help" || arg == "-h";
    });
    if (!help) return run_command(command, rest);
    std::cout << command.help;
    return 0;
  }
  fail<ValueError>("lydia atlas: expected a subcommand (see lydia atlas --help), got '", args[0],
                   "'", nearest_hint(args[0], names));
}

}  // namespace lydia::cli
