"""Philox4x32-10 in NumPy, by the paper's formulas: the reference for lydia's random numbers."""
import numpy as np


def words(seed, first, count):
    """`count` blocks from block `first` on: uint32 [4 * count]."""
    blocks = np.arange(first, first + count, dtype=np.uint64)
    mask, shift = np.uint64(0xFFFFFFFF), np.uint64(32)
    x = [blocks & mask, blocks >> shift, np.zeros_like(blocks), np.zeros_like(blocks)]
    key = [seed & 0xFFFFFFFF, seed >> 32]
    for _ in range(10):
        a, b = np.uint64(0xD2511F53) * x[0], np.uint64(0xCD9E8D57) * x[2]
        x = [(b >> shift) ^ x[1] ^ np.uint64(key[0]), b & mask,
             (a >> shift) ^ x[3] ^ np.uint64(key[1]), a & mask]
        key = [(key[0] + 0x9E3779B9) & 0xFFFFFFFF, (key[1] + 0xBB67AE85) & 0xFFFFFFFF]
    return np.stack(x, 1).ravel().astype(np.uint32)


def doubles(seed, n):
    """Uniform in [0, 1), 53 bits from two words each."""
    w = words(seed, 0, (n + 1) // 2).astype(np.uint64)
    return ((w[1::2] << np.uint64(32) | w[0::2]) >> np.uint64(11))[:n] * 2.0**-53


def normals(seed, n):
    """Box-Muller over groups of 1024: the first half of a group gives radii, the second angles."""
    u = doubles(seed, (n + 1023) // 1024 * 1024).reshape(-1, 2, 512)
    radius, angle = np.sqrt(-2 * np.log(u[:, 0] + 2.0**-53)), 2 * np.pi * u[:, 1]
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1).ravel()[:n]


def wide_words(seed, n):
    w = words(seed, 0, (n + 1) // 2)
    return [int(w[2 * i + 1]) << 32 | int(w[2 * i]) for i in range(n)]
