// Modules: do they exist, do they hold the symbol, and does who creates one come before who uses
// it.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <unordered_map>

#include "lydia/atlas/check_parts.h"
#include "lydia/atlas/plan_paths.h"

namespace lydia::atlas {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxSource = size_t{8} << 20;

bool is_word_char(char ch) {
  const auto byte = static_cast<unsigned char>(ch);
  return std::isalnum(byte) || ch == '_' || byte >= 0x80;
}

// Whether the last part of `symbol` ("Model.forward") is a word of the file.
bool holds_symbol(const std::string& path, const std::string& symbol) {
  std::error_code error;
  const auto size = fs::file_size(path, error);
  if (error || size > kMaxSource) return true;  // not to be judged by reading
  std::ifstream in(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  const size_t cut = symbol.find_last_of(".:");
  const std::string word = cut == std::string::npos ? symbol : symbol.substr(cut + 1);
  if (word.empty()) return true;
  for (size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    const bool begins = at == 0 || !is_word_char(text[at - 1]);
    const size_t end = at + word.size();
    if (begins && (end == text.size() || !is_word_char(text[end]))) return true;
  }
  return false;
}

struct User {
  int task;
  const Module* module;
};

void check_file(Checker& c, const User& user) {
  const std::string path = c.plan.resolve(*user.module->path);
  std::error_code error;
  const std::string& id = *c.task(user.task).id;
  if (!fs::exists(path, error)) {
    c.error("module-missing", id, user.module->path.at,
            {"there is no '" + *user.module->path + "', and no task creates it",
             "'" + *user.module->path + "' yok ve onu oluşturan bir görev de yok"},
            {"write state: create if this task makes it",
             "bu görev oluşturacaksa state: create yazın"});
  } else if (!user.module->symbol.empty() && fs::is_regular_file(path, error) &&
             !holds_symbol(path, *user.module->symbol)) {
    c.error("symbol-missing", id, user.module->symbol.at,
            {"'" + *user.module->path + "' has no '" + *user.module->symbol + "'",
             "'" + *user.module->path + "' içinde '" + *user.module->symbol + "' yok"});
  }
}

void report_order(Checker& c, const User& creator, const User& user) {
  const std::string &maker = *c.task(creator.task).id, &id = *c.task(user.task).id;
  const std::string note =
      creator.module->note.empty() ? "" : " (\"" + *creator.module->note + "\")";
  c.error("module-order", id, user.module->path.at,
          {"'" + *user.module->path + "' is created by " + maker + note +
               ", and no edge leads from there to here",
           "'" + *user.module->path + "' dosyasını " + maker + note +
               " oluşturuyor; oradan buraya bir kenar yok"},
          are_alternatives(c, creator.task, user.task)
              ? Message{"they are alternatives: choose one, and let it create the module",
                        "ikisi birbirinin seçeneği: birini seçin, modülü o oluştursun"}
              : Message{"add after: [" + maker + "]", "after: [" + maker + "] ekleyin"});
}

void check_order(Checker& c, const User& creator, const std::vector<User>& users) {
  const std::vector<bool> later = c.graph.reachable(creator.task);
  for (const User& user : users) {
    if (user.task != creator.task && !later[static_cast<size_t>(user.task)]) {
      report_order(c, creator, user);
    }
  }
}

}  // namespace

void check_modules(Checker& c) {
  std::map<std::string, std::vector<User>> creators, users;
  for (int i = 0; i < c.graph.size(); ++i) {
    if (!c.graph.active(i)) continue;
    for (const Module& module : c.task(i).modules) {
      if (module.path.empty()) continue;
      const std::string path = plain_path(*module.path);
      (module.state == ModuleState::Create ? creators : users)[path].push_back({i, &module});
    }
  }
  for (const auto& [path, made] : creators) {
    for (size_t i = 1; i < made.size(); ++i) {
      const std::string other = *c.task(made[0].task).id;
      c.error("module-order", *c.task(made[i].task).id, made[i].module->path.at,
              {"'" + path + "' is created by " + other + " as well",
               "'" + path + "' dosyasını " + other + " da oluşturuyor"},
              {"write state: modify in the later task", "sonraki görevde state: modify yazın"});
    }
  }
  for (const auto& [path, list] : users) {
    const auto made = creators.find(path);
    if (made != creators.end()) {
      check_order(c, made->second.front(), list);
    } else if (c.options.files) {
      for (const User& user : list) {
        if (!leaves_root(path)) check_file(c, user);  // check_paths refuses what does
      }
    }
  }
}

}  // namespace lydia::atlas
