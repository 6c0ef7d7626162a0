// The command line of charlm.
#pragma once

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

#include "lydia/core/error.h"

namespace charlm {

inline constexpr std::string_view kUsage =
    "charlm: learns to write from a text, character by character\n"
    "  --text FILE   UTF-8; documents separated by blank lines, else one document per line\n"
    "  --out DIR     where weights.safetensors and report.html go (default: out/charlm)\n"
    "  --steps N     training steps (default: 1500; a few seconds' worth with --quick)\n"
    "  --seed N      of the weights, the batches and the sample (default: 1)\n"
    "  --quick       a small model; without --text it learns sentences made for the occasion\n";

struct Options {
  std::string text, out = "out/charlm";
  int64_t steps = 0;  // 0: the default of the chosen form
  uint32_t seed = 1;
  bool quick = false, help = false;
};

template <class Number>
Number parse_number(std::string_view name, std::string_view text, Number least) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  LYDIA_CHECK(error == std::errc() && end == text.data() + text.size() && value >= least,
              lydia::ValueError, "charlm: expected a number from ", least, " after ", name,
              ", got \"", text, "\"");
  return value;
}

inline Options parse_options(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    const auto value = [&]() -> std::string_view {
      LYDIA_CHECK(i + 1 < argc, lydia::ValueError, "charlm: expected a value after ", name);
      return argv[++i];
    };
    if (name == "--text")
      options.text = value();
    else if (name == "--out")
      options.out = value();
    else if (name == "--steps")
      options.steps = parse_number<int64_t>(name, value(), 1);
    else if (name == "--seed")
      options.seed = parse_number<uint32_t>(name, value(), 0);
    else if (name == "--quick")
      options.quick = true;
    else if (name == "--help")
      options.help = true;
    else
      lydia::fail<lydia::ValueError>("charlm: unknown option ", name, " (try --help)");
  }
  return options;
}

}  // namespace charlm
