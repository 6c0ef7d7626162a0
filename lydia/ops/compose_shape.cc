// The rearrangements of shape_ops.h.
#include "lydia/ops/cat.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/creation.h"
#include "lydia/ops/gather.h"
#include "lydia/ops/index_select.h"
#include "lydia/ops/op.h"
#include "lydia/ops/reduce.h"
#include "lydia/ops/scan.h"
#include "lydia/ops/shape_ops.h"
#include "lydia/ops/view.h"

namespace lydia {
namespace {

size_t at(int64_t d) { return static_cast<size_t>(d); }

Tensor reversed_view(const Tensor& x, const Dims& dims) {
  Tensor y = x;
  for (int64_t d : dims) y = slice(y, d, std::nullopt, std::nullopt, -1);
  return y;
}

}  // namespace

Tensor flip(const Tensor& x, const Dims& dims) {
  check_defined("flip", x, "input");
  if (x.ndim() == 0 || dims.empty()) return clone(x);
  return clone(reversed_view(x, wrap_dims("flip", dims, x.ndim())));
}

Tensor fliplr(const Tensor& x) {
  check_defined("fliplr", x, "input");
  LYDIA_CHECK(x.ndim() >= 2, ValueError, "fliplr: expected at least two dimensions, got shape ",
              x.sizes());
  return flip(x, {1});
}

Tensor flipud(const Tensor& x) {
  check_defined("flipud", x, "input");
  LYDIA_CHECK(x.ndim() >= 1, ValueError,
              "flipud: expected at least one dimension, got a 0-d tensor");
  return flip(x, {0});
}

Tensor roll(const Tensor& x, const Dims& shifts, const Dims& dims) {
  check_defined("roll", x, "input");
  if (dims.empty()) {
    LYDIA_CHECK(shifts.size() == 1, ValueError, "roll: expected one shift without dims, got ",
                shifts);
    return reshape(roll(reshape(x, {-1}), shifts, {0}), x.sizes());
  }
  LYDIA_CHECK(shifts.size() == dims.size(), ValueError,
              "roll: expected as many shifts as dims, got ", shifts, " and ", dims);
  Tensor y = x;
  for (size_t i = 0; i < dims.size(); ++i) {
    const int d = wrap_dim("roll", dims[i], x.ndim());
    const int64_t n = x.ndim() ? x.sizes()[at(d)] : 0;
    if (n == 0) continue;
    const int64_t shift = ((shifts[i] % n) + n) % n;
    if (shift == 0) continue;
    const Tensor parts[] = {narrow(y, d, n - shift, shift), narrow(y, d, 0, n - shift)};
    y = cat(parts, d);
  }
  return y.is_same(x) ? clone(x) : y;
}

Tensor rot90(const Tensor& x, int64_t k, const Dims& dims) {
  check_defined("rot90", x, "input");
  LYDIA_CHECK(dims.size() == 2 && x.ndim() >= 2, ValueError,
              "rot90: expected two dims of at least two dimensions, got ", dims, " of shape ",
              x.sizes());
  const Dims d = wrap_dims("rot90", dims, x.ndim());
  switch (((k % 4) + 4) % 4) {
    case 1: return clone(transpose(reversed_view(x, {d[1]}), d[0], d[1]));
    case 2: return flip(x, d);
    case 3: return clone(transpose(reversed_view(x, {d[0]}), d[0], d[1]));
    default: return clone(x);
  }
}

Tensor repeat(const Tensor& x, const Dims& repeats) {
  check_defined("repeat", x, "input");
  const int lead = repeats.ndim() - x.ndim();
  LYDIA_CHECK(lead >= 0, ValueError, "repeat: expected at least ", x.ndim(), " repeats for shape ",
              x.sizes(), ", got ", repeats);
  // Each repeated dimension gets one of its own in front of it, of stride 0.
  Dims split, wide, out;
  for (int i = 0; i < repeats.ndim(); ++i) {
    const int64_t n = i < lead ? 1 : x.sizes()[at(i - lead)];
    LYDIA_CHECK(repeats[at(i)] >= 0, ValueError, "repeat: expected repeats >= 0, got ", repeats);
    int64_t total = 0;
    LYDIA_CHECK(!__builtin_mul_overflow(n, repeats[at(i)], &total), ValueError, "repeat: shape ",
                x.sizes(), " times ", repeats, " is too large");
    if (repeats[at(i)] != 1) {
      split.push_back(1);
      wide.push_back(repeats[at(i)]);
    }
    split.push_back(n);
    wide.push_back(n);
    out.push_back(total);
  }
  return reshape(clone(expand(reshape(x, split), wide)), out);
}

Tensor tile(const Tensor& x, const Dims& repeats) {
  check_defined("tile", x, "input");
  Dims all = repeats;
  while (all.ndim() < x.ndim()) all.insert(0, 1);
  return repeat(x, all);
}

Tensor repeat_interleave(const Tensor& x, int64_t repeats, std::optional<int64_t> dim) {
  check_defined("repeat_interleave", x, "input");
  LYDIA_CHECK(repeats >= 0, ValueError, "repeat_interleave: expected repeats >= 0, got ", repeats);
  if (!dim || x.ndim() == 0) return repeat_interleave(reshape(x, {-1}), repeats, 0);
  const int d = wrap_dim("repeat_interleave", *dim, x.ndim());
  const Tensor y = unsqueeze(x, d + 1);
  Dims sizes = y.sizes();
  sizes[at(d + 1)] = repeats;
  return clone(flatten(expand(y, sizes), d, d + 1));
}

Tensor repeat_interleave(const Tensor& x, const Tensor& repeats, std::optional<int64_t> dim) {
  check_defined("repeat_interleave", x, "input");
  check_defined("repeat_interleave", repeats, "repeats");
  LYDIA_CHECK(is_integral(repeats.dtype()) && repeats.ndim() <= 1, TypeError,
              "repeat_interleave: expected repeats to be a 1-d integer tensor, got shape ",
              repeats.sizes(), " of ", repeats.dtype());
  if (!dim || x.ndim() == 0) return repeat_interleave(reshape(x, {-1}), repeats, 0);
  const int d = wrap_dim("repeat_interleave", *dim, x.ndim());
  const int64_t n = x.sizes()[at(d)];
  if (repeats.numel() == 1) return repeat_interleave(x, repeats.item<int64_t>(), d);
  LYDIA_CHECK(repeats.numel() == n, ValueError, "repeat_interleave: expected ", n,
              " repeats for dimension ", d, ", got ", repeats.numel());
  const Tensor counts = contiguous(to(repeats, DType::I64));
  const auto* count = static_cast<const int64_t*>(counts.data_ptr());
  int64_t total = 0;
  for (int64_t i = 0; i < n; ++i) {
    LYDIA_CHECK(count[i] >= 0 && !__builtin_add_overflow(total, count[i], &total), ValueError,
                "repeat_interleave: expected repeats >= 0, got ", count[i]);
  }
  Tensor source = empty({total}, DType::I64, x.device());
  auto* to = static_cast<int64_t*>(source.data_ptr());
  for (int64_t i = 0; i < n; ++i) to = std::fill_n(to, count[i], i);
  return index_select(x, d, source);
}

std::vector<Tensor> tensor_split(const Tensor& x, int64_t sections, int64_t dim) {
  check_defined("tensor_split", x, "input");
  LYDIA_CHECK(x.ndim() > 0, ValueError,
              "tensor_split: expected at least one dimension, got a 0-d tensor");
  const int d = wrap_dim("tensor_split", dim, x.ndim());
  LYDIA_CHECK(sections > 0, ValueError, "tensor_split: expected sections > 0, got ", sections);
  const int64_t n = x.sizes()[at(d)], base = n / sections, longer = n % sections;
  std::vector<Tensor> out;
  for (int64_t i = 0, start = 0; i < sections; ++i) {
    out.push_back(narrow(x, d, start, base + (i < longer)));
    start += base + (i < longer);
  }
  return out;
}

std::vector<Tensor> tensor_split(const Tensor& x, const Dims& indices, int64_t dim) {
  check_defined("tensor_split", x, "input");
  LYDIA_CHECK(x.ndim() > 0, ValueError,
              "tensor_split: expected at least one dimension, got a 0-d tensor");
  const int d = wrap_dim("tensor_split", dim, x.ndim());
  std::vector<Tensor> out;
  int64_t start = 0;
  for (int64_t i : indices) {
    out.push_back(slice(x, d, start, i));
    start = i;
  }
  out.push_back(slice(x, d, start, std::nullopt));
  return out;
}

std::vector<Tensor> broadcast_tensors(const std::vector<Tensor>& tensors) {
  Dims sizes;
  for (const Tensor& t : tensors) {
    check_defined("broadcast_tensors", t, "tensors");
    sizes = broadcast_shapes("broadcast_tensors", sizes, t.sizes());
  }
  std::vector<Tensor> out;
  for (const Tensor& t : tensors) out.push_back(expand(t, sizes));
  return out;
}

std::vector<Tensor> meshgrid(const std::vector<Tensor>& tensors, bool xy) {
  LYDIA_CHECK(!tensors.empty(), ValueError, "meshgrid: expected at least one tensor, got none");
  const bool swaps = xy && tensors.size() >= 2;
  std::vector<Tensor> columns;
  for (size_t i = 0; i < tensors.size(); ++i) {
    check_defined("meshgrid", tensors[i], "tensors");
    LYDIA_CHECK(tensors[i].ndim() <= 1, ValueError, "meshgrid: expected 1-d tensors, got shape ",
                tensors[i].sizes());
    Dims shape(tensors.size(), 1);
    shape[swaps && i < 2 ? 1 - i : i] = tensors[i].numel();
    columns.push_back(reshape(tensors[i], shape));
  }
  return broadcast_tensors(columns);
}

Tensor cartesian_prod(const std::vector<Tensor>& tensors) {
  if (tensors.size() == 1) return tensors[0];
  std::vector<Tensor> columns;
  for (const Tensor& t : meshgrid(tensors)) columns.push_back(reshape(t, {-1}));
  return stack(columns, 1);
}

Tensor one_hot(const Tensor& x, int64_t classes) {
  check_defined("one_hot", x, "input");
  LYDIA_CHECK(is_integral(x.dtype()), TypeError, "one_hot: expected an integer tensor, got ",
              x.dtype());
  LYDIA_CHECK(classes >= 0 || x.numel() > 0, ValueError,
              "one_hot: expected num_classes for a tensor without elements");
  if (x.numel() > 0) {
    const int64_t low = amin(x).item<int64_t>(), high = amax(x).item<int64_t>();
    if (classes < 0) classes = high + 1;
    LYDIA_CHECK(low >= 0 && high < classes, ValueError, "one_hot: expected classes in [0, ",
                classes, "), got ", low < 0 ? low : high);
  }
  Dims sizes = x.sizes();
  sizes.push_back(classes);
  const Tensor out = zeros(sizes, DType::I64, x.device());
  return x.numel() ? scatter_(out, -1, unsqueeze(x, -1), 1) : out;
}

// ---- padding -----------------------------------------------------------------------------------

namespace {

// The place in [0, n) that position i of a padded dimension shows.
int64_t shown(int64_t i, int64_t n, std::string_view mode) {
  if (mode == "replicate") return std::clamp<int64_t>(i, 0, n - 1);
  if (mode == "circular") return ((i % n) + n) % n;
  if (i < 0) return -i;
  return i < n ? i : 2 * (n - 1) - i;
}

Tensor pad_dim(const Tensor& x, int d, int64_t before, int64_t after, std::string_view mode) {
  const int64_t n = x.sizes()[at(d)], most = mode == "reflect" ? n - 1 : n;
  LYDIA_CHECK(mode == "replicate" ? n > 0 : before <= most && after <= most, ValueError,
              "pad: expected at most ", most, " values of ", mode, " padding for dimension ", d,
              " of size ", n, ", got ", before, " and ", after);
  LYDIA_CHECK(n + before + after >= 0, ValueError, "pad: padding of ", before, " and ", after,
              " leaves nothing of dimension ", d, " of size ", n);
  Tensor source = empty({n + before + after}, DType::I64, x.device());
  auto* to = static_cast<int64_t*>(source.data_ptr());
  for (int64_t i = 0; i < source.numel(); ++i) to[i] = shown(i - before, n, mode);
  return index_select(x, d, source);
}

Tensor pad_constant(const Tensor& x, const Dims& before, const Dims& after, Scalar value) {
  Tensor kept = x;
  Dims sizes;
  for (int d = 0; d < x.ndim(); ++d) {
    const int64_t n = x.sizes()[at(d)], b = before[at(d)], a = after[at(d)];
    int64_t total = 0;
    LYDIA_CHECK(!__builtin_add_overflow(n, b, &total) &&
                    !__builtin_add_overflow(total, a, &total) && total >= 0,
                ValueError, "pad: padding of ", b, " and ", a, " does not fit dimension ", d,
                " of size ", n);
    sizes.push_back(total);
    const int64_t first = std::clamp<int64_t>(-b, 0, n);
    kept = slice(kept, d, first, std::max(first, n + std::min<int64_t>(a, 0)));
  }
  checked_numel("pad", sizes);
  const Dims strides = contiguous_strides(sizes);
  int64_t offset = 0;
  for (int d = 0; d < x.ndim(); ++d) offset += std::max<int64_t>(before[at(d)], 0) * strides[at(d)];
  if (kept.numel() == 0) return full(sizes, value, x.dtype(), x.device());
  const bool zero = value.to<double>() == 0;
  const Tensor base = zero ? Tensor() : full(sizes, value, x.dtype(), x.device());
  return as_strided_scatter(base, kept, sizes, kept.sizes(), strides, offset, false);
}

}  // namespace

Tensor pad(const Tensor& x, const Dims& pads, std::string_view mode, Scalar value) {
  check_defined("pad", x, "input");
  LYDIA_CHECK(pads.size() % 2 == 0 && pads.ndim() / 2 <= x.ndim(), ValueError,
              "pad: expected pairs of padding for at most ", x.ndim(), " dimensions, got ", pads);
  LYDIA_CHECK(mode == "constant" || mode == "reflect" || mode == "replicate" || mode == "circular",
              ValueError, "pad: expected mode constant, reflect, replicate or circular, got ",
              mode);
  Dims before(at(x.ndim()), 0), after = before;
  for (int i = 0; i < pads.ndim() / 2; ++i) {
    before[at(x.ndim() - 1 - i)] = pads[at(2 * i)];
    after[at(x.ndim() - 1 - i)] = pads[at(2 * i + 1)];
  }
  if (mode == "constant") return pad_constant(x, before, after, value);
  Tensor y = x;
  for (int d = 0; d < x.ndim(); ++d)
    if (before[at(d)] != 0 || after[at(d)] != 0)
      y = pad_dim(y, d, before[at(d)], after[at(d)], mode);
  return y.is_same(x) ? clone(x) : y;
}

}  // namespace lydia
