// Modules and states in safetensors files. A tensor that several names share is written once; the
// file's metadata then holds "tied:<name>" = "<the name that was written>".
#pragma once

#include <string>

#include "lydia/io/safetensors.h"
#include "lydia/nn/module.h"

namespace lydia::nn {

// Atomic. ValueError for metadata keys that begin with "tied:".
void save_state(const NamedTensors& state, const std::string& path,
                const io::Metadata& metadata = {});
// All names, the tied ones too. Tensors of tied names share memory.
NamedTensors load_state(const std::string& path);

void save_model(const Module& module, const std::string& path, const io::Metadata& metadata = {});
// module.load_state_dict of a file, also of one that leaves tied names out.
LoadResult load_model(Module& module, const std::string& path, bool strict = true);

}  // namespace lydia::nn
