// Views written with the primitive views of view.cc.
#include "lydia/ops/copy.h"
#include "lydia/ops/op.h"
#include "lydia/ops/view.h"

namespace lydia {

Tensor transpose(const Tensor& x, int64_t dim0, int64_t dim1) {
  check_defined("transpose", x, "input");
  const int a = wrap_dim("transpose", dim0, x.ndim()), b = wrap_dim("transpose", dim1, x.ndim());
  Dims order;
  for (int i = 0; i < x.ndim(); ++i) order.push_back(i == a ? b : i == b ? a : i);
  return permute(x, order);
}

Tensor t(const Tensor& x) {
  check_defined("t", x, "input");
  LYDIA_CHECK(x.ndim() <= 2, ValueError, "t: expected at most 2 dimensions, got shape ", x.sizes());
  return x.ndim() < 2 ? x : transpose(x, 0, 1);
}

Tensor squeeze(const Tensor& x) {
  check_defined("squeeze", x, "input");
  Dims sizes;
  for (int64_t s : x.sizes())
    if (s != 1) sizes.push_back(s);
  return view(x, sizes);
}

Tensor squeeze(const Tensor& x, const Dims& dims) {
  check_defined("squeeze", x, "input");
  Dims drop(static_cast<size_t>(std::max(x.ndim(), 1)), 0), sizes;
  for (int64_t d : dims) {
    int64_t& found = drop[wrap_dim("squeeze", d, x.ndim())];
    LYDIA_CHECK(!found, ValueError, "squeeze: expected each dim once, got ", dims);
    found = 1;
  }
  for (int i = 0; i < x.ndim(); ++i)
    if (!drop[i] || x.sizes()[i] != 1) sizes.push_back(x.sizes()[i]);
  return view(x, sizes);
}

Tensor unsqueeze(const Tensor& x, int64_t dim) {
  check_defined("unsqueeze", x, "input");
  Dims sizes = x.sizes();
  sizes.insert(wrap_dim("unsqueeze", dim, x.ndim() + 1), 1);
  return view(x, sizes);
}

Tensor broadcast_to(const Tensor& x, const Dims& sizes) { return expand(x, sizes); }

Tensor narrow(const Tensor& x, int64_t dim, int64_t start, int64_t length) {
  check_defined("narrow", x, "input");
  LYDIA_CHECK(x.ndim() > 0, IndexError,
              "narrow: expected at least one dimension, got a 0-d tensor");
  const int d = wrap_dim("narrow", dim, x.ndim());
  const int64_t n = x.sizes()[d];
  LYDIA_CHECK(start >= -n && start <= n, IndexError, "narrow: expected start in [", -n, ", ", n,
              "], got ", start);
  const int64_t first = start < 0 ? start + n : start;
  LYDIA_CHECK(length >= 0 && length <= n - first, IndexError, "narrow: start ", first,
              " and length ", length, " reach outside dimension ", d, " of size ", n);
  return slice(x, d, first, first + length);
}

std::vector<Tensor> split(const Tensor& x, int64_t size, int64_t dim) {
  check_defined("split", x, "input");
  LYDIA_CHECK(x.ndim() > 0, ValueError, "split: expected at least one dimension, got a 0-d tensor");
  const int64_t n = x.sizes()[wrap_dim("split", dim, x.ndim())];
  LYDIA_CHECK(size > 0 || (size == 0 && n == 0), ValueError,
              "split: expected a piece size > 0, got ", size);
  std::vector<Tensor> out;
  for (int64_t at = 0; at < n || out.empty(); at += std::max<int64_t>(size, 1))
    out.push_back(narrow(x, dim, at, std::min(size, n - at)));
  return out;
}

std::vector<Tensor> split(const Tensor& x, const Dims& sizes, int64_t dim) {
  check_defined("split", x, "input");
  LYDIA_CHECK(x.ndim() > 0, ValueError, "split: expected at least one dimension, got a 0-d tensor");
  const int64_t n = x.sizes()[wrap_dim("split", dim, x.ndim())];
  int64_t total = 0;
  for (int64_t s : sizes) {
    LYDIA_CHECK(s >= 0 && s <= n, ValueError, "split: expected sizes in [0, ", n, "], got ", sizes);
    total += s;
  }
  LYDIA_CHECK(total == n, ValueError, "split: expected sizes that sum to ", n, ", got ", sizes);
  std::vector<Tensor> out;
  int64_t at = 0;
  for (int64_t s : sizes) {
    out.push_back(narrow(x, dim, at, s));
    at += s;
  }
  return out;
}

std::vector<Tensor> chunk(const Tensor& x, int64_t chunks, int64_t dim) {
  check_defined("chunk", x, "input");
  LYDIA_CHECK(x.ndim() > 0, ValueError, "chunk: expected at least one dimension, got a 0-d tensor");
  LYDIA_CHECK(chunks > 0, ValueError, "chunk: expected chunks > 0, got ", chunks);
  const int64_t n = x.sizes()[wrap_dim("chunk", dim, x.ndim())];
  if (n == 0)
    return std::vector<Tensor>(static_cast<size_t>(std::min<int64_t>(chunks, 1 << 20)), x);
  return split(x, (n - 1) / chunks + 1, dim);
}

std::vector<Tensor> unbind(const Tensor& x, int64_t dim) {
  check_defined("unbind", x, "input");
  LYDIA_CHECK(x.ndim() > 0, ValueError,
              "unbind: expected at least one dimension, got a 0-d tensor");
  std::vector<Tensor> out;
  const int64_t n = x.sizes()[wrap_dim("unbind", dim, x.ndim())];
  for (int64_t i = 0; i < n; ++i) out.push_back(select(x, dim, i));
  return out;
}

Tensor flatten(const Tensor& x, int64_t start_dim, int64_t end_dim) {
  check_defined("flatten", x, "input");
  const int a = wrap_dim("flatten", start_dim, x.ndim()),
            b = wrap_dim("flatten", end_dim, x.ndim());
  LYDIA_CHECK(a <= b, ValueError, "flatten: expected start_dim <= end_dim, got ", start_dim,
              " and ", end_dim);
  if (x.ndim() == 0) return reshape(x, {1});
  Dims sizes;
  int64_t merged = 1;
  for (int i = 0; i < x.ndim(); ++i) {
    if (i < a || i > b) {
      sizes.push_back(x.sizes()[i]);
    } else {
      merged *= x.sizes()[i];
      if (i == b) sizes.push_back(merged);
    }
  }
  return reshape(x, sizes);
}

Tensor unflatten(const Tensor& x, int64_t dim, const Dims& sizes) {
  check_defined("unflatten", x, "input");
  LYDIA_CHECK(x.ndim() > 0 && !sizes.empty(), ValueError,
              "unflatten: expected a dimension to unflatten and sizes for it, got shape ",
              x.sizes(), " and sizes ", sizes);
  const int d = wrap_dim("unflatten", dim, x.ndim());
  int64_t known = 1;
  Dims inner = sizes;
  for (int64_t s : sizes)
    if (s != -1) known *= s;
  for (int64_t& s : inner)
    if (s == -1 && known > 0) s = x.sizes()[d] / known;
  LYDIA_CHECK(numel_of(inner) == x.sizes()[d], ValueError, "unflatten: sizes ", sizes,
              " do not multiply to dimension ", d, " of size ", x.sizes()[d]);
  Dims out;
  for (int i = 0; i < x.ndim(); ++i) {
    if (i != d)
      out.push_back(x.sizes()[i]);
    else
      for (int64_t s : inner) out.push_back(s);
  }
  return reshape(x, out);
}

Tensor movedim(const Tensor& x, const Dims& source, const Dims& destination) {
  check_defined("movedim", x, "input");
  LYDIA_CHECK(source.size() == destination.size(), ValueError,
              "movedim: expected as many sources as destinations, got ", source, " and ",
              destination);
  if (source.empty()) return x;
  const Dims from = wrap_dims("movedim", source, x.ndim());
  const Dims to = wrap_dims("movedim", destination, x.ndim());
  Dims order(static_cast<size_t>(x.ndim()), -1);
  for (size_t i = 0; i < from.size(); ++i) order[to[i]] = from[i];
  int64_t next = 0;
  for (int64_t& o : order) {
    if (o >= 0) continue;
    while (std::find(from.begin(), from.end(), next) != from.end()) ++next;
    o = next++;
  }
  return permute(x, order);
}

}  // namespace lydia
