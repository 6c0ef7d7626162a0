#include "lydia/core/device.h"

#include <charconv>
#include <ostream>

#include "lydia/core/error.h"

namespace lydia {

Device parse_device(std::string_view text) {
  const size_t colon = text.find(':');
  const std::string_view kind = text.substr(0, colon);
  int index = 0;
  if (colon != std::string_view::npos) {
    const std::string_view digits = text.substr(colon + 1);
    const auto [end, error] = std::from_chars(digits.begin(), digits.end(), index);
    LYDIA_CHECK(error == std::errc() && end == digits.end() && index >= 0 && index < 128,
                ValueError, "device: expected a number after ':', got '", text, "'");
  }
  if (kind == "cpu") {
    LYDIA_CHECK(index == 0, ValueError, "device: expected 'cpu' or 'cpu:0', got '", text, "'");
    return kCPU;
  }
  LYDIA_CHECK(kind == "cuda", ValueError,
              "device: expected 'cpu', 'cuda' or 'cuda:<number>', got '", text, "'");
  return {DeviceType::CUDA, static_cast<int8_t>(index)};
}

std::ostream& operator<<(std::ostream& out, Device device) {
  if (device.type == DeviceType::CPU) return out << "cpu";
  return out << "cuda:" << static_cast<int>(device.index);
}

void check_device_available(Device device) {
  LYDIA_CHECK(device.type == DeviceType::CPU, NotImplementedError, "device: ", device,
              " is not available: ", cuda_status(), "; use device 'cpu'");
}

bool cuda_available() { return false; }

std::string_view cuda_status() { return "this build of lydia has no CUDA backend"; }

}  // namespace lydia
