// Sorting, searching, counting and running reductions. Pairs are named tuples (lydia.return_types).
#include "lydia/ops/gather.h"
#include "lydia/ops/scan.h"
#include "lydia/ops/search.h"
#include "lydia/ops/sort.h"
#include "lydia/ops/unique.h"
#include "python/pointwise_bind.h"

namespace lydia::python {
namespace {

using OptDType = std::optional<DType>;
using OptDim = std::optional<int64_t>;

nb::object named_pair(const char* name, const ValuesAndIndices& result) {
  return nb::module_::import_("lydia.return_types").attr(name)(result.first, result.second);
}

void register_sort(Module& m, TensorClass& c) {
  def_op(
      m, c, "sort",
      [](const Tensor& x, int64_t dim, bool descending, bool) {
        return named_pair("sort", sort(x, dim, descending));
      },
      "dim"_a = -1, "descending"_a = false, "stable"_a = false);
  def_op(
      m, c, "argsort",
      [](const Tensor& x, int64_t dim, bool descending, bool) {
        return argsort(x, dim, descending);
      },
      "dim"_a = -1, "descending"_a = false, "stable"_a = false);
  def_op(m, c, "msort", &msort);
  def_op(
      m, c, "topk",
      [](const Tensor& x, int64_t k, int64_t dim, bool largest, bool) {
        return named_pair("topk", topk(x, k, dim, largest));
      },
      "k"_a, "dim"_a = -1, "largest"_a = true, "sorted"_a = true);
  def_op(
      m, c, "kthvalue",
      [](const Tensor& x, int64_t k, int64_t dim, bool keepdim) {
        return named_pair("kthvalue", kthvalue(x, k, dim, keepdim));
      },
      "k"_a, "dim"_a = -1, "keepdim"_a = false);
  def_op(
      m, c, "mode",
      [](const Tensor& x, int64_t dim, bool keepdim) {
        return named_pair("mode", mode(x, dim, keepdim));
      },
      "dim"_a = -1, "keepdim"_a = false);
  m.def("_lexsort", &lexsort, "input"_a);
}

void def_running(Module& m, TensorClass& c, const char* name,
                 Tensor (*f)(const Tensor&, int64_t, std::optional<DType>)) {
  def_op(m, c, name, f, "dim"_a, nb::kw_only(), "dtype"_a = nb::none());
  m.def(
      name,
      [f, name](const Tensor& x, int64_t dim, OptDType dtype, nb::handle_t<Tensor> out) {
        return write_out(name, out, f(x, dim, dtype));
      },
      "input"_a, "dim"_a, nb::kw_only(), "dtype"_a = nb::none(), "out"_a);
}

void register_scan(Module& m, TensorClass& c) {
  def_running(m, c, "cumsum", &cumsum);
  def_running(m, c, "cumprod", &cumprod);
  def_op(
      m, c, "cummax",
      [](const Tensor& x, int64_t dim) { return named_pair("cummax", cummax(x, dim)); }, "dim"_a);
  def_op(
      m, c, "cummin",
      [](const Tensor& x, int64_t dim) { return named_pair("cummin", cummin(x, dim)); }, "dim"_a);
  def_op(m, c, "logcumsumexp", &logcumsumexp, "dim"_a);
  m.def("linear_scan", &linear_scan, "a"_a, "b"_a, "dim"_a);
  def_op(
      m, c, "diff",
      [](const Tensor& x, int64_t n, int64_t dim, std::optional<Tensor> before,
         std::optional<Tensor> after) {
        return diff(x, n, dim, before.value_or(Tensor()), after.value_or(Tensor()));
      },
      "n"_a = 1, "dim"_a = -1, "prepend"_a = nb::none(), "append"_a = nb::none());
}

// side= "left" or "right" overrides right=.
bool goes_right(bool right, const std::optional<std::string>& side) {
  if (!side) return right;
  LYDIA_CHECK(*side == "left" || *side == "right", ValueError,
              "searchsorted: expected side to be 'left' or 'right', got '", *side, "'");
  return *side == "right";
}

// The sequence by the indices that sort it, where they are given.
Tensor in_order(const Tensor& sequence, const std::optional<Tensor>& sorter) {
  return sorter ? gather(sequence, -1, *sorter) : sequence;
}

void register_search(Module& m, TensorClass& c) {
  m.def(
      "searchsorted",
      [](const Tensor& sorted, const Tensor& values, bool int32, bool right,
         const std::optional<std::string>& side, const std::optional<Tensor>& sorter) {
        return searchsorted(in_order(sorted, sorter), values, goes_right(right, side), int32);
      },
      "sorted_sequence"_a, "input"_a, nb::kw_only(), "out_int32"_a = false, "right"_a = false,
      "side"_a = nb::none(), "sorter"_a = nb::none());
  m.def(
      "searchsorted",
      [](const Tensor& sorted, double value, bool int32, bool right,
         const std::optional<std::string>& side, const std::optional<Tensor>& sorter) {
        Tensor v = empty({}, DType::F64);
        *static_cast<double*>(v.data_ptr()) = value;
        return searchsorted(in_order(sorted, sorter), v, goes_right(right, side), int32);
      },
      "sorted_sequence"_a, "input"_a, nb::kw_only(), "out_int32"_a = false, "right"_a = false,
      "side"_a = nb::none(), "sorter"_a = nb::none());
  m.def(
      "bucketize",
      [](const Tensor& values, const Tensor& boundaries, bool int32, bool right) {
        return bucketize(values, boundaries, right, int32);
      },
      "input"_a, "boundaries"_a, nb::kw_only(), "out_int32"_a = false, "right"_a = false);
  def_op(
      m, c, "bincount",
      [](const Tensor& x, std::optional<Tensor> weights, int64_t minlength) {
        return bincount(x, weights.value_or(Tensor()), minlength);
      },
      "weights"_a = nb::none(), "minlength"_a = 0);
  def_op(m, c, "histc", &histc, "bins"_a = 100, "min"_a = 0.0, "max"_a = 0.0);
}

nb::object chosen(const Unique& u, bool inverse, bool counts) {
  if (!inverse && !counts) return nb::cast(u.values);
  if (!counts) return nb::make_tuple(u.values, u.inverse);
  if (!inverse) return nb::make_tuple(u.values, u.counts);
  return nb::make_tuple(u.values, u.inverse, u.counts);
}

void register_unique(Module& m, TensorClass& c) {
  def_op(
      m, c, "unique",
      [](const Tensor& x, bool, bool inverse, bool counts, OptDim dim) {
        return chosen(unique(x, dim), inverse, counts);
      },
      "sorted"_a = true, "return_inverse"_a = false, "return_counts"_a = false,
      "dim"_a = nb::none());
  def_op(
      m, c, "unique_consecutive",
      [](const Tensor& x, bool inverse, bool counts, OptDim dim) {
        return chosen(unique_consecutive(x, dim), inverse, counts);
      },
      "return_inverse"_a = false, "return_counts"_a = false, "dim"_a = nb::none());
}

}  // namespace

void register_ops_sort(Module& m, TensorClass& c) {
  register_sort(m, c);
  register_scan(m, c);
  register_search(m, c);
  register_unique(m, c);
}

}  // namespace lydia::python
