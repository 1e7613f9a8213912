# SPDX-License-Identifier: MIT
"""FactorNet's forward pass in PyTorch, as one writes it and in the fastest forms found, and in ONNX Runtime.

Every form is a function of both strands (2 n, length, channels), which stand ready in the layout it likes before the time starts, and gives the strands'
mean (n, tasks). `torch_forms` and `onnx_forms` give them by name, without arguments.
"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

torch.set_num_threads(1)

DIRECTIONS = ("forward", "backward")


def merged(y):
    return 0.5 * (y[: y.shape[0] // 2] + y[y.shape[0] // 2 :])


class HardSigmoidLstm(nn.Module):
    """Keras 1's bidirectional LSTM: both directions side by side, one batched product for each step. (steps, rows, inputs) to (steps, rows, 2 units)."""

    def __init__(self, kernel, recurrent, bias):
        super().__init__()
        self.kernel, self.recurrent, self.bias = kernel, recurrent, bias  # (2, inputs, 4 units), (2, units, 4 units), (2, 1, 4 units)

    def forward(self, x):
        steps, rows, inputs = x.shape[0], x.shape[1], x.shape[2]
        units = self.recurrent.shape[1]
        both = torch.stack([x, x.flip(0)]).reshape(2, steps * rows, inputs)
        z = torch.baddbmm(self.bias, both, self.kernel).view(2, steps, rows, 4 * units).transpose(0, 1).contiguous()
        h = torch.zeros(2, rows, units)
        c = torch.zeros(2, rows, units)
        outputs = torch.empty(steps, rows, 2 * units)
        for t in range(steps):
            gates = torch.baddbmm(z[t], h, self.recurrent)
            i, f, g, o = gates.split(units, 2)
            c = (f * 0.2 + 0.5).clamp(0.0, 1.0) * c + (i * 0.2 + 0.5).clamp(0.0, 1.0) * torch.tanh(g)
            h = (o * 0.2 + 0.5).clamp(0.0, 1.0) * torch.tanh(c)
            outputs[t, :, :units] = h[0]
            outputs[steps - 1 - t, :, units:] = h[1]
        return outputs


def lstm_of(sizes, weights):
    """A module (steps, rows, inputs) to (steps, rows, 2 units); torch's own where gates are logistic."""
    def stacked(what):
        return torch.stack([torch.from_numpy(weights[f"bilstm_1.{d}_{what}"]) for d in DIRECTIONS])

    if sizes.gates != "logistic":
        return HardSigmoidLstm(stacked("kernel"), stacked("recurrent"), stacked("bias")[:, None])
    lstm = nn.LSTM(sizes.position_units, sizes.lstm_units, bidirectional=True)
    with torch.no_grad():
        for direction, suffix in zip(DIRECTIONS, ("", "_reverse")):  # torch's gates come in the order i, f, c, o as ours
            getattr(lstm, "weight_ih_l0" + suffix).copy_(torch.from_numpy(weights[f"bilstm_1.{direction}_kernel"].T))
            getattr(lstm, "weight_hh_l0" + suffix).copy_(torch.from_numpy(weights[f"bilstm_1.{direction}_recurrent"].T))
            getattr(lstm, "bias_ih_l0" + suffix).copy_(torch.from_numpy(weights[f"bilstm_1.{direction}_bias"]))
            getattr(lstm, "bias_hh_l0" + suffix).zero_()
    return lstm


class Obvious(nn.Module):
    """The network as a paper's reader writes it: Conv1d, Conv1d of width 1, MaxPool1d, LSTM, Linear."""

    def __init__(self, sizes, weights):
        super().__init__()
        channels = 4 + sizes.tracks
        pooled = (sizes.length - sizes.width + 1) // sizes.pool
        self.front = nn.Sequential(nn.Conv1d(channels, sizes.filters, sizes.width), nn.ReLU(), nn.Conv1d(sizes.filters, sizes.position_units, 1), nn.ReLU(),
                                   nn.MaxPool1d(sizes.pool))
        self.lstm = lstm_of(sizes, weights)
        self.keras = sizes.gates != "logistic"
        self.head = nn.Sequential(nn.Flatten(), nn.Linear(pooled * 2 * sizes.lstm_units, sizes.dense_units), nn.ReLU(), nn.Linear(sizes.dense_units, sizes.tasks),
                                  nn.Sigmoid())
        with torch.no_grad():
            self.front[0].weight.copy_(torch.from_numpy(weights["conv1d_1.kernel"]).permute(2, 1, 0))
            self.front[0].bias.copy_(torch.from_numpy(weights["conv1d_1.bias"]))
            self.front[2].weight[:, :, 0].copy_(torch.from_numpy(weights["time_distributed_dense_1.kernel"]).t())
            self.front[2].bias.copy_(torch.from_numpy(weights["time_distributed_dense_1.bias"]))
            for layer, name in ((self.head[1], "dense_1"), (self.head[3], "dense_2")):
                layer.weight.copy_(torch.from_numpy(weights[name + ".kernel"]).t())
                layer.bias.copy_(torch.from_numpy(weights[name + ".bias"]))

    def forward(self, x):  # (2 n, channels, length)
        y = self.front(x).permute(2, 0, 1)
        y = self.lstm(y) if self.keras else self.lstm(y)[0]
        return merged(self.head(y.transpose(0, 1)))


class Best(nn.Module):
    """The forms that ran fastest: channels last throughout, the dense layer of each position as a product, the pooling as a maximum over an axis.

    `patches`: the convolution as a product with an overlapping view; otherwise as a two-dimensional one in channels-last layout.
    `rows`: rows that pass through convolution and pooling at once, so that what lies between them may stay in a cache; 0 for all.
    """

    def __init__(self, sizes, weights, patches, rows=0):
        super().__init__()
        w = {name: torch.from_numpy(array) for name, array in weights.items()}
        self.length, self.width, self.pool = sizes.length, sizes.width, sizes.pool
        self.patches, self.rows = patches, rows
        kernel = w["conv1d_1.kernel"]
        self.kernel = kernel.reshape(-1, kernel.shape[2]).contiguous()
        self.kernel2d = kernel.permute(2, 1, 0)[:, :, None].contiguous(memory_format=torch.channels_last)
        self.bias = w["conv1d_1.bias"]
        self.dense, self.dense_bias = w["time_distributed_dense_1.kernel"].t().contiguous(), w["time_distributed_dense_1.bias"]
        self.lstm = lstm_of(sizes, weights)
        self.keras = sizes.gates != "logistic"
        self.hidden, self.hidden_bias = w["dense_1.kernel"].t().contiguous(), w["dense_1.bias"]
        self.out, self.out_bias = w["dense_2.kernel"].t().contiguous(), w["dense_2.bias"]

    def front(self, x):  # (rows, length, channels)
        rows, length, channels = x.shape[0], self.length, x.shape[2]
        positions = length - self.width + 1
        bins = positions // self.pool
        if self.patches:
            view = x.as_strided((rows, positions, self.width * channels), (length * channels, channels, 1))
            y = torch.addmm(self.bias, view.reshape(rows * positions, self.width * channels), self.kernel).relu_()
        else:
            y = F.conv2d(x[:, None].permute(0, 3, 1, 2), self.kernel2d, self.bias).relu_()
            y = y.permute(0, 2, 3, 1).reshape(rows * positions, -1)
        y = F.linear(y, self.dense, self.dense_bias).relu_().view(rows, positions, -1)
        return y[:, : bins * self.pool].view(rows, bins, self.pool, -1).amax(2)

    def forward(self, x):
        if self.rows == 0:
            y = self.front(x)
        else:
            y = torch.cat([self.front(part) for part in x.split(self.rows)])
        y = y.transpose(0, 1).contiguous()
        y = self.lstm(y) if self.keras else self.lstm(y)[0]
        y = F.linear(y.transpose(0, 1).reshape(x.shape[0], -1), self.hidden, self.hidden_bias).relu_()
        return merged(torch.sigmoid(F.linear(y, self.out, self.out_bias)))


class WithScriptedLstm(Best):
    """The LSTM's loop in TorchScript."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        if self.keras:
            self.lstm = torch.jit.script(self.lstm)


def torch_forms(sizes, weights, both, compiled=False):
    """`compiled`: also with torch.compile around what it can take, which needs a C++ compiler and minutes."""
    x = torch.from_numpy(both)
    channels_first = x.transpose(1, 2).contiguous()
    obvious = Obvious(sizes, weights).eval()
    forms = {"obvious": lambda: obvious(channels_first)}

    def form(module):
        module.eval()
        return lambda: module(x)

    for rows in (0, 8, 2):
        forms[f"conv2d/{rows or 'all'}"] = form(Best(sizes, weights, False, rows))
    for rows in (0, 4):
        forms[f"patches/{rows or 'all'}"] = form(Best(sizes, weights, True, rows))
    if sizes.gates != "logistic":
        forms["conv2d/8 scripted"] = form(WithScriptedLstm(sizes, weights, False, 8))
    if compiled:
        part = Best(sizes, weights, False, 8)
        part.front = torch.compile(part.front)
        forms["conv2d/8 compiled"] = form(part)

    def measured(function):
        def run():
            with torch.inference_mode():
                return function().numpy()
        return run

    return {name: measured(function) for name, function in forms.items()}


def onnx_model(sizes, weights, rows, planar):
    """The network in ONNX operators. `planar`: convolutions with a height of 1, which ONNX Runtime can block by channels."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    constants, nodes = [], []

    def constant(name, array):
        constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def node(kind, inputs, **attributes):
        output = f"y{len(nodes)}"
        nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def kernel(array):  # (outputs, inputs, width)
        return array[:, :, None] if planar else array

    bins, units = (sizes.length - sizes.width + 1) // sizes.pool, sizes.lstm_units
    conv = constant("conv", kernel(weights["conv1d_1.kernel"].transpose(2, 1, 0)))
    dense = constant("dense", kernel(weights["time_distributed_dense_1.kernel"].T[:, :, None]))
    y = node("Relu", [node("Conv", ["x", conv, constant("conv_bias", weights["conv1d_1.bias"])])])
    y = node("Relu", [node("Conv", [y, dense, constant("dense_bias", weights["time_distributed_dense_1.bias"])])])
    y = node("MaxPool", [y], kernel_shape=[1, sizes.pool] if planar else [sizes.pool], strides=[1, sizes.pool] if planar else [sizes.pool])
    if planar:
        y = node("Squeeze", [y, constant("height", np.array([2]))])
    y = node("Transpose", [y], perm=[2, 0, 1])

    def gates(what):  # ONNX wants the gates in the order i, o, f, c, and rows for them
        out = []
        for d in DIRECTIONS:
            i, f, c, o = np.split(weights[f"bilstm_1.{d}_{what}"].T, 4)
            out.append(np.concatenate([i, o, f, c]))
        return np.stack(out)

    bias = gates("bias")
    activations = {} if sizes.gates == "logistic" else dict(activations=["HardSigmoid", "Tanh", "Tanh"] * 2, activation_alpha=[0.2, 0.2], activation_beta=[0.5, 0.5])
    inputs = [y, constant("lstm_kernel", gates("kernel")), constant("lstm_recurrent", gates("recurrent")), constant("lstm_bias", np.concatenate([bias, np.zeros_like(bias)], 1))]
    y = node("LSTM", inputs, hidden_size=units, direction="bidirectional", **activations)
    y = node("Transpose", [y], perm=[2, 0, 1, 3])  # (rows, steps, directions, units)
    y = node("Reshape", [y, constant("flat", np.array([rows, bins * 2 * units]))])
    y = node("Relu", [node("Gemm", [y, constant("d1", weights["dense_1.kernel"]), constant("b1", weights["dense_1.bias"])])])
    y = node("Sigmoid", [node("Gemm", [y, constant("d2", weights["dense_2.kernel"]), constant("b2", weights["dense_2.bias"])])])
    shape = [rows, 4 + sizes.tracks] + ([1] if planar else []) + [sizes.length]
    graph = helper.make_graph(nodes, "factornet", [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
                              [helper.make_tensor_value_info(y, TensorProto.FLOAT, [rows, sizes.tasks])], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    return model


def onnx_forms(sizes, weights, both):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    forms = {}
    for name, planar in (("Conv of lines", False), ("Conv of planes", True)):
        model = onnx_model(sizes, weights, both.shape[0], planar)
        session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
        x = np.ascontiguousarray(both.transpose(0, 2, 1)[:, :, None] if planar else both.transpose(0, 2, 1))
        forms[name] = lambda session=session, x=x: merged(session.run(None, {"x": x})[0])
    return forms
