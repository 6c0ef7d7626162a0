// Lines, JSON, JSON Lines and CSV: what is read, what is refused, and where it is said to be.
#include <doctest/doctest.h>

#include "lydia/io/csv.h"
#include "lydia/io/jsonl.h"
#include "tests/io/mutate.h"

namespace lydia::io {
namespace {

FileBytes text(const std::string& content) { return FileBytes::of(content, "file"); }

TEST_CASE("lines end with either line end, keep their numbers, and may be blank") {
  const TextLines all(
      text("\xEF\xBB\xBF"
           "bir\r\n\niki\n \nüç"));
  REQUIRE(all.size() == 5);
  CHECK(all.get(0) == "bir");
  CHECK(all.get(1) == "");
  CHECK(all.get(4) == "üç");
  const TextLines some(text("bir\n\niki\n \nüç\n"), {.skip_blank = true});
  REQUIRE(some.size() == 3);
  CHECK(some.get(2) == "üç");
  CHECK(some.line_number(2) == 5);
  CHECK(some.where(1) == "file:3");
  CHECK_THROWS_AS(some.get(3), IndexError);
  CHECK(TextLines(text("")).size() == 0);
}

TEST_CASE("a line that is not UTF-8 stops the reading or is counted") {
  const std::string content = "a\nb\xFF\nc\n\xC0\x80\n";
  CHECK_THROWS_WITH_AS(TextLines(text(content)), "file:2: expected UTF-8", CorruptRecord);
  const TextLines lines(text(content), {.on_corrupt = OnCorrupt::Skip});
  CHECK(lines.size() == 2);
  CHECK(lines.get(1) == "c");
  CHECK(lines.corrupt().count() == 2);
  CHECK(lines.corrupt().messages()[1] == "file:4: expected UTF-8");
}

TEST_CASE("JSON values keep their kinds and their order, and come back as they were written") {
  const std::string source =
      R"({"b": [1, -2.5, 1e300, true, false, null], "a": {"ş": "\"\n"}, "n": 9223372036854775807})";
  const Json json = parse_json(source, "x");
  CHECK(json.at("b").as_list()[0].as_int() == 1);
  CHECK(json.at("b").as_list()[1].as_double() == -2.5);
  CHECK(json.at("b").as_list()[5].is_null());
  CHECK(json.as_object()[1].first == "a");
  CHECK(json.at("a").at("ş").as_string() == "\"\n");
  CHECK(json.at("n").as_int() == INT64_MAX);
  CHECK(to_json(json).substr(0, 12) == R"({"b": [1, -2)");
  CHECK(to_json(parse_json(to_json(json), "x")) == to_json(json));
  CHECK_THROWS_AS(json.at("b").as_int(), TypeError);
  CHECK_THROWS_AS(json.at("none"), ValueError);
  CHECK_THROWS_AS(to_json(Json(1.0 / 0.0)), ValueError);
  CHECK_THROWS_AS(to_json(Json("\xFF")), ValueError);
}

TEST_CASE("malformed JSON is refused") {
  for (const char* bad :
       {"", "{", "[1,]", "{\"a\":1,\"a\":2}", "1 2", "nul", "\"\\u12\"", "[1\xFF]"}) {
    CAPTURE(bad);
    CHECK_THROWS_AS(parse_json(bad, "x"), ValueError);
  }
  CHECK_THROWS_AS(parse_json(std::string_view("1\0", 2), "x"), ValueError);
  CHECK_NOTHROW(parse_json(std::string(kMaxJsonDepth, '[') + std::string(kMaxJsonDepth, ']'), "x"));
  CHECK_THROWS_AS(parse_json(std::string(100'000, '['), "x"), ValueError);
}

TEST_CASE("JSON Lines name the line of a broken record") {
  const JsonLines lines(text("{\"a\": 1}\n\n{\"a\": }\n{\"a\": 3}\n"));
  REQUIRE(lines.size() == 3);
  CHECK(lines.get(0).at("a").as_int() == 1);
  CHECK(lines.get(2).at("a").as_int() == 3);
  try {
    lines.get(1);
    FAIL("expected an error");
  } catch (const CorruptRecord& error) {
    CHECK(std::string(error.what()).starts_with("file:3: json: malformed JSON at byte 7"));
  }
}

TEST_CASE("CSV fields may hold delimiters, line ends and quotes") {
  const CsvFile csv(
      text("\xEF\xBB\xBFid,\"full name\",note\r\n"
           "1,\"Ay, Şe\",\"said \"\"hi\"\"\"\r\n"
           "\r\n"
           "2,,\"two\nlines\"\n"
           "3,x,"));
  CHECK(csv.columns() == std::vector<std::string>{"id", "full name", "note"});
  REQUIRE(csv.size() == 3);
  CHECK(csv.get(0) == std::vector<std::string>{"1", "Ay, Şe", "said \"hi\""});
  CHECK(csv.get(1) == std::vector<std::string>{"2", "", "two\nlines"});
  CHECK(csv.get(2) == std::vector<std::string>{"3", "x", ""});
  CHECK(csv.where(2) == "file:6");
  CHECK(csv.column("note") == 2);
  CHECK_THROWS_AS(csv.column("nope"), ValueError);
  CHECK_THROWS_AS(csv.get(3), IndexError);

  const CsvFile plain(text("1;2\n3;4"), {.delimiter = ';', .header = false});
  CHECK(plain.columns().empty());
  CHECK(plain.get(1) == std::vector<std::string>{"3", "4"});
}

TEST_CASE("broken CSV records are named and counted") {
  const std::string content = "a,b\n1,2\n3\n4,\"x\"y\n5,p\"q\n6,7\n8,\"never\n9,10\n";
  CHECK_THROWS_WITH_AS(CsvFile(text(content)), "file:3: expected 2 fields, got 1", CorruptRecord);
  const CsvFile csv(text(content), {.on_corrupt = OnCorrupt::Skip});
  REQUIRE(csv.size() == 3);
  CHECK(csv.get(1)[0] == "6");
  CHECK(csv.get(2)[0] == "9");
  CHECK(csv.corrupt().count() == 4);
  CHECK(csv.corrupt().messages()[1] == "file:4: text after a closing quote");
  CHECK(csv.corrupt().messages()[3] == "file:7: a quote that is never closed");
  CHECK_THROWS_AS(CsvFile(text("a,\"b\n1,2\n"), {.on_corrupt = OnCorrupt::Skip}), CorruptRecord);
}

// Reads a damaged file to its end; whether it was refused.
template <class Read>
void fuzz(const std::vector<std::string>& seeds, const std::vector<std::string>& pieces,
          const Read& read) {
  size_t accepted = 0, refused = 0;
  for (size_t round = 0; round < fuzz_rounds(10'000); ++round) {
    CAPTURE(round);
    Mutator mutator(static_cast<uint32_t>(round), pieces);
    const std::string bytes = mutator.damaged(seeds[round % seeds.size()]);
    try {
      read(FileBytes::of(bytes, "damaged"));
      ++accepted;
    } catch (const ValueError& error) {
      CHECK(std::string_view(error.what()).find("damaged") != std::string_view::npos);
      ++refused;
    }
  }
  CHECK(accepted > 0);
  CHECK(refused > 0);
}

TEST_CASE("damaged text files are refused or read") {
  const std::vector<std::string> pieces = {"\"", "\"\"", ",", "\r\n", "\n",
                                           "\r", "\xFF", "{", "]",    "\\u00"};
  fuzz({"id,name\n1,\"a\nb\"\n2,\"c\"\"d\"\n3,e\n"}, pieces, [](FileBytes file) {
    const CsvFile csv(std::move(file));
    for (int64_t i = 0; i < csv.size(); ++i) CHECK(csv.get(i).size() == csv.columns().size());
  });
  fuzz({"{\"a\": [1, 2.5, \"ğ\"], \"b\": {\"c\": null}}\n{\"a\": true}\n[]\n"}, pieces,
       [](FileBytes file) {
         const JsonLines lines(std::move(file));
         for (int64_t i = 0; i < lines.size(); ++i) {
           const std::string once = to_json(lines.get(i));
           CHECK(to_json(parse_json(once, "again")) == once);
         }
       });
}

}  // namespace
}  // namespace lydia::io
