// `lydia doctor [--json]`: what this machine has, and why something is not there.
#include <gnu/libc-version.h>
#include <sys/utsname.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "cli/command.h"
#include "lydia/core/error.h"
#include "lydia/core/nearest.h"
#include "lydia/core/threads.h"
#include "lydia/core/version.h"
#include "lydia/cpu/cpu_info.h"

namespace lydia::cli {
namespace {

namespace fs = std::filesystem;

// One line of the account: the same fact for people and, already as JSON, for programs.
struct Fact {
  std::string key;
  std::string text;
  std::string json;
};

struct Section {
  std::string title;
  std::vector<Fact> facts;
};

std::string quoted(const std::string& text) {
  std::ostringstream out;
  out << '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out << '\\' << c;
    } else if (byte < 0x20) {
      out << "\\u" << std::hex << std::setw(4) << std::setfill('0') << int{byte} << std::dec;
    } else {
      out << c;
    }
  }
  out << '"';
  return out.str();
}

Fact text_fact(const std::string& key, const std::string& text) {
  return {key, text, quoted(text)};
}

Fact number_fact(const std::string& key, int64_t number) {
  return {key, std::to_string(number), std::to_string(number)};
}

Fact bytes_fact(const std::string& key, int64_t bytes) {
  std::ostringstream text;
  text << std::fixed << std::setprecision(1) << static_cast<double>(bytes) / (1 << 30) << " GiB";
  return {key, text.str(), std::to_string(bytes)};
}

Fact list_fact(const std::string& key, const std::vector<std::string>& items) {
  std::string text, json;
  for (const std::string& item : items) {
    text += (text.empty() ? "" : ", ") + item;
    json += (json.empty() ? "" : ", ") + quoted(item);
  }
  return {key, text.empty() ? "none" : text, "[" + json + "]"};
}

Section lydia_section() {
  utsname system{};
  uname(&system);
#if defined(__clang__)
  const std::string compiler = "clang " __clang_version__;
#else
  const std::string compiler = "g++ " __VERSION__;
#endif
  return {"lydia",
          {text_fact("version", std::string(version())), text_fact("compiler", compiler),
           text_fact("system",
                     std::string(system.sysname) + " " + system.release + " " + system.machine)}};
}

Section cpu_section() {
  const CpuInfo info = cpu_info();
  Section section{"cpu",
                  {text_fact("model", info.model), number_fact("cores", info.cores),
                   number_fact("threads", get_num_threads())}};
  std::string text, json;
  for (const auto& [name, present] : info.isa) {
    text += (text.empty() ? "" : ", ") + (present ? name : "no " + name);
    json += (json.empty() ? "" : ", ") + quoted(name) + (present ? ": true" : ": false");
  }
  section.facts.push_back({"isa", text, "{" + json + "}"});
  section.facts.push_back(list_fact("caches", info.caches));
  return section;
}

Section memory_section() {
  Section section{"memory", {}};
  std::ifstream file("/proc/meminfo");
  std::string key, unit;
  for (int64_t kib = 0; file >> key >> kib >> unit;) {
    if (key == "MemTotal:") section.facts.push_back(bytes_fact("total", kib << 10));
    if (key == "MemAvailable:") section.facts.push_back(bytes_fact("available", kib << 10));
    file.ignore(256, '\n');
  }
  return section;
}

// Models as the NVIDIA driver names them; empty without a driver.
std::vector<std::string> nvidia_models() {
  std::vector<std::string> models;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator("/proc/driver/nvidia/gpus", none)) {
    std::ifstream file(entry.path() / "information");
    std::string word, model;
    file >> word;
    std::getline(file >> std::ws, model);
    models.push_back(model);
  }
  return models;
}

Section gpu_section() {
  const char* reason = fs::exists("/dev/nvidiactl")
                           ? "an NVIDIA driver is loaded, but this build has no CUDA kernels"
                           : "no NVIDIA driver: /dev/nvidiactl does not exist";
  return {"gpu",
          {list_fact("devices", nvidia_models()),
           {"usable", "no", "false"},
           text_fact("reason", reason)}};
}

Section library_section() {
  Section section{"libraries", {}};
  for (const auto& [name, version] : cpu_libraries()) {
    section.facts.push_back(text_fact(name, version));
  }
  section.facts.push_back(text_fact("glibc", gnu_get_libc_version()));
  return section;
}

void print_text(const std::vector<Section>& sections) {
  for (const Section& section : sections) {
    std::cout << section.title << "\n";
    for (const Fact& fact : section.facts) {
      std::cout << "  " << std::left << std::setw(12) << fact.key << fact.text << "\n";
    }
  }
}

void print_json(const std::vector<Section>& sections) {
  std::cout << "{";
  const char* section_comma = "\n";
  for (const Section& section : sections) {
    std::cout << std::exchange(section_comma, ",\n") << "  " << quoted(section.title) << ": {";
    const char* comma = "\n";
    for (const Fact& fact : section.facts) {
      std::cout << std::exchange(comma, ",\n") << "    " << quoted(fact.key) << ": " << fact.json;
    }
    std::cout << "\n  }";
  }
  std::cout << "\n}\n";
}

}  // namespace

int run_doctor(Args args) {
  static constexpr std::string_view kOptions[] = {"--json"};
  bool json = false;
  for (const std::string_view arg : args) {
    LYDIA_CHECK(arg == kOptions[0], ValueError,
                "lydia doctor: expected no argument or --json, got '", arg, "'",
                nearest_hint(arg, kOptions));
    json = true;
  }
  const std::vector<Section> sections = {lydia_section(), cpu_section(), memory_section(),
                                         gpu_section(), library_section()};
  json ? print_json(sections) : print_text(sections);
  return 0;
}

}  // namespace lydia::cli
