#include "lydia/cpu/index_movers.h"

namespace lydia::cpu {
namespace {

struct Copy {
  template <class T>
  static void apply(T& to, T from) {
    to = from;
  }
};

struct Add {
  template <class T>
  static void apply(T& to, T from) {
    if constexpr (std::is_same_v<T, bool>) {
      to = to || from;
    } else if constexpr (std::is_integral_v<T>) {
      using U = std::make_unsigned_t<T>;  // wraps
      to = static_cast<T>(static_cast<U>(static_cast<U>(to) + static_cast<U>(from)));
    } else {
      to = static_cast<T>(to + from);
    }
  }
};

template <class F, class T>
void run(std::byte* to, int64_t to_stride, const std::byte* from, int64_t from_stride, int64_t n) {
  if (to_stride == sizeof(T) && from_stride == sizeof(T)) {
    T* y = reinterpret_cast<T*>(to);
    const T* x = reinterpret_cast<const T*>(from);
    for (int64_t i = 0; i < n; ++i) F::apply(y[i], x[i]);
    return;
  }
  for (int64_t i = 0; i < n; ++i)
    F::apply(*reinterpret_cast<T*>(to + i * to_stride),
             *reinterpret_cast<const T*>(from + i * from_stride));
}

template <class F, class T>
void points(std::byte* to, const int64_t* to_at, const std::byte* from, const int64_t* from_at,
            int64_t n) {
  for (int64_t i = 0; i < n; ++i)
    F::apply(*reinterpret_cast<T*>(to + to_at[i]), *reinterpret_cast<const T*>(from + from_at[i]));
}

template <class F, class T>
constexpr Mover mover() {
  return {&run<F, T>, &points<F, T>};
}

}  // namespace

Mover copy_mover(size_t size) {
  switch (size) {
    case 1: return mover<Copy, uint8_t>();
    case 2: return mover<Copy, uint16_t>();
    case 4: return mover<Copy, uint32_t>();
    default: return mover<Copy, uint64_t>();
  }
}

Mover add_mover(DType dtype) {
  return visit_dtype(dtype, [](auto tag) { return mover<Add, decltype(tag)>(); });
}

}  // namespace lydia::cpu
