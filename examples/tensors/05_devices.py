"""Lesson 5: devices — where a tensor lives, and an honest word when there is no GPU."""
import lydia
from lesson import error_of, fact, title

title("The CPU")
x = lydia.ones(256, 256)
fact(str(x.device) == "cpu", "tensors are made on the CPU unless said otherwise")
fact(x.data_ptr() % 64 == 0, "their memory is aligned to 64 bytes")
fact(x.to("cpu").data_ptr() == x.data_ptr(), "to(device) of the device it is on copies nothing")
stats = lydia.memory_stats()
print(f"  allocator: {stats['allocated']} bytes in tensors, {stats['reserved']} held")

title("A GPU")
if lydia.cuda.is_available():
    print("  there is one")
else:
    message = error_of(lambda: lydia.zeros(2, device="cuda"))
    print(f"  lydia.zeros(2, device='cuda'): {message}")
    fact("not available" in message, "asking for one is an error that says why")
    print("  Transfers, synchronisation and pinned memory need a device of their own;\n"
          "  on the CPU every op is done when its call returns.")
