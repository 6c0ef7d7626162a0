#include "lydia/train/collate.h"

#include <algorithm>
#include <cstring>

#include "lydia/io/tensor_bytes.h"

namespace lydia::train {
namespace {

// The same field of every example.
std::vector<Tensor> column(const std::vector<Example>& examples, const std::string& name,
                           const char* op) {
  std::vector<Tensor> out;
  for (size_t i = 0; i < examples.size(); ++i) {
    const Tensor* found = examples[i].find(name);
    LYDIA_CHECK(found != nullptr && examples[i].size() == examples[0].size(), ValueError, op,
                ": example ", i, " of the batch has the fields (", examples[i].names(),
                "), expected (", examples[0].names(), ")");
    LYDIA_CHECK(found->dtype() == examples[0].at(name).dtype(), ValueError, op, ": \"", name,
                "\" of example ", i, " is ", found->dtype(), ", expected ",
                examples[0].at(name).dtype());
    LYDIA_CHECK(found->ndim() == examples[0].at(name).ndim(), ValueError, op, ": \"", name,
                "\" of example ", i, " has shape ", found->sizes(), ", that of example 0 has ",
                examples[0].at(name).sizes());
    out.push_back(*found);
  }
  return out;
}

Dims batch_sizes(size_t count, const Dims& sizes) {
  Dims out = sizes;
  out.insert(0, static_cast<int64_t>(count));
  return out;
}

void fill(const Tensor& tensor, double value) {
  if (value == 0) {
    if (tensor.nbytes() > 0) std::memset(tensor.data_ptr(), 0, tensor.nbytes());
    return;
  }
  visit_dtype(tensor.dtype(), [&](auto tag) {
    using T = decltype(tag);
    auto* data = tensor.data<T>();
    if constexpr (std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>) {
      std::fill_n(data, tensor.numel(), T(static_cast<float>(value)));
    } else {
      std::fill_n(data, tensor.numel(), static_cast<T>(value));
    }
  });
}

// Copies a contiguous block of `from` sizes into the corner of one of `to` sizes.
void copy_corner(const std::byte* from, const Dims& from_sizes, std::byte* to, const Dims& to_sizes,
                 size_t dim, size_t element) {
  if (dim == from_sizes.size()) {
    std::memcpy(to, from, element);
    return;
  }
  size_t from_step = element, to_step = element;
  for (size_t i = dim + 1; i < from_sizes.size(); ++i) {
    from_step *= static_cast<size_t>(from_sizes[i]);
    to_step *= static_cast<size_t>(to_sizes[i]);
  }
  const auto count = static_cast<size_t>(from_sizes[dim]);
  if (from_step == to_step) {
    if (count * from_step > 0) std::memcpy(to, from, count * from_step);
    return;
  }
  for (size_t i = 0; i < count; ++i) {
    copy_corner(from + i * from_step, from_sizes, to + i * to_step, to_sizes, dim + 1, element);
  }
}

Tensor pad_column(const std::vector<Tensor>& tensors, double value, int64_t multiple_of) {
  Dims sizes = tensors[0].sizes();
  for (const Tensor& tensor : tensors) {
    for (size_t d = 0; d < sizes.size(); ++d) sizes[d] = std::max(sizes[d], tensor.sizes()[d]);
  }
  for (int64_t& size : sizes) size = (size + multiple_of - 1) / multiple_of * multiple_of;
  const Tensor out = empty(batch_sizes(tensors.size(), sizes), tensors[0].dtype());
  fill(out, value);
  auto* to = static_cast<std::byte*>(out.data_ptr());
  const size_t step = out.nbytes() / tensors.size();
  for (const Tensor& tensor : tensors) {
    const io::PackedTensor packed(tensor);
    copy_corner(packed.bytes().data(), tensor.sizes(), to, sizes, 0, tensor.element_size());
    to += step;
  }
  return out;
}

void add_lengths(Batch& batch, const std::vector<Example>& examples, const PadOptions& options) {
  const auto count = static_cast<int64_t>(examples.size());
  const Tensor& padded = batch.at(options.length_of);
  LYDIA_CHECK(padded.ndim() >= 2, ValueError, "pad_examples: \"", options.length_of,
              "\" has no length: its examples have no dimension");
  const Tensor lengths = empty({count}, DType::I64);
  const Tensor mask = empty({count, padded.size(1)}, DType::Bool);
  bool* real = mask.data<bool>();
  for (int64_t i = 0; i < count; ++i) {
    const int64_t length = examples[static_cast<size_t>(i)].at(options.length_of).size(0);
    lengths.data<int64_t>()[i] = length;
    for (int64_t j = 0; j < padded.size(1); ++j) *real++ = j < length;
  }
  if (!options.lengths.empty()) batch.set(options.lengths, lengths);
  if (!options.mask.empty()) batch.set(options.mask, mask);
}

}  // namespace

Batch stack_examples(const std::vector<Example>& examples) {
  Batch batch;
  if (examples.empty()) return batch;
  for (const auto& [name, first] : examples[0]) {
    const std::vector<Tensor> tensors = column(examples, name, "stack_examples");
    const Tensor out = empty(batch_sizes(tensors.size(), first.sizes()), first.dtype());
    auto* to = static_cast<std::byte*>(out.data_ptr());
    for (size_t i = 0; i < tensors.size(); ++i) {
      LYDIA_CHECK(tensors[i].sizes() == first.sizes(), ValueError, "stack_examples: \"", name,
                  "\" of example ", i, " has shape ", tensors[i].sizes(), ", expected ",
                  first.sizes(), "; pad_examples takes different sizes");
      const io::PackedTensor packed(tensors[i]);
      if (!packed.bytes().empty()) std::memcpy(to, packed.bytes().data(), packed.bytes().size());
      to += packed.bytes().size();
    }
    batch.set(name, out);
  }
  return batch;
}

Batch pad_examples(const std::vector<Example>& examples, const PadOptions& options) {
  LYDIA_CHECK(options.multiple_of > 0, ValueError,
              "pad_examples: expected multiple_of of at least 1, got ", options.multiple_of);
  Batch batch;
  if (examples.empty()) return batch;
  for (const auto& [name, first] : examples[0]) {
    const auto value = options.values.find(name);
    batch.set(name,
              pad_column(column(examples, name, "pad_examples"),
                         value == options.values.end() ? 0 : value->second, options.multiple_of));
  }
  if (!options.lengths.empty() || !options.mask.empty()) add_lengths(batch, examples, options);
  return batch;
}

Collate padded(PadOptions options) {
  return [options = std::move(options)](const std::vector<Example>& examples) {
    return pad_examples(examples, options);
  };
}

}  // namespace lydia::train
