# SPDX-License-Identifier: MIT
"""A training step of FactorNet in PyTorch: as one writes it from PyTorch's modules, and in the fastest forms found."""

import torch
import torch.nn.functional as F
from torch import nn

from factornet_torch import Adam, FactorNet, train_step
from forward_forms import Obvious


class KerasLstm(nn.Module):
    """Keras 1's LSTM, one direction after the other and step by step, as one writes it. Drops nothing within."""

    def __init__(self, kernel, recurrent, bias):
        super().__init__()
        self.kernel, self.recurrent, self.bias = (nn.Parameter(array.clone()) for array in (kernel, recurrent, bias))

    def forward(self, x):  # (steps, rows, inputs)
        outputs = []
        for direction in range(2):
            h = c = x.new_zeros(x.shape[1], self.recurrent.shape[1])
            each = []
            for step in x if direction == 0 else x.flip(0):
                i, f, g, o = (step @ self.kernel[direction] + h @ self.recurrent[direction] + self.bias[direction]).chunk(4, 1)
                i, f, o = ((0.2 * v + 0.5).clamp(0, 1) for v in (i, f, o))
                c = f * c + i * torch.tanh(g)
                h = o * torch.tanh(c)
                each.append(h)
            outputs.append(torch.stack(each if direction == 0 else each[::-1]))
        return torch.cat(outputs, 2)


class ObviousTraining(Obvious):
    """Modules, `nn.Dropout` and `torch.optim.Adam`. Nothing is dropped within the LSTM, which PyTorch's own cannot do."""

    def __init__(self, sizes, weights):
        super().__init__(sizes, weights)
        if self.keras:
            self.lstm = KerasLstm(self.lstm.kernel, self.lstm.recurrent, self.lstm.bias)
        self.front.insert(2, nn.Dropout(sizes.rate("after_conv")))
        self.head.insert(0, nn.Dropout(sizes.rate("after_features")))
        self.head.insert(4, nn.Dropout(sizes.rate("after_dense")))
        self.train()


class ChannelsLast(FactorNet):
    """FactorNet with a two-dimensional convolution in channels-last layout and products; `rows` rows pass through convolution and pooling at once, 0 for all."""

    def __init__(self, sizes, weights, rows):
        super().__init__(sizes, weights)
        self.rows_at_once = rows

    def pooled(self, x):
        s, p = self.sizes, self.parameters
        positions = s.length - s.width + 1
        bins = positions // s.pool
        kernel = p["conv1d_1.kernel"].permute(2, 1, 0)[:, :, None].contiguous(memory_format=torch.channels_last)
        y = F.conv2d(x[:, None].permute(0, 3, 1, 2), kernel, p["conv1d_1.bias"]).permute(0, 2, 3, 1).reshape(-1, positions, s.filters)
        y = F.dropout(F.relu(y[:, : bins * s.pool]), s.rate("after_conv"))
        y = F.relu(torch.addmm(p["time_distributed_dense_1.bias"], y.reshape(-1, s.filters), p["time_distributed_dense_1.kernel"]))
        return y.view(-1, bins, s.pool, s.position_units).max(2).values

    def __call__(self, x, side=None, training=False, masks=None):
        s, p = self.sizes, self.parameters
        x = torch.cat([x, x.flip(1)[:, :, self.swap]])
        n = x.shape[0]
        y = self.pooled(x) if self.rows_at_once == 0 else torch.cat([self.pooled(part) for part in x.split(self.rows_at_once)])
        y = F.dropout(self.bilstm(y, training, None), s.rate("after_features")).reshape(n, -1)
        y = F.dropout(F.relu(torch.addmm(p["dense_1.bias"], y, p["dense_1.kernel"])), s.rate("after_dense"))
        y = torch.sigmoid(torch.addmm(p["dense_2.bias"], y, p["dense_2.kernel"]))
        return (y[: n // 2] + y[n // 2 :]) / 2


def obvious_step(sizes, weights, both, targets):
    """A function that makes a step."""
    net = ObviousTraining(sizes, weights)
    adam = torch.optim.Adam(net.parameters())
    x = both.transpose(1, 2).contiguous()

    def step():
        adam.zero_grad()
        F.binary_cross_entropy(net(x), targets).backward()
        adam.step()
        return []

    return step


def step_forms(sizes, weights, dense, both, targets):
    """Functions that make one step each, by name."""
    nets = {"conv1d": FactorNet(sizes, weights), "patches": FactorNet(sizes, weights, front="patches")}
    nets |= {f"conv2d/{rows or 'all'}": ChannelsLast(sizes, weights, rows) for rows in (0, 8)}
    forms = {"obvious": obvious_step(sizes, weights, both, targets)}
    for name, net in nets.items():
        forms[name] = lambda net=net, adam=Adam(net): [train_step(net, adam, dense, targets)]
    return forms


def gradient_of(net, dense, targets, parts):
    """Loss, and evenly spaced elements of the gradient over the largest one, as training_step.cpp shows them."""
    loss = train_step(net, None, dense, targets)
    g = net.gradient
    shown = g[: parts * (g.numel() // parts) : g.numel() // parts] / g.abs().max()
    return [loss, *shown.tolist()]
