"""Pictures: JPEG and PNG files, and transforms with torchvision's names on tensors [channels,
height, width]. What is random draws from lydia's default generator, or the one it is given."""
import math
import os
import random

from . import _C
from ._C import _vision
from ._C._vision import affine, center_crop, crop, hflip, normalize, pad_border, to_float

__all__ = ["CenterCrop", "Compose", "MixUp", "Normalize", "RandomAffine", "RandomCrop", "RandomErasing",
           "RandomHorizontalFlip", "Resize", "affine", "center_crop", "crop", "hflip", "normalize",
           "pad_border", "read_image", "resize", "to_float", "write_png"]


def _pair(size):
    return (size, size) if isinstance(size, int) else tuple(size)


def read_image(path, mode="unchanged", *, max_pixels=178_956_970):
    """uint8 [channels, height, width] of a JPEG or PNG file; mode: "unchanged", "gray" or "rgb".

    16-bit PNG files are uint16 when unchanged. CorruptRecord for broken or too large pictures.
    """
    return _vision.read_image(os.fspath(path), mode, max_pixels)


def write_png(path, image):
    """Writes uint8 or uint16 [channels, height, width] with 1 to 4 channels."""
    _vision.write_png(os.fspath(path), image)


def resize(image, size, antialias=True):
    """Resized to (height, width); an int is the length of the shorter side."""
    if isinstance(size, int):
        height, width = image.shape[1], image.shape[2]
        short = min(height, width)
        size = (round(height * size / short), round(width * size / short))
    return _vision.resize(image, *size, antialias)


class Compose:
    """One transform after the other."""

    def __init__(self, transforms):
        self.transforms = list(transforms)

    def __call__(self, image):
        for transform in self.transforms:
            image = transform(image)
        return image


class Resize:
    """resize(image, size) as an object."""

    def __init__(self, size, antialias=True):
        self.size, self.antialias = size, antialias

    def __call__(self, image):
        return resize(image, self.size, self.antialias)


class CenterCrop:
    """center_crop(image, size) as an object."""

    def __init__(self, size):
        self.size = _pair(size)

    def __call__(self, image):
        return center_crop(image, *self.size)


class Normalize:
    """(image - mean) / std by channel."""

    def __init__(self, mean, std):
        self.mean = [mean] if isinstance(mean, (int, float)) else list(mean)
        self.std = [std] if isinstance(std, (int, float)) else list(std)

    def __call__(self, image):
        return normalize(image, self.mean, self.std)


class RandomCrop:
    """A piece of `size` from anywhere, after `padding` pixels of `fill` were added on each side."""

    def __init__(self, size, padding=0, fill=0.0, generator=None):
        self.size, self.padding, self.fill, self.generator = _pair(size), padding, fill, generator

    def __call__(self, image):
        return _vision.random_crop(image, *self.size, self.padding, self.fill, self.generator)


class RandomAffine:
    """Turned by up to `degrees`, moved by up to `translate` (shares of width and height), scaled."""

    def __init__(self, degrees=0.0, translate=(0.0, 0.0), scale=(1.0, 1.0), fill=0.0, generator=None):
        self.degrees, self.translate, self.scale = degrees, translate, scale
        self.fill, self.generator = fill, generator

    def __call__(self, image):
        return _vision.random_affine(image, self.degrees, *self.translate, *self.scale, self.fill,
                                     self.generator)


class RandomHorizontalFlip:
    """Left and right exchanged with probability p."""

    def __init__(self, p=0.5, generator=None):
        self.p, self.generator = p, generator

    def __call__(self, image):
        return _vision.random_flip(image, self.p, self.generator)


class RandomErasing:
    """With probability p one rectangle filled with `value`: its share of the picture is in `scale`,
    its height over its width in `ratio`. (Zhong et al., "Random Erasing", arXiv 1708.04896.)"""

    _tries = 10  # a rectangle that does not fit is drawn again

    def __init__(self, p=0.5, scale=(0.02, 0.33), ratio=(0.3, 3.3), value=0.0, generator=None):
        if not (0 <= scale[0] <= scale[1] <= 1 and 0 < ratio[0] <= ratio[1]):
            raise ValueError("RandomErasing: expected a scale within [0, 1] and a ratio above 0, each in "
                             f"order, got {scale} and {ratio}")
        self.p, self.scale, self.ratio = p, scale, ratio
        self.value, self.generator = value, generator

    def __call__(self, image):
        height, width = image.shape[-2:]
        chance, *draws = _C.rand(1 + 4 * self._tries, generator=self.generator).tolist()
        if chance >= self.p:
            return image
        for share, shape, top, left in zip(*[iter(draws)] * 4):
            area = height * width * (self.scale[0] + share * (self.scale[1] - self.scale[0]))
            low, high = (math.log(ratio) for ratio in self.ratio)
            ratio = math.exp(low + shape * (high - low))
            h, w = round(math.sqrt(area * ratio)), round(math.sqrt(area / ratio))
            if h < height and w < width:
                top, left = int(top * (height - h + 1)), int(left * (width - w + 1))
                out = image.clone()
                out[..., top:top + h, left:left + w] = self.value
                return out
        return image


class MixUp:
    """(pictures, labels) of a batch -> each picture mixed with its neighbour, labels as shares [N,
    num_classes]; the share of the first is drawn from Beta(alpha, alpha) for each batch.
    (Zhang et al., "mixup", arXiv 1710.09412.)"""

    def __init__(self, *, alpha=1.0, num_classes, generator=None):
        if alpha <= 0:
            raise ValueError(f"MixUp: expected an alpha above 0, got {alpha}")
        self.alpha, self.num_classes, self.generator = alpha, num_classes, generator

    def __call__(self, images, labels):
        seed = _C.randint(0, 2**31, (1,), generator=self.generator).item()
        share = random.Random(seed).betavariate(self.alpha, self.alpha)
        one_hot = _C.one_hot(labels, self.num_classes).to(images.dtype)
        return (share * images + (1 - share) * images.roll(1, 0),
                share * one_hot + (1 - share) * one_hot.roll(1, 0))
