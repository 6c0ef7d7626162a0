"""Picture files and transforms, against references written with NumPy."""
import sys
from pathlib import Path

import numpy as np
import pytest

import lydia
from lydia import io, vision

sys.path.insert(0, str(Path(__file__).parents[1] / "io"))
from data_root import real  # noqa: E402


def picture(*shape, seed=0):
    return np.random.default_rng(seed).random(shape)


def resize_reference(x, out, axis, antialias):
    """Along one axis: each output is the mean of the inputs under a triangle around its place."""
    n = x.shape[axis]
    ratio = n / out
    radius = max(ratio, 1) if antialias else 1
    rows = []
    for i in range(out):
        centre = (i + 0.5) * ratio - 0.5
        if not antialias:
            centre = min(max(centre, 0), n - 1)
        weights = np.maximum(0, 1 - abs(np.arange(n) - centre) / radius)
        rows.append(np.tensordot(weights / weights.sum(), x, (0, axis)))
    return np.stack(rows, axis=axis)


@pytest.mark.parametrize("antialias", [True, False])
@pytest.mark.parametrize("size", [(4, 5), (14, 22), (7, 11), (1, 1), (3, 30)])
def test_resize(size, antialias):
    x = picture(3, 7, 11)
    expected = resize_reference(resize_reference(x, size[0], 1, antialias), size[1], 2, antialias)
    y = vision.resize(lydia.tensor(x), size, antialias)
    np.testing.assert_allclose(y.numpy(), expected, atol=1e-12)
    assert vision.resize(lydia.tensor(picture(1, 10, 20)), 5).shape == (1, 5, 10)


def test_plain_transforms():
    x = picture(3, 6, 8)
    t = lydia.tensor(x)
    np.testing.assert_array_equal(vision.crop(t, 1, 2, 3, 4).numpy(), x[:, 1:4, 2:6])
    np.testing.assert_array_equal(vision.center_crop(t, 2, 4).numpy(), x[:, 2:4, 2:6])
    np.testing.assert_array_equal(vision.hflip(t).numpy(), x[:, :, ::-1])
    np.testing.assert_array_equal(vision.pad_border(t, 2, 7.0).numpy(),
                                  np.pad(x, ((0, 0), (2, 2), (2, 2)), constant_values=7))
    y = vision.normalize(t, [0.1, 0.2, 0.3], [0.5, 1, 2]).numpy()
    np.testing.assert_allclose(y[2], (x[2] - 0.3) / 2)
    whole = lydia.tensor([[[0, 255]]], dtype=lydia.uint8)
    assert vision.to_float(whole).tolist() == [[[0, 1]]]
    for bad in (lambda: vision.crop(t, 5, 0, 2, 2), lambda: vision.normalize(t, [1, 2], [1]),
                lambda: vision.normalize(t, [0], [0]), lambda: vision.resize(t, (0, 3)),
                lambda: vision.crop(t[0], 0, 0, 1, 1)):
        with pytest.raises(ValueError):
            bad()
    with pytest.raises(TypeError, match="to_float"):
        vision.resize(whole, (2, 2))


def test_affine():
    x = picture(2, 5, 5)
    t = lydia.tensor(x)
    np.testing.assert_allclose(vision.affine(t, [1, 0, 0, 0, 1, 0]).numpy(), x)
    # Output (x, y) is input (y, -x): the right column comes from the top row.
    np.testing.assert_allclose(vision.affine(t, [0, 1, 0, -1, 0, 0]).numpy(), np.rot90(x, -1, (1, 2)))
    moved = vision.affine(t, [1, 0, 2, 0, 1, -1], 9.0).numpy()  # output (x, y) is input (x + 2, y - 1)
    np.testing.assert_allclose(moved[:, 1:, :3], x[:, :4, 2:])
    assert (moved[:, 0] == 9).all() and (moved[:, :, 3:] == 9).all()
    half = vision.affine(t, [1, 0, 0.5, 0, 1, 0]).numpy()
    np.testing.assert_allclose(half[:, :, :4], (x[:, :, :4] + x[:, :, 1:]) / 2)


def test_random_transforms_are_seeded():
    x = lydia.tensor(picture(1, 9, 9))
    for transform in [vision.RandomCrop(6, padding=2), vision.RandomAffine(10, (0.1, 0.1), (0.9, 1.1)),
                      vision.RandomHorizontalFlip()]:
        lydia.manual_seed(3)
        first = [transform(x).numpy() for _ in range(12)]
        lydia.manual_seed(3)
        again = [transform(x).numpy() for _ in range(12)]
        assert all((a == b).all() for a, b in zip(first, again))
        assert len({a.tobytes() for a in first}) > 1
        transform.generator = lydia.Generator().manual_seed(3)
        assert (transform(x).numpy() == first[0]).all()


def test_random_transforms_stay_in_their_range():
    # A picture of its own coordinates tells where a crop came from: every place is met.
    places = lydia.arange(16, dtype=lydia.float64).reshape(1, 4, 4)
    seen = {vision.RandomCrop(2)(places)[0, 0, 0].item() for _ in range(300)}
    assert seen == {0, 1, 2, 4, 5, 6, 8, 9, 10}
    # Moved by at most 0.09 of 11 pixels: the middle of a spot stays within 1 of its place.
    spot = np.zeros((1, 11, 11))
    spot[0, 5, 5] = 1
    for _ in range(100):
        moved = vision.RandomAffine(0, (0.09, 0.09))(lydia.tensor(spot)).numpy()[0]
        at = [(moved.sum(a) * np.arange(11)).sum() / moved.sum() for a in (0, 1)]
        assert max(abs(a - 5) for a in at) <= 1
    # Turned by up to 15 degrees: a spot 4 to the right of the middle stays within that angle of it.
    spot = np.zeros((1, 11, 11))
    spot[0, 5, 9] = 1
    angles = []
    for _ in range(100):
        turned = vision.RandomAffine(15)(lydia.tensor(spot)).numpy()[0]
        y, x = ((turned.sum(a) * np.arange(11)).sum() / turned.sum() - 5 for a in (1, 0))
        angles.append(np.degrees(np.arctan2(y, x)))
    assert max(map(abs, angles)) <= 16.5 and min(angles) < -8 and max(angles) > 8
    composed = vision.Compose([vision.Resize((4, 4)), vision.CenterCrop(2), vision.Normalize(0.5, 0.5)])
    assert composed(lydia.tensor(picture(1, 9, 9))).shape == (1, 2, 2)


def test_real_pictures():
    files = sorted(real("cxr/hannover/img").glob("*.jpg"))
    table = {row["image_id"]: row for row in io.read_csv(real("cxr/hannover/labels.csv"))}
    assert len(files) == 243
    for path in files[::20]:
        image = vision.read_image(path, "gray")
        row = table[path.stem]
        assert image.shape == (1, int(row["height"]), int(row["width"])) and image.dtype == lydia.uint8
    with pytest.raises(io.CorruptRecord, match="at most 100 pixels"):
        vision.read_image(files[0], max_pixels=100)


def test_random_erasing():
    lydia.manual_seed(0)
    x = lydia.ones(3, 20, 24)
    shares = []
    for _ in range(200):
        gone = vision.RandomErasing(p=1.0, scale=(0.1, 0.2), ratio=(0.5, 2.0))(x).numpy() == 0
        assert (gone == gone[:1]).all()  # in every channel
        rows, columns = np.nonzero(gone[0])
        h, w = np.ptp(rows) + 1, np.ptp(columns) + 1
        assert gone[0].sum() == h * w  # a full rectangle
        assert 0.4 < h / w < 2.5
        shares.append(h * w / (20 * 24))
    assert 0.07 < min(shares) < 0.12 and 0.18 < max(shares) < 0.23
    assert (x.numpy() == 1).all()
    touched = sum((vision.RandomErasing(p=0.5, value=0.0)(x).numpy() == 0).any() for _ in range(200))
    assert 70 < touched < 130
    assert (vision.RandomErasing(p=0.0)(x).numpy() == 1).all()
    # One that can never fit leaves the picture as it is.
    assert (vision.RandomErasing(p=1.0, scale=(1.0, 1.0))(x).numpy() == 1).all()
    for bad in ({"scale": (0.5, 0.1)}, {"ratio": (0, 1)}, {"scale": (0.1, 2.0)}):
        with pytest.raises(ValueError, match="RandomErasing"):
            vision.RandomErasing(**bad)


def test_mixup():
    lydia.manual_seed(0)
    images, labels = lydia.tensor(picture(4, 1, 2, 2)).float(), lydia.tensor([0, 1, 2, 1])
    shares = []
    for _ in range(50):
        mixed, targets = vision.MixUp(alpha=0.4, num_classes=3)(images, labels)
        share = targets[1, 1].item()
        shares.append(share)
        assert targets.shape == (4, 3) and abs(targets.sum(1) - 1).max().item() < 1e-6
        expected = share * images.numpy() + (1 - share) * np.roll(images.numpy(), 1, axis=0)
        np.testing.assert_allclose(mixed.numpy(), expected, atol=1e-6)
        assert abs(targets[1, 0].item() - (1 - share)) < 1e-6
    assert min(shares) < 0.1 and max(shares) > 0.9
    with pytest.raises(ValueError, match="alpha"):
        vision.MixUp(alpha=0, num_classes=3)
