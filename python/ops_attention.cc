// Attention, with torch.nn.functional's name and arguments.
#include "lydia/ops/attention.h"
#include "python/bind.h"

namespace lydia::python {

void register_ops_attention(Module& m) {
  m.def(
      "scaled_dot_product_attention",
      [](const Tensor& q, const Tensor& k, const Tensor& v, const std::optional<Tensor>& mask,
         double dropout_p, bool is_causal, std::optional<double> scale, bool enable_gqa) {
        return scaled_dot_product_attention(q, k, v, mask.value_or(Tensor()),
                                            {dropout_p, is_causal, scale, enable_gqa});
      },
      "query"_a, "key"_a, "value"_a, "attn_mask"_a = nb::none(), "dropout_p"_a = 0.0,
      "is_causal"_a = false, nb::kw_only(), "scale"_a = nb::none(), "enable_gqa"_a = false);
  m.def(
      "_scaled_dot_product_attention_grad",
      [](const Tensor& grad, const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& out,
         const Tensor& lse, double scale, bool causal) {
        return scaled_dot_product_attention_grad(grad, q, k, v, {}, out, lse, {scale, causal});
      },
      "grad"_a, "query"_a, "key"_a, "value"_a, "out"_a, "lse"_a, nb::kw_only(), "scale"_a,
      "is_causal"_a);
}

}  // namespace lydia::python
