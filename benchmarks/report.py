#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Puts the parts of a run of benchmarks/run.sh together.

    benchmarks/report.py RESULT.md RESULT.json PART.json...

RESULT.json keeps parts that were measured before and are not among PART.json.
"""
import json
import platform
import subprocess
import sys
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "support"))

from contest import markdown  # noqa: E402

TITLES = {
    "kernels": "Kernels by themselves",
    "forward": "Forward pass, 100 windows",
    "scan": "Windows every few bases of a genome",
    "training_step": "Training step, 100 windows",
    "input": "Reading genomes and tracks",
}


def first_line(*command):
    try:
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[0].strip()
    except (OSError, subprocess.CalledProcessError, IndexError):
        return ""


def processor():
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor()


def place(name):
    return list(TITLES).index(name)


text_path, json_path, *parts = sys.argv[1:]
result = json.loads(Path(json_path).read_text()) if Path(json_path).exists() else {"parts": {}}
for path in parts:
    part = json.loads(Path(path).read_text())
    part["date"], part["processor"] = str(date.today()), processor()
    part["compiler"], part["oneDNN"] = first_line("c++", "--version"), first_line("dpkg-query", "-W", "-f", "${Version}", "libdnnl-dev")
    result["parts"][part.pop("part")] = part
Path(json_path).write_text(json.dumps(result, indent=1) + "\n")

lines = ["# The processor backend beside its peers", "",
         "Made by `benchmarks/run.sh`; what each row means, and how it is measured, stands in `benchmarks/README.md`. One pinned thread, processor time, contestants",
         "take turns; medians over rounds, ratios are medians of the rounds' ratios. The last two columns: the least that was set as a goal, and whether it is met.", ""]
for name in sorted(result["parts"], key=place):
    part = result["parts"][name]
    versions = part["versions"] | ({"oneDNN": part["oneDNN"]} if name == "forward" and part["oneDNN"] else {})
    peers = "; ".join(f"{peer} {version}" for peer, version in versions.items())
    lines += [f"## {TITLES[name]}", "", f"`benchmarks/run.sh --rounds {part['rounds']} {name}`, {part['date']}, {part['processor']}, {part['compiler']}{'; ' if peers else ''}{peers}.", "",
              "| net | figure | value | goal | |", "|---|---|---|---|---|"]
    lines += [markdown({**row, "part": name}) for row in part["rows"]] + [""]
Path(text_path).write_text("\n".join(lines))
