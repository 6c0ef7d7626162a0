#include "lydia/train/packing.h"

#include <algorithm>
#include <map>
#include <numeric>

namespace lydia::train {
namespace {

Tensor filled(int64_t length, int64_t value) {
  const Tensor tensor = empty({length}, DType::I64);
  std::fill_n(tensor.data<int64_t>(), length, value);
  return tensor;
}

// A 1-d tensor of integers as int64.
std::vector<int64_t> integers(const Tensor& tensor) {
  std::vector<int64_t> out;
  visit_dtype(tensor.dtype(), [&](auto tag) {
    using T = decltype(tag);
    const T* at = tensor.data<T>();
    for (int64_t i = 0; i < tensor.size(0); ++i, at += tensor.stride(0)) {
      out.push_back(static_cast<int64_t>(*at));
    }
  });
  return out;
}

}  // namespace

std::vector<Indices> pack_lengths(const std::vector<int64_t>& lengths, int64_t max_length) {
  Indices order(lengths.size());
  std::iota(order.begin(), order.end(), int64_t{0});
  const auto length = [&](int64_t i) { return lengths[static_cast<size_t>(i)]; };
  std::stable_sort(order.begin(), order.end(),
                   [&](int64_t a, int64_t b) { return length(a) > length(b); });
  std::vector<Indices> rows;
  std::multimap<int64_t, size_t> room;  // what a row still takes -> the row
  for (const int64_t index : order) {
    LYDIA_CHECK(length(index) >= 0 && length(index) <= max_length, ValueError,
                "pack_lengths: sequence ", index, " has ", length(index),
                " tokens, expected at most ", max_length);
    const auto found = room.lower_bound(length(index));
    size_t row = rows.size();
    int64_t left = max_length;
    if (found == room.end()) {
      rows.emplace_back();
    } else {
      row = found->second;
      left = found->first;
      room.erase(found);
    }
    rows[row].push_back(index);
    room.emplace(left - length(index), row);
  }
  return rows;
}

PackedDataset::PackedDataset(DatasetPtr base, const std::vector<int64_t>& lengths,
                             const PackOptions& options)
    : base_(std::move(base)), lengths_(lengths), options_(options) {
  LYDIA_CHECK(base_ && base_->size() == std::ssize(lengths), ValueError,
              "PackedDataset: expected one length for each example, got ", lengths.size(), " for ",
              base_ ? base_->size() : 0);
  LYDIA_CHECK(options.max_length > 0, ValueError,
              "PackedDataset: expected a max_length above 0, got ", options.max_length);
  rows_ = pack_lengths(lengths, options.max_length);
}

std::string PackedDataset::where(int64_t index) const {
  check_index(index);
  return "row of " + base_->where(rows_[static_cast<size_t>(index)][0]);
}

Example PackedDataset::get(int64_t index) const {
  check_index(index);
  const int64_t n = options_.max_length;
  const Tensor ids = filled(n, options_.pad_id), labels = filled(n, options_.ignore_label);
  const Tensor positions = filled(n, 0), segments = filled(n, 0);
  int64_t at = 0, segment = 0;
  for (const int64_t member : rows_[static_cast<size_t>(index)]) {
    const Example example = base_->get(member);
    const Tensor& sequence = example.at(options_.field);
    const int64_t expected = lengths_[static_cast<size_t>(member)];
    LYDIA_CHECK(
        sequence.ndim() == 1 && is_integral(sequence.dtype()) && sequence.size(0) == expected,
        ValueError, "PackedDataset: ", base_->where(member), ": expected ", expected,
        " integers as \"", options_.field, "\", got ", sequence.dtype(), " of ", sequence.sizes());
    const std::vector<int64_t> tokens = integers(sequence);
    ++segment;
    for (int64_t i = 0; i < expected; ++i, ++at) {
      const auto here = static_cast<size_t>(i);
      ids.data<int64_t>()[at] = tokens[here];
      if (i + 1 < expected) labels.data<int64_t>()[at] = tokens[here + 1];
      positions.data<int64_t>()[at] = i;
      segments.data<int64_t>()[at] = segment;
    }
  }
  return {{"input_ids", ids},
          {"labels", labels},
          {"position_ids", positions},
          {"segment_ids", segments}};
}

Tensor packed_mask(const Tensor& segment_ids, bool causal) {
  LYDIA_CHECK(segment_ids.ndim() == 2 && segment_ids.dtype() == DType::I64, ValueError,
              "packed_mask: expected int64 segment_ids [batch, length], got ", segment_ids.dtype(),
              " of ", segment_ids.sizes());
  const int64_t batch = segment_ids.size(0), length = segment_ids.size(1);
  const Tensor mask = empty({batch, 1, length, length}, DType::Bool);
  bool* to = mask.data<bool>();
  for (int64_t b = 0; b < batch; ++b) {
    const std::vector<int64_t> segments = integers(segment_ids.select(0, b));
    for (int64_t q = 0; q < length; ++q) {
      for (int64_t k = 0; k < length; ++k) {
        const bool same = segments[static_cast<size_t>(q)] == segments[static_cast<size_t>(k)];
        *to++ = same && (!causal || k <= q);
      }
    }
  }
  return mask;
}

TokenDataset::TokenDataset(Tensor tokens, int64_t length, int64_t stride)
    : tokens_(std::move(tokens)), length_(length), stride_(stride ? stride : length), size_(0) {
  LYDIA_CHECK(tokens_.defined() && tokens_.ndim() == 1 && is_integral(tokens_.dtype()), ValueError,
              "TokenDataset: expected integers in one dimension");
  LYDIA_CHECK(length_ > 0 && stride_ > 0, ValueError,
              "TokenDataset: expected length and stride above 0, got ", length_, " and ", stride_);
  const int64_t count = tokens_.size(0);
  if (count > length_) size_ = (count - 1 - length_) / stride_ + 1;
}

Example TokenDataset::get(int64_t index) const {
  check_index(index);
  const std::vector<int64_t> window = integers(tokens_.narrow(0, index * stride_, length_ + 1));
  const Tensor ids = empty({length_}, DType::I64), labels = empty({length_}, DType::I64);
  std::copy_n(window.begin(), length_, ids.data<int64_t>());
  std::copy_n(window.begin() + 1, length_, labels.data<int64_t>());
  return {{"input_ids", ids}, {"labels", labels}};
}

}  // namespace lydia::train
