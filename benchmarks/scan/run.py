#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Windows of 1,000 bases every few bases of a genome: chromatid's scan beside its own pass window by window and PyTorch's best form, in one run on one core.
Prints Markdown.

    benchmarks/scan/run.py FOLDER [--rounds 9] [--core 1] [--json FILE] [--net small]

FOLDER holds the program scan_chromatid. The outputs of both passes are compared at each stride, PyTorch's at 50. Needs torch.
"""
import os
import sys
import tempfile
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent / part) for part in ("support", "peers")]

from contest import Program, Rows, agree, fair_environment, function_entry, parser, pin, program_entries, take_turns  # noqa: E402

options = parser(__doc__, 9, ["small", "big", "danq", "deepsea", "basset"]).parse_args()
fair_environment()
pin(options.core)

import numpy as np  # noqa: E402
import torch  # noqa: E402

from cases import both_strands, network, random_weights, random_windows, write_safetensors  # noqa: E402
from forward_forms import torch_forms  # noqa: E402

STRIDES = (1, 13, 25, 50, 200)
USUAL = 50
WINDOWS = {"small": 512, "big": 256}
TORCH_BATCH = 128
TORCH_GATE = {"small": 8.0, "big": 3.5}
OWN_GATE = {"small": 2.3, "big": 1.6}
SAME_GATE = {"small": 1e-6, "big": 5e-6}


def torch_entries(sizes, weights, dense):
    """Each form over all windows, in batches."""
    parts = [torch_forms(sizes, weights, both_strands(dense[i : i + TORCH_BATCH])) for i in range(0, len(dense), TORCH_BATCH)]
    return [function_entry("torch " + name, lambda name=name: np.concatenate([p[name]() for p in parts])) for name in parts[0]]


def contest(net, rows):
    count = WINDOWS.get(net, 144)
    factornet = net in WINDOWS
    rng = np.random.default_rng(1)
    sizes = network(net if factornet else "small", "logistic")
    weights = random_weights(sizes, rng)
    longest = (count - 1) * STRIDES[-1] + sizes.length
    stretch = random_windows(network("small", "logistic", length=longest), 1, rng)
    with tempfile.TemporaryDirectory() as folder:
        case = os.path.join(folder, "case.safetensors")
        write_safetensors(case, {**weights, "stretch_codes": stretch["codes"][0], "stretch_tracks": stretch["tracks"][0]})
        program = Program(options.folder / "scan_chromatid", case, net, count)
        entries = {e.name: e for e in program_entries(program)}
    for stride in STRIDES:
        difference = agree([entries[f"scan/{stride}"]], entries[f"windows/{stride}"])[f"scan/{stride}"]
        rows.add(net, f"scan differs from window by window, stride {stride}", difference, "", SAME_GATE.get(net, 5e-6), upper=True)
    everyone = list(entries.values())
    if factornet:
        starts = np.arange(count) * USUAL
        dense = np.stack([stretch["dense"][0, s : s + sizes.length] for s in starts])
        torches = torch_entries(sizes, weights, dense)
        agree(torches, entries[f"windows/{USUAL}"])
        best = min(torches, key=lambda e: e.seconds())
        everyone.append(best)
    times = take_turns(everyone, program.probe, options.rounds if net == "small" else max(5, options.rounds // 2))
    program.close()
    rows.add(net, "FMA probe", times.probe() / 1e9, "GFLOP/s")
    for entry in everyone:
        rows.add(net, entry.name, count / times.median(entry.name), "windows/s")
    for stride in STRIDES:
        gate = OWN_GATE.get(net) if stride == USUAL else None
        rows.add(net, f"scan vs window by window, stride {stride}", times.ratio(f"windows/{stride}", f"scan/{stride}"), "x", gate)
    if factornet:
        rows.add(net, f"scan vs {best.name}, stride {USUAL}", times.ratio(best.name, f"scan/{USUAL}"), "x", TORCH_GATE[net])


rows = Rows("scan", {"torch": torch.__version__})
for net in options.net or ("small", "big", "danq", "deepsea", "basset"):
    contest(net, rows)
rows.write(options.json, options.rounds)
