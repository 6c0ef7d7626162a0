#include "lydia/train/dataset.h"

#include <algorithm>
#include <mutex>

#include "lydia/io/corrupt.h"

namespace lydia::train {

std::string Dataset::where(int64_t index) const { return "example " + std::to_string(index); }

void Dataset::check_index(int64_t index) const {
  LYDIA_CHECK(index >= 0 && index < size(), IndexError, "Dataset: expected an index from 0 to ",
              size() - 1, ", got ", index);
}

TensorDataset::TensorDataset(Example columns) : columns_(std::move(columns)) {
  LYDIA_CHECK(!columns_.empty(), ValueError, "TensorDataset: expected at least one tensor");
  for (const auto& [name, tensor] : columns_) {
    LYDIA_CHECK(tensor.defined() && tensor.ndim() > 0, ValueError, "TensorDataset: \"", name,
                "\" has no first dimension");
    const bool first = &tensor == &columns_.begin()->second;
    LYDIA_CHECK(first || tensor.size(0) == size_, ValueError, "TensorDataset: \"", name, "\" has ",
                tensor.size(0), " rows, expected ", size_);
    size_ = tensor.size(0);
  }
}

Example TensorDataset::get(int64_t index) const {
  check_index(index);
  Example out;
  for (const auto& [name, tensor] : columns_) {
    Dims sizes = tensor.sizes(), strides = tensor.strides();
    const int64_t offset = tensor.storage_offset() + index * strides[0];
    sizes.erase(0);
    strides.erase(0);
    out.set(name, Tensor::over(tensor.storage(), tensor.dtype(), sizes, strides, offset));
  }
  return out;
}

FunctionDataset::FunctionDataset(int64_t size, Make make, Where where)
    : size_(size), make_(std::move(make)), where_(std::move(where)) {
  LYDIA_CHECK(size >= 0 && make_, ValueError, "FunctionDataset: expected a size and a function");
}

Example FunctionDataset::get(int64_t index) const {
  check_index(index);
  return make_(index);
}

std::string FunctionDataset::where(int64_t index) const {
  return where_ ? where_(index) : Dataset::where(index);
}

// A broken record leaves its slot empty: the next call meets it again. (std::call_once may not
// come back from a function that throws: PR 66146 of libstdc++.)
struct CachedDataset::Slot {
  std::mutex mutex;
  bool made = false;
  Example example;
};

CachedDataset::CachedDataset(DatasetPtr base) : base_(std::move(base)) {
  LYDIA_CHECK(base_, ValueError, "CachedDataset: expected a dataset");
  slots_ = std::make_unique<Slot[]>(static_cast<size_t>(base_->size()));
}
CachedDataset::~CachedDataset() = default;

Example CachedDataset::get(int64_t index) const {
  check_index(index);
  Slot& slot = slots_[static_cast<size_t>(index)];
  const std::lock_guard lock(slot.mutex);
  if (!slot.made) {
    slot.example = base_->get(index);
    slot.made = true;
  }
  return slot.example;
}

Subset::Subset(DatasetPtr base, std::vector<int64_t> indices)
    : base_(std::move(base)), indices_(std::move(indices)) {
  for (const int64_t index : indices_) {
    LYDIA_CHECK(index >= 0 && index < base_->size(), IndexError,
                "Subset: expected indices from 0 to ", base_->size() - 1, ", got ", index);
  }
}

Example Subset::get(int64_t index) const {
  check_index(index);
  return base_->get(indices_[static_cast<size_t>(index)]);
}

std::string Subset::where(int64_t index) const {
  check_index(index);
  return base_->where(indices_[static_cast<size_t>(index)]);
}

ConcatDataset::ConcatDataset(std::vector<DatasetPtr> parts) : parts_(std::move(parts)) {
  int64_t end = 0;
  for (const DatasetPtr& part : parts_) ends_.push_back(end += part->size());
}

std::pair<size_t, int64_t> ConcatDataset::locate(int64_t index) const {
  check_index(index);
  const auto found = std::upper_bound(ends_.begin(), ends_.end(), index);
  const auto part = static_cast<size_t>(found - ends_.begin());
  return {part, index - (part ? ends_[part - 1] : 0)};
}

Example ConcatDataset::get(int64_t index) const {
  const auto [part, inside] = locate(index);
  return parts_[part]->get(inside);
}

std::string ConcatDataset::where(int64_t index) const {
  const auto [part, inside] = locate(index);
  return parts_[part]->where(inside);
}

void ExampleStream::skip(int64_t count) {
  Example unused;
  while (count > 0) {
    try {
      if (!next(unused)) return;
      --count;
    } catch (const io::CorruptRecord&) {
      // Counted when it was first met.
    }
  }
}

}  // namespace lydia::train
