// Pooling, interpolation, embedding, rearrangement and channel norms, with torch.nn.functional's
// names and arguments.
#include "lydia/ops/batch_norm.h"
#include "lydia/ops/embedding.h"
#include "lydia/ops/fold.h"
#include "lydia/ops/grid_sample.h"
#include "lydia/ops/pool.h"
#include "python/bind.h"

namespace lydia::python {
namespace {

using OptTensor = std::optional<Tensor>;
using OptDims = std::optional<Dims>;

Tensor or_none(const OptTensor& t) { return t.value_or(Tensor()); }

nb::object values_or_both(const MaxPooled& p, bool both) {
  return both ? nb::object(nb::make_tuple(p.values, p.indices)) : nb::cast(p.values);
}

// output_size: an int, or a sequence of ints and None, which becomes -1.
Dims adaptive_size(nb::handle size) {
  if (nb::isinstance<nb::int_>(size)) return {nb::cast<int64_t>(size)};
  Dims out;
  for (nb::handle v : nb::cast<nb::sequence>(size))
    out.push_back(v.is_none() ? -1 : nb::cast<int64_t>(v));
  return out;
}

template <class V>
std::vector<V> number_or_list(nb::handle value) {
  if (value.is_none()) return {};
  if (nb::isinstance<nb::int_>(value) || nb::isinstance<nb::float_>(value))
    return {nb::cast<V>(value)};
  return nb::cast<std::vector<V>>(value);
}

void def_max_pool(Module& m, const char* name,
                  MaxPooled (*pool)(const Tensor&, const PoolOptions&)) {
  m.def(
      name,
      [pool](const Tensor& x, const Dims& kernel, const OptDims& stride, const Dims& padding,
             const Dims& dilation, bool ceil_mode, bool return_indices) {
        return values_or_both(
            pool(x, {kernel, stride.value_or(Dims()), padding, dilation, ceil_mode}),
            return_indices);
      },
      "input"_a, "kernel_size"_a, "stride"_a = nb::none(), "padding"_a = 0, "dilation"_a = 1,
      "ceil_mode"_a = false, "return_indices"_a = false);
}

void def_avg_pool(Module& m, const char* name,
                  Tensor (*pool)(const Tensor&, const AvgPoolOptions&)) {
  m.def(
      name,
      [pool](const Tensor& x, const Dims& kernel, const OptDims& stride, const Dims& padding,
             bool ceil_mode, bool count_include_pad, std::optional<int64_t> divisor) {
        const PoolOptions window{kernel, stride.value_or(Dims()), padding, {1}, ceil_mode};
        return pool(x, {window, count_include_pad, divisor});
      },
      "input"_a, "kernel_size"_a, "stride"_a = nb::none(), "padding"_a = 0, "ceil_mode"_a = false,
      "count_include_pad"_a = true, "divisor_override"_a = nb::none());
}

void def_adaptive(Module& m, const char* avg_name, Tensor (*avg)(const Tensor&, const Dims&),
                  const char* max_name, MaxPooled (*max)(const Tensor&, const Dims&)) {
  m.def(
      avg_name, [avg](const Tensor& x, nb::object size) { return avg(x, adaptive_size(size)); },
      "input"_a, "output_size"_a);
  m.def(
      max_name,
      [max](const Tensor& x, nb::object size, bool return_indices) {
        return values_or_both(max(x, adaptive_size(size)), return_indices);
      },
      "input"_a, "output_size"_a, "return_indices"_a = false);
}

void register_fold(Module& m) {
  m.def("pixel_shuffle", &pixel_shuffle, "input"_a, "upscale_factor"_a);
  m.def("pixel_unshuffle", &pixel_unshuffle, "input"_a, "downscale_factor"_a);
  m.def(
      "im2col",
      [](const Tensor& x, const Dims& kernel, const Dims& dilation, const Dims& padding,
         const Dims& stride) {
        return im2col(x, {kernel, dilation, padding, stride});
      },
      "input"_a, "kernel_size"_a, "dilation"_a = 1, "padding"_a = 0, "stride"_a = 1);
  m.def(
      "col2im",
      [](const Tensor& x, const Dims& size, const Dims& kernel, const Dims& dilation,
         const Dims& padding, const Dims& stride) {
        return col2im(x, size, {kernel, dilation, padding, stride});
      },
      "input"_a, "output_size"_a, "kernel_size"_a, "dilation"_a = 1, "padding"_a = 0,
      "stride"_a = 1);
}

void register_norms(Module& m) {
  m.def(
      "batch_norm",
      [](const Tensor& x, const OptTensor& mean, const OptTensor& var, const OptTensor& weight,
         const OptTensor& bias, bool training, double momentum, double eps) {
        return batch_norm(x, or_none(mean), or_none(var), or_none(weight), or_none(bias), training,
                          {momentum, eps});
      },
      "input"_a, "running_mean"_a.none(), "running_var"_a.none(), "weight"_a = nb::none(),
      "bias"_a = nb::none(), "training"_a = false, "momentum"_a = 0.1, "eps"_a = 1e-5);
  m.def(
      "group_norm",
      [](const Tensor& x, int64_t groups, const OptTensor& weight, const OptTensor& bias,
         double eps) { return group_norm(x, groups, or_none(weight), or_none(bias), eps); },
      "input"_a, "num_groups"_a, "weight"_a = nb::none(), "bias"_a = nb::none(), "eps"_a = 1e-5);
  m.def(
      "instance_norm",
      [](const Tensor& x, const OptTensor& mean, const OptTensor& var, const OptTensor& weight,
         const OptTensor& bias, bool use_input_stats, double momentum, double eps) {
        return instance_norm(x, or_none(mean), or_none(var), or_none(weight), or_none(bias),
                             use_input_stats, {momentum, eps});
      },
      "input"_a, "running_mean"_a = nb::none(), "running_var"_a = nb::none(),
      "weight"_a = nb::none(), "bias"_a = nb::none(), "use_input_stats"_a = true,
      "momentum"_a = 0.1, "eps"_a = 1e-5);
}

}  // namespace

void register_ops_pool(Module& m) {
  def_max_pool(m, "max_pool1d", &max_pool1d);
  def_max_pool(m, "max_pool2d", &max_pool2d);
  def_max_pool(m, "max_pool3d", &max_pool3d);
  def_avg_pool(m, "avg_pool1d", &avg_pool1d);
  def_avg_pool(m, "avg_pool2d", &avg_pool2d);
  def_avg_pool(m, "avg_pool3d", &avg_pool3d);
  def_adaptive(m, "adaptive_avg_pool1d", &adaptive_avg_pool1d, "adaptive_max_pool1d",
               &adaptive_max_pool1d);
  def_adaptive(m, "adaptive_avg_pool2d", &adaptive_avg_pool2d, "adaptive_max_pool2d",
               &adaptive_max_pool2d);
  def_adaptive(m, "adaptive_avg_pool3d", &adaptive_avg_pool3d, "adaptive_max_pool3d",
               &adaptive_max_pool3d);
  m.def("_max_pool_pick", &max_pool_pick, "input"_a, "indices"_a, "spatial"_a);
  m.def("_max_pool_grad", &max_pool_grad, "grad"_a, "indices"_a, "sizes"_a, "spatial"_a);
  m.def(
      "interpolate",
      [](const Tensor& x, nb::object size, nb::object scale_factor, const std::string& mode,
         std::optional<bool> align_corners, std::optional<bool> recompute, bool antialias) {
        LYDIA_CHECK(!antialias, NotImplementedError, "interpolate: antialias is not offered");
        return interpolate(x, {number_or_list<int64_t>(size), number_or_list<double>(scale_factor),
                               mode, align_corners, recompute.value_or(false)});
      },
      "input"_a, "size"_a = nb::none(), "scale_factor"_a = nb::none(), "mode"_a = "nearest",
      "align_corners"_a = nb::none(), "recompute_scale_factor"_a = nb::none(),
      "antialias"_a = false);
  m.def(
      "_resample",
      [](const Tensor& x, int64_t dim, int64_t in, const std::vector<std::vector<int64_t>>& index,
         const std::vector<std::vector<double>>& weight) {
        auto map = std::make_shared<SampleMap>();
        map->in = in;
        for (size_t i = 0; i < index.size(); ++i) {
          for (size_t t = 0; t < index[i].size(); ++t) map->add_tap(index[i][t], weight[i][t]);
          map->end_output();
        }
        return resample(x, dim, map);
      },
      "input"_a, "dim"_a, "size"_a, "index"_a, "weight"_a);
  m.def(
      "grid_sample",
      [](const Tensor& x, const Tensor& grid, const std::string& mode,
         const std::string& padding_mode, std::optional<bool> align_corners) {
        return grid_sample(x, grid, {mode, padding_mode, align_corners.value_or(false)});
      },
      "input"_a, "grid"_a, "mode"_a = "bilinear", "padding_mode"_a = "zeros",
      "align_corners"_a = nb::none());
  m.def(
      "affine_grid",
      [](const Tensor& theta, const Dims& size, std::optional<bool> align_corners) {
        return affine_grid(theta, size, align_corners.value_or(false));
      },
      "theta"_a, "size"_a, "align_corners"_a = nb::none());
  m.def("embedding", &embedding, "weight"_a, "indices"_a, "padding_idx"_a = nb::none());
  m.def("_embedding_grad", &embedding_grad, "grad"_a, "indices"_a, "rows"_a, "padding_idx"_a);
  register_fold(m);
  register_norms(m);
}

}  // namespace lydia::python
