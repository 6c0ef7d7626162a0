#include "lydia/ops/fold.h"

#include "lydia/ops/op.h"
#include "lydia/ops/view.h"

namespace lydia {
namespace {

Dims pair_of(const char* op, const char* what, const Dims& values, int64_t least) {
  LYDIA_CHECK(values.size() == 1 || values.size() == 2, ValueError, op, ": expected ", what,
              " with 1 or 2 values, got ", values);
  for (int64_t v : values)
    LYDIA_CHECK(v >= least && v <= (int64_t{1} << 30), ValueError, op, ": expected ", what,
                " of at least ", least, " and at most 2^30, got ", values);
  return values.size() == 2 ? values : Dims(size_t{2}, values[0]);
}

// The windows of padded images [N, C, *padded] as a strided view [N, C, kh, kw, oh, ow].
struct WindowView {
  Dims padded, sizes, strides;
  int64_t offset = 0;  // of the image inside the padded one
};

WindowView window_view(const char* op, int64_t n, int64_t c, const Dims& image,
                       const FoldOptions& o) {
  const Dims kernel = pair_of(op, "kernel_size", o.kernel, 1),
             stride = pair_of(op, "stride", o.stride, 1),
             padding = pair_of(op, "padding", o.padding, 0),
             dilation = pair_of(op, "dilation", o.dilation, 1);
  WindowView v;
  Dims out;
  for (size_t d = 0; d < 2; ++d) {
    const int64_t size = image[d] + 2 * padding[d], reach = dilation[d] * (kernel[d] - 1);
    LYDIA_CHECK(image[d] >= 1 && reach < size, ValueError, op,
                ": expected a kernel no larger than the padded image, got an extent of ", reach + 1,
                " on ", size);
    v.padded.push_back(size);
    out.push_back((size - reach - 1) / stride[d] + 1);
  }
  const int64_t plane = checked_numel(op, v.padded), row = v.padded[1];
  v.padded.insert(0, c), v.padded.insert(0, n);
  checked_numel(op, v.padded);
  v.sizes = {n, c, kernel[0], kernel[1], out[0], out[1]};
  checked_numel(op, v.sizes);
  v.strides = {c * plane, plane, dilation[0] * row, dilation[1], stride[0] * row, stride[1]};
  v.offset = padding[0] * row + padding[1];
  return v;
}

void check_factor(const char* op, const Tensor& x, int64_t r) {
  check_defined(op, x, "input");
  LYDIA_CHECK(x.ndim() >= 3, ValueError, op, ": expected at least 3 dimensions, got shape ",
              x.sizes());
  LYDIA_CHECK(r >= 1 && r <= (1 << 15), ValueError, op, ": expected a factor from 1 to 32768, got ",
              r);
}

// x with its last three sizes replaced by `tail`.
Tensor with_tail(const Tensor& x, std::initializer_list<int64_t> tail) {
  Dims sizes = x.sizes();
  sizes.resize(sizes.size() - 3);
  for (int64_t s : tail) sizes.push_back(s);
  return reshape(x, sizes);
}

// x[lead, a, b, c, d, e] with its last five dimensions in the given order.
Tensor permute_last(const Tensor& x, std::initializer_list<int64_t> order) {
  Dims dims;
  const int64_t lead = x.ndim() - static_cast<int64_t>(order.size());
  for (int64_t d = 0; d < lead; ++d) dims.push_back(d);
  for (int64_t d : order) dims.push_back(lead + d);
  return permute(x, dims);
}

Tensor merged(const Tensor& x, int64_t lead, std::initializer_list<int64_t> tail) {
  Dims sizes = x.sizes();
  sizes.resize(static_cast<size_t>(lead));
  for (int64_t s : tail) sizes.push_back(s);
  return reshape(x, sizes);
}

}  // namespace

Tensor pixel_shuffle(const Tensor& x, int64_t r) {
  check_factor("pixel_shuffle", x, r);
  const int64_t c = x.size(-3), h = x.size(-2), w = x.size(-1);
  LYDIA_CHECK(c % (r * r) == 0, ValueError, "pixel_shuffle: expected channels divisible by ", r * r,
              ", got shape ", x.sizes());
  const Tensor parts = permute_last(with_tail(x, {c / (r * r), r, r, h, w}), {0, 3, 1, 4, 2});
  return merged(parts, x.ndim() - 3, {c / (r * r), h * r, w * r});
}

Tensor pixel_unshuffle(const Tensor& x, int64_t r) {
  check_factor("pixel_unshuffle", x, r);
  const int64_t c = x.size(-3), h = x.size(-2), w = x.size(-1);
  LYDIA_CHECK(h % r == 0 && w % r == 0, ValueError, "pixel_unshuffle: expected height and width ",
              "divisible by ", r, ", got shape ", x.sizes());
  const Tensor parts = permute_last(with_tail(x, {c, h / r, r, w / r, r}), {0, 2, 4, 1, 3});
  return merged(parts, x.ndim() - 3, {c * r * r, h / r, w / r});
}

Tensor im2col(const Tensor& input, const FoldOptions& o) {
  check_defined("unfold", input, "input");
  LYDIA_CHECK(input.ndim() == 3 || input.ndim() == 4, ValueError,
              "unfold: expected an input [N, C, H, W] or [C, H, W], got shape ", input.sizes());
  const Tensor x = input.ndim() == 3 ? unsqueeze(input, 0) : input;
  const WindowView v = window_view("unfold", x.size(0), x.size(1), {x.size(2), x.size(3)}, o);
  const Tensor padded = as_strided_scatter(Tensor(), x, v.padded, x.sizes(),
                                           contiguous_strides(v.padded), v.offset, false);
  const Tensor columns =
      reshape(as_strided(padded, v.sizes, v.strides),
              {v.sizes[0], v.sizes[1] * v.sizes[2] * v.sizes[3], v.sizes[4] * v.sizes[5]});
  return input.ndim() == 3 ? squeeze(columns, {0}) : columns;
}

Tensor col2im(const Tensor& columns, const Dims& output_size, const FoldOptions& o) {
  check_defined("fold", columns, "input");
  LYDIA_CHECK(columns.ndim() == 2 || columns.ndim() == 3, ValueError,
              "fold: expected columns [N, C * kernel, L] or [C * kernel, L], got shape ",
              columns.sizes());
  const Tensor x = columns.ndim() == 2 ? unsqueeze(columns, 0) : columns;
  const Dims kernel = pair_of("fold", "kernel_size", o.kernel, 1),
             image = pair_of("fold", "output_size", output_size, 1);
  const int64_t taps = kernel[0] * kernel[1];
  LYDIA_CHECK(x.size(1) % taps == 0, ValueError, "fold: expected dimension 1 divisible by ", taps,
              ", got shape ", columns.sizes());
  const WindowView v = window_view("fold", x.size(0), x.size(1) / taps, image, o);
  LYDIA_CHECK(x.size(2) == v.sizes[4] * v.sizes[5], ValueError, "fold: expected ",
              v.sizes[4] * v.sizes[5], " columns for output_size ", image, ", got shape ",
              columns.sizes());
  const Tensor padded =
      as_strided_scatter(Tensor(), reshape(x, v.sizes), v.padded, v.sizes, v.strides, 0, true);
  const Dims sizes = {v.sizes[0], v.sizes[1], image[0], image[1]};
  const Tensor y =
      reshape(as_strided(padded, sizes, contiguous_strides(v.padded), v.offset), sizes);
  return columns.ndim() == 2 ? squeeze(y, {0}) : y;
}

}  // namespace lydia
