// CoNLL-U treebanks (universaldependencies.org/format.html): sentences of ten-column lines.
//
//   # sent_id = 1                       comments
//   1-2  vámonos  _    _     ...        a multiword token: one written form of words 1 to 2
//   1    vamos    ir   VERB  ...        words, numbered from 1
//   2    nos      nos  PRON  ...
//   2.1  ...                            an empty node: stands only in enhanced dependencies
//
// "_" means that there is no value (it is read as an empty string), except as form or lemma of a
// token whose text is the underscore itself.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lydia/io/corrupt.h"
#include "lydia/io/file_bytes.h"

namespace lydia::io {

struct ConlluWord {
  std::string id;  // "3"; "3.1" for an empty node
  std::string form, lemma, upos, xpos, feats;
  int64_t head = -1;  // 0 for the root, -1 where there is none (empty nodes)
  std::string deprel, deps, misc;
};

struct ConlluRange {
  int64_t first = 0, last = 0;  // numbers of words
  std::string form, misc;
};

struct ConlluSentence {
  std::vector<std::string> comments;  // without "# "
  std::vector<ConlluWord> words;      // words[i] is number i + 1
  std::vector<ConlluRange> ranges;
  std::vector<ConlluWord> empty_nodes;
  int64_t line = 0;  // where it begins in the file

  // The value of a comment "key = value"; empty when there is none.
  std::string comment(std::string_view key) const;
};

// The sentences of a file. A sentence is broken when a line has not ten columns, words are not
// numbered 1, 2, ..., a range or a head points outside, or it is not UTF-8; it goes to `log` where
// one is given and stops the reading otherwise (CorruptRecord).
std::vector<ConlluSentence> read_conllu(const std::string& path, CorruptLog* log = nullptr);
std::vector<ConlluSentence> parse_conllu(const FileBytes& file, CorruptLog* log = nullptr);

}  // namespace lydia::io
