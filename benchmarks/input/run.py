#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Reading genomes and tracks, whole chromosomes and random windows of 1,000 bases, beside Python's usual readers, in one run on one core. Prints Markdown.

    benchmarks/input/run.py FOLDER WORK [--bigwig FILE --fasta FILE --chromosome NAME] [--factornet PROGRAM] [--rounds 9] [--core 1] [--json FILE]

FOLDER holds the program input_chromatid. Without --bigwig and --fasta the files are simulated in WORK by --factornet. Everything is read from the page cache.
Sequences: chromatid gives base codes, pyfaidx and py2bit text. Needs numpy, pyBigWig, pybigtools, pyfaidx, py2bit.
"""
import importlib.metadata
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

import numpy as np  # noqa: E402
import py2bit  # noqa: E402
import pyBigWig  # noqa: E402
import pybigtools  # noqa: E402
import pyfaidx  # noqa: E402

from contest import Entry, Program, Rows, agree, function_entry, parser, pin, program_entries, take_turns  # noqa: E402

arguments = parser(__doc__, 9)
arguments.add_argument("work", type=Path)
arguments.add_argument("--bigwig")
arguments.add_argument("--fasta")
arguments.add_argument("--chromosome", default="chr1")
arguments.add_argument("--factornet", help="to simulate files with")
arguments.add_argument("--windows", type=int, default=500)
options = arguments.parse_args()
pin(options.core)

WINDOW = 1000
fasta, bigwig = options.fasta, options.bigwig
if not (fasta and bigwig):
    simulated = options.work / "simulated"
    if not simulated.exists():
        subprocess.run([options.factornet, "simulate", simulated, "--size", "20e6", "--chromosomes", "2", "--cells", "A", "--factors", "TF1", "--quiet"], check=True)
    fasta, bigwig = str(simulated / "genome.fa"), str(simulated / "cells" / "A" / "DGF.bw")
options.work.mkdir(parents=True, exist_ok=True)
chromosome, two_bit = options.chromosome, str(options.work / "genome.2bit")
size = pyBigWig.open(bigwig).chroms()[chromosome]
starts = np.sort(np.random.default_rng(1).integers(0, size - WINDOW, options.windows))
np.random.default_rng(2).shuffle(starts)
(options.work / "starts.txt").write_text("\n".join(map(str, starts)))
Path(two_bit).unlink(missing_ok=True)

CODES = np.full(256, 4, np.uint8)
for place, letter in enumerate("ACGT"):
    CODES[ord(letter)] = CODES[ord(letter.lower())] = place


def values_of(read):
    """What was read as numbers: missing values are 0, letters are codes."""
    if isinstance(read, str):
        return CODES[np.frombuffer(read.encode(), np.uint8)]
    return np.nan_to_num(read, nan=0.0)


def peer(name, read):
    """Two contestants from `read(start, end)`: the whole chromosome, and the windows; outputs as input_chromatid's means."""
    whole = function_entry(name + "/whole", lambda: read(0, size))
    windows = function_entry(name + "/windows", lambda: [read(s, s + WINDOW) for s in starts.tolist()])
    count = min(size // WINDOW, len(starts))
    whole.outputs = lambda: values_of(read(0, size))[: count * WINDOW].reshape(count, WINDOW).mean(1, dtype=np.float64).astype(np.float32)
    windows.outputs = lambda: np.array([values_of(read(s, s + WINDOW)).mean(dtype=np.float64) for s in starts[:count].tolist()], np.float32)
    return [whole, windows]


pybw, kept, faidx = pyBigWig.open(bigwig), pybigtools.open(bigwig), pyfaidx.Fasta(fasta, as_raw=True)
program = Program(options.folder / "input_chromatid", fasta, bigwig, two_bit, chromosome, options.work / "starts.txt")
ours = {e.name: e for e in program_entries(program)}
twobit = py2bit.open(two_bit)


def letters_of_fasta(start, end):
    return faidx[chromosome][start:end]


def letters_of_two_bit(start, end):
    return twobit.sequence(chromosome, start, end)


peers = {
    "bigwig": peer("pyBigWig", lambda s, e: pybw.values(chromosome, s, e, numpy=True)) + peer("pybigtools, all blocks cached", lambda s, e: kept.values(chromosome, s, e, fillna=0)),
    "fasta": peer("pyfaidx", letters_of_fasta) + peer("pyfaidx, to codes", lambda s, e: values_of(letters_of_fasta(s, e))),
    "2bit": peer("py2bit", letters_of_two_bit) + peer("py2bit, to codes", lambda s, e: values_of(letters_of_two_bit(s, e))),
    "resident": [],
}


def by_new_reader():
    """pybigtools keeps every block that it has inflated: a reader that has seen none is what windows all over a genome meet."""
    reader = pybigtools.open(bigwig)
    return [reader.values(chromosome, s, s + WINDOW, fillna=0) for s in starts.tolist()]


peers["bigwig"].append(Entry("pybigtools/windows", function_entry("", by_new_reader).seconds, peers["bigwig"][3].outputs))
rows = Rows("input", {name: importlib.metadata.version(name) for name in ("pyBigWig", "pybigtools", "pyfaidx", "py2bit")})
for form, theirs in peers.items():
    for what in ("whole", "windows"):
        own = ours[f"{form}/{what}"]
        own = Entry("chromatid/" + what, own.seconds, ours[f"{form}/{what}+means"].outputs)
        beside = [e for e in theirs if e.name.endswith("/" + what)]
        agree(beside, own)
        times = take_turns([own, *beside], program.probe, options.rounds)
        for entry in [own, *beside]:
            name = entry.name.split("/")[0]
            if what == "whole":
                rows.add(form, f"{name}, whole chromosome", size / times.median(entry.name) / 1e6, "Mb/s")
            else:
                rows.add(form, f"{name}, random windows of 1 kb", len(starts) / times.median(entry.name), "windows/s")
        for entry in beside:
            rows.add(form, f"chromatid vs {entry.name.replace('/', ', ')}", times.ratio(entry.name, own.name), "x")
program.close()
rows.write(options.json, options.rounds)
