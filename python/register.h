// Register functions of the rooms above the engine: beside bind.h, so that a new one does not
// rebuild every binding.
#pragma once

#include <nanobind/nanobind.h>

namespace lydia::python {

void register_config(nanobind::module_& m);
void register_report(nanobind::module_& m);
void register_report_pages(nanobind::module_& m);
void register_metrics(nanobind::module_& m);
void register_ops_rnn(nanobind::module_& m);
// These add to the submodule _io, which io.cc makes.
void register_io_arrays(nanobind::module_& m);
void register_io_text(nanobind::module_& m);
void register_io_corpora(nanobind::module_& m);
void register_audio(nanobind::module_& m);
void register_vision(nanobind::module_& m);
void register_datasets(nanobind::module_& m);
void register_agiformer(nanobind::module_& m);
void register_train(nanobind::module_& m);
void register_text(nanobind::module_& m);
void register_tokenizer(nanobind::module_& m);

}  // namespace lydia::python
