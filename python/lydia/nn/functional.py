"""Functions of networks, by torch.nn.functional's names, arguments and defaults."""
from .._C import (  # noqa: F401
    adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d, adaptive_max_pool1d,
    adaptive_max_pool2d, adaptive_max_pool3d, avg_pool1d, avg_pool2d, avg_pool3d, batch_norm,
    binary_cross_entropy, binary_cross_entropy_with_logits, col2im as fold, conv1d, conv2d, conv3d,
    conv_transpose1d, conv_transpose2d, conv_transpose3d, cross_entropy, embedding as _embedding,
    group_norm, huber_loss, im2col as unfold, instance_norm, interpolate, kl_div, l1_loss,
    layer_norm, linear, log_softmax, max_pool1d, max_pool2d, max_pool3d, mse_loss, nll_loss,
    one_hot, pad, pixel_shuffle, pixel_unshuffle, rms_norm, scaled_dot_product_attention,
    smooth_l1_loss, softmax)
from .._C import dropout as _dropout, einsum as _einsum
from ._activation import (  # noqa: F401
    celu, celu_, elu, elu_, gelu, glu, hardshrink, hardsigmoid, hardswish, hardtanh, hardtanh_,
    leaky_relu, leaky_relu_, logsigmoid, mish, prelu, relu, relu6, relu_, selu, selu_, sigmoid, silu,
    softplus, softshrink, softsign, tanh, tanhshrink, threshold, threshold_)


def bilinear(input1, input2, weight, bias=None):
    """y_k = input1^T weight_k input2 + bias_k over the last dimensions."""
    out = _einsum("...i,oij,...j->...o", input1, weight, input2)
    return out if bias is None else out + bias


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
