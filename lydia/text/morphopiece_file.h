// The container of a MorphoPiece model: one little-endian file that is used as it is mapped.
//
//   magic "MORPHPCE", format major and minor, number of sections, size of the file
//   one row a section: offset, size, checksum          (the rows have a checksum of their own)
//   the sections, each on a 64-byte boundary, zeros between
//
// A reader of this major format takes files of every minor one: sections it does not know are left
// alone. Nothing but the position in the table says what a section is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "lydia/core/error.h"

namespace lydia::text {

inline constexpr uint32_t kModelFormatMajor = 1, kModelFormatMinor = 0;

enum class Section : uint32_t {
  Meta,        // JSON
  Header,      // ModelHeader, one
  Strings,     // text that the others point into
  Pieces,      // PieceRecord
  Parts,       // int32: the parts of sequences
  NameOrder,   // int32: pieces by name
  Suffixes,    // SuffixRecord
  Starts,      // int32: the state behind an unknown stem, by its kind and sound; -1: none
  States,      // StateRecord
  Letters,     // uint32: where the arcs of a state by their first letter begin
  Arcs,        // ArcRecord
  RootTrie,    // TrieCell over letter codes
  Roots,       // RootRecord: a value of the trie is the first of those with one spelling
  Lemmas,      // uint32: the forms of lemma i are [lemma i, lemma i + 1)
  LemmaForms,  // LemmaForm
  PieceTrie,   // TrieCell over bytes
  Spellings,   // SpellingRecord
  TailTrie,    // TrieCell over letter codes, from the end of the word backwards
  TailCosts,   // int32
  Sequences,   // SequenceSlot: a hash table
  WordSeeds,   // uint32
  Words,       // WordRecord
  WordIds,     // int32
  Count
};
inline constexpr size_t kSections = static_cast<size_t>(Section::Count);

// 64 bits that change when any byte does; not against forgery.
uint64_t checksum64(std::string_view bytes);

class ModelWriter {
 public:
  void set(Section section, std::string bytes) {
    sections_[static_cast<size_t>(section)] = std::move(bytes);
  }
  template <class T>
  void set(Section section, const std::vector<T>& records) {
    static_assert(std::has_unique_object_representations_v<T> || sizeof(T) == sizeof(float));
    set(section,
        std::string(reinterpret_cast<const char*>(records.data()), records.size() * sizeof(T)));
  }
  std::string finish() const;

 private:
  std::string sections_[kSections];
};

// Checks the container; the meaning of the sections is the model's to check.
class ModelReader {
 public:
  // Throws ValueError beginning with `label`.
  ModelReader(std::string_view file, std::string label);

  std::string_view bytes(Section section) const { return sections_[static_cast<size_t>(section)]; }
  template <class T>
  std::span<const T> records(Section section) const {
    const std::string_view raw = bytes(section);
    LYDIA_CHECK(raw.size() % sizeof(T) == 0, ValueError, label_, ": section ",
                static_cast<uint32_t>(section), " is damaged: expected records of ", sizeof(T),
                " bytes, got ", raw.size(), " bytes");
    return {reinterpret_cast<const T*>(raw.data()), raw.size() / sizeof(T)};
  }
  const std::string& label() const { return label_; }
  uint32_t minor_version() const { return minor_; }

 private:
  std::string label_;
  uint32_t minor_ = 0;
  std::string_view sections_[kSections];
};

}  // namespace lydia::text
