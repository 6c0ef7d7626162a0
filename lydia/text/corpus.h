// A text cut into documents and split into a part to learn from and a part held out.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lydia::text {

// Documents are separated by blank lines; a text without blank lines is one document per line. Each
// comes with what ends it (its line ends), so that joined they are the text again.
std::vector<std::string_view> split_documents(std::string_view text);

struct TextSplit {
  std::string train, held_out;  // documents in the order of the text
};

// A document is held out when a hash of its bytes says so: about one in `one_in`. The choice
// depends on the document alone, so equal documents fall on the same side and a longer text moves
// none.
TextSplit split_text(std::string_view text, unsigned one_in);

}  // namespace lydia::text
