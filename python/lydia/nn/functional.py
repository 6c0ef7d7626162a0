"""Functions of networks, by torch.nn.functional's names, arguments and defaults."""
from .._C import (  # noqa: F401
    adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d, adaptive_max_pool1d,
    adaptive_max_pool2d, adaptive_max_pool3d, affine_grid, avg_pool1d, avg_pool2d, avg_pool3d, batch_norm,
    binary_cross_entropy, binary_cross_entropy_with_logits, col2im as fold, conv1d, conv2d, conv3d,
    conv_transpose1d, conv_transpose2d, conv_transpose3d, cross_entropy, embedding as _embedding,
    grid_sample, group_norm, huber_loss, im2col as unfold, instance_norm, interpolate, kl_div, l1_loss,
    layer_norm, linear, max_pool1d, max_pool2d, max_pool3d, mse_loss, nll_loss,
    one_hot, pad, pixel_shuffle, pixel_unshuffle, rms_norm, scaled_dot_product_attention,
    smooth_l1_loss)
from .._C import dropout as _dropout
from .._products import cosine_similarity, pairwise_distance  # noqa: F401
from ._activation import (  # noqa: F401
    celu, celu_, elu, elu_, gelu, glu, hardshrink, hardsigmoid, hardswish, hardtanh, hardtanh_,
    leaky_relu, leaky_relu_, logsigmoid, mish, prelu, relu, relu6, relu_, selu, selu_, sigmoid, silu,
    softplus, softshrink, softsign, tanh, tanhshrink, threshold, threshold_)
from ._losses import (  # noqa: F401
    cosine_embedding_loss, ctc_loss, gaussian_nll_loss, hinge_embedding_loss, margin_ranking_loss, multi_margin_loss,
    multilabel_soft_margin_loss, poisson_nll_loss, soft_margin_loss, triplet_margin_loss)
from ._more import (  # noqa: F401
    alpha_dropout, bilinear, channel_shuffle, dropout1d, dropout2d, dropout3d, gumbel_softmax,
    local_response_norm, log_softmax, lp_pool1d, lp_pool2d, normalize, softmax, softmin, upsample,
    upsample_bilinear, upsample_nearest)


def embedding(input, weight, padding_idx=None, max_norm=None, norm_type=2.0,
              scale_grad_by_freq=False, sparse=False):
    """Rows of `weight` at the indices `input`; no gradient reaches row `padding_idx`."""
    if max_norm is not None or scale_grad_by_freq or sparse:
        raise NotImplementedError(
            "embedding: max_norm, scale_grad_by_freq and sparse are not offered")
    return _embedding(weight, input, padding_idx)


def dropout(input, p=0.5, training=True, inplace=False):
    """Each element is dropped with probability p and the others scaled by 1 / (1 - p)."""
    out = _dropout(input, p, training)
    return input.copy_(out) if inplace and training else out
