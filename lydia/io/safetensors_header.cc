// A SAX reader: it accepts only the nesting that the format has, so depth is bounded by the format
// itself, and it sees repeated keys, which a parser that builds objects would swallow.
#include "lydia/io/safetensors_header.h"

#include <array>
#include <nlohmann/json.hpp>
#include <set>

#include "lydia/core/error.h"
#include "lydia/core/utf8.h"

namespace lydia::io {
namespace {

using nlohmann::json;

constexpr std::string_view kMetadataKey = "__metadata__";

constexpr std::array kFormatDTypes = {
    FormatDType{"BOOL", 8, DType::Bool},     FormatDType{"U8", 8, DType::U8},
    FormatDType{"U16", 16, DType::U16},      FormatDType{"U32", 32, DType::U32},
    FormatDType{"U64", 64, DType::U64},      FormatDType{"I8", 8, DType::I8},
    FormatDType{"I16", 16, DType::I16},      FormatDType{"I32", 32, DType::I32},
    FormatDType{"I64", 64, DType::I64},      FormatDType{"F16", 16, DType::F16},
    FormatDType{"BF16", 16, DType::BF16},    FormatDType{"F32", 32, DType::F32},
    FormatDType{"F64", 64, DType::F64},      FormatDType{"C64", 64, std::nullopt},
    FormatDType{"F8_E5M2", 8, std::nullopt}, FormatDType{"F8_E4M3", 8, std::nullopt},
    FormatDType{"F8_E8M0", 8, std::nullopt}, FormatDType{"F6_E2M3", 6, std::nullopt},
    FormatDType{"F6_E3M2", 6, std::nullopt}, FormatDType{"F4", 4, std::nullopt},
};

class HeaderReader : public nlohmann::json_sax<json> {
 public:
  explicit HeaderReader(const std::string& label) : label_(label) {}
  Header take() { return std::move(header_); }

  bool start_object(size_t) override {
    if (place_ == Place::Start) {
      place_ = Place::Root;
    } else if (place_ == Place::Root && key_ == kMetadataKey) {
      place_ = Place::Metadata;
    } else if (place_ == Place::Root) {
      header_.tensors.push_back({key_, "", {}, 0, 0});
      fields_.clear();
      place_ = Place::Tensor;
    } else {
      unexpected("an object");
    }
    return true;
  }

  bool end_object() override {
    if (place_ == Place::Tensor) {
      for (const char* field : {"dtype", "shape", "data_offsets"}) {
        if (!fields_.contains(field)) refuse("has no ", show_name(field));
      }
    }
    place_ = place_ == Place::Root ? Place::End : Place::Root;
    return true;
  }

  bool key(std::string& name) override {
    if (place_ == Place::Root) {
      if (!names_.insert(name).second) {
        fail<ValueError>(label_, ": ", show_name(name), " appears twice in the header");
      }
    } else if (place_ == Place::Metadata) {
      if (header_.metadata.contains(name)) refuse("has the key ", show_name(name), " twice");
    } else if (!fields_.insert(name).second) {
      refuse("has ", show_name(name), " twice");
    }
    (place_ == Place::Root ? key_ : field_) = name;
    return true;
  }

  bool start_array(size_t) override {
    if (place_ != Place::Tensor || (field_ != "shape" && field_ != "data_offsets")) {
      unexpected("an array");
    }
    place_ = field_ == "shape" ? Place::Shape : Place::Offsets;
    offsets_ = 0;
    return true;
  }

  bool end_array() override {
    if (place_ == Place::Offsets && offsets_ != 2) refuse("has ", offsets_, " data_offsets, not 2");
    place_ = Place::Tensor;
    return true;
  }

  bool string(std::string& value) override {
    if (place_ == Place::Metadata) {
      header_.metadata.emplace(field_, value);
    } else if (place_ == Place::Tensor && field_ == "dtype") {
      header_.tensors.back().dtype = value;
    } else {
      unexpected("a string");
    }
    return true;
  }

  bool number_unsigned(json::number_unsigned_t value) override {
    if (place_ == Place::Shape) {
      if (value > static_cast<uint64_t>(INT64_MAX)) refuse("has the dimension ", value);
      header_.tensors.back().shape.push_back(static_cast<int64_t>(value));
    } else if (place_ == Place::Offsets) {
      HeaderTensor& tensor = header_.tensors.back();
      if (++offsets_ <= 2) (offsets_ == 1 ? tensor.begin : tensor.end) = value;
    } else {
      unexpected("a number");
    }
    return true;
  }

  bool null() override { return unexpected("null"); }
  bool boolean(bool) override { return unexpected("true or false"); }
  bool number_integer(json::number_integer_t) override { return unexpected("a negative number"); }
  bool number_float(json::number_float_t, const std::string& text) override {
    return unexpected("the number " + text + ", which is no 64-bit integer");
  }
  bool binary(json::binary_t&) override { return unexpected("binary data"); }

  bool parse_error(size_t position, const std::string& token, const json::exception&) override {
    fail<ValueError>(label_, ": malformed JSON at byte ", position, " of the header, near ",
                     show_name(token));
  }

 private:
  enum class Place { Start, Root, Metadata, Tensor, Shape, Offsets, End };

  template <class... Parts>
  [[noreturn]] void refuse(const Parts&... parts) const {
    fail<ValueError>(label_, ": ", show_name(key_), " ", parts...);
  }

  [[noreturn]] bool unexpected(const std::string& what) const {
    if (place_ == Place::Start) {
      fail<ValueError>(label_, ": expected a JSON object as header, got ", what);
    }
    if (place_ == Place::Root) refuse("expected to be an object, got ", what);
    refuse("has ", what, " in ", show_name(field_), ", which the format does not allow");
  }

  const std::string& label_;
  Header header_;
  Place place_ = Place::Start;
  std::string key_, field_;               // the last key of the root, and of the object inside it
  std::set<std::string> names_, fields_;  // seen in the root, and in this tensor
  int offsets_ = 0;
};

}  // namespace

Header parse_header(std::string_view text, const std::string& label) {
  // The parser takes a zero byte for the end of its input; the format has no such thing.
  const size_t zero = text.find('\0');
  LYDIA_CHECK(zero == std::string_view::npos, ValueError, label, ": zero byte at byte ", zero,
              " of the header");
  HeaderReader reader(label);
  json::sax_parse(text.begin(), text.end(), &reader);
  return reader.take();
}

std::string header_json(const Header& header) {
  nlohmann::ordered_json root = nlohmann::ordered_json::object();
  if (!header.metadata.empty()) root[std::string(kMetadataKey)] = header.metadata;
  for (const HeaderTensor& tensor : header.tensors) {
    root[tensor.name] = {{"dtype", tensor.dtype},
                         {"shape", tensor.shape},
                         {"data_offsets", {tensor.begin, tensor.end}}};
  }
  return root.dump();
}

const FormatDType* find_format_dtype(std::string_view name) {
  for (const FormatDType& entry : kFormatDTypes) {
    if (entry.name == name) return &entry;
  }
  return nullptr;
}

const FormatDType& format_dtype_of(DType dtype) {
  for (const FormatDType& entry : kFormatDTypes) {
    if (entry.dtype == dtype) return entry;
  }
  fail<TypeError>("safetensors: no such dtype in the format: ", static_cast<int>(dtype));
}

std::string show_name(std::string_view name) {
  constexpr size_t kMaxShown = 80;
  std::string out = "\"";
  size_t shown = 0;
  for (size_t at = 0; at < name.size();) {
    if (++shown > kMaxShown) return out + "…\"";
    const CodePoint c = decode_code_point(name, at);
    append_utf8(out, c.value < 0x20 || c.value == 0x7F ? kReplacementChar : c.value);
    at += c.length;
  }
  return out + "\"";
}

}  // namespace lydia::io
