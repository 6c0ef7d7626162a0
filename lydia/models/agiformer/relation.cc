#include "lydia/models/agiformer/relation.h"

#include <algorithm>
#include <any>
#include <array>

#include "lydia/autograd/checkpoint.h"
#include "lydia/autograd/function.h"
#include "lydia/ops/activation.h"
#include "lydia/ops/cat.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/creation.h"
#include "lydia/ops/index_select.h"
#include "lydia/ops/reduce.h"
#include "lydia/ops/view.h"

namespace lydia::models {
namespace {

constexpr int64_t kPairBlock = 1 << 19;  // elements of pairs that exist at a time

// The keys of rows [begin, begin + count): where they are, and whether they count.
struct Pairs {
  Tensor key;     // int64 [count, n]
  Tensor weight;  // float [count, n]: 0 or 1
};
Pairs pairs_of(const Window& w, int64_t begin, int64_t count) {
  const auto part = [&](const Tensor& x) { return unsqueeze(narrow(x, 0, begin, count), 1); };
  const Tensor key = part(w.last) + arange(-w.back, w.ahead + 1);
  const Tensor inside = ge(key, part(w.first)) & lt(key, part(w.end));
  const Tensor safe = where(inside, key, 0);
  Tensor weight = inside.to(DType::F32);
  if (w.valid.defined())
    weight = weight * reshape(index_select(w.valid, 0, flatten(safe)), safe.sizes());
  return {safe, weight};
}

int64_t rows_at_once(const Window& w, int64_t width) {
  return std::max<int64_t>(1, kPairBlock / ((w.back + w.ahead + 1) * width));
}

// The weights of the mean, [count, n, 1].
Tensor shares(const Pairs& p) {
  const Tensor total = clamp(sum(p.weight, {1}, true), 1, std::nullopt);
  return unsqueeze(p.weight / total, -1);
}

Tensor pair_inputs(const Tensor& q, const Tensor& k, const Pairs& p) {
  const Dims sizes{p.key.size(0), p.key.size(1), k.size(1)};
  return unsqueeze(q, 1) + reshape(index_select(k, 0, flatten(p.key)), sizes);
}

struct PairMean : Function<PairMean> {
  static constexpr const char* kName = "pair_mean";
  static Tensor forward(FunctionContext& c, const Tensor& q, const Tensor& k,
                        const Window& window) {
    c.save_for_backward({q, k});
    c.saved_data["window"] = window;
    Tensors parts;
    const int64_t rows = q.size(0), step = rows_at_once(window, q.size(1));
    for (int64_t i = 0; i < rows; i += step) {
      const int64_t n = std::min(step, rows - i);
      const Pairs p = pairs_of(window, i, n);
      const Tensor y = gelu(pair_inputs(narrow(q, 0, i, n), k, p), Gelu::tanh);
      parts.push_back(sum(y * shares(p).to(y.dtype()), {1}));
    }
    return parts.size() == 1 ? parts[0] : cat(parts, 0);
  }
  static Tensors backward(FunctionContext& c, const Tensors& g) {
    const Tensors saved = c.saved_tensors();
    const Tensor &q = saved[0], &k = saved[1];
    const auto& window = std::any_cast<const Window&>(c.saved_data["window"]);
    Tensors dq;
    const Tensor dk = zeros(k.sizes(), k.dtype());
    const int64_t rows = q.size(0), step = rows_at_once(window, q.size(1));
    for (int64_t i = 0; i < rows; i += step) {
      const int64_t n = std::min(step, rows - i);
      const Pairs p = pairs_of(window, i, n);
      const Tensor upstream = unsqueeze(narrow(g[0], 0, i, n), 1) * shares(p).to(q.dtype());
      const Tensor d = gelu_tanh_grad(upstream, pair_inputs(narrow(q, 0, i, n), k, p));
      dq.push_back(sum(d, {1}));
      index_add_(dk, 0, flatten(p.key), flatten(d, 0, 1));
    }
    return {cat(dq, 0), dk, Tensor()};
  }
};

// x after the rows that the cache keeps of earlier ones: [batch, kept, r].
Tensor with_earlier(const Tensor& x, const Flow& flow, const void* owner, int64_t window) {
  return flow.cache ? flow.cache->rows(owner).append(x, flow.tokens + window - 1) : x;
}

}  // namespace

Window make_window(const Flow& flow, const Routed& routed, int64_t kept, bool itself) {
  const Tensor rows = routed.all() ? arange(0, flow.batch * flow.tokens) : routed.rows();
  const Tensor sequence = floor_divide(rows, flow.tokens);
  Window w;
  w.first = sequence * kept;
  w.end = w.first + kept;
  w.last = w.first + rows % flow.tokens + (kept - flow.tokens);
  if (flow.valid.defined())
    w.valid = flatten(narrow(flow.valid, 1, flow.keys() - kept, kept).to(DType::F32));
  // No further than there are tokens: a window may be longer than the text.
  const int64_t window = flow.config.relation_window, most = std::max<int64_t>(kept - 1, 1);
  w.back = std::min(flow.causal ? window - 1 : window / 2, most);
  w.ahead = flow.causal ? (itself ? 0 : -1) : std::min(window / 2 - 1, most);
  return w;
}

Tensor pair_mean(const Tensor& q, const Tensor& k, const Window& window) {
  return q.size(0) == 0 ? q : PairMean::apply(q, k, window);
}

RelationNetwork::RelationNetwork(const AgiformerConfig& config, bool both)
    : width_(config.relation_size()),
      window_(config.relation_window),
      both_(both),
      parts_(child<nn::Linear>("parts", config.d_model, 2 * width_)),
      norm_(child<nn::LayerNorm>("norm", Dims{(both ? 2 : 1) * width_})),
      out_(child<nn::Linear>("out", (both ? 2 : 1) * width_, config.d_model)) {}

Tensor RelationNetwork::forward(const Tensor& x, const Flow& flow, const Routed& routed) {
  const Tensor parts = parts_(x), asking = routed.of(parts);
  const Tensor keys = with_earlier(parts, flow, this, window_);
  const Window window = make_window(flow, routed, keys.size(1));
  const Tensor flat = flatten(keys, 0, 1);
  const auto half = [&](const Tensor& t, int64_t i) {
    return contiguous(narrow(t, 1, i * width_, width_));
  };
  Tensor y = pair_mean(half(asking, 0), half(flat, 1), window);
  if (both_) y = cat(std::array{y, pair_mean(half(asking, 1), half(flat, 0), window)}, 1);
  return out_(norm_(y));
}

// Six statistics' worth of features per group: for distances and cosines mean, smallest or
// largest, and the histogram.
SpatialNetwork::SpatialNetwork(const AgiformerConfig& config)
    : groups_(config.spatial_groups),
      window_(config.relation_window),
      coordinates_(child<nn::Linear>("coordinates", config.d_model, groups_ * kCoordinates)),
      in_(child<nn::Linear>("in", groups_ * 2 * (2 + kBins), config.d_model)),
      out_(child<nn::Linear>("out", config.d_model, config.d_model)) {}

Tensor SpatialNetwork::forward(const Tensor& x, const Flow& flow, const Routed& routed) {
  const Tensor here = coordinates_(x), asking = routed.of(here);
  const Tensor places = with_earlier(here, flow, this, window_);
  const Window window = make_window(flow, routed, places.size(1), false);
  const Tensor flat = flatten(places, 0, 1);
  const int64_t rows = asking.size(0), step = rows_at_once(window, groups_ * kCoordinates);
  Tensors parts;
  for (int64_t i = 0; i < rows; i += step) {
    const int64_t n = std::min(step, rows - i);
    const Window part{narrow(window.last, 0, i, n),
                      narrow(window.first, 0, i, n),
                      narrow(window.end, 0, i, n),
                      window.valid,
                      window.back,
                      window.ahead};
    const auto compute = [this, part](const Tensors& in) {
      return Tensors{features(in[0], in[1], part)};
    };
    parts.push_back(checkpoint(compute, {narrow(asking, 0, i, n), flat})[0]);
  }
  if (parts.empty()) return zeros({0, x.size(2)}, x.dtype());
  return out_(gelu(in_(parts.size() == 1 ? parts[0] : cat(parts, 0)), Gelu::tanh));
}

// place [rows, groups * p], places [keys, groups * p] -> [rows, groups * 2 * (2 + bins)]. A row
// that sees no token has zeros.
Tensor SpatialNetwork::features(const Tensor& place, const Tensor& places, const Window& window) {
  const Pairs p = pairs_of(window, 0, place.size(0));
  const int64_t rows = p.key.size(0), n = p.key.size(1);
  const Tensor other =
      reshape(index_select(places, 0, flatten(p.key)), {rows, n, groups_, kCoordinates});
  const Tensor mine = reshape(place, {rows, 1, groups_, kCoordinates});
  const Tensor square_distance = sum(square(mine - other), {-1});
  const Tensor distance = sqrt(square_distance + 1e-6);
  const Tensor lengths = sqrt((sum(square(mine), {-1}) + 1e-6) * (sum(square(other), {-1}) + 1e-6));
  const Tensor cosine = sum(mine * other, {-1}) / lengths;
  const Tensor share = shares(p).to(place.dtype());
  const Tensor seen = unsqueeze(gt(p.weight, 0), -1);
  const Tensor any_seen = unsqueeze(gt(sum(p.weight, {1}, true), 0).to(place.dtype()), -1);

  Tensors out;
  const auto statistics = [&](const Tensor& value, const Tensor& extreme, double low, double high) {
    out.push_back(unsqueeze(sum(value * share, {1}), -1));
    out.push_back(unsqueeze(extreme, -1) * any_seen);
    const double width = (high - low) / static_cast<double>(kBins - 1);
    const Tensor centre = linspace(low, high, kBins, value.dtype());
    const Tensor near = exp(square((unsqueeze(value, -1) - centre) * (1 / width)) * -0.5);
    out.push_back(sum(near * unsqueeze(share, -1), {1}));
  };
  statistics(distance, amin(where(seen, distance, 1e4), {1}), 0, 8);
  statistics(cosine, amax(where(seen, cosine, -1.0), {1}), -1, 1);
  return reshape(cat(out, -1), {rows, groups_ * 2 * (2 + kBins)});
}

}  // namespace lydia::models
