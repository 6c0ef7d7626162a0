#include "lydia/atlas/fold.h"

#include "lydia/core/utf8.h"

namespace lydia::atlas {
namespace {

// The composed lower-case letters of Turkish; 0 for what is none.
char32_t compose(char32_t base, char32_t mark) {
  switch (mark) {
    case 0x0306: return base == 'g' ? U'ğ' : 0;
    case 0x0327: return base == 'c' ? U'ç' : base == 's' ? U'ş' : 0;
    case 0x0308: return base == 'o' ? U'ö' : base == 'u' ? U'ü' : 0;
    case 0x0302: return base == 'a' ? U'â' : base == 'i' ? U'î' : base == 'u' ? U'û' : 0;
    case 0x0307: return base == 'i' ? U'i' : 0;
    default: return 0;
  }
}

char32_t lower(char32_t c) {
  if (c >= 'A' && c <= 'Z') return c + 32;
  switch (c) {
    case U'İ':
    case U'ı': return 'i';
    case U'Ğ': return U'ğ';
    case U'Ş': return U'ş';
    case U'Û': return U'û';
    case U'\u2018':
    case U'\u2019':
    case U'\u02BC':
    case U'\uFF07': return '\'';
    case U'\u2010':
    case U'\u2011':
    case U'\u2012':
    case U'\u2013':
    case U'\u2014': return '-';
    case U'\u00A0':
    case U'\t':
    case U'\n': return ' ';
    default: break;
  }
  return c >= 0xC0 && c <= 0xDE && c != 0xD7 ? c + 32 : c;  // Latin-1: Ç, Ö, Ü, Â, Î, ...
}

}  // namespace

std::string_view trim(std::string_view text) {
  constexpr std::string_view kSpaces = " \t\n";
  const size_t begin = text.find_first_not_of(kSpaces);
  if (begin == std::string_view::npos) return text.substr(text.size());  // a place in the text
  return text.substr(begin, text.find_last_not_of(kSpaces) - begin + 1);
}

std::string fold(std::string_view text) {
  std::u32string out;
  for (const char32_t raw : decode_utf8(text)) {
    const char32_t c = lower(raw);
    const char32_t composed = out.empty() ? 0 : compose(out.back(), c);
    if (composed != 0) {
      out.back() = composed;
    } else if (c != ' ' || (!out.empty() && out.back() != ' ')) {
      out.push_back(c);
    }
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return encode_utf8(out);
}

}  // namespace lydia::atlas
