#include "lydia/ops/index_plan.h"

#include "lydia/ops/copy.h"
#include "lydia/ops/nonzero.h"
#include "lydia/ops/op.h"
#include "lydia/ops/view.h"

namespace lydia {
namespace {

struct ViewAttrs {
  Dims sizes, dense_strides;
  int64_t dense_offset;
};

bool is_mask(const Index& item) {
  return item.kind() == Index::Kind::Bool ||
         (item.kind() == Index::Kind::Tensor && item.tensor().dtype() == DType::Bool);
}

// An int, or an integer tensor without dimensions.
bool is_number(const Index& item) {
  return item.kind() == Index::Kind::Int ||
         (item.kind() == Index::Kind::Tensor && !is_mask(item) && item.tensor().ndim() == 0);
}

bool is_advanced(const Index& item) {
  return item.kind() == Index::Kind::Bool ||
         (item.kind() == Index::Kind::Tensor && !is_number(item));
}

// How many dimensions of x an item takes.
int consumes(const Index& item) {
  switch (item.kind()) {
    case Index::Kind::Int:
    case Index::Kind::Slice: return 1;
    case Index::Kind::Tensor: return is_mask(item) ? item.tensor().ndim() : 1;
    default: return 0;
  }
}

class Planner {
 public:
  Planner(const char* op, const Tensor& x) : op_(op), x_(x), dense_(contiguous_strides(x.sizes())) {
    plan_.offset = x.storage_offset();
  }

  IndexPlan run(Indices items) {
    int used = 0, ellipses = 0;
    bool advanced = false;
    for (const Index& item : items) {
      check(item);
      used += consumes(item);
      ellipses += item.kind() == Index::Kind::Ellipsis;
      advanced |= is_advanced(item);
    }
    LYDIA_CHECK(used <= x_.ndim(), IndexError, op_, ": expected at most ", x_.ndim(),
                " indices for shape ", x_.sizes(), ", got ", used);
    LYDIA_CHECK(ellipses <= 1, IndexError, op_, ": expected at most one Ellipsis, got ", ellipses);
    for (const Index& item : items) {
      if (advanced) track_adjacency(is_advanced(item) || is_number(item));
      add(item, x_.ndim() - used);
    }
    keep(x_.ndim() - at_);
    if (advanced) broadcast();
    return std::move(plan_);
  }

 private:
  void check(const Index& item) const {
    if (item.kind() != Index::Kind::Tensor) return;
    check_defined(op_, item.tensor(), "index");
    LYDIA_CHECK(!is_floating(item.tensor().dtype()), IndexError, op_,
                ": expected an integer or bool index tensor, got ", item.tensor().dtype());
    check_same_device(op_, x_, item.tensor());
  }

  // Index tensors with something else between them send their dimensions to the front.
  void track_adjacency(bool indexes) {
    if (indexes && ended_) plan_.in_front = true;
    started_ |= indexes;
    ended_ |= started_ && !indexes;
  }

  void add(const Index& item, int rest) {
    switch (item.kind()) {
      case Index::Kind::Int: return pick(item.value());
      case Index::Kind::Slice: return cut(item.slice());
      case Index::Kind::Ellipsis: return keep(rest);
      case Index::Kind::NewAxis: return push(1, 0, 0);
      case Index::Kind::Bool: return add_flag(item.value() != 0);
      default: break;
    }
    const Tensor& t = item.tensor();
    if (is_mask(item)) return t.ndim() == 0 ? add_flag(t.item<bool>()) : add_mask(t);
    if (t.ndim() == 0) return pick(t.item<int64_t>());
    add_tensor(to(t.detach(), DType::I64), at_);
    keep(1);
  }

  void push(int64_t size, int64_t stride, int64_t dense_stride) {
    plan_.sizes.push_back(size);
    plan_.strides.push_back(stride);
    plan_.dense_strides.push_back(dense_stride);
  }

  void shift(int64_t by) {
    plan_.offset += by * x_.strides()[at_];
    plan_.dense_offset += by * dense_[at_];
  }

  void keep(int count) {
    for (; count > 0; --count, ++at_) push(x_.sizes()[at_], x_.strides()[at_], dense_[at_]);
  }

  void pick(int64_t i) {
    const int64_t n = x_.sizes()[at_];
    LYDIA_CHECK(i >= -n && i < n, IndexError, op_, ": index ", i, " is out of range for dimension ",
                at_, " of size ", n);
    shift(i < 0 ? i + n : i);
    ++at_;
  }

  void cut(const Slice& s) {
    LYDIA_CHECK(s.step != 0, ValueError, op_, ": expected a slice step other than 0");
    const int64_t n = x_.sizes()[at_], step = std::max(s.step, -INT64_MAX);
    const int64_t low = step > 0 ? 0 : -1, high = step > 0 ? n : n - 1;
    const auto clamp = [&](const std::optional<int64_t>& v, int64_t open) {
      return v ? std::clamp(*v < 0 ? *v + n : *v, low, high) : open;
    };
    const int64_t first = clamp(s.start, step > 0 ? low : high);
    const int64_t last = clamp(s.stop, step > 0 ? high : low);
    const int64_t distance = step > 0 ? last - first : first - last;
    const int64_t size = distance > 0 ? (distance - 1) / std::abs(step) + 1 : 0;
    if (size > 0) shift(first);
    const int64_t scale = size > 1 ? step : 1;
    push(size, x_.strides()[at_] * scale, dense_[at_] * scale);
    ++at_;
  }

  void add_tensor(const Tensor& t, int named) {
    plan_.tensors.push_back(t);
    plan_.dims.push_back(plan_.sizes.ndim());
    plan_.named.push_back(named);
  }

  // True and False index a new dimension of size 1: with its only element, or with nothing.
  void add_flag(bool flag) {
    add_tensor(zeros({flag ? 1 : 0}, DType::I64, x_.device()), at_);
    push(1, 0, 0);
  }

  // A mask stands for the coordinates of its true elements, one index tensor per dimension. Where
  // x is dense over those dimensions they are seen as one, so that one tensor is enough.
  void add_mask(const Tensor& mask) {
    int64_t merged = 1;
    bool dense = true;
    for (int d = 0; d < mask.ndim(); ++d) {
      const int64_t n = x_.sizes()[at_ + d];
      LYDIA_CHECK(mask.sizes()[d] == n, IndexError, op_, ": a mask of shape ", mask.sizes(),
                  " does not match dimension ", at_ + d, " of size ", n);
      merged *= n;
      if (d > 0) dense &= x_.strides()[at_ + d - 1] == x_.strides()[at_ + d] * x_.sizes()[at_ + d];
    }
    const Tensor flat = mask.detach();
    if (dense) {
      const int last = at_ + mask.ndim() - 1;
      add_tensor(select(nonzero(reshape(flat, {merged})), 1, 0), at_);
      push(merged, x_.strides()[last], dense_[last]);
      at_ = last + 1;
      return;
    }
    const Tensor places = nonzero(flat);
    for (int d = 0; d < mask.ndim(); ++d) {
      add_tensor(select(places, 1, d), at_);
      keep(1);
    }
  }

  void broadcast() {
    Dims shape;
    for (const Tensor& t : plan_.tensors) {
      try {
        shape = broadcast_shapes(op_, shape, t.sizes());
      } catch (const ValueError& e) {
        throw IndexError(std::string(e.what()) + " of index tensors");
      }
    }
    for (Tensor& t : plan_.tensors) t = expand(t, shape);
  }

  const char* op_;
  const Tensor& x_;
  Dims dense_;
  int at_ = 0;  // next dimension of x
  bool started_ = false, ended_ = false;
  IndexPlan plan_;
};

}  // namespace

IndexPlan plan_index(const char* op, const Tensor& x, Indices items) {
  check_defined(op, x, "input");
  return Planner(op, x).run(items);
}

Tensor index_window(const Tensor& x, const IndexPlan& plan, int64_t* first) {
  Tensor window = x;
  if (!(plan.sizes == x.sizes() && plan.strides == x.strides()) || plan.dims.empty()) {
    const ViewAttrs attrs{plan.sizes, plan.dense_strides, plan.dense_offset};
    window = make_view(Op::index_view, x, plan.sizes, plan.strides, plan.offset, attrs);
  }
  if (plan.dims.empty()) return window;
  *first = plan.in_front ? 0 : plan.dims[0];
  if (!plan.in_front || plan.dims.back() == plan.dims.ndim() - 1) return window;
  Dims order = plan.dims;
  for (int64_t d = 0; d < window.ndim(); ++d)
    if (std::find(plan.dims.begin(), plan.dims.end(), d) == plan.dims.end()) order.push_back(d);
  return permute(window, order);
}

const GradRule index_view_rule = {[](const GradContext& c, const Tensors& g) -> Tensors {
  const auto& a = c.attrs<ViewAttrs>();
  return {
      as_strided_scatter({}, g[0], c.sizes(0), a.sizes, a.dense_strides, a.dense_offset, false)};
}};

}  // namespace lydia
