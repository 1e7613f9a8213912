#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""FactorNet's forward pass of chromatid beside oneDNN, PyTorch and ONNX Runtime, in one run on one core. Prints Markdown.

    benchmarks/forward/run.py FOLDER [--rounds 15] [--core 1] [--json FILE] [--net small] [--gates logistic] [--compile]

FOLDER holds the programs forward_chromatid and, where oneDNN is there, forward_onednn. Outputs are compared first; contestants take turns; the fastest form of
each peer counts. Needs torch, onnx and onnxruntime.
"""
import os
import sys
import tempfile
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent / part) for part in ("support", "peers")]

from contest import Program, Rows, agree, fair_environment, function_entry, parser, pin, program_entries, take_turns  # noqa: E402

arguments = parser(__doc__, 15, ["small", "big"])
arguments.add_argument("--gates", choices=["logistic", "hard_sigmoid"], action="append")
arguments.add_argument("--compile", action="store_true", help="also try torch.compile")
options = arguments.parse_args()
fair_environment()
pin(options.core)

import onnxruntime  # noqa: E402
import torch  # noqa: E402

from cases import BATCH, FORWARD_MFLOP, both_strands, write_case  # noqa: E402
from forward_forms import onnx_forms, torch_forms  # noqa: E402

GATES = {  # by size and gates: least ratio to the best form of torch
    ("small", "logistic"): 3.0, ("small", "hard_sigmoid"): 4.5, ("big", "logistic"): 2.0, ("big", "hard_sigmoid"): 2.0}
ONEDNN_GATE = {"small": 1.8, "big": 1.3}
SHARE_GATE = {"small": 0.90, "big": 0.80}
DENSE_SHARE_GATE = 0.70


def contest(size, gates, rows):
    with tempfile.TemporaryDirectory() as folder:
        case = os.path.join(folder, "case.safetensors")
        sizes, weights, windows = write_case(case, size, gates)
        programs = [Program(options.folder / "forward_chromatid", case, size, gates)]
        ours = program_entries(programs[0], "chromatid ")
        # noise is another input: timed, and compared with torch on it
        noise = next(e for e in ours if e.name == "chromatid noise")
        onednn = []
        if gates == "logistic" and (options.folder / "forward_onednn").exists():
            programs.append(Program(options.folder / "forward_onednn", case, size))
            onednn = program_entries(programs[1], "oneDNN ")
    both = both_strands(windows["dense"])
    torches = [function_entry("torch " + name, f) for name, f in torch_forms(sizes, weights, both, options.compile).items()]
    onnx = [function_entry("ONNX Runtime " + name, f) for name, f in onnx_forms(sizes, weights, both).items()]
    reference = torches[0]
    on_noise = function_entry("torch on noise", torch_forms(sizes, weights, both_strands(windows["noise"]))["obvious"])
    differences = agree([e for e in ours if e is not noise] + onednn + torches[1:] + onnx, reference)
    differences |= agree([noise], on_noise)
    everyone = ours + onednn + torches + onnx
    times = take_turns(everyone, programs[0].probe, options.rounds if size == "small" else max(7, options.rounds // 2))
    for program in programs:
        program.close()

    net = f"{size}, {gates}"
    operations = FORWARD_MFLOP[size] * 1e6 * BATCH
    rows.add(net, "FMA probe", times.probe() / 1e9, "GFLOP/s")
    rows.add(net, "greatest difference of outputs", max(differences.values()), "", 1e-4, upper=True)
    for entry in everyone:
        rows.add(net, entry.name, BATCH / times.median(entry.name), "windows/s", share=times.share(entry.name, operations))
    fastest = "chromatid codes"
    if onednn:
        best = times.best([e.name for e in onednn])
        rows.add(net, f"codes vs {best}", times.ratio(best, fastest), "x", ONEDNN_GATE[size])
    best = times.best([e.name for e in torches])
    rows.add(net, f"codes vs {best}", times.ratio(best, fastest), "x", GATES[size, gates])
    rows.add(net, "codes vs torch obvious", times.ratio("torch obvious", fastest), "x")
    best = times.best([e.name for e in onnx])
    rows.add(net, f"codes vs {best}", times.ratio(best, fastest), "x")
    rows.add(net, "codes: nominal FLOPs over FMA probe", times.share(fastest, operations), "%", SHARE_GATE[size])
    rows.add(net, "noise (not one-hot): nominal FLOPs over FMA probe", times.share("chromatid noise", operations), "%", DENSE_SHARE_GATE)
    rows.add(net, "fused vs unfused, dense", times.ratio("chromatid unfused", "chromatid dense"), "x")


rows = Rows("forward", {"torch": torch.__version__, "onnxruntime": onnxruntime.__version__})
for size in options.net or ("small", "big"):
    for gates in options.gates or ("logistic", "hard_sigmoid"):
        contest(size, gates, rows)
rows.write(options.json, options.rounds)
