#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A training step (forward, loss, backward, Adam) of chromatid beside PyTorch's, in one run on one core: the contestants take turns, processor time
counts, and the figures are medians over rounds and medians of the rounds' ratios. Prints Markdown.

    benchmarks/training_step/run.py build/benchmarks/benchmarks/training_step [--rounds 15] [--core 1]

PyTorch is the peer of benchmarks/peers in both of its formulations (oneDNN's convolution, and patches times kernel); the faster one of a round's median counts.
"""
import argparse
import os
import statistics
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "peers"))

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("program")
parser.add_argument("--rounds", type=int, default=15)
parser.add_argument("--core", type=int, default=1)
parser.add_argument("--batch", type=int, default=100)
options = parser.parse_args()
os.sched_setaffinity(0, {options.core})

import torch  # noqa: E402

from factornet_torch import Adam, FactorNet, Sizes, train_step  # noqa: E402

torch.set_num_threads(1)
torch.manual_seed(1)

SMALL = dict()
BIG = dict(filters=128, position_units=128, lstm_units=128, dense_units=256, tasks=19)
MFLOP = {"small": 73.0, "big": 642.0}  # forward and backward of one window, both strands, multiply and add counted as two
CASES = [("small", "logistic", 0.0), ("small", "logistic", 0.1), ("small", "hard_sigmoid", 0.1), ("big", "logistic", 0.0), ("big", "hard_sigmoid", 0.1)]


class Ours:
    def __init__(self, *arguments):
        self.process = subprocess.Popen([options.program, *map(str, arguments)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, word):
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Torch:
    def __init__(self, size, gates, within, front):
        rates = dict(after_conv=0.1, after_features=0.5, after_dense=0.5, lstm_input=within, lstm_state=within)
        sizes = Sizes(gates=gates, dropout=rates, **(SMALL if size == "small" else BIG))
        self.net = FactorNet(sizes, front=front)
        with torch.no_grad():
            self.net.flat.uniform_(-0.05, 0.05)
        self.adam = Adam(self.net)
        letters = torch.nn.functional.one_hot(torch.randint(0, 4, (options.batch, sizes.length)), 4).float()
        self.x = torch.cat([letters, torch.rand(options.batch, sizes.length, sizes.tracks)], 2)
        self.targets = torch.randint(0, 2, (options.batch, sizes.tasks)).float()

    def step(self):
        start = time.process_time()
        train_step(self.net, self.adam, self.x, self.targets)
        return time.process_time() - start


def cpu_name():
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return "unknown processor"


print(f"""# A training step beside PyTorch

{date.today()}, {cpu_name()}, one thread on one core, torch {torch.__version__}. Made by `benchmarks/training_step/run.py PROGRAM --rounds {options.rounds}`: batches of
{options.batch} windows of 1,000 bp and two tracks, dropout 0.1 behind the convolution and 0.5 behind LSTM and dense layer; small: k 32, r 32, d 128, one task; big: k 128, r 128, d 256,
19 tasks. Contestants alternate within one run; processor time; medians of {options.rounds} rounds, the ratio is the median of the rounds' ratios.

| net | gates | dropout within the LSTM | chromatid, windows/s | PyTorch, windows/s | ratio | nominal FLOPs over FMA probe |
|---|---|---|---|---|---|---|""")
for size, gates, within in CASES:
    ours = Ours(size, gates, within, options.batch)
    peers = [Torch(size, gates, within, front) for front in ("convolution", "patches")]
    for contestant in (lambda: ours.ask("step"), *(p.step for p in peers)):
        contestant()
    mine, theirs, probes = [], [[], []], []
    for _ in range(options.rounds if size == "small" else max(5, options.rounds // 3)):
        mine.append(ours.ask("step"))
        for times, peer in zip(theirs, peers):
            times.append(peer.step())
        probes.append(ours.ask("probe"))
    ours.close()
    best = min(theirs, key=statistics.median)
    ratio = statistics.median(t / m for t, m in zip(best, mine))
    share = statistics.median(MFLOP[size] * 1e6 * options.batch / m / p for m, p in zip(mine, probes))
    print(f"| {size} | {gates} | {within:g} | {options.batch / statistics.median(mine):,.0f} | {options.batch / statistics.median(best):,.0f} | {ratio:.2f} | {share:.0%} |", flush=True)
