// md4c hands out pieces of text as pointers into the source: that gives each block its lines.
#include "lydia/atlas/markdown_blocks.h"

#include <md4c.h>

#include <algorithm>

#include "lydia/atlas/fold.h"

namespace lydia::atlas {
namespace {

std::string with_plain_line_ends(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r') {
      out += '\n';
      if (i + 1 < text.size() && text[i + 1] == '\n') ++i;
    } else {
      out += text[i];
    }
  }
  return out;
}

class Collector {
 public:
  explicit Collector(const std::string& source) : source_(source) {
    starts_.push_back(0);
    for (size_t i = 0; i < source.size(); ++i) {
      if (source[i] == '\n') starts_.push_back(i + 1);
    }
  }

  void enter(MD_BLOCKTYPE type, void* detail) {
    switch (type) {
      case MD_BLOCK_QUOTE: finish(), ++quotes_; break;
      case MD_BLOCK_LI:
        finish();
        ++depth_;
        ++markers_;
        start(MarkdownBlock::Kind::Paragraph);
        break;
      case MD_BLOCK_UL:
      case MD_BLOCK_OL: finish(); break;
      case MD_BLOCK_H:
        start(MarkdownBlock::Kind::Heading);
        block_.level = static_cast<int>(static_cast<MD_BLOCK_H_DETAIL*>(detail)->level);
        break;
      case MD_BLOCK_CODE: start_code(*static_cast<MD_BLOCK_CODE_DETAIL*>(detail)); break;
      case MD_BLOCK_P: start(MarkdownBlock::Kind::Paragraph); break;
      case MD_BLOCK_HTML:
      case MD_BLOCK_TABLE: start(MarkdownBlock::Kind::Other); break;
      default: break;
    }
  }

  void leave(MD_BLOCKTYPE type) {
    switch (type) {
      case MD_BLOCK_QUOTE: finish(), --quotes_; break;
      case MD_BLOCK_LI: finish(), --depth_, markers_ = 0; break;
      case MD_BLOCK_H:
      case MD_BLOCK_CODE:
      case MD_BLOCK_P:
      case MD_BLOCK_HTML:
      case MD_BLOCK_TABLE: finish(); break;
      default: break;
    }
  }

  void text(const char* text, size_t size) {
    if (block_.kind == MarkdownBlock::Kind::Code) block_.code.append(text, size);
    const char* begin = source_.data();
    // Line breaks come as constants from elsewhere.
    const bool inside =
        std::greater_equal<>()(text, begin) && std::less<>()(text, begin + source_.size());
    if (!inside || size == 0) return;
    if (!open_) start(MarkdownBlock::Kind::Paragraph);  // of a tight item, after another block
    const auto at = static_cast<size_t>(text - begin);
    first_ = std::min(first_, at);
    last_ = std::max(last_, at + size - 1);
  }

  std::vector<MarkdownBlock> take() {
    finish();
    return std::move(blocks_);
  }

 private:
  void start(MarkdownBlock::Kind kind) {
    finish();
    block_ = {};
    block_.kind = kind;
    block_.depth = depth_;
    block_.markers = markers_;
    block_.quoted = quotes_ > 0;
    first_ = std::string::npos;
    last_ = 0;
    open_ = true;
  }

  void start_code(const MD_BLOCK_CODE_DETAIL& detail) {
    start(MarkdownBlock::Kind::Code);
    block_.fenced = detail.fence_char != 0;
    if (detail.info.size != 0) block_.info.assign(detail.info.text, detail.info.size);
  }

  int line_of(size_t at) const {
    return static_cast<int>(std::upper_bound(starts_.begin(), starts_.end(), at) -
                            starts_.begin()) -
           1;
  }

  std::string_view line(int index) const {
    const size_t from = starts_[static_cast<size_t>(index)];
    return std::string_view(source_).substr(from, source_.find('\n', from) - from);
  }

  // A block without any text is none; its lines stay raw.
  void finish() {
    if (!open_) return;
    open_ = false;
    if (first_ == std::string::npos) return;
    markers_ = 0;
    block_.first_line = line_of(first_);
    block_.last_line = line_of(last_);
    if (block_.fenced) {
      block_.first_line = std::max(0, block_.first_line - 1);
      if (block_.last_line + 1 < static_cast<int>(starts_.size())) ++block_.last_line;
    }
    if (block_.kind != MarkdownBlock::Kind::Code) read_text();
    blocks_.push_back(std::move(block_));
  }

  // The source of the block without the markers around it.
  void read_text() {
    std::string_view rest = line(block_.first_line);
    const char* begin = rest.data();
    const auto skip = [&] {
      const size_t spaces = rest.find_first_not_of(" \t>");
      rest.remove_prefix(std::min(spaces, rest.size()));
    };
    skip();
    for (int marker = 0; marker < block_.markers; ++marker) {
      const size_t end = rest.find_first_of(" \t");
      rest.remove_prefix(std::min(end, rest.size()));
      skip();
    }
    if (block_.kind == MarkdownBlock::Kind::Heading && rest.starts_with('#')) {
      rest.remove_prefix(std::min(rest.find_first_not_of('#'), rest.size()));
      skip();
      const size_t hashes = rest.find_last_not_of("# \t");
      const size_t cut = hashes == std::string_view::npos ? 0 : hashes + 1;
      const std::string_view tail = rest.substr(cut);
      if (tail.find('#') != std::string_view::npos && (tail.empty() || tail[0] != '#')) {
        rest = rest.substr(0, cut);
      }
    }
    block_.column = static_cast<int>(rest.data() - begin) + 1;
    block_.text = trim(rest);
    for (int i = block_.first_line + 1; i <= block_.last_line; ++i) {
      const std::string_view more = trim(line(i));
      if (!more.empty()) block_.text += " " + std::string(more);
    }
  }

  const std::string& source_;
  std::vector<size_t> starts_;
  std::vector<MarkdownBlock> blocks_;
  MarkdownBlock block_;
  bool open_ = false;
  size_t first_ = std::string::npos, last_ = 0;
  int depth_ = 0, markers_ = 0, quotes_ = 0;
};

}  // namespace

MarkdownText parse_markdown(std::string_view text) {
  const std::string source = with_plain_line_ends(text);
  MarkdownText out;
  for (size_t at = 0; at <= source.size();) {
    const size_t end = std::min(source.find('\n', at), source.size());
    out.lines.push_back(source.substr(at, end - at));
    at = end + 1;
  }
  Collector collector(source);
  MD_PARSER parser{};
  parser.flags = MD_FLAG_TABLES;
  parser.enter_block = [](MD_BLOCKTYPE type, void* detail, void* self) {
    static_cast<Collector*>(self)->enter(type, detail);
    return 0;
  };
  parser.leave_block = [](MD_BLOCKTYPE type, void*, void* self) {
    static_cast<Collector*>(self)->leave(type);
    return 0;
  };
  parser.enter_span = [](MD_SPANTYPE, void*, void*) { return 0; };
  parser.leave_span = [](MD_SPANTYPE, void*, void*) { return 0; };
  parser.text = [](MD_TEXTTYPE, const MD_CHAR* piece, MD_SIZE size, void* self) {
    static_cast<Collector*>(self)->text(piece, size);
    return 0;
  };
  md_parse(source.data(), static_cast<MD_SIZE>(source.size()), &parser, &collector);
  out.blocks = collector.take();
  return out;
}

size_t indent_of(std::string_view line) {
  size_t columns = 0;
  for (const char c : line) {
    if (c == ' ') {
      ++columns;
    } else if (c == '\t') {
      columns = columns / 4 * 4 + 4;
    } else {
      break;
    }
  }
  return columns;
}

std::string dedent(std::string_view line, size_t columns) {
  const size_t all = indent_of(line);
  const size_t first = line.find_first_not_of(" \t");
  if (first == std::string_view::npos) return "";
  return std::string(all > columns ? all - columns : 0, ' ') + std::string(line.substr(first));
}

}  // namespace lydia::atlas
