// Losses of pairs and triples of vectors.
#include "lydia/nn/losses.h"

#include "lydia/ops/pointwise.h"
#include "lydia/ops/reduce.h"

namespace lydia::nn {
namespace {

Tensor reduced(const Tensor& loss, LossReduction reduction) {
  switch (reduction) {
    case LossReduction::Mean: return mean(loss);
    case LossReduction::Sum: return sum(loss);
    default: return loss;
  }
}

Tensor norm_at_least(const Tensor& x, int64_t dim, double eps) {
  return clamp(vector_norm(x, 2, {dim}), Scalar(eps), std::nullopt);
}

}  // namespace

Tensor cosine_similarity(const Tensor& a, const Tensor& b, int64_t dim, double eps) {
  return div(sum(mul(a, b), {dim}), mul(norm_at_least(a, dim, eps), norm_at_least(b, dim, eps)));
}

Tensor pairwise_distance(const Tensor& a, const Tensor& b, double p, double eps, bool keepdim) {
  return vector_norm(add(sub(a, b), eps), p, {-1}, keepdim);
}

Tensor cosine_embedding_loss(const Tensor& a, const Tensor& b, const Tensor& target, double margin,
                             LossReduction reduction) {
  LYDIA_CHECK(a.ndim() == target.ndim() + 1 && b.sizes() == a.sizes(), ValueError,
              "cosine_embedding_loss: expected one target per pair, got shapes ", a.sizes(), ", ",
              b.sizes(), " and ", target.sizes());
  const Tensor cosine = cosine_similarity(a, b, target.ndim(), 1e-12);
  const Tensor apart = clamp(sub(cosine, margin), Scalar(0), std::nullopt);
  const Tensor loss = where(eq(target, 1), sub(1, cosine), where(eq(target, -1), apart, 0));
  return reduced(loss, reduction);
}

Tensor triplet_margin_loss(const Tensor& anchor, const Tensor& positive, const Tensor& negative,
                           const TripletOptions& o) {
  const Tensor near = pairwise_distance(anchor, positive, o.p, o.eps);
  Tensor far = pairwise_distance(anchor, negative, o.p, o.eps);
  if (o.swap) far = minimum(far, pairwise_distance(positive, negative, o.p, o.eps));
  return reduced(clamp(add(sub(near, far), o.margin), Scalar(0), std::nullopt), o.reduction);
}

}  // namespace lydia::nn
