// Which licences go together, pair by pair: a few conflicts that everybody knows, and OSADL's
// compatibility matrix where the user has its file (matrixseqexpl.json or matrix.json; data
// CC-BY-4.0, https://www.osadl.org/Access-to-raw-data.oss-compliance-raw-data-access.0.html).
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace lydia::atlas {

enum class Compatibility { Yes, No, Unknown, CheckDependency };

class LicenceMatrix {
 public:
  // Fills the matrix from a file. IoError, ValueError for one that is not so.
  void read(const std::string& path);

  // Whether a work under `inbound` can be passed on under `outbound`. The matrix has no row for
  // closed source.
  Compatibility of(std::string_view outbound, std::string_view inbound) const;
  // Whether parts under both licences cannot be in one binary: neither can be passed on under the
  // other.
  bool conflict(std::string_view a, std::string_view b) const;

  bool loaded() const { return !cells_.empty(); }
  const std::string& timestamp() const { return timestamp_; }

 private:
  std::map<std::pair<std::string, std::string>, Compatibility, std::less<>> cells_;
  std::string timestamp_;
};

}  // namespace lydia::atlas
