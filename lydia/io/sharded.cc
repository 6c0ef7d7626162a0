#include "lydia/io/sharded.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>
#include <set>

#include "lydia/io/atomic_file.h"
#include "lydia/io/file_bytes.h"
#include "lydia/io/json.h"
#include "lydia/io/safetensors_header.h"

namespace lydia::io {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSingle = "model.safetensors";
constexpr const char* kIndex = "model.safetensors.index.json";

std::vector<NamedTensors> cut(const NamedTensors& tensors, int64_t max_shard_size) {
  std::vector<NamedTensors> shards(1);
  int64_t size = 0;
  std::set<std::string_view> names;
  for (const auto& [name, tensor] : tensors) {
    LYDIA_CHECK(tensor.defined(), ValueError, "save_sharded: ", show_name(name),
                " is an undefined tensor");
    LYDIA_CHECK(names.insert(name).second, ValueError, "save_sharded: two tensors are named ",
                show_name(name));
    const auto bytes = static_cast<int64_t>(tensor.nbytes());
    if (!shards.back().empty() && size + bytes > max_shard_size) {
      shards.emplace_back();
      size = 0;
    }
    shards.back().emplace_back(name, tensor);
    size += bytes;
  }
  return shards;
}

std::string shard_name(size_t number, size_t count) {
  char name[64];
  std::snprintf(name, sizeof(name), "model-%05zu-of-%05zu.safetensors", number, count);
  return name;
}

bool is_plain_name(const std::string& name) {
  return !name.empty() && name != "." && name != ".." && name.find('/') == std::string::npos &&
         name.find('\0') == std::string::npos;
}

// Which tensors are in which file.
std::map<std::string, std::set<std::string>> read_index(const std::string& path) {
  const Json index = parse_json(FileBytes::open(path).text(), path);
  const Json* map = index.find("weight_map");
  const bool sound = map && std::holds_alternative<Json::Object>(map->value);
  LYDIA_CHECK(sound, ValueError, path, ": expected an object \"weight_map\"");
  std::map<std::string, std::set<std::string>> files;
  for (const auto& [name, file] : map->as_object()) {
    const auto* text = std::get_if<std::string>(&file.value);
    LYDIA_CHECK(text && is_plain_name(*text), ValueError, path, ": ", show_name(name),
                ": expected the name of a file in the same folder, got ",
                text ? show_name(*text) : file.kind());
    files[*text].insert(name);
  }
  return files;
}

}  // namespace

void save_sharded(const std::string& folder, const NamedTensors& tensors, int64_t max_shard_size,
                  const Metadata& metadata) {
  LYDIA_CHECK(max_shard_size > 0, ValueError,
              "save_sharded: expected a max_shard_size above 0, got ", max_shard_size);
  const std::vector<NamedTensors> shards = cut(tensors, max_shard_size);
  const fs::path root(folder);
  if (shards.size() == 1) {
    save_safetensors(root / kSingle, shards[0], metadata);
    std::error_code ignored;  // an index of an older save would hide the file
    fs::remove(root / kIndex, ignored);
    return;
  }
  Json::Object weight_map;
  int64_t total = 0;
  for (size_t i = 0; i < shards.size(); ++i) {
    const std::string file = shard_name(i + 1, shards.size());
    save_safetensors(root / file, shards[i], metadata);
    for (const auto& [name, tensor] : shards[i]) {
      weight_map.emplace_back(name, Json(file));
      total += static_cast<int64_t>(tensor.nbytes());
    }
  }
  const Json index(Json::Object{{"metadata", Json(Json::Object{{"total_size", Json(total)}})},
                                {"weight_map", Json(std::move(weight_map))}});
  write_file_atomic(root / kIndex, to_json(index) + "\n");
}

NamedTensors load_sharded(const std::string& folder, LoadMode mode) {
  const fs::path root(folder), index = root / kIndex;
  if (!fs::exists(index)) return load_safetensors(root / kSingle, mode).tensors;
  NamedTensors out;
  for (const auto& [file, names] : read_index(index)) {
    const std::string path = root / file;
    NamedTensors tensors = load_safetensors(path, mode).tensors;
    for (auto& [name, tensor] : tensors) {
      LYDIA_CHECK(names.contains(name), ValueError, path, ": has the tensor ", show_name(name),
                  ", which the index does not list there");
      out.emplace_back(name, std::move(tensor));
    }
    for (const std::string& name : names) {
      const bool there = std::any_of(tensors.begin(), tensors.end(),
                                     [&](const auto& entry) { return entry.first == name; });
      LYDIA_CHECK(there, ValueError, path, ": lacks the tensor ", show_name(name),
                  ", which the index lists there");
    }
  }
  return out;
}

}  // namespace lydia::io
