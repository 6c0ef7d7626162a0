#include "lydia/atlas/licence_evidence.h"

#include <array>
#include <utility>

#include "lydia/atlas/spdx.h"
#include "lydia/config/yaml.h"
#include "lydia/core/error.h"

namespace lydia::atlas {
namespace {

constexpr std::array<std::string_view, 4> kKinds = {"declared", "metadata", "scan", "confirmed"};

// PyPI's metadata of the versions of 2026-11-21; where a package gives no SPDX expression, the one
// that its words mean.
struct Known {
  const char *name, *licence;
};
constexpr const char* kKnownSource = "PyPI metadata, 2026-11-21";
constexpr Known kKnown[] = {
    {"accelerate", "Apache-2.0"},
    {"bitsandbytes", "MIT"},
    {"celery", "BSD-3-Clause"},
    {"datasets", "Apache-2.0"},
    {"diffusers", "Apache-2.0"},
    {"django", "BSD-3-Clause"},
    {"dvc", "Apache-2.0"},
    {"evaluate", "Apache-2.0"},
    {"fastapi", "MIT"},
    {"flask", "BSD-3-Clause"},
    {"flatbuffers", "Apache-2.0"},
    {"ghostscript", "GPL-3.0-or-later"},
    {"gradio", "Apache-2.0"},
    {"h5py", "BSD-3-Clause"},
    {"hydra-core", "MIT"},
    {"jax", "Apache-2.0"},
    {"keras", "Apache-2.0"},
    {"keras2onnx", "MIT"},
    {"librosa", "ISC"},
    {"mlflow", "Apache-2.0"},
    {"mysql-connector-python", "GPL-2.0-only WITH Universal-FOSS-exception-1.0"},
    {"nltk", "Apache-2.0"},
    {"numpy", "BSD-3-Clause AND 0BSD AND MIT AND Zlib AND CC0-1.0"},
    {"nvidia-cuda-runtime-cu12", "LicenseRef-NVIDIA-CUDA"},
    {"onnx", "Apache-2.0"},
    {"onnxruntime", "MIT"},
    {"onnxsim", "MIT AND (Apache-2.0 OR BSD-2-Clause)"},
    {"opencv-python", "Apache-2.0"},
    {"pandas", "BSD-3-Clause"},
    {"paramiko", "LGPL-2.1-only"},
    {"peft", "Apache-2.0"},
    {"pillow", "MIT-CMU"},
    {"polars", "MIT"},
    {"polygraphy", "Apache-2.0"},
    {"protobuf", "BSD-3-Clause"},
    {"psycopg", "LGPL-3.0-only"},
    {"pyarrow", "Apache-2.0"},
    {"pybind11", "BSD-3-Clause"},
    {"pycuda", "MIT"},
    {"pydicom", "MIT"},
    {"pymupdf", "AGPL-3.0-only OR LicenseRef-Artifex-Commercial"},
    {"pyqt5", "GPL-3.0-only"},
    {"pytest", "MIT"},
    {"pyyaml", "MIT"},
    {"requests", "Apache-2.0"},
    {"safetensors", "Apache-2.0"},
    {"scikit-learn", "BSD-3-Clause"},
    {"sentence-transformers", "Apache-2.0"},
    {"sentencepiece", "Apache-2.0"},
    {"snakemake", "MIT"},
    {"soundfile", "BSD-3-Clause"},
    {"spacy", "MIT"},
    {"sqlalchemy", "MIT"},
    {"stanza", "Apache-2.0"},
    {"streamlit", "Apache-2.0"},
    {"tensorflow", "Apache-2.0"},
    {"tensorrt", "LicenseRef-NVIDIA-TensorRT"},
    {"tf2onnx", "Apache-2.0"},
    {"timm", "Apache-2.0"},
    {"tokenizers", "Apache-2.0"},
    {"torch",
     "Apache-2.0 AND Apache-2.0 WITH LLVM-exception AND BSD-2-Clause AND BSD-3-Clause AND BSL-1.0 "
     "AND ISC AND MIT AND Zlib"},
    {"torchvision", "BSD-3-Clause"},
    {"tqdm", "MPL-2.0 AND MIT"},
    {"transformers", "Apache-2.0"},
    {"ultralytics", "AGPL-3.0-or-later"},
    {"uvicorn", "BSD-3-Clause"},
    {"xgboost", "Apache-2.0"},
    {"zeyrek", "MIT"},
};

EvidenceKind parse_kind(const std::string& name, const std::string& where) {
  for (size_t i = 1; i < kKinds.size(); ++i)
    if (kKinds[i] == name) return static_cast<EvidenceKind>(i);
  fail<ValueError>(where, ": expected kind metadata, scan or confirmed, got '", name, "'");
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

std::string without_version(std::string_view purl) {
  return std::string(purl.substr(0, purl.find_first_of("@?#", purl.find('/') + 2)));
}

}  // namespace

std::string_view evidence_name(EvidenceKind kind) { return kKinds[static_cast<size_t>(kind)]; }

EvidenceBook::EvidenceBook() {
  for (const Known& known : kKnown)
    add("pkg:pypi/" + std::string(known.name),
        {known.licence, EvidenceKind::Metadata, kKnownSource, ""});
}

void EvidenceBook::add(const std::string& package, LicenceEvidence evidence) {
  const auto [at, is_new] = entries_.try_emplace(package, evidence);
  if (!is_new && evidence.kind >= at->second.kind) at->second = std::move(evidence);
}

void EvidenceBook::add_file(const std::string& path) {
  const config::Node file = config::read_yaml(path);
  const config::Node* rows = file.child("evidence");
  LYDIA_CHECK(rows && rows->is_list(), ValueError, path,
              ": expected a list 'evidence' of {purl, license, kind, source}");
  for (const config::Node& row : rows->list()) {
    const std::string where = path + show_place(row.place());
    const std::string purl = row.get<std::string>("purl");
    LYDIA_CHECK(purl.starts_with("pkg:"), ValueError, where,
                ": expected a purl such as pkg:pypi/torch, got '", purl, "'");
    const std::string licence = row.get<std::string>("license");
    Use seen;
    seen.purl.value = purl;
    const LicenceEvidence evidence = {to_string(parse_spdx(licence).expression),
                                      parse_kind(row.get<std::string>("kind", "metadata"), where),
                                      row.get<std::string>("source", path), use_version(seen)};
    add(package(seen), evidence);
    if (!evidence.version.empty()) add(package(seen) + "@" + evidence.version, evidence);
  }
}

std::string EvidenceBook::package(const Use& use) {
  if (!use.purl.empty()) return lower(without_version(use.purl.value));
  return "pkg:pypi/" + lower(use.name.value);
}

const LicenceEvidence* EvidenceBook::find(const Use& use) const {
  if (use.purl.empty() && use.name.empty()) return nullptr;
  const auto exact = entries_.find(package(use) + "@" + use_version(use));
  if (exact != entries_.end()) return &exact->second;
  const auto found = entries_.find(package(use));
  return found == entries_.end() ? nullptr : &found->second;
}

}  // namespace lydia::atlas
