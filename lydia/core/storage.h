// The bytes behind one or more tensors, and the version that every in-place write counts up.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>

#include "lydia/core/device.h"
#include "lydia/core/ref.h"

namespace lydia {

class Storage final : public RefCounted {
 public:
  // Fresh memory from the device's allocator, contents unspecified.
  Storage(size_t bytes, Device device);
  // Memory owned by someone else; `deleter` runs when the last tensor over it goes.
  Storage(void* data, size_t bytes, Device device, std::function<void()> deleter);
  ~Storage() override;

  std::byte* data() const { return data_; }
  size_t bytes() const { return bytes_; }
  Device device() const { return device_; }
  // Read-only memory (a mapped file): in-place ops refuse it.
  bool read_only() const { return read_only_; }
  void set_read_only(bool value) { read_only_ = value; }
  // Others hold the address (NumPy, DLPack, whoever owns the memory) and may write to it without
  // counting up the version.
  bool exposed() const { return exposed_.load(std::memory_order_relaxed); }
  void set_exposed() { exposed_.store(true, std::memory_order_relaxed); }

  uint32_t version() const { return version_.load(std::memory_order_relaxed); }
  void bump_version() { version_.fetch_add(1, std::memory_order_relaxed); }

  // What a kernel made of these bytes and wants to find again (cpu/packed_weight.cc, whose lock
  // guards it). Goes with the storage.
  Ref<RefCounted>& derived() { return derived_; }

 private:
  std::byte* data_;
  size_t bytes_;
  std::function<void()> deleter_;
  Ref<RefCounted> derived_;
  std::atomic<uint32_t> version_{0};
  Device device_;
  std::atomic<bool> exposed_{false};
  bool read_only_ = false;
  bool owned_;
};

}  // namespace lydia
