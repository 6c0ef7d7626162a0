"""The layers that both faces of lydia.nn and torch.nn must agree on, one line each.

A case: the expression that makes the module (of `nn`, with `t` the package itself), then its inputs:
a shape (normal numbers), ("int", high, *shape), ("unit", *shape) in (0, 1), ("sign", *shape) of 1 and
-1, or ("bool", rows...) as given. tools/make_nn_goldens.py makes tests/python/nn/goldens.safetensors
of them.
"""
CASES = {
    "linear": ("nn.Linear(3, 4)", (2, 3)),
    "linear_no_bias": ("nn.Linear(3, 4, bias=False)", (3,)),
    "bilinear": ("nn.Bilinear(2, 3, 4)", (5, 2), (5, 3)),
    "embedding": ("nn.Embedding(5, 3, padding_idx=1)", ("int", 5, 4)),
    "conv1d": ("nn.Conv1d(2, 3, 3, stride=2, padding=1)", (2, 2, 7)),
    "conv2d": ("nn.Conv2d(4, 6, 3, padding='same', groups=2)", (2, 4, 5, 5)),
    "conv2d_reflect": ("nn.Conv2d(2, 3, 3, padding=1, padding_mode='reflect')", (1, 2, 5, 5)),
    "conv2d_circular": ("nn.Conv2d(2, 3, (3, 2), padding='same', padding_mode='circular', bias=False)",
                        (1, 2, 5, 5)),
    "conv3d": ("nn.Conv3d(1, 2, 2, dilation=2)", (1, 1, 4, 4, 4)),
    "conv_transpose1d": ("nn.ConvTranspose1d(2, 3, 3, stride=2, output_padding=1)", (2, 2, 4)),
    "conv_transpose2d": ("nn.ConvTranspose2d(4, 2, 3, stride=2, padding=1, groups=2)", (1, 4, 3, 3)),
    "conv_transpose3d": ("nn.ConvTranspose3d(1, 2, 2)", (1, 1, 2, 2, 2)),
    "batch_norm1d": ("nn.BatchNorm1d(3)", (4, 3)),
    "batch_norm2d": ("nn.BatchNorm2d(2, momentum=None)", (3, 2, 2, 2)),
    "batch_norm3d": ("nn.BatchNorm3d(2, affine=False)", (3, 2, 2, 2, 2)),
    "instance_norm1d": ("nn.InstanceNorm1d(3)", (3, 4)),
    "instance_norm2d": ("nn.InstanceNorm2d(2, affine=True, track_running_stats=True)", (3, 2, 2, 3)),
    "group_norm": ("nn.GroupNorm(2, 4)", (2, 4, 3)),
    "layer_norm": ("nn.LayerNorm((2, 3))", (4, 2, 3)),
    "layer_norm_no_bias": ("nn.LayerNorm(3, bias=False)", (4, 3)),
    "rms_norm": ("nn.RMSNorm(3)", (4, 3)),
    "relu": ("nn.ReLU()", (2, 3)), "relu6": ("nn.ReLU6()", (2, 3)), "gelu": ("nn.GELU()", (2, 3)),
    "gelu_tanh": ("nn.GELU(approximate='tanh')", (2, 3)), "silu": ("nn.SiLU()", (2, 3)),
    "sigmoid": ("nn.Sigmoid()", (2, 3)), "tanh": ("nn.Tanh()", (2, 3)), "mish": ("nn.Mish()", (2, 3)),
    "selu": ("nn.SELU()", (2, 3)), "elu": ("nn.ELU(0.5)", (2, 3)), "celu": ("nn.CELU(2.0)", (2, 3)),
    "leaky_relu": ("nn.LeakyReLU(0.2)", (2, 3)), "softplus": ("nn.Softplus(2.0)", (2, 3)),
    "softsign": ("nn.Softsign()", (2, 3)), "log_sigmoid": ("nn.LogSigmoid()", (2, 3)),
    "tanhshrink": ("nn.Tanhshrink()", (2, 3)), "softshrink": ("nn.Softshrink()", (2, 3)),
    "hardshrink": ("nn.Hardshrink()", (2, 3)), "hardtanh": ("nn.Hardtanh(-0.5, 0.7)", (2, 3)),
    "hardsigmoid": ("nn.Hardsigmoid()", (2, 3)), "hardswish": ("nn.Hardswish()", (2, 3)),
    "threshold": ("nn.Threshold(0.1, 2.0)", (2, 3)), "glu": ("nn.GLU(1)", (2, 4)),
    "softmax": ("nn.Softmax(dim=1)", (2, 3)), "log_softmax": ("nn.LogSoftmax(dim=0)", (2, 3)),
    "prelu": ("nn.PReLU(3)", (2, 3)),
    "dropout": ("nn.Dropout(0.0)", (2, 3)), "dropout1d": ("nn.Dropout1d(0.0)", (2, 3, 4)),
    "dropout2d": ("nn.Dropout2d(0.0)", (2, 3, 2, 2)), "dropout3d": ("nn.Dropout3d(0.0)", (2, 3, 1, 2, 2)),
    "max_pool1d": ("nn.MaxPool1d(2)", (2, 3, 6)),
    "max_pool2d": ("nn.MaxPool2d(3, stride=2, padding=1)", (2, 2, 6, 6)),
    "max_pool3d": ("nn.MaxPool3d(2)", (1, 2, 4, 4, 4)),
    "avg_pool1d": ("nn.AvgPool1d(2)", (2, 3, 6)),
    "avg_pool2d": ("nn.AvgPool2d(2, padding=1, count_include_pad=False)", (1, 2, 6, 6)),
    "avg_pool3d": ("nn.AvgPool3d(2)", (1, 2, 4, 4, 4)),
    "adaptive_avg_pool1d": ("nn.AdaptiveAvgPool1d(2)", (2, 3, 5)),
    "adaptive_avg_pool2d": ("nn.AdaptiveAvgPool2d((2, 3))", (1, 2, 5, 7)),
    "adaptive_avg_pool3d": ("nn.AdaptiveAvgPool3d(1)", (1, 2, 3, 3, 3)),
    "adaptive_max_pool1d": ("nn.AdaptiveMaxPool1d(2)", (2, 3, 5)),
    "adaptive_max_pool2d": ("nn.AdaptiveMaxPool2d((2, 3))", (1, 2, 5, 7)),
    "adaptive_max_pool3d": ("nn.AdaptiveMaxPool3d(1)", (1, 2, 3, 3, 3)),
    "flatten": ("nn.Flatten()", (2, 3, 2)), "unflatten": ("nn.Unflatten(1, (2, 3))", (2, 6)),
    "upsample": ("nn.Upsample(scale_factor=2, mode='bilinear', align_corners=False)", (1, 2, 3, 3)),
    "pixel_shuffle": ("nn.PixelShuffle(2)", (1, 4, 2, 2)),
    "mse_loss": ("nn.MSELoss()", (4, 3), (4, 3)),
    "l1_loss": ("nn.L1Loss(reduction='sum')", (4, 3), (4, 3)),
    "smooth_l1_loss": ("nn.SmoothL1Loss(beta=0.5)", (4, 3), (4, 3)),
    "huber_loss": ("nn.HuberLoss(delta=0.5)", (4, 3), (4, 3)),
    "cross_entropy_loss": (
        "nn.CrossEntropyLoss(weight=t.tensor([1.0, 2.0, 0.5]), label_smoothing=0.1, ignore_index=2)",
        (6, 3), ("int", 3, 6)),
    "nll_loss": ("nn.NLLLoss()", (6, 3), ("int", 3, 6)),
    "bce_loss": ("nn.BCELoss()", ("unit", 4, 3), ("unit", 4, 3)),
    "bce_with_logits_loss": ("nn.BCEWithLogitsLoss(pos_weight=t.tensor([1.0, 2.0, 3.0]))", (4, 3),
                             ("unit", 4, 3)),
    "kl_div_loss": ("nn.KLDivLoss(reduction='batchmean')", (4, 3), ("unit", 4, 3)),
    "cosine_embedding_loss": ("nn.CosineEmbeddingLoss(margin=0.1)", (6, 3), (6, 3), ("sign", 6)),
    "triplet_margin_loss": ("nn.TripletMarginLoss(swap=True)", (6, 3), (6, 3), (6, 3)),
}


def flat_outputs(value):
    """The tensors of a result, in order; None entries left out."""
    if isinstance(value, (tuple, list)):
        return [t for v in value for t in flat_outputs(v)]
    return [] if value is None else [value]
