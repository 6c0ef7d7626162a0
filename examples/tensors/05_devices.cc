// Lesson 5: devices — where a tensor lives, and an honest word when there is no GPU.
#include "examples/tensors/lesson.h"
#include "lydia/core/allocator.h"
#include "lydia/ops/copy.h"

using namespace lydia;

int main() {
  lesson::title("The CPU");
  const Tensor x = ones({256, 256});
  lesson::fact(x.device() == kCPU, "tensors are made on the CPU unless said otherwise");
  lesson::fact(reinterpret_cast<uintptr_t>(x.data_ptr()) % kAlignment == 0,
               "their memory is aligned to 64 bytes");
  lesson::fact(to(x, kCPU).is_same(x), "to(device) of the device it is on copies nothing");
  const MemoryStats stats = memory_stats();
  std::cout << "  allocator: " << stats.allocated << " bytes in tensors, " << stats.reserved
            << " held, peak " << stats.peak_allocated << "\n";

  lesson::title("A GPU");
  if (cuda_available()) {
    std::cout << "  " << cuda_status() << "\n";
    return 0;
  }
  std::cout << "  none: " << cuda_status() << "\n";
  const std::string error = lesson::error_of([] { zeros({2}, DType::F32, parse_device("cuda")); });
  std::cout << "  zeros(2, device='cuda'): " << error << "\n";
  lesson::fact(error.find("not available") != std::string::npos,
               "asking for one is an error that says why");
  std::cout
      << "  Transfers, streams, synchronisation and pinned memory need a device of their own;\n"
         "  on the CPU every op is done when its call returns.\n";
}
