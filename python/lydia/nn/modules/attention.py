"""MultiheadAttention (Vaswani et al. 2017)."""
import math

from ... import _C
from ..._C import dtype as _dtype
from .. import functional as F
from .. import init
from ..parameter import Parameter
from .linear import Linear
from .module import Module


def _as_added(mask, dtype):
    """A mask in which True means "not seen" as numbers to add to the scores."""
    if mask is None or mask.dtype != _dtype.bool:
        return mask
    return _C.zeros(mask.shape, dtype=dtype).masked_fill(mask, -math.inf)


class MultiheadAttention(Module):
    """Attention over several heads: softmax(q k^T / sqrt(d)) v on projections of the inputs.

    In masks True means "not seen"; floating masks are added to the scores.
    """

    def __init__(self, embed_dim, num_heads, dropout=0.0, bias=True, add_bias_kv=False,
                 add_zero_attn=False, kdim=None, vdim=None, batch_first=False, device=None,
                 dtype=None):
        super().__init__()
        if embed_dim <= 0 or num_heads <= 0 or embed_dim % num_heads:
            raise ValueError(f"MultiheadAttention: expected heads that divide {embed_dim}, got "
                             f"{num_heads}")
        if add_bias_kv or add_zero_attn:
            raise NotImplementedError(
                "MultiheadAttention: add_bias_kv and add_zero_attn are not offered")
        self.embed_dim, self.num_heads, self.dropout = embed_dim, num_heads, dropout
        self.kdim, self.vdim = kdim or embed_dim, vdim or embed_dim
        self.head_dim, self.batch_first = embed_dim // num_heads, batch_first
        make = dict(device=device, dtype=dtype)
        together = self.kdim == self.vdim == embed_dim
        self.register_parameter("in_proj_weight", Parameter(
            _C.empty(3 * embed_dim, embed_dim, **make)) if together else None)
        for name, size in (("q", embed_dim), ("k", self.kdim), ("v", self.vdim)):
            self.register_parameter(f"{name}_proj_weight", None if together else Parameter(
                _C.empty(embed_dim, size, **make)))
        self.register_parameter(
            "in_proj_bias", Parameter(_C.empty(3 * embed_dim, **make)) if bias else None)
        self.out_proj = Linear(embed_dim, embed_dim, bias=bias, **make)
        self.reset_parameters()

    def reset_parameters(self):
        """Xavier-uniform projections, biases 0."""
        for weight in (self.in_proj_weight, self.q_proj_weight, self.k_proj_weight,
                       self.v_proj_weight):
            if weight is not None:
                init.xavier_uniform_(weight)
        if self.in_proj_bias is not None:
            init.zeros_(self.in_proj_bias)
            init.zeros_(self.out_proj.bias)

    def _projected(self, query, key, value):
        """The three inputs [N, L, *] projected to [N, L, E]."""
        e, bias, weight = self.embed_dim, self.in_proj_bias, self.in_proj_weight
        if weight is not None and query is key and key is value:
            return F.linear(query, weight, bias).chunk(3, -1)
        weights = (weight.chunk(3) if weight is not None else
                   (self.q_proj_weight, self.k_proj_weight, self.v_proj_weight))
        biases = (None,) * 3 if bias is None else [bias[i * e:(i + 1) * e] for i in range(3)]
        return [F.linear(x, w, b) for x, w, b in zip((query, key, value), weights, biases)]

    def _mask(self, attn_mask, key_padding_mask, batch, dtype):
        """One mask of sdpa's kind for [N, heads, L, S], or None."""
        if attn_mask is not None and attn_mask.ndim == 3:
            attn_mask = attn_mask.reshape(batch, self.num_heads, *attn_mask.shape[1:])
        if key_padding_mask is not None:
            key_padding_mask = key_padding_mask.reshape(batch, 1, 1, -1)
        masks = [m for m in (attn_mask, key_padding_mask) if m is not None]
        if not masks:
            return None
        if all(m.dtype == _dtype.bool for m in masks):
            return ~(masks[0] | masks[-1])
        added = [_as_added(m, dtype) for m in masks]
        return added[0] if len(added) == 1 else added[0] + added[1]

    def forward(self, query, key, value, key_padding_mask=None, need_weights=True, attn_mask=None,
                average_attn_weights=True, is_causal=False):
        """(output, weights): query [L, N, E], key and value [S, N, *] (batch_first: N first; N may
        be missing). Weights are None without need_weights."""
        alone = query.ndim == 2
        if query.ndim not in (2, 3) or key.ndim != query.ndim or value.ndim != query.ndim:
            raise ValueError("MultiheadAttention: expected query, key and value of 2 or 3 dimensions, "
                             f"got shapes {list(query.shape)}, {list(key.shape)}, {list(value.shape)}")
        one = query is key and key is value

        def batched(x):
            return x.unsqueeze(0) if alone else x if self.batch_first else x.transpose(0, 1)

        query = batched(query)
        key, value = (query, query) if one else (batched(key), batched(value))
        n, length = query.shape[:2]
        q, k, v = (x.reshape(n, -1, self.num_heads, self.head_dim).transpose(1, 2)
                   for x in self._projected(query, key, value))
        causal = is_causal and key_padding_mask is None and not need_weights
        if is_causal and attn_mask is None and not causal:
            attn_mask = _C.ones(length, key.shape[1], dtype=_dtype.bool).triu(1)
        mask = None if causal else self._mask(attn_mask, key_padding_mask, n, q.dtype)
        drop = self.dropout if self.training else 0.0
        weights = None
        if need_weights:
            scores = (q * (1 / math.sqrt(self.head_dim))) @ k.mT
            if mask is not None:
                scores = scores + (_as_added(~mask, q.dtype) if mask.dtype == _dtype.bool else mask)
            weights = F.dropout(scores.softmax(-1), drop, self.training)
            out = weights @ v
            weights = weights.mean(1) if average_attn_weights else weights
        else:
            out = F.scaled_dot_product_attention(q, k, v, mask, drop, causal)
        out = self.out_proj(out.transpose(1, 2).reshape(n, length, self.embed_dim))
        if alone:
            return out.squeeze(0), weights if weights is None else weights.squeeze(0)
        return out if self.batch_first else out.transpose(0, 1), weights
