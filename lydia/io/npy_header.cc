#include "lydia/io/npy_header.h"

#include <cstring>
#include <optional>
#include <set>
#include <string_view>

#include "lydia/core/error.h"
#include "lydia/core/shape.h"
#include "lydia/io/safetensors_header.h"

namespace lydia::io {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr size_t kAlignment = 64;
constexpr size_t kMaxHeader = 65536;  // a shape and a plain dtype need a hundred bytes

struct TypeCode {
  std::string_view code;
  DType dtype;
};
constexpr TypeCode kTypeCodes[] = {{"b1", DType::Bool}, {"u1", DType::U8},  {"u2", DType::U16},
                                   {"u4", DType::U32},  {"u8", DType::U64}, {"i1", DType::I8},
                                   {"i2", DType::I16},  {"i4", DType::I32}, {"i8", DType::I64},
                                   {"f2", DType::F16},  {"f4", DType::F32}, {"f8", DType::F64}};

// A reader of the one dict literal that the format allows.
class DictParser {
 public:
  DictParser(std::string_view text, const std::string& label) : text_(text), label_(label) {}

  NpyHeader run() {
    NpyHeader header;
    expect('{');
    while (!take('}')) {
      const std::string_view key = string();
      if (!seen_.insert(key).second) broken("a key appears twice");
      expect(':');
      if (key == "descr") {
        read_descr(header);
      } else if (key == "fortran_order") {
        header.fortran = boolean();
      } else if (key == "shape") {
        header.shape = tuple();
      } else {
        broken("a key other than descr, fortran_order and shape");
      }
      if (!take(',')) {
        expect('}');
        break;
      }
    }
    skip_space();
    if (at_ != text_.size()) broken("text after the dict");
    if (seen_.size() != 3) broken("a key is missing");
    return header;
  }

 private:
  [[noreturn]] void broken(const char* what) const {
    fail<ValueError>(label_, ": broken .npy header at byte ", at_, ": ", what);
  }
  void skip_space() {
    while (at_ < text_.size() && std::strchr(" \t\r\n", text_[at_]) && text_[at_]) ++at_;
  }
  bool take(char c) {
    skip_space();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!take(c)) broken("unexpected character or end");
  }
  std::string_view string() {
    skip_space();
    const char quote = at_ < text_.size() ? text_[at_] : '\0';
    if (quote != '\'' && quote != '"') broken("expected a string");
    const size_t end = text_.find(quote, at_ + 1);
    if (end == std::string_view::npos) broken("a string that is never closed");
    const std::string_view value = text_.substr(at_ + 1, end - at_ - 1);
    at_ = end + 1;
    return value;
  }
  bool boolean() {
    skip_space();
    for (const std::string_view word : {"True", "False"}) {
      if (text_.substr(at_).starts_with(word)) {
        at_ += word.size();
        return word == "True";
      }
    }
    broken("expected True or False");
  }
  std::vector<int64_t> tuple() {
    std::vector<int64_t> values;
    expect('(');
    while (!take(')')) {
      values.push_back(integer());
      if (!take(',')) {
        expect(')');
        break;
      }
    }
    return values;
  }
  int64_t integer() {
    skip_space();
    int64_t value = 0;
    const size_t begin = at_;
    for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_) {
      if (__builtin_mul_overflow(value, int64_t{10}, &value) ||
          __builtin_add_overflow(value, int64_t{text_[at_] - '0'}, &value)) {
        broken("a size that 64 bits cannot hold");
      }
    }
    if (at_ == begin) broken("expected a size");
    if (at_ < text_.size() && text_[at_] == 'L') ++at_;  // written by Python 2
    return value;
  }
  void read_descr(NpyHeader& header) {
    skip_space();
    if (at_ < text_.size() && text_[at_] == '[') {
      fail<NotImplementedError>(label_, ": arrays of records are not read");
    }
    const std::string_view descr = string();
    const std::string_view order = descr.substr(0, 1);
    for (const TypeCode& entry : kTypeCodes) {
      if (descr.size() == 3 && descr.substr(1) == entry.code && order.find_first_of("<>=|") == 0) {
        header.dtype = entry.dtype;
        header.swap = order == ">";
        return;
      }
    }
    fail<NotImplementedError>(label_, ": no dtype of lydia for the NumPy type ", show_name(descr));
  }

  std::string_view text_;
  const std::string& label_;
  size_t at_ = 0;
  std::set<std::string_view> seen_;
};

}  // namespace

NpyHeader parse_npy_header(std::span<const std::byte> bytes, const std::string& label) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  LYDIA_CHECK(text.starts_with(kMagic) && text.size() >= 10, ValueError, label,
              ": expected a .npy file, got other first bytes");
  const auto major = static_cast<unsigned char>(text[6]);
  LYDIA_CHECK(major >= 1 && major <= 3, ValueError, label, ": unknown .npy version ", int{major});
  const size_t length_bytes = major == 1 ? 2 : 4, start = 8 + length_bytes;
  uint32_t length = 0;
  LYDIA_CHECK(text.size() >= start, ValueError, label, ": cut off in the .npy header");
  std::memcpy(&length, text.data() + 8, length_bytes);
  LYDIA_CHECK(length <= kMaxHeader && length <= text.size() - start, ValueError, label,
              ": the .npy header has ", length, " bytes, expected at most ",
              std::min(kMaxHeader, text.size() - start));
  NpyHeader header = DictParser(text.substr(start, length), label).run();
  LYDIA_CHECK(header.shape.size() <= kMaxDims, ValueError, label, ": expected at most ", kMaxDims,
              " dimensions, got ", header.shape.size());
  header.data_start = start + length;
  return header;
}

std::string npy_header_bytes(const NpyHeader& header) {
  std::string code;
  for (const TypeCode& entry : kTypeCodes) {
    if (entry.dtype == header.dtype) code = entry.code;
  }
  LYDIA_CHECK(!code.empty(), TypeError, "save_npy: NumPy has no dtype ", header.dtype,
              "; convert to float32 first");
  std::string dict = std::string("{'descr': '") + (item_size(header.dtype) == 1 ? "|" : "<") +
                     code + "', 'fortran_order': " + (header.fortran ? "True" : "False") +
                     ", 'shape': (";
  for (size_t i = 0; i < header.shape.size(); ++i) {
    dict += (i ? " " : "") + std::to_string(header.shape[i]) + ",";
  }
  if (header.shape.size() > 1) dict.pop_back();
  dict += "), }";
  constexpr size_t kPrefix = 10;
  const size_t total = (kPrefix + dict.size() + 1 + kAlignment - 1) / kAlignment * kAlignment;
  dict.resize(total - kPrefix - 1, ' ');
  dict += '\n';
  const auto length = static_cast<uint16_t>(dict.size());
  std::string out = std::string(kMagic) + '\x01' + '\0';
  out.append(reinterpret_cast<const char*>(&length), 2);
  return out + dict;
}

}  // namespace lydia::io
