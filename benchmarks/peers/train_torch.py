#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Trains FactorNet in PyTorch on the very windows that a run of factornet train shows, and scores the same test windows.

    build/.../export_batches RUN DATA --epochs 60 --bed test.bed
    benchmarks/peers/train_torch.py DATA OUT [--seed 1] [--threads 2] [--step-check]

Same windows in the same order, same first weights, same loss, optimizer, early stopping and choice of the best epoch; the dropout masks are torch's
own. OUT gets history.json, best.safetensors (chromatid's names and layouts) and scores.FACTOR.tsv (chromosome, start, end, score).
--step-check trains nothing: it compares loss and gradients of the first batch, with the masks that chromatid draws, and fails where they differ.
"""

import argparse
import json
import os
import pathlib
import sys
import time

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # threads that wait leave their core to others

import numpy as np
import torch

from factornet_torch import Adam, FactorNet, Sizes, cross_entropy, drawn_masks, read_safetensors, train_step, write_safetensors


class Data:
    """Windows cut out of the exported arrays."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.about = json.loads((self.folder / "data.json").read_text())
        self.sizes = Sizes(**self.about["network"])
        self.codes = torch.from_numpy(np.load(self.folder / "codes.npy"))
        self.letters = torch.cat([torch.eye(4), torch.zeros(1, 4)])
        tracks = [torch.from_numpy(np.load(self.folder / f"track_{k}.npy")) for k in range(self.about["tracks"])]
        self.cells = [[tracks[k] for k in cell] for cell in self.about["cells"]]
        self.offsets = torch.arange(self.sizes.length)
        self.swap = torch.tensor([3, 2, 1, 0] + [4 + p for p in self.about["partners"]])

    def part(self, name):
        """Windows, targets (None where the file is not there) and side input of an epoch, of the validation set or of the test windows."""
        load = lambda what: torch.from_numpy(np.load(f)) if (f := self.folder / f"{name}.{what}.npy").exists() else None
        return load("windows"), load("targets"), load("side")

    def x(self, windows):
        """(windows, length, channels)"""
        places = windows[:, :1].long() + self.offsets
        x = torch.empty(len(windows), self.sizes.length, 4 + self.sizes.tracks)
        x[:, :, :4] = self.letters[self.codes[places].long()]
        for cell in windows[:, 1].unique().tolist():
            rows = windows[:, 1] == cell
            for t, track in enumerate(self.cells[cell]):
                x[rows, :, 4 + t] = track[places[rows]]
        reverse = windows[:, 2] == 1
        if reverse.any():
            x[reverse] = x[reverse].flip(1)[:, :, self.swap]
        return x


@torch.no_grad()
def predict(net, data, windows, side=None, batch=200):
    return torch.cat([net(data.x(windows[i : i + batch]), None if side is None else side[i : i + batch]) for i in range(0, len(windows), batch)])


@torch.no_grad()
def evaluate(net, data, part):
    windows, targets, side = part
    return float(cross_entropy(predict(net, data, windows, side), targets))


def write_scores(data, path, scores):
    """The test windows with a score each, as factornet evaluate reads them."""
    with open(data.folder / "test.bed") as bed, open(path, "w") as file:
        for line, score in zip(bed, scores):
            file.write(f"{line.rstrip()}\t{score:.9g}\n")


def step_check(data, tolerance):
    """Largest differences from chromatid's first training step: of the loss, and of each gradient relative to the largest of its array."""
    s, batch = data.sizes, data.about["batch"]
    windows, targets, side = (None if a is None else a[:batch] for a in data.part("train_0"))
    initial, _ = read_safetensors(data.folder / "initial.safetensors")
    expected, texts = read_safetensors(data.folder / "step.safetensors")
    net = FactorNet(s, initial, data.about["partners"])
    loss = train_step(net, None, data.x(windows), targets, side, drawn_masks(s, data.about["seed"], 0, len(windows)))
    difference = abs(loss - float(texts["loss"]))
    print(f"loss {loss:.9f} here, {float(texts['loss']):.9f} there, difference {difference:.2e}")
    worst = 0.0
    for name, parameter in net.parameters.items():
        scale = np.abs(expected[name]).max()
        relative = np.abs(parameter.grad.numpy() - expected[name]).max() / scale
        worst = max(worst, relative)
        print(f"{name:40s} largest slope {scale:.3e}, largest difference {relative:.2e} of it")
    return difference <= 1e-6 and worst <= tolerance


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data")
    parser.add_argument("out", nargs="?")
    parser.add_argument("--seed", type=int, default=1, help="of the dropout masks")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--epochs", type=int, help="fewer than were exported")
    parser.add_argument("--front", choices=["convolution", "patches"], default="convolution", help="how the convolution is computed")
    parser.add_argument("--step-check", action="store_true")
    parser.add_argument("--tolerance", type=float, default=1e-5, help="of a gradient, relative to the largest of its array")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    data = Data(options.data)
    if options.step_check:
        sys.exit(0 if step_check(data, options.tolerance) else 1)
    about, out = data.about, pathlib.Path(options.out)
    if about["optimizer"] != "adam-keras1" or about["clip"] != 0:
        sys.exit("this run was not made with Adam in Keras 1's form and without clipping, which is all there is here")
    out.mkdir(parents=True, exist_ok=True)

    initial, _ = read_safetensors(data.folder / "initial.safetensors")
    net = FactorNet(data.sizes, initial, about["partners"], front=options.front)
    adam = Adam(net, about["rate"])
    validation = data.part("validation")
    validated = len(validation[0]) > 0
    history, best, waited = [], None, 0
    for epoch in range(min(about["epochs"], options.epochs or about["epochs"])):
        start, total, count = time.perf_counter(), 0.0, 0
        windows, targets, side = data.part(f"train_{epoch}")
        for i in range(0, len(windows), about["batch"]):
            batch = slice(i, i + about["batch"])
            entries = int((targets[batch] >= 0).sum())
            if entries == 0:
                continue
            total += entries * train_step(net, adam, data.x(windows[batch]), targets[batch], None if side is None else side[batch])
            count += entries
        trained = time.perf_counter() - start
        history.append({"epoch": epoch + 1, "loss": total / count, "train_seconds": trained, "windows_per_second": len(windows) / trained})
        if validated:
            history[-1]["validation_loss"] = evaluate(net, data, validation)
        print(json.dumps(history[-1]), flush=True)
        value = history[-1].get("validation_loss", -epoch)
        if best is None or value < best[0]:
            best, waited = (value, net.arrays()), 0
        else:
            waited += 1
            if waited > about["patience"]:
                break
    (out / "history.json").write_text(json.dumps(history, indent=1) + "\n")
    write_safetensors(out / "best.safetensors", best[1])

    windows, _, _ = data.part("test")
    if windows is not None:
        net.load(best[1])
        scores = predict(net, data, windows).numpy()
        scores[np.load(data.folder / "test.masked.npy") == 1] = 0
        for column, factor in enumerate(about["factors"]):
            write_scores(data, out / f"scores.{factor}.tsv", scores[:, column])


if __name__ == "__main__":
    main()
