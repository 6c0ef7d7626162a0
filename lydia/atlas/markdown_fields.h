// Single fields of Markdown plans, both ways.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lydia/atlas/finding.h"
#include "lydia/atlas/labels.h"
#include "lydia/atlas/plan.h"

namespace lydia::atlas {

// What follows a label, or an item of the list below it.
struct FieldText {
  Text value;
  Label label{};
};

// Why a field stays a note, as far as its reader can say.
struct Unread {
  Source at;
  Message why;
};

// Puts a field in place; false when the label is no field of it, the field is there already, or
// its text cannot be read: it stays a note.
bool read_group_field(Plan& plan, Group& group, const FieldText& field);
bool read_task_field(Plan& plan, Task& task, const FieldText& field, Unread& unread);
bool read_task_item(Task& task, const FieldText& item, Unread& unread);

// How the label's value is written: "`[program, words...]` or `human`"; empty: any text.
Message field_form(Label label);

// The owners of "Title (Name), Title (Name)"; new persons join the plan's personas.
std::optional<std::vector<Text>> read_owners(Plan& plan, const Text& value);
// The text that read_owners reads as these ids.
std::string owners_text(const Plan& plan, const std::vector<Text>& owners);

std::string module_text(const Module& module);
std::string input_text(const Text& name, const Input& input);
std::string output_text(const Text& name, const Output& output);

}  // namespace lydia::atlas
