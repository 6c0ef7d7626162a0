// Register functions of the rooms above the engine: beside bind.h, so that a new one does not
// rebuild every binding.
#pragma once

#include <nanobind/nanobind.h>

namespace lydia::python {

void register_config(nanobind::module_& m);

}  // namespace lydia::python
