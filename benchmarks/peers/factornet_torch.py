# SPDX-License-Identifier: MIT
"""FactorNet in PyTorch, with the arithmetic of chromatid's training: the peer that accuracy and speed are compared with.

The network, its loss and its optimizer are those of docs/design/training.md: a siamese over both strands with shared weights, convolution without
padding, Keras 1's LSTM (gates i, f, c, o, hard_sigmoid or logistic, per-gate dropout masks that stay the same over time), the mean of the strands'
probabilities, binary cross entropy clipped at 1e-7, and Adam in Keras 1's form. Arrays have chromatid's names and layouts, so that weights go from
one to the other as they are. Needs torch and numpy.
"""

import dataclasses
import json
import math
import struct

import numpy as np
import torch
import torch.nn.functional as F

RATES = ("after_conv", "lstm_input", "lstm_state", "after_features", "after_dense", "after_side", "after_second_dense")


@dataclasses.dataclass
class Sizes:
    """What chromatid's FactorNetSizes holds; `dropout` maps the names of RATES to shares."""

    structure: str = "recurrent"  # or "pooled", "global_max"
    gates: str = "hard_sigmoid"  # or "logistic"
    length: int = 1000
    tracks: int = 2
    filters: int = 32
    width: int = 26
    position_units: int = 32
    pool: int = 13
    lstm_units: int = 32
    dense_units: int = 128
    side: int = 0
    side_dense_units: int = 0
    tasks: int = 1
    dropout: dict = dataclasses.field(default_factory=dict)

    def rate(self, place):
        return float(self.dropout.get(place, 0.0))


def read_safetensors(path):
    """All arrays of a safetensors file, and its table of texts."""
    with open(path, "rb") as file:
        data = file.read()
    (header_size,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + header_size])
    texts = header.pop("__metadata__", {})
    kinds = {"F32": "<f4", "F64": "<f8", "I64": "<i8", "I32": "<i4", "U8": "u1", "I8": "i1"}
    arrays = {}
    for name, entry in header.items():
        begin, end = (8 + header_size + at for at in entry["data_offsets"])
        arrays[name] = np.frombuffer(data[begin:end], kinds[entry["dtype"]]).reshape(entry["shape"]).copy()
    return arrays, texts


def write_safetensors(path, arrays):
    """The same for arrays of float32."""
    header, at = {}, 0
    for name, array in arrays.items():
        header[name] = {"dtype": "F32", "shape": list(array.shape), "data_offsets": [at, at + 4 * array.size]}
        at += 4 * array.size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for array in arrays.values():
            file.write(np.ascontiguousarray(array, "<f4").tobytes())


def parameter_shapes(s):
    """Names and extents of a network's arrays, in chromatid's order."""
    channels, pooled = 4 + s.tracks, (s.length - s.width + 1) // s.pool if s.structure != "global_max" else 1
    shapes = {
        "conv1d_1.kernel": (s.width, channels, s.filters),
        "conv1d_1.bias": (s.filters,),
        "time_distributed_dense_1.kernel": (s.filters, s.position_units),
        "time_distributed_dense_1.bias": (s.position_units,),
    }
    features = s.position_units
    if s.structure == "recurrent":
        for direction in ("forward", "backward"):
            shapes[f"bilstm_1.{direction}_kernel"] = (s.position_units, 4 * s.lstm_units)
            shapes[f"bilstm_1.{direction}_recurrent"] = (s.lstm_units, 4 * s.lstm_units)
            shapes[f"bilstm_1.{direction}_bias"] = (4 * s.lstm_units,)
        features = 2 * s.lstm_units
    widths = [features * pooled, s.dense_units, s.tasks]
    if s.side > 0:
        widths = [features * pooled, s.dense_units, s.side_dense_units, s.tasks]
    for i, (inputs, outputs) in enumerate(zip(widths, widths[1:]), 1):
        shapes[f"dense_{i}.kernel"] = (inputs + (s.side if i == 2 and s.side > 0 else 0), outputs)
        shapes[f"dense_{i}.bias"] = (outputs,)
    return shapes


class FactorNet:
    """Parameters in one flat buffer, gradients in another; `parameters[name]` are views with chromatid's extents."""

    def __init__(self, sizes, arrays=None, partners=None, dtype=torch.float32, front="convolution"):
        """`partners[i]`: track that takes the place of track i under reverse complement. `front`: how the convolution is computed."""
        self.sizes, self.front = sizes, front
        shapes = parameter_shapes(sizes)
        total = sum(math.prod(shape) for shape in shapes.values())
        self.flat = torch.zeros(total, dtype=dtype)
        self.gradient = torch.zeros(total, dtype=dtype)
        self.parameters, at = {}, 0
        for name, shape in shapes.items():
            n = math.prod(shape)
            array = self.flat[at : at + n].view(shape).requires_grad_()
            array.grad = self.gradient[at : at + n].view(shape)
            self.parameters[name] = array
            at += n
        partners = list(range(sizes.tracks)) if partners is None else list(partners)
        self.swap = torch.tensor([3, 2, 1, 0] + [4 + p for p in partners])
        if arrays is not None:
            self.load(arrays)

    def load(self, arrays):
        with torch.no_grad():
            for name, parameter in self.parameters.items():
                if tuple(arrays[name].shape) != tuple(parameter.shape):
                    raise ValueError(f"{name} has extents {arrays[name].shape}, the network needs {tuple(parameter.shape)}")
                parameter.copy_(torch.as_tensor(arrays[name]))

    def arrays(self):
        return {name: p.detach().numpy().copy() for name, p in self.parameters.items()}

    def __call__(self, x, side=None, training=False, masks=None):
        """Probabilities (windows, tasks) of x (windows, length, channels).

        In training, masks are drawn unless they are given: for each place of RATES an array, already divided by 1 - rate, of both strands
        (forward rows first): (2 windows, features...), for the LSTM (2 directions, 4 gates, 2 windows, width).
        """
        s, p = self.sizes, self.parameters
        x = torch.cat([x, x.flip(1)[:, :, self.swap]])
        rows = x.shape[0]

        def drop(y, place, channels_first=False):
            if not training or s.rate(place) == 0:
                return y
            if masks is None:
                return F.dropout(y, s.rate(place))
            mask = masks[place]
            return y * (mask.transpose(1, 2) if channels_first else mask)

        if self.front == "convolution":
            y = F.relu(F.conv1d(x.transpose(1, 2), p["conv1d_1.kernel"].permute(2, 1, 0), p["conv1d_1.bias"]))
            y = drop(y, "after_conv", channels_first=True)
            y = F.relu(F.conv1d(y, p["time_distributed_dense_1.kernel"].t()[:, :, None], p["time_distributed_dense_1.bias"]))
            y = F.max_pool1d(y, s.pool).transpose(1, 2) if s.structure != "global_max" else y.amax(2)
        else:
            t, c = s.length - s.width + 1, 4 + s.tracks
            patches = x.contiguous().as_strided((rows, t, s.width * c), (s.length * c, c, 1)).reshape(rows * t, s.width * c)
            y = F.relu(torch.addmm(p["conv1d_1.bias"], patches, p["conv1d_1.kernel"].view(s.width * c, s.filters)))
            y = drop(y.view(rows, t, s.filters), "after_conv")
            y = F.relu(torch.addmm(p["time_distributed_dense_1.bias"], y.reshape(rows * t, s.filters), p["time_distributed_dense_1.kernel"]))
            y = y.view(rows, t, s.position_units)
            if s.structure == "global_max":
                y = y.amax(1)
            else:
                pooled = t // s.pool
                y = y[:, : pooled * s.pool].reshape(rows, pooled, s.pool, s.position_units).max(2).values
        if s.structure == "recurrent":
            y = self.bilstm(y, training, masks)
        y = drop(y, "after_features").reshape(rows, -1)
        y = F.relu(torch.addmm(p["dense_1.bias"], y, p["dense_1.kernel"]))
        y = drop(y, "after_dense")
        last = 2
        if s.side > 0:
            y = drop(torch.cat([y, side.repeat(2, 1)], 1), "after_side")
            y = drop(F.relu(torch.addmm(p["dense_2.bias"], y, p["dense_2.kernel"])), "after_second_dense")
            last = 3
        y = torch.sigmoid(torch.addmm(p[f"dense_{last}.bias"], y, p[f"dense_{last}.kernel"]))
        return (y[: rows // 2] + y[rows // 2 :]) / 2

    def bilstm(self, x, training, masks):
        """Both directions side by side: one small batched product for each step."""
        s, p = self.sizes, self.parameters
        rows, steps, inputs = x.shape
        units = s.lstm_units
        kernel, recurrent, bias = (torch.stack([p[f"bilstm_1.{d}_{what}"] for d in ("forward", "backward")]) for what in ("kernel", "recurrent", "bias"))
        if s.gates == "logistic" and not (training and s.rate("lstm_input") + s.rate("lstm_state") > 0):
            weights = []  # torch's own LSTM
            for d in range(2):
                weights += [kernel[d].t(), recurrent[d].t(), bias[d], torch.zeros_like(bias[d])]
            h = x.new_zeros(2, rows, units)
            return torch._VF.lstm(x, (h, h), weights, True, 1, 0.0, False, True, True)[0]

        def mask(place, width):
            if not training or s.rate(place) == 0:
                return None
            if masks is not None:
                return masks[place]
            return F.dropout(x.new_ones(2, 4, rows, width), s.rate(place))

        both = torch.stack([x, x.flip(1)])  # (2, rows, steps, inputs)
        input_mask, state_mask = mask("lstm_input", inputs), mask("lstm_state", units)
        if input_mask is None:
            z = torch.bmm(both.reshape(2, rows * steps, inputs), kernel).view(2, rows, steps, 4, units).permute(2, 0, 3, 1, 4)
        else:
            masked = both[:, None] * input_mask[:, :, :, None]  # (2, 4, rows, steps, inputs)
            by_gate = kernel.view(2, inputs, 4, units).transpose(1, 2)
            z = torch.matmul(masked.view(2, 4, rows * steps, inputs), by_gate).view(2, 4, rows, steps, units).permute(3, 0, 1, 2, 4)
        z = z + bias.view(1, 2, 4, 1, units)  # (steps, 2, 4, rows, units)
        by_gate = recurrent.view(2, units, 4, units).transpose(1, 2).reshape(8, units, units)
        h = x.new_zeros(2, rows, units)
        c = x.new_zeros(2, rows, units)
        outputs = []
        for step in z.unbind(0):
            state = h[:, None].expand(2, 4, rows, units) if state_mask is None else h[:, None] * state_mask
            gates = torch.baddbmm(step.reshape(8, rows, units), state.reshape(8, rows, units), by_gate).view(2, 4, rows, units)
            i, f, g, o = gates.unbind(1)
            if s.gates == "logistic":
                i, f, o = torch.sigmoid(i), torch.sigmoid(f), torch.sigmoid(o)
            else:
                i, f, o = ((0.2 * v + 0.5).clamp(0, 1) for v in (i, f, o))
            c = f * c + i * torch.tanh(g)
            h = o * torch.tanh(c)
            outputs.append(h)
        outputs = torch.stack(outputs, 2)  # (2, rows, steps, units)
        return torch.cat([outputs[0], outputs[1].flip(1)], 2)


def cross_entropy(p, targets):
    """Mean over the entries whose target is not below 0; probabilities clipped at 1e-7, where the gradient is 0."""
    q = p.clamp(1e-7, 1 - 1e-7)
    entries = -(targets * torch.log(q) + (1 - targets) * torch.log1p(-q))
    part = targets >= 0
    return torch.where(part, entries, torch.zeros_like(entries)).sum() / part.sum().clamp(min=1)


class Adam:
    """Adam in Keras 1's form on the flat buffers of a FactorNet."""

    def __init__(self, net, rate=1e-3, beta1=0.9, beta2=0.999, epsilon=1e-8):
        self.net, self.rate, self.beta1, self.beta2, self.epsilon, self.steps = net, rate, beta1, beta2, epsilon, 0
        self.m, self.v = torch.zeros_like(net.flat), torch.zeros_like(net.flat)

    @torch.no_grad()
    def step(self):
        self.steps += 1
        g = self.net.gradient
        self.m.mul_(self.beta1).add_(g, alpha=1 - self.beta1)
        self.v.mul_(self.beta2).addcmul_(g, g, value=1 - self.beta2)
        rate = self.rate * math.sqrt(1 - self.beta2**self.steps) / (1 - self.beta1**self.steps)
        self.net.flat.addcdiv_(self.m, self.v.sqrt().add_(self.epsilon), value=-rate)


def train_step(net, adam, x, targets, side=None, masks=None):
    """One step; the loss."""
    net.gradient.zero_()
    loss = cross_entropy(net(x, side, training=True, masks=masks), targets)
    loss.backward()
    if adam is not None:
        adam.step()
    return float(loss.detach())


# The masks that chromatid draws: Philox4x32-10 with the counter (block of elements, window and strand, layer, step) and the seed as key.


def philox(key, counters):
    """(4, n) words of (4, n) counters."""
    c = [np.asarray(w, np.uint64) for w in counters]
    k0, k1 = key
    low = np.uint64(0xFFFFFFFF)
    for _ in range(10):
        p0, p1 = np.uint64(0xD2511F53) * c[0], np.uint64(0xCD9E8D57) * c[2]
        c = [(p1 >> np.uint64(32)) ^ c[1] ^ np.uint64(k0), p1 & low, (p0 >> np.uint64(32)) ^ c[3] ^ np.uint64(k1), p0 & low]
        k0, k1 = (k0 + 0x9E3779B9) & 0xFFFFFFFF, (k1 + 0xBB67AE85) & 0xFFFFFFFF
    return np.stack(c)


def drawn_mask(seed, step, layer, windows, first, columns, rate):
    """mask / (1 - rate) of elements [first, first + columns) of each row: (2 windows, columns), forward strands first."""
    e = np.arange(first, first + columns, dtype=np.uint64)
    blocks, words, halves = 16 * (e // 128) + e % 16, e // 16 % 4, e // 64 % 2
    rows = np.concatenate([np.arange(windows), np.arange(windows) + (1 << 24)]).astype(np.uint64)
    shape = (rows.size, columns)
    counters = [np.broadcast_to(blocks, shape).ravel(), np.broadcast_to(rows[:, None], shape).ravel()]
    counters += [np.full(counters[0].shape, layer, np.uint64), np.full(counters[0].shape, step, np.uint64)]
    bits = philox((seed & 0xFFFFFFFF, seed >> 32), counters).reshape(4, *shape)
    bits = np.take_along_axis(bits, np.broadcast_to(words.astype(np.int64), (1, *shape)), 0)[0]
    rate32 = np.float32(rate)
    kept = ((bits >> (np.uint64(16) * halves)) & np.uint64(0xFFFF)) >= min(math.ceil(float(rate32) * 65536), 65535)
    return torch.from_numpy(kept.astype(np.float32) * (np.float32(1) / (np.float32(1) - rate32)))


def drawn_masks(sizes, seed, step, windows):
    """The masks of a training step of chromatid's `make_factornet` network, by place."""
    s = sizes
    conv_steps = s.length - s.width + 1
    pooled = conv_steps // s.pool if s.structure != "global_max" else 1
    recurrent = s.structure == "recurrent"
    layer = {"after_conv": 1, "lstm": 4, "after_features": 5 if recurrent else 4}
    flatten = layer["after_features"] + (0 if s.structure == "global_max" else 1)
    layer.update(after_dense=flatten + 2, after_side=flatten + 4, after_second_dense=flatten + 6)
    width = 2 * s.lstm_units if recurrent else s.position_units
    extents = {
        "after_conv": (conv_steps, s.filters),
        "after_features": (width,) if s.structure == "global_max" else (pooled, width),
        "after_dense": (s.dense_units,),
        "after_side": (s.dense_units + s.side,),
        "after_second_dense": (s.side_dense_units,),
    }
    masks = {}
    for place, extent in extents.items():
        if s.rate(place) > 0 and math.prod(extent) > 0:
            masks[place] = drawn_mask(seed, step, layer[place], windows, 0, math.prod(extent), s.rate(place)).view(2 * windows, *extent)
    if recurrent:
        inputs, units = s.position_units, s.lstm_units
        for place, offset, columns in (("lstm_input", 0, inputs), ("lstm_state", 4 * inputs, units)):
            if s.rate(place) > 0:
                firsts = (offset, 4 * (inputs + units) + offset)
                each = [drawn_mask(seed, step, layer["lstm"], windows, f, 4 * columns, s.rate(place)) for f in firsts]
                masks[place] = torch.stack([m.view(2 * windows, 4, columns).transpose(0, 1) for m in each])
    return masks
