"""Functions of networks, by torch.nn.functional's names, arguments and defaults."""
from .._C import (  # noqa: F401
    conv1d, conv2d, conv3d, conv_transpose1d, conv_transpose2d, conv_transpose3d,
    linear, scaled_dot_product_attention)
