// The sizes of the examples: the documented ones, or small ones under --quick.
#pragma once

#include <string_view>

#include "lydia/models/agiformer/config.h"

inline lydia::models::AgiformerConfig example_config(int argc, char** argv) {
  lydia::models::AgiformerConfig config;  // the constructor's defaults
  if (argc > 1 && std::string_view(argv[1]) == "--quick") {
    config.d_model = 64, config.n_layers = 2, config.n_heads = 4, config.d_ff = 128;
    config.memory_size = 100, config.max_seq_len = 128, config.vision_width = 48;
  }
  return config;
}
