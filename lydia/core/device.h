// Where a tensor lives. Today `cpu`; `cuda` is a seam that says honestly when it is absent.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string_view>

namespace lydia {

enum class DeviceType : uint8_t { CPU, CUDA };

struct Device {
  DeviceType type = DeviceType::CPU;
  int8_t index = 0;
  friend bool operator==(Device a, Device b) { return a.type == b.type && a.index == b.index; }
};

inline constexpr Device kCPU{};

// "cpu", "cuda", "cuda:1". ValueError for anything else.
Device parse_device(std::string_view text);
std::ostream& operator<<(std::ostream& out, Device device);

// Throws NotImplementedError, saying why, unless tensors can be made on `device` in this build.
void check_device_available(Device device);
// True when lydia was built with CUDA and a GPU answers.
bool cuda_available();
// One line: why there is no CUDA device, or what it is.
std::string_view cuda_status();

}  // namespace lydia
