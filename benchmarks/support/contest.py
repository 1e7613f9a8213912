# SPDX-License-Identifier: MIT
"""Contestants that take turns on one core: processor time, a probe of the processor in each round, medians of the rounds' ratios."""

import argparse
import json
import math
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

AGREEMENT = 1e-4  # outputs of contestants may differ by so much


# one thread; and an allocator that keeps the memory it was given, or large arrays of peers cost new pages in each call
FAIR = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "MALLOC_MMAP_THRESHOLD_": str(1 << 30), "MALLOC_TRIM_THRESHOLD_": str(1 << 40),
        "MALLOC_TOP_PAD_": str(1 << 26)}


def parser(text, rounds, nets=()):
    """Arguments that all parts take, and a choice of networks where there are some."""
    arguments = argparse.ArgumentParser(description=text, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--rounds", type=int, default=rounds)
    arguments.add_argument("--core", type=int, default=1)
    arguments.add_argument("--json")
    if nets:
        arguments.add_argument("--net", choices=nets, action="append")
    return arguments


def fair_environment():
    """Starts this program again with the settings above, which count from a program's start only."""
    if any(os.environ.get(name) != value for name, value in FAIR.items()):
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **FAIR})


def pin(core):
    """Keeps this process, and those it starts, on one core."""
    os.sched_setaffinity(0, {core})


class Program:
    """A program that answers as support/contestant.hpp says."""

    def __init__(self, *arguments):
        self.process = subprocess.Popen([str(a) for a in arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise SystemExit(f"error: {self.process.args[0]} ended at \"{line}\" with exit code {self.process.wait()}")
        return answer.strip()

    def names(self):
        return self.ask("names").split()

    def probe(self):
        return float(self.ask("probe"))

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Entry:
    """One contestant: `seconds()` runs it once, `outputs()` gives what it computes."""

    def __init__(self, name, seconds, outputs=None):
        self.name, self.seconds, self.outputs = name, seconds, outputs


def program_entries(program, prefix=""):
    def entry(name):
        return Entry(prefix + name, lambda: float(program.ask("time " + name)), lambda: np.array(program.ask("show " + name).split(), np.float32))

    return [entry(name) for name in program.names()]


def function_entry(name, function):
    """A contestant in this process: a function without arguments that gives an array."""

    def seconds():
        start = time.process_time()
        function()
        return time.process_time() - start

    return Entry(name, seconds, lambda: np.asarray(function(), np.float32).ravel())


def agree(entries, reference, limit=AGREEMENT):
    """Greatest difference of each entry's outputs from those of `reference`.

    Raises SystemExit where it is larger than `limit`, or where outputs hardly vary and so would agree whatever was computed.
    """
    expected = reference.outputs()
    if expected.std() < 1e-3:
        raise SystemExit(f"error: the outputs of {reference.name} hardly vary, a comparison with them would say nothing")
    differences = {}
    for entry in entries:
        outputs = entry.outputs()
        if outputs.shape != expected.shape or not np.isfinite(outputs).all():
            raise SystemExit(f"error: {entry.name} gives {outputs.shape} numbers, {reference.name} {expected.shape}, or some are not finite")
        differences[entry.name] = float(np.abs(outputs - expected).max())
        if not differences[entry.name] <= limit:
            raise SystemExit(f"error: {entry.name} differs from {reference.name} by {differences[entry.name]:.3g}: nothing to time")
    return differences


class Times:
    """Seconds of each contestant in each round, and the probe's operations per second."""

    def __init__(self, seconds, probes):
        self.seconds, self.probes = seconds, probes

    def median(self, name):
        return statistics.median(self.seconds[name])

    def best(self, names):
        """The fastest of some contestants by its median."""
        return min(names, key=self.median)

    def ratio(self, slow, fast):
        """How many times as long `slow` takes as `fast`: median of the rounds' ratios."""
        return statistics.median(s / f for s, f in zip(self.seconds[slow], self.seconds[fast]))

    def share(self, name, operations):
        """Operations per second as a share of the probe's: median over the rounds."""
        return statistics.median(operations / s / p for s, p in zip(self.seconds[name], self.probes))

    def probe(self):
        return statistics.median(self.probes)


def take_turns(entries, probe, rounds, seconds=0.0):
    """Runs all entries once unrecorded, then in turns: `rounds` rounds at least, and as many more as fit into `seconds` of wall time."""
    for entry in entries:
        entry.seconds()
    times, probes = {entry.name: [] for entry in entries}, []
    start = time.monotonic()
    while len(probes) < rounds or time.monotonic() - start < seconds:
        for entry in entries:
            times[entry.name].append(entry.seconds())
        probes.append(probe())
    return Times(times, probes)


class Rows:
    """Figures of one part, printed as Markdown rows as they come and kept for the JSON file.

    `gate`: the least a figure must be; `None` where none is set.
    """

    def __init__(self, part, versions=None):
        self.part, self.versions, self.rows = part, versions or {}, []
        print("| net | figure | value | gate | |\n|---|---|---|---|---|", flush=True)

    def add(self, net, figure, value, unit, gate=None, **more):
        self.rows.append(dict(part=self.part, net=net, figure=figure, value=value, unit=unit, gate=gate, **more))
        print(markdown(self.rows[-1]), flush=True)

    def write(self, path, rounds):
        """Writes the part for report.py; `rounds` is what was asked for."""
        if path is not None:
            with open(path, "w") as file:
                json.dump(dict(part=self.part, rounds=rounds, versions=self.versions, rows=self.rows), file, indent=1)


def written(value, unit):
    if unit == "%":
        return f"{value:.0%}"
    if unit == "x":
        return f"{math.floor(value * 100 + 1e-9) / 100:.2f}x"  # never more than was measured
    if unit == "":
        return f"{value:.2g}"
    return f"{value:,.0f} {unit}" if value >= 100 else f"{value:,.2f} {unit}"


def markdown(row):
    gate, unit = row["gate"], row["unit"]
    aim = "" if gate is None else ("< " if row.get("upper") else ">= ") + written(gate, unit)
    met = "" if gate is None else ("met" if (row["value"] < gate if row.get("upper") else row["value"] >= gate) else "missed")
    share = f" ({row['share']:.0%} of the probe)" if "share" in row else ""
    return f"| {row['net']} | {row['figure']} | {written(row['value'], unit)}{share} | {aim} | {met} |"
