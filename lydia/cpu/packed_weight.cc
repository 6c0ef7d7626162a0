// Packed forms live in their weight's storage (Storage::derived), so they go when it goes and a new
// storage at the same address has none. Each remembers the version it was made of; a write in place
// counts the version up, and the next call packs again.
#include "lydia/cpu/packed_weight.h"

#include <algorithm>
#include <mutex>
#include <vector>

namespace lydia::cpu {
namespace {

// Forms of one storage take at most this many times its bytes (small ones are padded to blocks).
constexpr size_t kMostCopies = 2;
constexpr size_t kSmall = size_t{1} << 16;

struct Form {
  int64_t layout, offset;
  uint32_t version;
  Tensor bytes;
};
struct Forms final : RefCounted {
  std::vector<Form> list;
};

std::mutex mutex;  // guards every storage's derived() and the list in it

Forms& forms_of(Storage& storage) {
  if (!storage.derived()) storage.derived() = make_ref<Forms>();
  return static_cast<Forms&>(*storage.derived());
}

Tensor find(Storage& storage, int64_t layout, int64_t offset, uint32_t version) {
  const std::lock_guard lock(mutex);
  if (!storage.derived()) return {};
  for (const Form& f : forms_of(storage).list)
    if (f.layout == layout && f.offset == offset && f.version == version) return f.bytes;
  return {};
}

void keep(Storage& storage, const Form& form) {
  const size_t most = std::max(kMostCopies * storage.bytes(), kSmall);
  if (form.bytes.nbytes() > most) return;
  const std::lock_guard lock(mutex);
  auto& list = forms_of(storage).list;
  std::erase_if(list, [&](const Form& f) { return f.version != form.version; });
  size_t total = form.bytes.nbytes();
  for (const Form& f : list) total += f.bytes.nbytes();
  if (total > most) list.clear();
  list.push_back(form);
}

}  // namespace

Tensor packed_weight(const Tensor& weight, int64_t layout, const std::function<Tensor()>& pack) {
  Storage& storage = *weight.storage();
  if (!grad_state().inference || storage.exposed()) return pack();
  const uint32_t version = weight.version();  // before the values are read
  if (Tensor kept = find(storage, layout, weight.storage_offset(), version); kept.defined())
    return kept;
  const Tensor bytes = pack();
  keep(storage, {layout, weight.storage_offset(), version, bytes});
  return bytes;
}

}  // namespace lydia::cpu
