#include "lydia/atlas/shared_store.h"

#include <algorithm>
#include <filesystem>

#include "lydia/config/yaml.h"
#include "lydia/core/error.h"
#include "lydia/io/atomic_file.h"
#include "lydia/io/sha256.h"

namespace lydia::atlas {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxBytes = size_t{64} << 20;  // of a record or a node

bool is_key(const std::string& text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == text.npos;
}

std::optional<std::string> read_small(const std::string& path) {
  std::error_code none;
  if (!fs::is_regular_file(path, none)) return {};
  return config::read_text(path, kMaxBytes);
}

}  // namespace

std::string store_folder(const std::string& uri) {
  std::string path = uri;
  const size_t scheme = uri.find("://");
  if (uri.starts_with("file:///")) {
    path = uri.substr(7);
  } else {
    LYDIA_CHECK(scheme == uri.npos && !uri.empty(), ValueError,
                "--store: expected a folder or file:///FOLDER that every machine mounts, got '",
                uri, "'; object stores have to be mounted, too");
  }
  return fs::absolute(path).lexically_normal().string();
}

SharedStore::SharedStore(std::string folder, bool look) : folder_(std::move(folder)) {
  if (look) return;
  for (const char* kind : {"actions", "nodes", "results", "persist", "locks"})
    fs::create_directories(folder_ + "/" + kind);
}

std::string SharedStore::path(const char* kind, const std::string& key) const {
  LYDIA_CHECK(is_key(key), ValueError, "expected a key of 64 hexadecimal digits, got '", key, "'");
  return folder_ + "/" + kind + "/" + key;
}

std::optional<ActionRecord> SharedStore::action(const std::string& key) const {
  const std::string file = path("actions", key);
  const auto text = read_small(file);
  if (!text) return {};
  try {
    ActionRecord record = parse_action(io::parse_json(*text, file));
    LYDIA_CHECK(record.key == key, ValueError, "it is the record of another action");
    return record;
  } catch (const Error& error) {
    fail<ValueError>(file, ": damaged; remove it and run again: ", error.what());
  }
}

void SharedStore::add_action(const ActionRecord& record) {
  io::write_file_atomic(path("actions", record.key), io::to_json(action_json(record)));
}

std::string SharedStore::add_node(const std::string& text) {
  const std::string key = io::sha256_hex(text), file = path("nodes", key);
  if (!fs::exists(file)) io::write_file_atomic(file, text);
  return key;
}

std::string SharedStore::node(const std::string& key) const {
  const std::string file = path("nodes", key);
  const auto text = read_small(file);
  LYDIA_CHECK(text, ValueError, folder_, ": has no task of key ", key,
              "; lydia atlas emit puts it there");
  LYDIA_CHECK(io::sha256_hex(*text) == key, ValueError, file, ": damaged");
  return *text;
}

std::optional<ActionRecord> SharedStore::result(const std::string& node) const {
  const auto key = read_small(path("results", node));
  return key ? action(*key) : std::nullopt;
}

void SharedStore::set_result(const std::string& node, const std::string& action) {
  io::write_file_atomic(path("results", node), action);
}

}  // namespace lydia::atlas
