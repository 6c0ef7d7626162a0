#include "lydia/atlas/action_record.h"

namespace lydia::atlas {

using io::Json;

Json outputs_json(const std::vector<ActionOutput>& outputs) {
  Json::List out;
  for (const ActionOutput& o : outputs)
    out.push_back(Json::Object{{"port", o.port},
                               {"path", o.path},
                               {"digest", o.digest},
                               {"bytes", o.bytes},
                               {"executable", o.executable}});
  return out;
}

std::vector<ActionOutput> parse_outputs(const Json& list) {
  std::vector<ActionOutput> outputs;
  for (const Json& o : list.as_list())
    outputs.push_back({o.at("port").as_string(), o.at("path").as_string(),
                       o.at("digest").as_string(), o.at("bytes").as_int(),
                       o.at("executable").as_bool()});
  return outputs;
}

Json parts_json(const KeyParts& parts) {
  Json::Object out;
  for (const auto& [name, value] : parts) out.emplace_back(name, value);
  return out;
}

KeyParts parse_parts(const Json& object) {
  KeyParts parts;
  for (const auto& [name, value] : object.as_object()) parts.emplace_back(name, value.as_string());
  return parts;
}

Json action_json(const ActionRecord& r) {
  return Json::Object{{"key", r.key},
                      {"task", r.task},
                      {"parts", parts_json(r.parts)},
                      {"outputs", outputs_json(r.outputs)},
                      {"seconds", r.seconds},
                      {"finished", r.finished},
                      {"verdict", r.verdict}};
}

ActionRecord parse_action(const Json& object) {
  return {object.at("key").as_string(),     object.at("task").as_string(),
          parse_parts(object.at("parts")),  parse_outputs(object.at("outputs")),
          object.at("seconds").as_double(), object.at("finished").as_string(),
          object.at("verdict").as_string()};
}

}  // namespace lydia::atlas
