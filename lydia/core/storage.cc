#include "lydia/core/storage.h"

#include "lydia/core/allocator.h"

namespace lydia {

Storage::Storage(size_t bytes, Device device) : bytes_(bytes), device_(device), owned_(true) {
  check_device_available(device);
  data_ = static_cast<std::byte*>(allocate(bytes));
}

Storage::Storage(void* data, size_t bytes, Device device, std::function<void()> deleter)
    : data_(static_cast<std::byte*>(data)),
      bytes_(bytes),
      deleter_(std::move(deleter)),
      device_(device),
      exposed_(true),
      owned_(false) {}

Storage::~Storage() {
  if (owned_)
    deallocate(data_, bytes_);
  else if (deleter_)
    deleter_();
}

}  // namespace lydia
