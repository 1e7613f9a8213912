# SPDX-License-Identifier: MIT
"""The networks that benchmarks compare contestants on, and the file through which all of them get the same weights and windows."""

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "peers"))

from factornet_torch import Sizes, parameter_shapes, write_safetensors  # noqa: E402

BATCH = 100
SIZES = {"small": {}, "big": dict(filters=128, position_units=128, lstm_units=128, dense_units=256, tasks=19)}
# floating-point operations of one window, both strands, multiply and add counted as two
FORWARD_MFLOP = {"small": 30.8, "big": 240.0}
TRAINING_MFLOP = {"small": 73.0, "big": 642.0}


def network(size, gates, **more):
    return Sizes(gates=gates, **SIZES[size], **more)


def random_weights(sizes, rng):
    """Weights of a size that keeps every layer's outputs varied: uniform, scaled by the number of inputs as Glorot's are."""
    arrays = {}
    for name, shape in parameter_shapes(sizes).items():
        limit = 0.1 if len(shape) == 1 else np.sqrt(6.0 / (np.prod(shape[:-1]) + shape[-1]))
        arrays[name] = rng.uniform(-limit, limit, shape).astype(np.float32)
    return arrays


def random_windows(sizes, count, rng):
    """Real one-hot letters, positive tracks that vary slowly as coverage does, and an array of the same shape without one-hot rows."""
    codes = rng.integers(0, 4, (count, sizes.length)).astype(np.uint8)
    steps = rng.gamma(0.5, 2.0, (count, sizes.tracks, (sizes.length + 9) // 10)).astype(np.float32)
    tracks = np.repeat(steps, 10, 2)[:, :, : sizes.length] * rng.uniform(0.5, 1.0, (count, sizes.tracks, sizes.length)).astype(np.float32)
    dense = np.concatenate([np.eye(4, dtype=np.float32)[codes], tracks.transpose(0, 2, 1)], 2)
    noise = rng.uniform(0.05, 1.0, dense.shape).astype(np.float32)
    return dict(codes=codes, tracks=tracks, dense=dense, noise=noise)


def both_strands(x):
    """(2 n, length, channels): the windows, then their reverse complements."""
    order = [3, 2, 1, 0] + list(range(4, x.shape[2]))
    return np.ascontiguousarray(np.concatenate([x, x[:, ::-1][:, :, order]]))


def write_case(path, size, gates, seed=1, more=None):
    """Writes weights, windows and the arrays of `more`; gives sizes, weights, windows."""
    rng = np.random.default_rng(seed)
    sizes = network(size, gates)
    weights, windows = random_weights(sizes, rng), random_windows(sizes, BATCH, rng)
    write_safetensors(path, {**weights, **windows, **(more or {})})
    return sizes, weights, windows
