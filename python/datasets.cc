// lydia/train's datasets, batches by length, packing and splits, for lydia.utils.data.
#include <nanobind/stl/shared_ptr.h>

#include "lydia/train/batch_sampler.h"
#include "lydia/train/image_folder.h"
#include "lydia/train/packing.h"
#include "lydia/train/split.h"
#include "python/bind.h"
#include "python/register.h"

namespace lydia::python {
namespace {

nb::dict to_dict(const train::Example& example) {
  nb::dict out;
  for (const auto& [name, tensor] : example) out[name.c_str()] = tensor;
  return out;
}

void register_dataset_classes(nb::module_& m) {
  using train::Dataset, train::ImageFolder, train::TokenDataset;
  nb::class_<Dataset>(m, "Dataset", "A dataset of the C++ library: examples are dicts of tensors.")
      .def("__len__", &Dataset::size)
      .def(
          "__getitem__",
          [](const Dataset& d, int64_t index) {
            const int64_t wanted = index < 0 ? index + d.size() : index;
            return to_dict([&] {
              const nb::gil_scoped_release release;
              return d.get(wanted);
            }());
          },
          "index"_a)
      .def("where", &Dataset::where, "index"_a, "The place of an example, for messages.");
  nb::class_<TokenDataset, Dataset>(
      m, "TokenDataset",
      "Windows of a run of tokens: {\"input_ids\", \"labels\" (the next tokens)}, int64 [length].")
      .def(nb::init<Tensor, int64_t, int64_t>(), "tokens"_a, "length"_a, "stride"_a = 0);
  nb::class_<ImageFolder, Dataset>(
      m, "ImageFolder",
      "Pictures in folder/<class>/: {\"image\": uint8 [channels, height, width], \"label\"}.")
      .def(
          "__init__",
          [](ImageFolder* self, const std::string& folder, const std::string& mode) {
            LYDIA_CHECK(mode == "rgb" || mode == "gray", ValueError,
                        "ImageFolder: expected mode \"rgb\" or \"gray\", got \"", mode, "\"");
            new (self)
                ImageFolder(folder, mode == "rgb" ? io::ImageMode::Rgb : io::ImageMode::Grey);
          },
          "folder"_a, "mode"_a = "rgb")
      .def_prop_ro("classes", &ImageFolder::classes, "The names of the classes, sorted.")
      .def("label", &ImageFolder::label, "index"_a, "The class of an example, without reading it.");
}

std::vector<train::Indices> batches_of(const train::BatchPlan& plan) {
  std::vector<train::Indices> out;
  for (int64_t b = 0; b < plan.size(); ++b) out.emplace_back(plan[b].begin(), plan[b].end());
  return out;
}

}  // namespace

void register_datasets(nb::module_& parent) {
  nb::module_ m = parent.def_submodule("_datasets", "Datasets, batches and splits.");
  register_dataset_classes(m);
  m.def("split_by_group", &train::split_by_group, "groups"_a, "fractions"_a, "seed"_a = 0);
  m.def("split_by_hash", &train::split_by_hash, "groups"_a, "fractions"_a, "seed"_a = 0);
  m.def("pack_lengths", &train::pack_lengths, "lengths"_a, "max_length"_a);
  m.def("packed_mask", &train::packed_mask, "segment_ids"_a, "causal"_a = true,
        "bool [batch, 1, length, length]: true where a position may attend to another of its "
        "segment.");
  m.def(
      "length_batches",
      [](std::vector<int64_t> lengths, int64_t batch_size, int64_t max_tokens, int64_t pool,
         bool shuffle, bool drop_last, uint64_t seed, int64_t epoch) {
        const train::LengthOptions options{batch_size, max_tokens, pool, shuffle, drop_last, seed};
        return batches_of(train::LengthBatches(std::move(lengths), options).plan(epoch));
      },
      "lengths"_a, "batch_size"_a, "max_tokens"_a, "pool"_a, "shuffle"_a, "drop_last"_a, "seed"_a,
      "epoch"_a);
  m.def("balanced_weights", &train::balanced_weights, "labels"_a,
        "Weights that make every class of `labels` equally likely.");
}

}  // namespace lydia::python
