// Scalars, lists and commands of a plan, with a finding for each that is of another kind.
#include <array>
#include <charconv>

#include "lydia/atlas/plan_fields.h"
#include "lydia/core/error.h"
#include "lydia/core/nearest.h"

namespace lydia::atlas {

using config::Node;

void FieldReader::report(const Node& node, std::string code, Message message, Message hint) {
  Finding finding;
  finding.code = std::move(code);
  finding.at = source(node.place());
  finding.message = std::move(message);
  finding.hint = std::move(hint);
  findings_.push_back(std::move(finding));
}

void FieldReader::wrong_type(const Node& node, Message expected) {
  const std::string got = config::show_value(node);
  report(
      node, "wrong-type",
      {"expected " + expected.en + ", got " + got, "beklenen: " + expected.tr + "; gelen: " + got});
}

void FieldReader::unknown_key(const Node::Entry& entry, std::string_view what,
                              std::span<const std::string_view> known) {
  Finding finding;
  finding.code = "unknown-key";
  finding.at = source(entry.place);
  finding.message = {std::string(what) + " has no key '" + entry.key + "'",
                     std::string(what) + " içinde '" + entry.key + "' diye bir anahtar yok"};
  const std::string_view best = nearest(entry.key, known);
  if (!best.empty()) {
    finding.hint = {"did you mean '" + std::string(best) + "'?",
                    "'" + std::string(best) + "' mi demek istediniz?"};
  }
  findings_.push_back(std::move(finding));
}

bool FieldReader::expect_map(const Node& node, std::string_view what) {
  if (node.is_map()) return true;
  const std::string name(what);
  wrong_type(node, {"a map (" + name + ")", "bir eşlem (" + name + ")"});
  return false;
}

bool FieldReader::expect_list(const Node& node, std::string_view what) {
  if (node.is_list()) return true;
  const std::string name(what);
  wrong_type(node, {"a list (" + name + ")", "bir liste (" + name + ")"});
  return false;
}

Text FieldReader::text(const Node& node) {
  if (node.is_string()) return {{node.string(), source(node.place())}};
  wrong_type(node, {node.is_container() ? "a text" : "a text; put it in quotes",
                    node.is_container() ? "bir metin" : "bir metin; tırnak içine alın"});
  return {};
}

std::vector<Text> FieldReader::texts(const Node& node) {
  std::vector<Text> out;
  if (!node.is_list()) {
    out.push_back(text(node));
  } else {
    for (const Node& item : node.list()) out.push_back(text(item));
  }
  return out;
}

bool FieldReader::flag(const Node& node) {
  if (node.kind() == Node::Kind::Bool) return node.boolean();
  wrong_type(node, {"true or false", "true ya da false"});
  return false;
}

double FieldReader::number(const Node& node, double low, double high) {
  double value = low;
  if (node.kind() == Node::Kind::Int) {
    value = static_cast<double>(node.integer());
  } else if (node.kind() == Node::Kind::Float) {
    value = node.real();
  } else {
    wrong_type(node, {"a number", "bir sayı"});
    return low;
  }
  if (value >= low && value <= high) return value;
  report(node, "bad-value",
         {config::show_value(node) + " is out of range",
          config::show_value(node) + " aralık dışında"});
  return low;
}

int FieldReader::whole(const Node& node, int low, int high) {
  if (node.kind() != Node::Kind::Int) {
    wrong_type(node, {"a whole number", "bir tam sayı"});
    return low;
  }
  return static_cast<int>(number(node, low, high));
}

double FieldReader::duration(const Node& node) {
  const Text written = text(node);
  try {
    return written.empty() ? 0 : parse_duration(*written);
  } catch (const ValueError& error) {
    report(node, "bad-value",
           {error.what(),
            "30s, 15m, 2h ya da 3d gibi bir süre bekleniyordu, '" + *written + "' geldi"});
    return 0;
  }
}

uint64_t FieldReader::bytes(const Node& node) {
  if (node.kind() == Node::Kind::Int && node.integer() >= 0) {
    return static_cast<uint64_t>(node.integer());
  }
  const Text written = text(node);
  try {
    return written.empty() ? 0 : parse_bytes(*written);
  } catch (const ValueError& error) {
    report(
        node, "bad-value",
        {error.what(), "512M ya da 8G gibi bir büyüklük bekleniyordu, '" + *written + "' geldi"});
    return 0;
  }
}

size_t FieldReader::choice(const Node& node, std::span<const std::string_view> names) {
  const Text written = text(node);
  for (size_t i = 0; i < names.size(); ++i) {
    if (names[i] == *written) return i;
  }
  if (written.empty() && !node.is_string()) return 0;
  std::string list;
  for (const std::string_view name : names) {
    if (!name.empty()) list += (list.empty() ? "" : ", ") + std::string(name);
  }
  const std::string_view best = nearest(*written, names);
  report(node, "bad-value",
         {"expected one of " + list + ", got '" + *written + "'",
          "şunlardan biri bekleniyordu: " + list + "; gelen: '" + *written + "'"},
         best.empty() ? Message{}
                      : Message{"did you mean '" + std::string(best) + "'?",
                                "'" + std::string(best) + "' mi demek istediniz?"});
  return 0;
}

Command FieldReader::command(const Node& node) {
  Command out;
  out.at = source(node.place());
  if (!node.is_list()) {
    wrong_type(node, {"a command as a list of words, such as [\"lydia\", \"doctor\"]",
                      "sözcük listesi olarak bir komut, örneğin [\"lydia\", \"doctor\"]"});
    return out;
  }
  for (const Node& word : node.list()) out.argv.push_back(text(word));
  if (out.argv.empty() || out.argv[0].empty()) {
    report(node, "bad-value", {"a command needs a program", "bir komutun programı olmalı"});
  }
  return out;
}

std::vector<Command> FieldReader::commands(const Node& node) {
  std::vector<Command> out;
  if (!expect_list(node, "check")) return out;
  const bool single = !node.list().empty() && node.list()[0].is_string();
  if (single) return {command(node)};
  for (const Node& item : node.list()) out.push_back(command(item));
  return out;
}

}  // namespace lydia::atlas
