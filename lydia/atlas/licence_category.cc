// The table of licences, and the exceptions that change what a licence asks for.
#include "lydia/atlas/licence_category.h"

#include <array>
#include <sstream>

#include "lydia/config/yaml.h"
#include "lydia/core/error.h"

namespace lydia::atlas {
namespace {

using C = LicenceCategory;

constexpr std::array<std::string_view, kLicenceCategories> kNames = {
    "permissive",       "copyleft-file",    "copyleft-module", "copyleft-LGPL",
    "copyleft-strong",  "network",          "free-restricted", "non-commercial",
    "source-available", "proprietary-free", "commercial",      "own",
    "unknown"};

constexpr LicenceKind kPublicDomain{C::Permissive, false, false, false};
constexpr LicenceKind kPermissive{C::Permissive, true, false, false};
constexpr LicenceKind kFile{C::CopyleftFile, true, true, false};
constexpr LicenceKind kShareAlike{C::CopyleftFile, true, false, false};
constexpr LicenceKind kModule{C::CopyleftModule, true, true, false};
constexpr LicenceKind kLgpl{C::CopyleftLgpl, true, true, false};
constexpr LicenceKind kStrong{C::CopyleftStrong, true, true, false};
constexpr LicenceKind kNetwork{C::Network, true, true, true};

struct Row {
  LicenceKind kind;
  const char* ids;
};

constexpr Row kTable[] = {
    {kPublicDomain,
     "0BSD CC-PDDC CC0-1.0 MIT-0 PDDL-1.0 SAX-PD Unlicense WTFPL blessing libselinux-1.0 NTP-0"},
    {kPermissive,
     "AAL AFL-1.1 AFL-1.2 AFL-2.0 AFL-2.1 AFL-3.0 Adobe-2006 Adobe-Glyph Apache-1.0 Apache-1.1 "
     "Apache-2.0 Artistic-2.0 BSD-1-Clause BSD-2-Clause BSD-2-Clause-Patent BSD-2-Clause-Views "
     "BSD-3-Clause BSD-3-Clause-Attribution BSD-3-Clause-Clear BSD-3-Clause-LBNL "
     "BSD-3-Clause-Modification BSD-3-Clause-Open-MPI BSD-4-Clause BSD-4-Clause-UC BSD-Protection "
     "BSD-Source-Code BSL-1.0 Beerware Bitstream-Vera BlueOak-1.0.0 CC-BY-1.0 CC-BY-2.0 "
     "CC-BY-2.5 CC-BY-3.0 CC-BY-4.0 CDLA-Permissive-1.0 CDLA-Permissive-2.0 CNRI-Python ECL-1.0 "
     "ECL-2.0 EFL-1.0 EFL-2.0 FSFAP FSFUL FSFULLR FTL Fair HPND HPND-sell-variant ICU IJG ISC "
     "ImageMagick Info-ZIP Intel JasPer-2.0 Libpng MIT MIT-CMU MIT-Modern-Variant MIT-advertising "
     "MIT-enna MIT-feh MITNFA MS-PL MulanPSL-1.0 MulanPSL-2.0 NAIST-2003 NCSA NTP Naumen Net-SNMP "
     "OFL-1.0 OFL-1.1 OGC-1.0 OLDAP-2.8 OML ODC-By-1.0 OpenSSL PHP-3.0 PHP-3.01 PSF-2.0 PostgreSQL "
     "Python-2.0 Ruby SGI-B-2.0 SMLNJ Spencer-94 Spencer-99 TCL TCP-wrappers UPL-1.0 "
     "Unicode-DFS-2015 Unicode-DFS-2016 Unicode-TOU VSL-1.0 W3C W3C-19980720 W3C-20150513 X11 Xnet "
     "ZPL-2.0 ZPL-2.1 Zend-2.0 Zlib bzip2-1.0.6 curl libpng-2.0 libtiff zlib-acknowledgement"},
    {kFile,
     "APSL-2.0 CDDL-1.0 CDDL-1.1 MPL-1.0 MPL-1.1 MPL-2.0 MPL-2.0-no-copyleft-exception MS-RL "
     "NPL-1.0 NPL-1.1 Nokia SPL-1.0"},
    {kShareAlike,
     "CC-BY-SA-1.0 CC-BY-SA-2.0 CC-BY-SA-2.5 CC-BY-SA-3.0 CC-BY-SA-4.0 CDLA-Sharing-1.0 ODbL-1.0"},
    {kModule, "CPL-1.0 EPL-1.0 EPL-2.0 IPL-1.0"},
    {kLgpl,
     "CECILL-C LGPL-2.0-only LGPL-2.0-or-later LGPL-2.1-only LGPL-2.1-or-later LGPL-3.0-only "
     "LGPL-3.0-or-later LGPLLR"},
    {kStrong,
     "CECILL-1.0 CECILL-1.1 CECILL-2.0 CECILL-2.1 GFDL-1.1-only GFDL-1.1-or-later GFDL-1.2-only "
     "GFDL-1.2-or-later GFDL-1.3-only GFDL-1.3-or-later GPL-1.0-only GPL-1.0-or-later GPL-2.0-only "
     "GPL-2.0-or-later GPL-3.0-only GPL-3.0-or-later QPL-1.0 Sleepycat"},
    {kNetwork,
     "AGPL-1.0-only AGPL-1.0-or-later AGPL-3.0-only AGPL-3.0-or-later APL-1.0 CPAL-1.0 EUPL-1.0 "
     "EUPL-1.1 EUPL-1.2 OSL-1.0 OSL-1.1 OSL-2.0 OSL-2.1 OSL-3.0 Parity-6.0.0 Parity-7.0.0 RPL-1.1 "
     "RPL-1.5 SSPL-1.0 Watcom-1.0"},
    {{C::FreeRestricted, true, false, false},
     "BSD-3-Clause-No-Military-License BSD-3-Clause-No-Nuclear-License "
     "BSD-3-Clause-No-Nuclear-License-2014 BSD-3-Clause-No-Nuclear-Warranty CC-BY-ND-1.0 "
     "CC-BY-ND-2.0 CC-BY-ND-2.5 CC-BY-ND-3.0 CC-BY-ND-4.0 Hippocratic-2.1 JSON"},
    {{C::NonCommercial, true, false, false},
     "Aladdin CC-BY-NC-1.0 CC-BY-NC-2.0 CC-BY-NC-2.5 CC-BY-NC-3.0 CC-BY-NC-4.0 CC-BY-NC-ND-1.0 "
     "CC-BY-NC-ND-2.0 CC-BY-NC-ND-2.5 CC-BY-NC-ND-3.0 CC-BY-NC-ND-4.0 CC-BY-NC-SA-1.0 "
     "CC-BY-NC-SA-2.0 CC-BY-NC-SA-2.5 CC-BY-NC-SA-3.0 CC-BY-NC-SA-4.0 NPOSL-3.0 "
     "PolyForm-Noncommercial-1.0.0"},
    {{C::SourceAvailable, true, false, false},
     "BUSL-1.1 Elastic-2.0 PolyForm-Small-Business-1.0.0"},
    {{C::ProprietaryFree, true, false, false},
     "LicenseRef-NVIDIA-TensorRT LicenseRef-NVIDIA-CUDA LicenseRef-NVIDIA-cuDNN "
     "LicenseRef-PhysioNet-Credentialed"},
    {{C::Own, false, false, false}, "LicenseRef-Own"},
};

struct Exception {
  const char* id;
  LicenceKind kind;  // of the licence with it
};

// Exceptions that let other code be linked on its own terms. Any other leaves the licence's kind.
constexpr Exception kExceptions[] = {
    {"Autoconf-exception-2.0", kPermissive}, {"Autoconf-exception-3.0", kPermissive},
    {"Bison-exception-2.2", kPermissive},    {"Bootloader-exception", kPermissive},
    {"Classpath-exception-2.0", kFile},      {"Font-exception-2.0", kPermissive},
    {"GCC-exception-2.0", kPermissive},      {"GCC-exception-3.1", kPermissive},
    {"LLVM-exception", kPermissive},         {"Linux-syscall-note", kPermissive},
    {"OCaml-LGPL-linking-exception", kFile}, {"Swift-exception", kPermissive},
    {"WxWindows-exception-3.1", kFile},      {"eCos-exception-2.0", kFile},
};

// How ORT's categories read here; the properties follow from them too.
std::optional<LicenceKind> classified(const config::Node& categories) {
  std::optional<LicenceKind> kind;
  for (const config::Node& node : categories.list()) {
    const std::string name = node.as<std::string>("categories");
    if (const auto category = parse_category(name))
      kind = LicenceKind{*category, true, false, false};
    if (name == "public-domain") kind = kPublicDomain;
    if (name == "copyleft-limited") kind = kLgpl;
    if (name == "copyleft") kind = kStrong;
  }
  return kind;
}

}  // namespace

std::string_view category_name(LicenceCategory category) {
  return kNames[static_cast<size_t>(category)];
}

std::optional<LicenceCategory> parse_category(std::string_view name) {
  for (size_t i = 0; i < kNames.size(); ++i)
    if (kNames[i] == name) return static_cast<LicenceCategory>(i);
  return {};
}

LicenceKinds::LicenceKinds() {
  for (const Row& row : kTable) {
    std::istringstream ids(row.ids);
    for (std::string id; ids >> id;) kinds_.emplace(id, row.kind);
  }
}

LicenceKind LicenceKinds::of(const SpdxExpression& licence) const {
  if (!licence.known && !licence.is_reference()) {  // its id, or its exception
    const auto found = kinds_.find(licence.id);     // a classification may know it
    return found == kinds_.end() || !licence.exception.empty() ? LicenceKind() : found->second;
  }
  const auto found = kinds_.find(licence.id);
  if (found == kinds_.end()) return {};
  if (found->second.category != C::Permissive)
    for (const Exception& e : kExceptions)
      if (licence.exception == e.id) return e.kind;
  return found->second;
}

void LicenceKinds::add_classifications(const std::string& path) {
  const config::Node file = config::read_yaml(path);
  const config::Node* rows = file.child("categorizations");
  LYDIA_CHECK(rows && rows->is_list(), ValueError, path,
              ": expected a list 'categorizations' of {id, categories}");
  for (const config::Node& row : rows->list()) {
    const config::Node* categories = row.child("categories");
    LYDIA_CHECK(categories && categories->is_list(), ValueError, path,
                ": expected 'categories' as a list", show_place(row.place()));
    if (const auto kind = classified(*categories))
      kinds_.emplace(row.get<std::string>("id"), *kind);
  }
}

}  // namespace lydia::atlas
