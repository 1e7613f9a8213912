#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A training step (forward, loss, backward, Adam) of chromatid beside PyTorch's, in one run on one core: the contestants take turns, processor time
counts, and the figures are medians over rounds and medians of the rounds' ratios. Prints Markdown.

    benchmarks/training_step/run.py FOLDER [--rounds 15] [--core 1] [--json FILE] [--net small]

FOLDER holds the program training_step. Peers: PyTorch as one writes it from its modules, and the fastest of the formulations of benchmarks/peers (oneDNN's
convolution, patches times kernel, channels-last convolution). Without dropout, losses and gradients are compared first. Needs torch.
"""
import os
import sys
import tempfile
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent / part) for part in ("support", "peers")]

from contest import Program, Rows, agree, fair_environment, function_entry, parser, pin, program_entries, take_turns  # noqa: E402

options = parser(__doc__, 15, ["small", "big"]).parse_args()
fair_environment()
pin(options.core)

import numpy as np  # noqa: E402
import torch  # noqa: E402

torch.set_num_threads(1)
torch.manual_seed(1)

from cases import BATCH, TRAINING_MFLOP, both_strands, network, write_case  # noqa: E402
import step_forms  # noqa: E402

PARTS = 2000
GRADIENT_LIMIT = 1e-3  # of the largest element: slopes of a saturated LSTM magnify the last bits of tanh, see README.md
CASES = [("small", "logistic", 0.0), ("small", "logistic", 0.1), ("small", "hard_sigmoid", 0.1), ("big", "logistic", 0.0), ("big", "hard_sigmoid", 0.1)]
GATES = {("small", "logistic"): 6.0, ("small", "hard_sigmoid"): 10.0, ("big", "logistic"): 4.0, ("big", "hard_sigmoid"): 8.0}


def contest(size, gates, within, rows):
    targets = np.random.default_rng(2).integers(0, 2, (BATCH, network(size, gates).tasks)).astype(np.float32)
    with tempfile.TemporaryDirectory() as folder:
        case = os.path.join(folder, "case.safetensors")
        sizes, weights, windows = write_case(case, size, gates, more=dict(targets=targets))
        program = Program(options.folder / "training_step", case, size, gates, within)
        check = Program(options.folder / "training_step", case, size, gates, "none")
        ours = [e for e in program_entries(program, "chromatid ") if not e.name.endswith("gradient")]
        own_gradient = next(e for e in program_entries(check) if e.name == "gradient")
        dense, labels = torch.from_numpy(windows["dense"]), torch.from_numpy(targets)
        both = torch.from_numpy(both_strands(windows["dense"]))
        nets = {"conv1d": step_forms.FactorNet(sizes, weights), "conv2d": step_forms.ChannelsLast(sizes, weights, 8)}
        same = [function_entry(name, lambda net=net: step_forms.gradient_of(net, dense, labels, PARTS)) for name, net in nets.items()]
        difference = max(agree(same, own_gradient, GRADIENT_LIMIT).values())
        check.close()
    rates = dict(after_conv=0.1, after_features=0.5, after_dense=0.5, lstm_input=within, lstm_state=within)
    forms = step_forms.step_forms(network(size, gates, dropout=rates), weights, dense, both, labels)
    torches = [function_entry("torch " + name, step) for name, step in forms.items()]
    times = take_turns(ours + torches, program.probe, options.rounds if size == "small" else max(5, options.rounds // 3))
    program.close()
    net = f"{size}, {gates}, {within:g} within"
    rows.add(net, "FMA probe", times.probe() / 1e9, "GFLOP/s")
    rows.add(net, "greatest difference of loss and gradient, without dropout", difference, "", GRADIENT_LIMIT, upper=True)
    for entry in ours + torches:
        rows.add(net, entry.name, BATCH / times.median(entry.name), "windows/s", share=times.share(entry.name, TRAINING_MFLOP[size] * 1e6 * BATCH))
    # PyTorch's modules drop nothing within the LSTM: less work, so not the peer where something is dropped there
    best = times.best([e.name for e in torches if within == 0 or e.name != "torch obvious"])
    rows.add(net, f"codes vs {best}", times.ratio(best, "chromatid codes"), "x", GATES[size, gates])
    if best != "torch obvious":
        rows.add(net, "codes vs torch obvious", times.ratio("torch obvious", "chromatid codes"), "x")


rows = Rows("training_step", {"torch": torch.__version__})
for size, gates, within in CASES:
    if size in (options.net or ("small", "big")):
        contest(size, gates, within, rows)
rows.write(options.json, options.rounds)
