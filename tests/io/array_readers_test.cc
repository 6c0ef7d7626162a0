// IDX, npy, npz and gzip: what is read, what is written, what is refused.
#include <doctest/doctest.h>

#include <cstring>

#include "lydia/io/atomic_file.h"
#include "lydia/io/idx.h"
#include "lydia/io/npy.h"
#include "lydia/io/tensor_bytes.h"
#include "lydia/io/zip.h"
#include "tests/io/mutate.h"
#include "tests/io/temp_folder.h"

namespace lydia::io {
namespace {

using std::string_literals::operator""s;

// `printf 'merhaba\n' | gzip -n`
const std::string kGzip =
    "\x1f\x8b\x08\0\0\0\0\0\0\x03\xcb\x4d\x2d\xca\x48\x4c\x4a\xe4\x02\0\xd7\xa5\x10\x4c\x08\0\0\0"s;

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text));
}

std::string npy(const std::string& dict, const std::string& data) {
  const auto length = static_cast<uint16_t>(dict.size());
  std::string out = "\x93NUMPY\x01\x00"s;
  out.append(reinterpret_cast<const char*>(&length), 2);
  return out + dict + data;
}

template <class T>
std::vector<T> values(const Tensor& tensor) {
  const PackedTensor packed(tensor);
  const auto* data = reinterpret_cast<const T*>(packed.bytes().data());
  return std::vector<T>(data, data + tensor.numel());
}

template <class T>
Tensor make(const Dims& sizes, const std::vector<T>& content) {
  const Tensor tensor = empty(sizes, dtype_of<T>());
  std::copy(content.begin(), content.end(), tensor.data<T>());
  return tensor;
}

TEST_CASE("gzip: members follow each other, limits and damage are errors") {
  const auto unpacked = gunzip(bytes_of(kGzip), "x");
  CHECK(std::string(reinterpret_cast<const char*>(unpacked.data()), unpacked.size()) ==
        "merhaba\n");
  CHECK(gunzip(bytes_of(kGzip + kGzip), "x").size() == 16);
  CHECK(gunzip(bytes_of(kGzip), "x", 8).size() == 8);
  CHECK_THROWS_AS(gunzip(bytes_of(kGzip), "x", 7), ValueError);
  for (size_t cut = 2; cut < kGzip.size(); ++cut) {
    CHECK_THROWS_AS(gunzip(bytes_of(kGzip.substr(0, cut)), "x"), ValueError);
  }
  CHECK_THROWS_AS(gunzip(bytes_of(kGzip + "x"), "x"), ValueError);
}

TEST_CASE("deflate and inflate are each other's inverse") {
  std::vector<std::byte> data(100'000);
  for (size_t i = 0; i < data.size(); ++i) data[i] = static_cast<std::byte>(i * i >> 7);
  const auto packed = deflate_raw(data);
  CHECK(packed.size() < data.size());
  std::vector<std::byte> back(data.size());
  inflate_raw(packed, back, "x");
  CHECK(back == data);
  back.resize(data.size() - 1);
  CHECK_THROWS_AS(inflate_raw(packed, back, "x"), ValueError);
  back.resize(data.size() + 1);
  CHECK_THROWS_AS(inflate_raw(packed, back, "x"), ValueError);
}

TEST_CASE("IDX: elements are big-endian and fill the shape exactly") {
  const Tensor bytes =
      parse_idx(FileBytes::of("\0\0\x08\x02\0\0\0\x02\0\0\0\x03"
                              "abcdef"s,
                              "f"));
  CHECK(bytes.sizes() == Dims{2, 3});
  CHECK(values<uint8_t>(bytes)[5] == 'f');
  const Tensor shorts = parse_idx(FileBytes::of("\0\0\x0b\x01\0\0\0\x02\x01\x02\xff\xfe"s, "f"));
  CHECK(values<int16_t>(shorts) == std::vector<int16_t>{258, -2});
  const Tensor doubles =
      parse_idx(FileBytes::of("\0\0\x0e\x01\0\0\0\x01\x3f\xf8\0\0\0\0\0\0"s, "f"));
  CHECK(values<double>(doubles) == std::vector<double>{1.5});

  for (const std::string& bad :
       {""s, "\0\0\x08"s, "\0\1\x08\x00"s, "\0\0\x07\x00"s,
        "\0\0\x08\x01\0\0\0\x02"
        "a"s,
        "\0\0\x08\x01\0\0\0\x01"
        "ab"s,
        "\0\0\x0b\x01\0\0\0\x01\x01"s, "\0\0\x08\x02\xff\xff\xff\xff\xff\xff\xff\xff"s,
        "\0\0\x08\xff"s + std::string(2000, '\xff')}) {
    CHECK_THROWS_AS(parse_idx(FileBytes::of(bad, "f")), ValueError);
  }
}

TEST_CASE("npy: either byte order and either element order") {
  const std::string little = "\x01\0\x02\0\x03\0\x04\0\x05\0\x06\0"s;
  const std::string big = "\0\x01\0\x02\0\x03\0\x04\0\x05\0\x06"s;
  const auto dict = [](const char* descr, const char* order) {
    return std::string("{'descr': '") + descr + "', 'fortran_order': " + order +
           ", 'shape': (2, 3), }\n";
  };
  const std::vector<int16_t> rows = {1, 2, 3, 4, 5, 6}, columns = {1, 3, 5, 2, 4, 6};
  CHECK(values<int16_t>(parse_npy(bytes_of(npy(dict("<i2", "False"), little)), "f")) == rows);
  CHECK(values<int16_t>(parse_npy(bytes_of(npy(dict(">i2", "False"), big)), "f")) == rows);
  CHECK(values<int16_t>(parse_npy(bytes_of(npy(dict("<i2", "True"), little)), "f")) == columns);
  CHECK(values<int16_t>(parse_npy(bytes_of(npy(dict(">i2", "True"), big)), "f")) == columns);
}

TEST_CASE("npy: broken headers and foreign dtypes are refused") {
  const std::string good = "{'descr': '|u1', 'fortran_order': False, 'shape': (2,)}";
  CHECK(parse_npy(bytes_of(npy(good, "ab")), "f").numel() == 2);
  CHECK(parse_npy(bytes_of(npy("{'descr':'|u1','fortran_order':False,'shape':()}", "a")), "f")
            .ndim() == 0);
  for (const char* bad :
       {"", "{", "{}", "{'descr': '|u1', 'fortran_order': False}",
        "{'descr': '|u1', 'fortran_order': 0, 'shape': (2,)}",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (2}",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (-2,)}",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (3,)}",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (2,)} x",
        "{'descr': '|u1', 'descr': '|u1', 'shape': (2,)}",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (2,), 'x': 1}",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 9223372036854775807)}",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (99999999999999999999,)}",
        "{'descr': '|b1', 'fortran_order': False, 'shape': (2,)}"}) {
    CAPTURE(bad);
    CHECK_THROWS_AS(parse_npy(bytes_of(npy(bad, "ab")), "f"), ValueError);
  }
  for (const char* foreign : {"'<c8'", "'|O'", "'<U3'", "'|S2'", "[('a', '<i4')]"}) {
    const auto dict =
        std::string("{'descr': ") + foreign + ", 'fortran_order': False, 'shape': (2,)}";
    CHECK_THROWS_AS(parse_npy(bytes_of(npy(dict, "ab")), "f"), NotImplementedError);
  }
}

TEST_CASE("npy and npz come back as they were saved, whatever the strides") {
  TempFolder folder;
  const Tensor matrix = make<float>({2, 3}, {1, 2, 3, 4, 5, 6});
  const Tensor turned = Tensor::over(matrix.storage(), DType::F32, {3, 2}, {1, 3}, 0);
  const Tensor flags = make<bool>({3}, {true, false, true});
  const Tensor nothing = empty({0, 4}, DType::F64), scalar = make<int64_t>({}, {-7});
  save_npy(folder.file("a.npy"), turned);
  for (const LoadMode mode : {LoadMode::Copy, LoadMode::Map}) {
    const Tensor back = load_npy(folder.file("a.npy"), mode);
    CHECK(back.sizes() == Dims{3, 2});
    CHECK(values<float>(back) == std::vector<float>{1, 4, 2, 5, 3, 6});
    CHECK(back.storage()->read_only() == (mode == LoadMode::Map));
  }
  for (const bool compressed : {false, true}) {
    save_npz(folder.file("a.npz"),
             {{"turned", turned}, {"ğ", flags}, {"none", nothing}, {"one", scalar}}, compressed);
    const NamedTensors back = load_npz(folder.file("a.npz"));
    REQUIRE(back.size() == 4);
    CHECK(back[0].first == "turned");
    CHECK(values<float>(back[0].second) == std::vector<float>{1, 4, 2, 5, 3, 6});
    CHECK(back[1].first == "ğ");
    CHECK(values<bool>(back[1].second) == std::vector<bool>{true, false, true});
    CHECK(back[2].second.sizes() == Dims{0, 4});
    CHECK(back[3].second.item<int64_t>() == -7);
  }
  CHECK_THROWS_AS(save_npy(folder.file("b.npy"), empty({2}, DType::BF16)), TypeError);
  CHECK_THROWS_AS(save_npz(folder.file("b.npz"), {{"a", flags}, {"a", flags}}), ValueError);
}

std::string npz_bytes(bool compressed) {
  TempFolder folder;
  const Tensor a = make<int32_t>({40}, std::vector<int32_t>(40, 3)), b = make<double>({1}, {2});
  save_npz(folder.file("a.npz"), {{"a", a}, {"b", b}}, compressed);
  return std::string(FileBytes::open(folder.file("a.npz")).text());
}

TEST_CASE("zip: a wrong checksum, a shared range and a boast are refused") {
  const std::string stored = npz_bytes(false), packed = npz_bytes(true);
  std::string flipped = stored;
  flipped[200] = static_cast<char>(flipped[200] ^ 1);
  CHECK_THROWS_WITH_AS(parse_npz(bytes_of(flipped), "f"), "f: \"a.npy\": the checksum is wrong",
                       ValueError);
  // The second entry's offset points at the first, whose name differs.
  std::string shared = stored;
  const size_t second = shared.rfind("PK\x01\x02");
  std::memset(shared.data() + second + 42, 0, 4);
  CHECK_THROWS_AS(parse_npz(bytes_of(shared), "f"), ValueError);
  std::string boast = packed;
  const size_t first = boast.find("PK\x01\x02");
  std::memcpy(boast.data() + first + 24, "\xfe\xff\xff\xff", 4);
  CHECK_THROWS_WITH_AS(parse_npz(bytes_of(boast), "f"),
                       "f: broken zip archive: an entry claims more bytes than its data holds",
                       ValueError);
}

template <class Read>
void fuzz(const std::vector<std::string>& seeds, const std::vector<std::string>& pieces,
          size_t rounds, const Read& read) {
  size_t accepted = 0, refused = 0;
  for (size_t round = 0; round < fuzz_rounds(rounds); ++round) {
    CAPTURE(round);
    Mutator mutator(static_cast<uint32_t>(round), pieces);
    const std::string bytes = mutator.damaged(seeds[round % seeds.size()]);
    try {
      read(bytes);
      ++accepted;
    } catch (const ValueError&) {
      ++refused;
    } catch (const NotImplementedError&) {
      ++refused;
    }
  }
  CHECK(accepted > 0);
  CHECK(refused > fuzz_rounds(rounds) / 4);
}

TEST_CASE("damaged array files are refused or read within bounds") {
  fuzz({"\0\0\x08\x02\0\0\0\x02\0\0\0\x03"
        "abcdef"s},
       {}, 10'000, [](const std::string& bytes) { parse_idx(FileBytes::of(bytes, "f")); });
  fuzz({npy("{'descr': '<i4', 'fortran_order': True, 'shape': (2, 2), }\n", std::string(16, 'x'))},
       {"'", "(", ")", ",", "True", "'descr'", ">", "9223372036854775807"}, 10'000,
       [](const std::string& bytes) { parse_npy(bytes_of(bytes), "f"); });
  fuzz({npz_bytes(false), npz_bytes(true)},
       {"PK\x01\x02", "PK\x03\x04", "PK\x05\x06", "PK\x06\x06"}, 10'000,
       [](const std::string& bytes) { parse_npz(bytes_of(bytes), "f"); });
  fuzz({kGzip + kGzip}, {}, 5'000,
       [](const std::string& bytes) { gunzip(bytes_of(bytes), "f", 1 << 20); });
}

}  // namespace
}  // namespace lydia::io
