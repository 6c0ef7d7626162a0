// The labels of Markdown plans in Turkish and English: "**Açıklama:** ...", "Micro-Task 1.1: ...".
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "lydia/atlas/finding.h"

namespace lydia::atlas {

enum class Label {
  MainTask,
  SubTask,
  MacroTask,
  MicroTask,
  AtlasTask,
  Owner,
  Description,
  Module,
  Libraries,
  Relations,
  Input,
  Output,
  LicenseNote,
  License,
  Run,
  Check,
  Effort,
  Needs,
  Choice,
};

// "Makro Görev 1: Title" taken apart.
struct LabelMatch {
  Label label{};
  Language language{};
  bool example = false;  // "Örnek Makro Görev"
  std::string number;    // of a macro or micro task; an Atlas task's id
  std::string alias;     // of an Atlas task: what stands in parentheses after the id
  size_t name_at = 0;    // where number or id begin in the text
  size_t value_at = 0;   // where the value begins in the text
  std::string value;     // what follows the colon
};

// The label that a paragraph, heading or list item begins with: bold or not, colon inside or
// outside the bold. Nothing for text that only speaks of tasks.
std::optional<LabelMatch> match_label(std::string_view text);

// How the label is written: "Açıklama", "Micro-Task".
std::string_view label_name(Label label, Language language);
// "Örnek", "Example".
std::string_view example_name(Language language);

// The label that the head of the text, before its colon, misses in one place, by a letter or two;
// empty: none.
std::string near_label(std::string_view text);

// The first group or task that a text names, as an id: "Mikro Görev 1.2 için girdi" -> micro-1.2,
// "Atlas Task AG-1's output" -> AG-1.
std::optional<std::string> find_reference(std::string_view text);

}  // namespace lydia::atlas
