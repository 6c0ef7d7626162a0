// Plan files on disk.
#pragma once

#include <string>

#include "lydia/atlas/finding.h"
#include "lydia/atlas/plan.h"

namespace lydia::atlas {

enum class PlanFormat { Yaml, Markdown };

// By the file's name: .md and .markdown are Markdown, all else YAML.
PlanFormat format_of(const std::string& path);

// Throws IoError when the file cannot be read; everything else becomes findings.
Plan read_plan(const std::string& path, Findings& findings);
// As above, but the first error is thrown as a ValueError.
Plan read_plan(const std::string& path);

}  // namespace lydia::atlas
