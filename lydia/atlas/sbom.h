// What a plan is made of, for others to read: an SBOM (CycloneDX 1.6 or SPDX 2.3, both JSON) of its
// libraries, data, weights and outputs, and the NOTICE that its licences ask for. The same plan and
// the same outputs give the same bytes.
#pragma once

#include <string>
#include <vector>

#include "lydia/atlas/licence.h"

namespace lydia::atlas {

// A file that a run has made.
struct ProducedFile {
  int task = -1;
  std::string port, path;
  std::string sha256;               // 64 hexadecimal digits
  std::string key;                  // of the action that made it
  std::vector<std::string> inputs;  // "path sha256" of what it was made from
};

struct SbomOptions {
  // "2026-11-21T10:00:00Z": SPDX must say when; give the time of the run or SOURCE_DATE_EPOCH's.
  std::string created = "1970-01-01T00:00:00Z";
  std::vector<ProducedFile> files;  // empty: outputs are listed without digest
};

std::string cyclonedx_sbom(const PlanGraph& graph, const LicenceReport& report,
                           const SbomOptions& options = {});
std::string spdx_sbom(const PlanGraph& graph, const LicenceReport& report,
                      const SbomOptions& options = {});
// Plain text: every delivered item whose licence asks for a notice, with what it asks for.
std::string notice_text(const PlanGraph& graph, const LicenceReport& report);

}  // namespace lydia::atlas
