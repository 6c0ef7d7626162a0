// Modules and states in safetensors files.
#include "lydia/nn/serialize.h"

#include <algorithm>

#include "lydia/io/safetensors_tensors.h"

namespace lydia::nn {
namespace {

const std::string kTied = "tied:";

NamedTensors read(const std::string& path, io::LoadMode mode) {
  io::LoadedTensors file = io::load_safetensors(path, mode);
  NamedTensors state = std::move(file.tensors);
  for (const auto& [key, target] : file.metadata) {
    if (!key.starts_with(kTied)) continue;
    const auto found =
        std::find_if(state.begin(), state.end(),
                     [&target = target](const auto& item) { return item.first == target; });
    LYDIA_CHECK(found != state.end(), ValueError, path, ": ", key, ": no tensor '", target, "'");
    const Tensor value = found->second;
    state.emplace_back(key.substr(kTied.size()), value);
  }
  return state;
}

}  // namespace

void save_state(const NamedTensors& state, const std::string& path, const io::Metadata& metadata) {
  io::Metadata with_ties = metadata;
  for (const auto& [key, value] : metadata)
    LYDIA_CHECK(!key.starts_with(kTied), ValueError, "save: metadata key '", key, "' is reserved");
  io::NamedTensors unique;
  for (const auto& [name, value] : state) {
    const auto first =
        std::find_if(unique.begin(), unique.end(), [&value = value](const auto& item) {
          return value.defined() && value.numel() > 0 && same_memory(item.second, value);
        });
    if (first == unique.end())
      unique.emplace_back(name, value);
    else
      with_ties[kTied + name] = first->first;
  }
  io::save_safetensors(path, unique, with_ties);
}

NamedTensors load_state(const std::string& path) { return read(path, io::LoadMode::Copy); }

void save_model(const Module& module, const std::string& path, const io::Metadata& metadata) {
  save_state(module.state_dict(), path, metadata);
}

LoadResult load_model(Module& module, const std::string& path, bool strict) {
  return module.load_state_dict(read(path, io::LoadMode::Map), strict);
}

}  // namespace lydia::nn
