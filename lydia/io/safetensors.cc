#include "lydia/io/safetensors.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "lydia/core/error.h"
#include "lydia/core/utf8.h"
#include "lydia/io/atomic_file.h"
#include "lydia/io/mapped_file.h"
#include "lydia/io/safetensors_header.h"

namespace lydia::io {
namespace {

static_assert(std::endian::native == std::endian::little, "the format is little-endian");

constexpr size_t kLengthBytes = 8;
constexpr uint64_t kMaxHeader = 100'000'000;  // the limit of the reference implementation
constexpr size_t kDataAlignment = 64;         // of the start of the data, as in a tensor's storage

std::string shape_text(const std::vector<int64_t>& shape) {
  std::string out = "[";
  for (size_t i = 0; i < shape.size(); ++i) out += (i ? ", " : "") + std::to_string(shape[i]);
  return out + "]";
}

// Bytes of a tensor; throws ValueError when they do not fit 64 bits or end within a byte.
uint64_t tensor_bytes(const std::vector<int64_t>& shape, const FormatDType& dtype,
                      const std::string& where) {
  const bool empty = std::find(shape.begin(), shape.end(), 0) != shape.end();
  uint64_t bits = empty ? 0 : dtype.bits;
  for (const int64_t dim : shape) {
    LYDIA_CHECK(dim >= 0, ValueError, where, " has a negative dimension in ", shape_text(shape));
    if (empty) continue;
    LYDIA_CHECK(!__builtin_mul_overflow(bits, static_cast<uint64_t>(dim), &bits), ValueError, where,
                " of shape ", shape_text(shape), " has more bytes than 64 bits can count");
  }
  LYDIA_CHECK(bits % 8 == 0, ValueError, where, " of shape ", shape_text(shape), " and dtype ",
              dtype.name, " does not fill whole bytes");
  return bits / 8;
}

// The text of the header; throws ValueError when its length is out of bounds.
std::string_view header_text(std::span<const std::byte> bytes, const std::string& label) {
  LYDIA_CHECK(bytes.size() >= kLengthBytes, ValueError, label,
              ": expected at least 8 bytes, the length of the header, got ", bytes.size());
  uint64_t length = 0;
  std::memcpy(&length, bytes.data(), kLengthBytes);
  LYDIA_CHECK(length <= kMaxHeader, ValueError, label, ": expected a header of at most ",
              kMaxHeader, " bytes, got ", length);
  LYDIA_CHECK(length <= bytes.size() - kLengthBytes, ValueError, label, ": the header has ", length,
              " bytes, but only ", bytes.size() - kLengthBytes, " follow its length");
  const auto* text = reinterpret_cast<const char*>(bytes.data() + kLengthBytes);
  LYDIA_CHECK(length > 0 && *text == '{', ValueError, label,
              ": expected the header to start with \"{\"");
  return {text, length};
}

TensorView checked_view(HeaderTensor&& tensor, std::span<const std::byte> data,
                        const std::string& label) {
  const std::string where = label + ": " + show_name(tensor.name);
  const FormatDType* dtype = find_format_dtype(tensor.dtype);
  LYDIA_CHECK(dtype != nullptr, ValueError, where, " has the unknown dtype ",
              show_name(tensor.dtype));
  LYDIA_CHECK(tensor.begin <= tensor.end && tensor.end <= data.size(), ValueError, where,
              " has data_offsets [", tensor.begin, ", ", tensor.end, "], outside the ", data.size(),
              " bytes of data");
  const uint64_t expected = tensor_bytes(tensor.shape, *dtype, where);
  LYDIA_CHECK(tensor.end - tensor.begin == expected, ValueError, where, " of shape ",
              shape_text(tensor.shape), " and dtype ", tensor.dtype, " expected ", expected,
              " bytes, its data_offsets span ", tensor.end - tensor.begin);
  return {std::move(tensor.name), std::move(tensor.dtype), dtype->dtype, std::move(tensor.shape),
          data.subspan(tensor.begin, expected)};
}

// Throws ValueError unless the tensors, sorted by their offsets, cover `size` bytes exactly.
void check_cover(const std::vector<HeaderTensor>& tensors, uint64_t size,
                 const std::string& label) {
  uint64_t end = 0;
  for (const HeaderTensor& tensor : tensors) {
    LYDIA_CHECK(tensor.begin == end, ValueError, label, ": ", show_name(tensor.name), " starts at ",
                tensor.begin, tensor.begin < end ? ", overlapping" : ", leaving a gap after",
                " the data before it, which ends at ", end);
    end = tensor.end;
  }
  LYDIA_CHECK(end == size, ValueError, label, ": the tensors end at byte ", end,
              " of the data, which has ", size);
}

const FormatDType& checked_dtype(const TensorView& tensor) {
  if (tensor.dtype) return format_dtype_of(*tensor.dtype);
  const FormatDType* found = find_format_dtype(tensor.format_dtype);
  LYDIA_CHECK(found != nullptr, ValueError, "write_safetensors: ", show_name(tensor.name),
              " has the unknown dtype ", show_name(tensor.format_dtype));
  return *found;
}

// The order in which the data is written.
std::vector<const TensorView*> file_order(std::span<const TensorView> tensors) {
  std::vector<const TensorView*> order;
  for (const TensorView& tensor : tensors) order.push_back(&tensor);
  std::sort(order.begin(), order.end(), [](const TensorView* a, const TensorView* b) {
    const unsigned bits_a = checked_dtype(*a).bits, bits_b = checked_dtype(*b).bits;
    return bits_a != bits_b ? bits_a > bits_b : a->name < b->name;
  });
  return order;
}

void check_strings(std::span<const TensorView> tensors, const Metadata& metadata) {
  std::map<std::string_view, int> names;
  for (const TensorView& tensor : tensors) {
    LYDIA_CHECK(is_valid_utf8(tensor.name) && tensor.name != "__metadata__", ValueError,
                "write_safetensors: ", show_name(tensor.name), " cannot be the name of a tensor");
    LYDIA_CHECK(++names[tensor.name] == 1, ValueError, "write_safetensors: two tensors are named ",
                show_name(tensor.name));
  }
  for (const auto& [key, value] : metadata) {
    LYDIA_CHECK(is_valid_utf8(key) && is_valid_utf8(value), ValueError,
                "write_safetensors: the metadata ", show_name(key), " is not UTF-8");
  }
}

// Length and JSON, padded with spaces so that the data starts aligned.
std::string header_bytes(std::span<const TensorView* const> order, const Metadata& metadata) {
  Header header;
  header.metadata = metadata;
  uint64_t end = 0;
  for (const TensorView* tensor : order) {
    const FormatDType& dtype = checked_dtype(*tensor);
    const uint64_t size =
        tensor_bytes(tensor->shape, dtype, "write_safetensors: " + show_name(tensor->name));
    LYDIA_CHECK(size == tensor->data.size(), ValueError,
                "write_safetensors: ", show_name(tensor->name), " of shape ",
                shape_text(tensor->shape), " and dtype ", dtype.name, " expected ", size,
                " bytes, got ", tensor->data.size());
    header.tensors.push_back(
        {tensor->name, std::string(dtype.name), tensor->shape, end, end + size});
    end += size;
  }
  std::string json = header_json(header);
  json.append((kDataAlignment - (kLengthBytes + json.size()) % kDataAlignment) % kDataAlignment,
              ' ');
  LYDIA_CHECK(json.size() <= kMaxHeader, ValueError,
              "write_safetensors: expected names and metadata of at most ", kMaxHeader,
              " bytes, got ", json.size());
  const auto length = static_cast<uint64_t>(json.size());
  std::string out(kLengthBytes, '\0');
  std::memcpy(out.data(), &length, kLengthBytes);
  return out + json;
}

}  // namespace

SafetensorsFile::SafetensorsFile(std::shared_ptr<const void> owner,
                                 std::span<const std::byte> bytes, const std::string& label)
    : owner_(std::move(owner)) {
  const std::string_view text = header_text(bytes, label);
  const auto data = bytes.subspan(kLengthBytes + text.size());
  Header header = parse_header(text, label);
  // Empty tensors sort before the tensor that starts where they lie.
  std::stable_sort(header.tensors.begin(), header.tensors.end(),
                   [](const HeaderTensor& a, const HeaderTensor& b) {
                     return a.begin != b.begin ? a.begin < b.begin : a.end < b.end;
                   });
  check_cover(header.tensors, data.size(), label);
  for (HeaderTensor& tensor : header.tensors) {
    tensors_.push_back(checked_view(std::move(tensor), data, label));
    by_name_.emplace(tensors_.back().name, tensors_.size() - 1);
  }
  metadata_ = std::move(header.metadata);
}

SafetensorsFile SafetensorsFile::open(const std::string& path) {
  auto file = std::make_shared<MappedFile>(path);
  const auto bytes = file->bytes();
  return {std::move(file), bytes, path};
}

SafetensorsFile SafetensorsFile::parse(std::vector<std::byte> bytes, const std::string& label) {
  auto owner = std::make_shared<std::vector<std::byte>>(std::move(bytes));
  const std::span<const std::byte> view = *owner;
  return {std::move(owner), view, label};
}

const TensorView* SafetensorsFile::find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : &tensors_[found->second];
}

void write_safetensors(const std::string& path, std::span<const TensorView> tensors,
                       const Metadata& metadata) {
  check_strings(tensors, metadata);
  const std::vector<const TensorView*> order = file_order(tensors);
  const std::string header = header_bytes(order, metadata);
  AtomicFile file(path);
  file.write(header);
  for (const TensorView* tensor : order) file.write(tensor->data.data(), tensor->data.size());
  file.commit();
}

std::string pack_safetensors(std::span<const TensorView> tensors, const Metadata& metadata) {
  check_strings(tensors, metadata);
  const std::vector<const TensorView*> order = file_order(tensors);
  std::string out = header_bytes(order, metadata);
  for (const TensorView* tensor : order)
    out.append(reinterpret_cast<const char*>(tensor->data.data()), tensor->data.size());
  return out;
}

}  // namespace lydia::io
