// sort, topk, lexsort. Values become unsigned keys of the same order (NaN last, -0 equal to 0,
// turned over for descending), and a key with its place is one item: ties fall to the smaller
// place, which makes every result stable. topk selects before it sorts. Lines of [outer, n, inner]
// are shared out among threads.
#include "lydia/ops/sort.h"

#include <algorithm>
#include <bit>
#include <vector>

#include "lydia/cpu/kernels.h"
#include "lydia/cpu/parallel.h"

namespace lydia::cpu {
namespace {

template <size_t N>
using UnsignedOf = std::conditional_t<
    N == 1, uint8_t,
    std::conditional_t<N == 2, uint16_t, std::conditional_t<N == 4, uint32_t, uint64_t>>>;

template <class T>
auto ordered_key(T x) {
  using U = UnsignedOf<sizeof(T)>;
  constexpr U top = static_cast<U>(U{1} << (8 * sizeof(T) - 1));
  if constexpr (is_floating(dtype_of<T>())) {
    if (x != x) return static_cast<U>(~U{0});
    if (x == T{}) return top;
    const U bits = std::bit_cast<U>(x);
    return static_cast<U>(bits & top ? ~bits : bits | top);
  } else if constexpr (is_signed(dtype_of<T>())) {
    return static_cast<U>(static_cast<U>(x) ^ top);
  } else {
    return static_cast<U>(x);
  }
}

struct WideItem {
  uint64_t key;
  int64_t place;
  friend bool operator<(const WideItem& a, const WideItem& b) {
    return a.key != b.key ? a.key < b.key : a.place < b.place;
  }
};

// Keys of up to 32 bits share a word with the place; lines of 2^32 elements take the wide form.
struct PackedItems {
  using Item = uint64_t;
  static constexpr uint64_t kLastKey = 0xffffffff;
  static constexpr int64_t kLastPlace = 0xffffffff;  // no line has it
  static Item make(uint64_t key, int64_t place) { return key << 32 | static_cast<uint64_t>(place); }
  static int64_t place(Item item) { return static_cast<int64_t>(item & 0xffffffff); }
  static uint64_t key(Item item) { return item >> 32; }
};
struct WideItems {
  using Item = WideItem;
  static constexpr uint64_t kLastKey = UINT64_MAX;
  static constexpr int64_t kLastPlace = INT64_MAX;
  static Item make(uint64_t key, int64_t place) { return {key, place}; }
  static int64_t place(const Item& item) { return item.place; }
  static uint64_t key(const Item& item) { return item.key; }
};

// Stable radix sort by bytes of the key; bytes that are the same everywhere cost one count.
template <class S>
void radix_sort(std::vector<typename S::Item>& items, std::vector<typename S::Item>& spare,
                int bytes) {
  spare.resize(items.size());
  for (int b = 0; b < bytes; ++b) {
    size_t count[257] = {};
    for (const auto& item : items) ++count[(S::key(item) >> (8 * b) & 255) + 1];
    if (count[(S::key(items[0]) >> (8 * b) & 255) + 1] == items.size()) continue;
    for (int i = 0; i < 256; ++i) count[i + 1] += count[i];
    for (const auto& item : items) spare[count[S::key(item) >> (8 * b) & 255]++] = item;
    items.swap(spare);
  }
}

constexpr size_t kRadixFrom = 600;  // elements from which counting beats comparing

// Of items that come in the order of their places.
template <class S>
void order(std::vector<typename S::Item>& items, std::vector<typename S::Item>& spare, int bytes) {
  if (items.size() >= kRadixFrom)
    radix_sort<S>(items, spare, bytes);
  else
    std::sort(items.begin(), items.end());
}

// The k smallest of the items given one by one: those below the k-th of all so far wait in a buffer
// of 2k, which is halved by selection when full.
template <class S>
class Smallest {
 public:
  Smallest(std::vector<typename S::Item>& kept, size_t k) : kept_(kept), k_(k) { kept_.clear(); }

  void add(const typename S::Item& item) {
    if (!(item < limit_)) return;
    kept_.push_back(item);
    if (kept_.size() >= 2 * k_) halve();
  }
  // In order.
  void finish() {
    if (kept_.size() > k_) halve();
    std::sort(kept_.begin(), kept_.end());
  }

 private:
  void halve() {
    const auto last = kept_.begin() + static_cast<int64_t>(k_) - 1;
    std::nth_element(kept_.begin(), last, kept_.end());
    limit_ = *last;
    kept_.resize(k_);
  }

  std::vector<typename S::Item>& kept_;
  size_t k_;
  typename S::Item limit_ = S::make(S::kLastKey, S::kLastPlace);
};

struct Lines {
  int64_t outer = 1, n = 1, inner = 1;
};

template <class T, class S>
void sort_lines(const Tensor& x, const Tensor& values, const Tensor& places, const Lines& l,
                int64_t k, bool descending) {
  const T* from = static_cast<const T*>(x.data_ptr());
  T* to = static_cast<T*>(values.data_ptr());
  int64_t* to_place = static_cast<int64_t*>(places.data_ptr());
  const int64_t grain = std::max<int64_t>(1, 2048 / std::max<int64_t>(1, l.n));
  parallel_for(0, l.outer * l.inner, grain, [&](int64_t begin, int64_t end) {
    std::vector<typename S::Item> items, spare;
    for (int64_t line = begin; line < end; ++line) {
      const int64_t o = line / l.inner, i = line % l.inner;
      const T* source = from + o * l.n * l.inner + i;
      const auto item = [&](int64_t j) {
        const auto key = ordered_key(source[j * l.inner]);
        using U = std::remove_const_t<decltype(key)>;
        return S::make(descending ? static_cast<U>(~key) : key, j);
      };
      if (k < l.n / 4) {
        Smallest<S> smallest(items, static_cast<size_t>(k));
        for (int64_t j = 0; j < l.n; ++j) smallest.add(item(j));
        smallest.finish();
      } else {
        items.resize(static_cast<size_t>(l.n));
        for (int64_t j = 0; j < l.n; ++j) items[static_cast<size_t>(j)] = item(j);
        order<S>(items, spare, sizeof(T));
      }
      for (int64_t j = 0; j < k; ++j) {
        const int64_t place = S::place(items[static_cast<size_t>(j)]);
        to[(o * k + j) * l.inner + i] = source[place * l.inner];
        to_place[(o * k + j) * l.inner + i] = place;
      }
    }
  });
}

}  // namespace

void topk(const KernelCall& call) {
  const auto& a = call.attrs<SortAttrs>();
  const Tensor& x = call.in(0);
  Lines l;
  for (int64_t d = 0; d < x.ndim(); ++d)
    (d < a.dim ? l.outer : d == a.dim ? l.n : l.inner) *= x.sizes()[static_cast<size_t>(d)];
  const int64_t k = x.ndim() ? call.out(0).sizes()[static_cast<size_t>(a.dim)] : 1;
  if (call.out(0).numel() == 0) return;
  visit_dtype(x.dtype(), [&](auto tag) {
    using T = decltype(tag);
    const auto run = [&](auto form) {
      sort_lines<T, decltype(form)>(x, call.out(0), call.out(1), l, k, a.descending);
    };
    if constexpr (sizeof(T) <= 4) {
      if (l.n <= int64_t{0xffffffff}) return run(PackedItems{});
    }
    run(WideItems{});
  });
}

void sort(const KernelCall& call) { topk(call); }

void lexsort(const KernelCall& call) {
  const Tensor& x = call.in(0);
  const int64_t rows = x.sizes()[0], cols = x.sizes()[1];
  int64_t* to = static_cast<int64_t*>(call.out().data_ptr());
  for (int64_t i = 0; i < rows; ++i) to[i] = i;
  visit_dtype(x.dtype(), [&](auto tag) {
    using T = decltype(tag);
    const T* from = static_cast<const T*>(x.data_ptr());
    std::stable_sort(to, to + rows, [&](int64_t a, int64_t b) {
      for (int64_t j = 0; j < cols; ++j) {
        const auto x = ordered_key(from[a * cols + j]), y = ordered_key(from[b * cols + j]);
        if (x != y) return x < y;
      }
      return false;
    });
  });
}

}  // namespace lydia::cpu
