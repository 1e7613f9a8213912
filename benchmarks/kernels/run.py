#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The kernels by themselves (Google Benchmark), on one core, repeated; medians. Prints Markdown.

    benchmarks/kernels/run.py FOLDER [--rounds 5] [--core 1] [--json FILE] [--filter REGEX]

FOLDER holds the program kernels.
"""
import json
import statistics
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from contest import Rows, parser, pin  # noqa: E402

arguments = parser(__doc__, 5)
arguments.add_argument("--filter", default=".")
options = arguments.parse_args()
pin(options.core)

report = subprocess.run([options.folder / "kernels", f"--benchmark_filter={options.filter}", f"--benchmark_repetitions={options.rounds}",
                         "--benchmark_min_time=0.05", "--benchmark_enable_random_interleaving=true", "--benchmark_format=json"],
                        check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
runs = {}
for run in json.loads(report)["benchmarks"]:
    if run["run_type"] == "iteration":
        runs.setdefault(run["run_name"], []).append(run)

rows = Rows("kernels")
for name, repeated in sorted(runs.items()):
    kernel, sizes = name.split("/", 1)

    def median(unit):
        return statistics.median(run[unit] for run in repeated)

    more = {"share": median("share_of_probe")} if "share_of_probe" in repeated[0] else {}
    unit = next(u for u in ("GFLOP/s", "GB/s", "Gelements/s") if u in repeated[0])
    rows.add(sizes, kernel, median(unit), unit.replace("Gelements", "G elements"), **more)
rows.write(options.json, options.rounds)
