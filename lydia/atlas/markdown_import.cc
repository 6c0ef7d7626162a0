// Markdown to a plan: one pass over the blocks, each a heading of a group, a task, a field, an item
// of a field's list, or a note.
#include <algorithm>
#include <array>
#include <optional>
#include <unordered_set>

#include "lydia/atlas/fold.h"
#include "lydia/atlas/labels.h"
#include "lydia/atlas/library_item.h"
#include "lydia/atlas/markdown_blocks.h"
#include "lydia/atlas/markdown_fields.h"
#include "lydia/atlas/plan_fields.h"
#include "lydia/atlas/plan_markdown.h"
#include "lydia/core/control_chars.h"
#include "lydia/core/utf8.h"

namespace lydia::atlas {
namespace {

constexpr std::string_view kFence = "yaml atlas", kPlanFence = "yaml atlas plan";

std::optional<GroupKind> group_kind(Label label) {
  switch (label) {
    case Label::MainTask: return GroupKind::Main;
    case Label::SubTask: return GroupKind::Sub;
    case Label::MacroTask: return GroupKind::Macro;
    case Label::MicroTask: return GroupKind::Micro;
    default: return std::nullopt;
  }
}

class Importer {
 public:
  Importer(const std::string& file, const MarkdownText& text, Findings& findings)
      : text_(text), findings_(findings), consumed_(text.lines.size()), code_(text.lines.size()) {
    plan_.file = file;
    for (const MarkdownBlock& block : text.blocks) {
      if (block.kind != MarkdownBlock::Kind::Code || block.fenced) continue;
      for (int i = block.first_line; i <= block.last_line; ++i)
        code_[static_cast<size_t>(i)] = true;
    }
  }

  Plan run() {
    int line = 0;
    for (const MarkdownBlock& block : text_.blocks) {
      collect_notes(line, block.first_line);
      read_block(block);
      line = std::max(line, block.first_line);
      if (consumed_[static_cast<size_t>(block.first_line)]) line = block.last_line + 1;
    }
    collect_notes(line, static_cast<int>(text_.lines.size()));
    flush_notes();
    if (!pending_.empty() && !plan_.after.empty())
      pending_.value = *plan_.after + "\n\n" + *pending_;
    if (!pending_.empty()) plan_.after = std::move(pending_);
    sort_as_tree(plan_);
    return std::move(plan_);
  }

 private:
  bool seen_node() const { return !plan_.groups.empty() || !plan_.tasks.empty(); }

  // Lines that are no field are notes of what came last.
  void collect_notes(int from, int to) {
    for (int i = from; i < to; ++i) {
      if (consumed_[static_cast<size_t>(i)]) continue;
      const std::string_view line = text_.lines[static_cast<size_t>(i)];
      const bool blank = trim(line).empty();
      if (blank && note_lines_.empty()) continue;
      if (note_lines_.empty()) note_line_ = i;
      note_lines_.emplace_back(blank ? "" : line);
    }
  }

  void flush_notes() {
    while (!note_lines_.empty() && note_lines_.back().empty()) note_lines_.pop_back();
    if (note_lines_.empty()) return;
    size_t indent = std::string::npos, text_indent = std::string::npos;
    for (size_t i = 0; i < note_lines_.size(); ++i) {
      if (note_lines_[i].empty()) continue;
      const size_t here = indent_of(note_lines_[i]);
      indent = std::min(indent, here);
      if (!code_[static_cast<size_t>(note_line_) + i]) text_indent = std::min(text_indent, here);
    }
    // Indented code alone keeps the four columns that make it code.
    if (text_indent == std::string::npos) text_indent = indent >= 4 ? indent - 4 : 0;
    std::string note;
    for (size_t i = 0; i < note_lines_.size(); ++i) {
      note += (i == 0 ? "" : "\n") + dedent(note_lines_[i], text_indent);
    }
    Text& target = note_target();
    if (target.empty()) target.at = {note_line_ + 1, static_cast<int>(text_indent) + 1};
    target.value += (target.empty() ? "" : "\n\n") + note;
    note_lines_.clear();
  }

  Text& note_target() {
    if (!seen_node()) return plan_.before;
    if (closed_) return pending_;
    return task_ >= 0 ? task().notes : group(last_group_).notes;
  }

  Task& task() { return plan_.tasks[static_cast<size_t>(task_)]; }
  Group& group(int index) { return plan_.groups[static_cast<size_t>(index)]; }

  void consume(const MarkdownBlock& block) {
    flush_notes();
    for (int i = block.first_line; i <= block.last_line; ++i) {
      consumed_[static_cast<size_t>(i)] = true;
    }
  }

  void read_block(const MarkdownBlock& block) {
    using Kind = MarkdownBlock::Kind;
    if (block.quoted || block.kind == Kind::Other) return;
    if (block.kind == Kind::Code) {
      const std::string_view info = trim(block.info);
      if (block.fenced && (info == kFence || info == kPlanFence)) read_fence(block);
      return;
    }
    const std::optional<LabelMatch> match = match_label(block.text);
    if (!match) report_near_label(block);
    if (match && read_node(block, *match)) return;
    if (block.kind == Kind::Heading) {
      read_heading(block);
      return;
    }
    if (!seen_node() || closed_) return;
    if (match && read_field(block, *match)) return;
    read_item(block);
  }

  void read_heading(const MarkdownBlock& block) {
    const bool title = block.level == 1 && !seen_node() && plan_.title.empty() &&
                       plan_.before.empty() && note_lines_.empty();
    if (title) {
      consume(block);
      plan_.title = {{block.text, source(block)}};
    } else if (seen_node()) {
      flush_notes();
      closed_ = true;
      list_ = {};
    }
  }

  Source source(const MarkdownBlock& block) const { return {block.first_line + 1, block.column}; }
  // Where the byte `at` of the block's text stands, while that is on its first line.
  Source source(const MarkdownBlock& block, size_t at) const {
    const std::string_view head = std::string_view(block.text).substr(0, at);
    const auto chars =
        std::count_if(head.begin(), head.end(), [](char c) { return (c & 0xC0) != 0x80; });
    return {block.first_line + 1, block.column + static_cast<int>(chars)};
  }
  Text value_text(const MarkdownBlock& block, const LabelMatch& match) const {
    return {{match.value, source(block, match.value_at)}};
  }

  bool read_node(const MarkdownBlock& block, const LabelMatch& match) {
    const std::optional<GroupKind> kind = group_kind(match.label);
    if (kind) return read_group(block, match, *kind);
    if (match.label != Label::AtlasTask) return false;
    begin_node(block, match);
    Task& made = plan_.tasks.emplace_back();
    task_ = static_cast<int>(plan_.tasks.size()) - 1;
    field_depth_ = block.depth + 1;
    made.at = source(block);
    made.id = unused_id({{match.number, source(block, match.name_at)}}, task_ids_);
    if (!match.alias.empty()) made.alias = {{match.alias, made.id.at}};
    made.title = value_text(block, match);
    const int parent = innermost(GroupKind::Micro);
    if (parent >= 0) made.parent = {{*group(parent).id, made.at}};
    made.before = std::exchange(pending_, {});
    return true;
  }

  void begin_node(const MarkdownBlock& block, const LabelMatch& match) {
    consume(block);
    if (plan_.language.empty()) {
      plan_.language = {{match.language == Language::Turkish ? "tr" : "en", source(block)}};
    }
    closed_ = false;
    list_ = {};
    node_keys_.clear();
  }

  bool read_group(const MarkdownBlock& block, const LabelMatch& match, GroupKind kind) {
    Group made;
    made.title = value_text(block, match);
    // "Title {#id}": an id that the number does not give.
    const size_t open = made.title->rfind("{#");
    if (open != std::string::npos && made.title->ends_with("}")) {
      made.id.value = made.title->substr(open + 2, made.title->size() - open - 3);
      made.title.value = std::string(trim(made.title->substr(0, open)));
    }
    made.kind = kind;
    made.number = {{match.number, source(block, match.name_at)}};
    const auto same_kind = std::count_if(plan_.groups.begin(), plan_.groups.end(),
                                         [&](const Group& g) { return g.kind == kind; });
    if (made.id.empty()) {
      made.id.value = derived_group_id(kind, match.number, static_cast<int>(same_kind) + 1);
    }
    if (made.id.empty()) return false;  // neither number nor id: prose
    begin_node(block, match);
    made.at = source(block);
    made.id = unused_id({{*made.id, made.at}}, group_ids_);
    made.example = match.example;
    const int parent = parent_for(kind, match.number);
    if (parent >= 0) made.parent = {{*group(parent).id, made.at}};
    made.before = std::exchange(pending_, {});
    plan_.groups.push_back(std::move(made));
    last_group_ = static_cast<int>(plan_.groups.size()) - 1;
    open_groups_[static_cast<size_t>(kind)] = last_group_;
    for (size_t k = static_cast<size_t>(kind) + 1; k < open_groups_.size(); ++k)
      open_groups_[k] = -1;
    task_ = -1;
    field_depth_ = block.depth + 1;
    return true;
  }

  // An id that comes twice is a finding; the second becomes "id-2", so that nothing of it is lost.
  Text unused_id(Text id, std::unordered_set<std::string>& taken) {
    const std::string wanted = *id;
    for (int n = 2; !taken.insert(*id).second; ++n) id.value = wanted + "-" + std::to_string(n);
    if (*id == wanted) return id;
    report(id.at, "duplicate-id",
           {"the id '" + wanted + "' is taken already; read as " + *id,
            "'" + wanted + "' kimliği kullanılmış; " + *id + " diye okundu"});
    return id;
  }

  // The open group of that kind or the nearest coarser one.
  int innermost(GroupKind kind) const {
    for (int k = static_cast<int>(kind); k >= 0; --k) {
      if (open_groups_[static_cast<size_t>(k)] >= 0) return open_groups_[static_cast<size_t>(k)];
    }
    return -1;
  }

  // Micro 2.1 belongs to macro 2, wherever it stands.
  int parent_for(GroupKind kind, const std::string& number) const {
    if (kind == GroupKind::Main) return -1;
    if (kind == GroupKind::Micro && number.find('.') != std::string::npos) {
      const std::string wanted = "macro-" + number.substr(0, number.rfind('.'));
      for (size_t i = 0; i < plan_.groups.size(); ++i) {
        if (*plan_.groups[i].id == wanted && plan_.groups[i].kind == GroupKind::Macro) {
          return static_cast<int>(i);
        }
      }
    }
    return innermost(static_cast<GroupKind>(static_cast<int>(kind) - 1));
  }

  // A field of the task or group; false when it is none of theirs, or comes a second time.
  bool read_field(const MarkdownBlock& block, const LabelMatch& match) {
    if (block.markers == 0) {
      report_misplaced(block, match);
      return false;
    }
    const bool nested = list_.label == Label::Relations && block.depth == field_depth_ + 1;
    const bool port = match.label == Label::Input || match.label == Label::Output;
    if (block.depth != field_depth_ && !(port && nested)) {
      report_misplaced(block, match);
      return false;
    }
    FieldText field{value_text(block, match), match.label};
    Unread unread{source(block), {}};
    const bool read = task_ < 0 ? read_group_field(plan_, group(last_group_), field)
                                : read_task_field(plan_, task(), field, unread);
    if (!read) {
      report_unread(match.label, unread);
      return false;
    }
    consume(block);
    if (!port) list_ = {match.label, block.depth};
    return true;
  }

  // An item of the list below a field.
  void read_item(const MarkdownBlock& block) {
    if (task_ < 0 || block.markers == 0 || !list_.open || block.depth != list_.depth + 1) return;
    FieldText item{{{block.text, source(block)}}, list_.label};
    Unread unread{source(block), {}};
    if (read_task_item(task(), item, unread)) {
      consume(block);
    } else {
      report_unread(list_.label, unread);
    }
  }

  // A value that its label does not understand stays a note. Of texts, and of a group that speaks
  // of its tasks' fields, that is harmless.
  void report_unread(Label label, const Unread& unread) {
    const bool text = label == Label::Description || label == Label::LicenseNote;
    const bool of_groups = text || label == Label::Owner || label == Label::Choice;
    const auto because = [](const std::string& why) { return why.empty() ? "" : ": " + why; };
    Finding& finding = findings_.emplace_back();
    const bool harmless = text || (task_ < 0 && !of_groups);
    finding.severity = harmless ? Severity::Warning : Severity::Error;
    finding.code = "unread-value";
    finding.subject = node_id();
    finding.at = unread.at;
    finding.message = {"'" + std::string(label_name(label, Language::English)) +
                           "' is not understood here, and kept as a note" + because(unread.why.en),
                       "'" + std::string(label_name(label, Language::Turkish)) +
                           "' burada anlaşılmadı, not olarak tutuldu" + because(unread.why.tr)};
    finding.hint = expected(label, task_ < 0 && !of_groups);
  }

  static Message expected(Label label, bool of_tasks) {
    if (of_tasks) return {"it is a field of Atlas tasks", "Atlas görevlerinin bir alanıdır"};
    if (label == Label::License) label = Label::Libraries;  // each library says its own
    const Message form = field_form(label);
    if (form.en.empty()) return {"say it once", "bir kez yazın"};
    const auto written = [&](Language language) {
      return "**" + std::string(label_name(label, language)) + ":** " + form.in(language);
    };
    return {"expected once: " + written(Language::English),
            "bir kez beklenen: " + written(Language::Turkish)};
  }

  // A bold label of what runs, where no field is read.
  void report_misplaced(const MarkdownBlock& block, const LabelMatch& match) {
    const bool runs = match.label == Label::Run || match.label == Label::Check ||
                      match.label == Label::Effort || match.label == Label::Needs;
    if (!runs || !(block.text.starts_with("**") || block.text.starts_with("__"))) return;
    Finding& finding = findings_.emplace_back();
    finding.severity = Severity::Warning;
    finding.code = "unread-value";
    finding.subject = node_id();
    finding.at = source(block);
    const std::string name(label_name(match.label, match.language));
    finding.message = {"'" + name + "' stands where no field is read: it is kept as a note",
                       "'" + name + "' alan okunmayan bir yerde: not olarak tutuldu"};
    finding.hint = {"make it an item of the list right below its task",
                    "görevinin hemen altındaki listenin bir maddesi yapın"};
  }

  // A bold label or heading that is one of ours but for a letter or two.
  void report_near_label(const MarkdownBlock& block) {
    const bool bold = block.text.starts_with("**") || block.text.starts_with("__");
    if (!bold && block.kind != MarkdownBlock::Kind::Heading) return;
    const std::string near = near_label(block.text);
    if (near.empty()) return;
    Finding& finding = findings_.emplace_back();
    finding.severity = Severity::Warning;
    finding.code = "unknown-label";
    finding.subject = node_id();
    finding.at = source(block);
    finding.message = {"no label is called so: it is kept as a note",
                       "böyle bir etiket yok: not olarak tutuldu"};
    finding.hint = {"did you mean '" + near + "'?", "'" + near + "' mi demek istediniz?"};
  }

  std::string node_id() {
    return task_ >= 0 ? *task().id : last_group_ >= 0 ? *group(last_group_).id : "";
  }

  void read_fence(const MarkdownBlock& block) {
    consume(block);
    const int first = block.first_line + 1;
    const std::string_view line = text_.lines[static_cast<size_t>(first)];
    const Source shift{first, static_cast<int>(std::min(indent_of(line), size_t{1000}))};
    FieldReader reader(findings_, shift);
    try {
      const config::Node node = config::parse_yaml(block.code, plan_.file, kPlanLimits);
      if (node.child("groups") != nullptr || node.child("tasks") != nullptr) {
        reader.report(node, "bad-value",
                      {"groups and tasks stand outside the fenced block",
                       "gruplar ve görevler çitli bloğun dışında durur"});
      } else if (trim(block.info) == kPlanFence) {
        report_repeated(reader, node, plan_keys_);
        reader.read_plan(node, plan_);
      } else if (!seen_node()) {
        reader.report(
            node, "bad-value",
            {"there is no task or group before this block; the plan's own is 'yaml atlas "
             "plan'",
             "bu bloktan önce görev ya da grup yok; planınki 'yaml atlas plan' diye açılır"});
      } else if (task_ >= 0) {
        report_repeated(reader, node, node_keys_);
        reader.read_task(node, task());
      } else {
        report_repeated(reader, node, node_keys_);
        reader.read_group(node, group(last_group_));
      }
    } catch (const config::YamlError& error) {
      report({error.line + shift.line, error.column + shift.column}, "yaml",
             {error.reason, "YAML okunamadı: " + error.reason});
    }
  }

  // Of two blocks that say one key, the second would overrule the first.
  static void report_repeated(FieldReader& reader, const config::Node& block,
                              std::unordered_set<std::string>& seen) {
    if (!block.is_map()) return;
    for (const config::Node::Entry& entry : block.map()) {
      if (seen.insert(entry.key).second) continue;
      reader.report(entry.value, "bad-value",
                    {"'" + entry.key + "' stands in an earlier block already",
                     "'" + entry.key + "' daha önceki bir blokta var"});
    }
  }

  void report(Source at, std::string code, Message message) {
    Finding finding;
    finding.code = std::move(code);
    finding.at = at;
    finding.message = std::move(message);
    findings_.push_back(std::move(finding));
  }

  struct List {
    Label label{};
    int depth = 0;
    bool open = false;
    List() = default;
    List(Label l, int d) : label(l), depth(d), open(true) {}
  };

  const MarkdownText& text_;
  Findings& findings_;
  Plan plan_;
  std::vector<bool> consumed_, code_;  // by line; code: indented, not fenced
  std::vector<std::string> note_lines_;
  int note_line_ = 0;
  std::unordered_set<std::string> group_ids_, task_ids_;
  std::unordered_set<std::string> plan_keys_, node_keys_;  // that fenced blocks have said
  Text pending_;         // notes after a heading of no task: of what follows
  bool closed_ = false;  // after such a heading
  std::array<int, 4> open_groups_ = {-1, -1, -1, -1};
  int last_group_ = -1, task_ = -1, field_depth_ = 0;
  List list_;
};

}  // namespace

namespace {

// Where the first control character stands; line 0: there is none.
Source first_control(std::string_view text) {
  Source at = {1, 1};
  for (size_t i = 0; i < text.size();) {
    const CodePoint c = decode_code_point(text, i);
    if (c.value != '\r' && is_control_char(c.value)) return at;
    at.column = c.value == '\n' ? 1 : at.column + 1;
    at.line += c.value == '\n';
    i += c.length;
  }
  return {};
}

}  // namespace

Plan parse_plan_markdown(std::string_view text, const std::string& file, Findings& findings) {
  Finding finding;
  finding.code = "markdown";
  finding.at = {1, 1};
  if (text.size() > kPlanLimits.bytes) {
    finding.message = {"expected at most " + std::to_string(kPlanLimits.bytes) + " bytes",
                       "en çok " + std::to_string(kPlanLimits.bytes) + " bayt beklenir"};
  } else if (!is_valid_utf8(text) || text.find('\0') != std::string_view::npos) {
    finding.message = {"not UTF-8 text", "UTF-8 metin değil"};
  } else if (finding.at = first_control(text); finding.at.line > 0) {
    finding.message = {"a control character", "bir denetim karakteri"};
  } else {
    return Importer(file, parse_markdown(text), findings).run();
  }
  findings.push_back(std::move(finding));
  Plan plan;
  plan.file = file;
  return plan;
}

}  // namespace lydia::atlas
