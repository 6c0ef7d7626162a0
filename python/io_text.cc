// Files of records in text: lines, JSON Lines, CSV.
#include "lydia/io/csv.h"
#include "lydia/io/jsonl.h"
#include "python/bind.h"
#include "python/register.h"

namespace lydia::python {
namespace {

io::OnCorrupt on_corrupt_of(const std::string& name) {
  LYDIA_CHECK(name == "stop" || name == "skip", ValueError,
              "expected on_corrupt \"stop\" or \"skip\", got \"", name, "\"");
  return name == "skip" ? io::OnCorrupt::Skip : io::OnCorrupt::Stop;
}

nb::str to_str(std::string_view text) { return nb::str(text.data(), text.size()); }

nb::object to_python(const io::Json& json) {
  return std::visit(
      [](const auto& value) -> nb::object {
        using T = std::decay_t<decltype(value)>;
        if constexpr (std::is_same_v<T, std::nullptr_t>) {
          return nb::none();
        } else if constexpr (std::is_same_v<T, io::Json::List>) {
          nb::list out;
          for (const io::Json& item : value) out.append(to_python(item));
          return out;
        } else if constexpr (std::is_same_v<T, io::Json::Object>) {
          nb::dict out;
          for (const auto& [name, member] : value) out[to_str(name)] = to_python(member);
          return out;
        } else {
          return nb::cast(value);
        }
      },
      json.value);
}

// Python's indices count from the end when they are negative.
int64_t wrap(int64_t index, int64_t size) {
  LYDIA_CHECK(index >= -size && index < size, IndexError, "expected an index below ", size,
              ", got ", index);
  return index < 0 ? index + size : index;
}

nb::list messages_of(const io::CorruptLog& log) {
  nb::list out;
  for (const std::string& message : log.messages()) out.append(to_str(message));
  return out;
}

// len(), [index], where(index) and what was broken, for a class of records.
template <class Records, class Get>
void def_records(nb::class_<Records>& c, Get get) {
  c.def("__len__", &Records::size)
      .def(
          "__getitem__",
          [get](const Records& r, int64_t index) { return get(r, wrap(index, r.size())); },
          "index"_a)
      .def(
          "where", [](const Records& r, int64_t i) { return r.where(wrap(i, r.size())); },
          "index"_a, "\"<file>:<line>\" of a record.");
}

template <class Records>
void def_corrupt(nb::class_<Records>& c) {
  c.def_prop_ro("corrupt_count", [](const Records& r) {
     return r.corrupt().count();
   }).def_prop_ro("corrupt_messages", [](const Records& r) { return messages_of(r.corrupt()); });
}

nb::object csv_record(const io::CsvFile& csv, int64_t index) {
  const std::vector<std::string> fields = csv.get(index);
  nb::list list;
  for (const std::string& field : fields) list.append(to_str(field));
  if (csv.columns().empty()) return list;
  nb::dict record;
  for (size_t i = 0; i < fields.size(); ++i) record[to_str(csv.columns()[i])] = list[i];
  return record;
}

}  // namespace

void register_io_text(nb::module_& parent) {
  auto m = nb::cast<nb::module_>(parent.attr("_io"));
  nb::class_<io::TextLines> lines(m, "TextLines", "The lines of a text file.");
  lines.def(
      "__init__",
      [](io::TextLines* self, const std::string& path, bool skip_blank, const std::string& skip) {
        new (self)
            io::TextLines(path, {.skip_blank = skip_blank, .on_corrupt = on_corrupt_of(skip)});
      },
      "path"_a, nb::kw_only(), "skip_blank"_a = false, "on_corrupt"_a = "stop");
  def_records(lines, [](const io::TextLines& r, int64_t i) { return to_str(r.get(i)); });
  def_corrupt(lines);

  nb::class_<io::JsonLines> json(m, "JsonLines", "The values of a file of one JSON value a line.");
  json.def(
      "__init__",
      [](io::JsonLines* self, const std::string& path, const std::string& skip) {
        new (self) io::JsonLines(path, on_corrupt_of(skip));
      },
      "path"_a, nb::kw_only(), "on_corrupt"_a = "stop");
  def_records(json, [](const io::JsonLines& r, int64_t i) { return to_python(r.get(i)); });

  nb::class_<io::CsvFile> csv(m, "CsvFile",
                              "The records of a CSV file (RFC 4180): dicts by the names of the "
                              "columns, or lists without a header.");
  csv.def(
      "__init__",
      [](io::CsvFile* self, const std::string& path, char delimiter, bool header,
         const std::string& skip) {
        new (self) io::CsvFile(
            path, {.delimiter = delimiter, .header = header, .on_corrupt = on_corrupt_of(skip)});
      },
      "path"_a, nb::kw_only(), "delimiter"_a = ',', "header"_a = true, "on_corrupt"_a = "stop");
  def_records(csv, &csv_record);
  def_corrupt(csv);
  csv.def_prop_ro("columns", [](const io::CsvFile& c) { return c.columns(); });

  m.def(
      "read_jsonl",
      [](const std::string& path, const std::string& skip) {
        io::CorruptLog log(on_corrupt_of(skip));
        nb::list values;
        for (const io::Json& value : io::read_jsonl(path, &log)) values.append(to_python(value));
        return nb::make_tuple(values, log.count(), messages_of(log));
      },
      "path"_a, "on_corrupt"_a);
}

}  // namespace lydia::python
