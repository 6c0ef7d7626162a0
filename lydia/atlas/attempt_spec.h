// From a task of the plan to the commands of one attempt: names in braces become paths.
//
//   {in.port}       the input's path; a word of its own becomes as many as the input has producers
//   {out.port}      where the attempt writes the output
//   {persist.name}  a folder that later attempts at the same action find again
//   {root}          the plan's root folder
// Other braces stay as they are.
#pragma once

#include <string>

#include "lydia/atlas/attempt.h"
#include "lydia/atlas/resolver.h"

namespace lydia::atlas {

// ValueError for a name of those kinds that the task does not have, and for an empty command.
AttemptSpec attempt_spec(const Resolver& resolver, int task, const Attempt& attempt,
                         const ActionKey& key);

// The folder of the task's `persist` names, for one action: what another recipe left behind is none
// of its business.
std::string persist_folder(const StateFolder& folder, const std::string& task,
                           const ActionKey& key);

// A task's id as one name of a file.
std::string file_name(const std::string& id);

}  // namespace lydia::atlas
