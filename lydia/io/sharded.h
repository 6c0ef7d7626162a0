// A model's tensors over several safetensors files and an index, as Hugging Face lays them out:
//
//   model-00001-of-00002.safetensors, model-00002-of-00002.safetensors
//   model.safetensors.index.json   {"metadata": {"total_size": bytes},
//                                   "weight_map": {"name": "model-00001-of-00002.safetensors"}}
//
// What fits one file is model.safetensors alone, without an index.
#pragma once

#include <cstdint>
#include <string>

#include "lydia/io/safetensors_tensors.h"

namespace lydia::io {

inline constexpr int64_t kMaxShardSize = 5'000'000'000;  // bytes; the default of transformers

// Fills files in the order of `tensors`; one larger than max_shard_size gets a file of its own.
// Files are written before the index, which makes them count; files of an older save under other
// names stay. ValueError for names that appear twice.
void save_sharded(const std::string& folder, const NamedTensors& tensors,
                  int64_t max_shard_size = kMaxShardSize, const Metadata& metadata = {});

// The tensors of a folder: by its index where there is one, else of model.safetensors. The index is
// untrusted: its files must lie in the folder and hold exactly the tensors it says (ValueError).
NamedTensors load_sharded(const std::string& folder, LoadMode mode = LoadMode::Copy);

}  // namespace lydia::io
