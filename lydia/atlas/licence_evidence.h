// What is known of a package's licence beside what the plan declares: a small table that comes with
// lydia, and files that the user's own scanners fill. Nothing is looked up over the network.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "lydia/atlas/plan.h"

namespace lydia::atlas {

// Weakest first: what the plan says, what the package says of itself, what its files say, what a
// person or service outside has confirmed.
enum class EvidenceKind { Declared, Metadata, Scan, Confirmed };
std::string_view evidence_name(EvidenceKind kind);

struct LicenceEvidence {
  std::string licence;  // an SPDX expression
  EvidenceKind kind = EvidenceKind::Declared;
  std::string source;        // "PyPI metadata, 2026-11-21"
  std::string version = {};  // it was seen in; empty: the newest one at that time
};

class EvidenceBook {
 public:
  EvidenceBook();

  // Adds a file `evidence: [{purl, license, kind: metadata|scan|confirmed, source}]`. Of two
  // entries the stronger stays; of equals the later. IoError, ValueError.
  void add_file(const std::string& path);
  // The strongest entry for the use's version of the package, else for the package, whatever
  // version it was seen in; null when there is none. A use without purl is looked for by its name,
  // as a PyPI package.
  const LicenceEvidence* find(const Use& use) const;

  // "pkg:pypi/torch@2.4.1?a=b" -> "pkg:pypi/torch"; without purl "pkg:pypi/<name>".
  static std::string package(const Use& use);

 private:
  void add(const std::string& package, LicenceEvidence evidence);

  std::map<std::string, LicenceEvidence, std::less<>> entries_;
};

}  // namespace lydia::atlas
