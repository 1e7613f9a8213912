#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Measures what it costs to compile a unit that uses chromatid, and prints a Markdown table.

    benchmarks/compile_time/run.py [--rounds 5] [--include DIR]... [COMPILER...] >benchmarks/results/compile_time.md

Each *.cpp here is compiled with -std=c++20 -O2 to an object file by each compiler (default: g++ and clang++), in rounds so that a busy
moment does not fall on one of them alone. Wall time, processor time and peak memory (largest resident set of the compiler's processes)
are medians over the rounds. Compiler caches are not used.
"""
import argparse
import datetime
import os
import pathlib
import platform
import resource
import shlex
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
UNITS = {
    "standard_library.cpp": "standard headers alone",
    "eigen.cpp": "`Eigen/Core` alone",
    "header.cpp": "`chromatid/chromatid.hpp` alone",
    "gemm.cpp": "the matrix product alone",
    "factornet.cpp": "static FactorNet with inference",
}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("compilers", nargs="*", default=["g++", "clang++"])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--include", action="append", default=[], help="folder of system headers (default: Eigen's, from pkg-config)")
    return parser.parse_args()


def eigen_folders():
    found = subprocess.run(["pkg-config", "--cflags-only-I", "eigen3"], capture_output=True, text=True)
    folders = [flag[2:] for flag in shlex.split(found.stdout)] if found.returncode == 0 else []
    return folders or ["/usr/include/eigen3"]


def measure(command):
    """Runs in a child of its own, so that the child's resource use is the command's: seconds, processor seconds, MB."""
    child = os.fork()
    if child == 0:
        start = time.monotonic()
        status = subprocess.run(command).returncode
        wall = time.monotonic() - start
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        pathlib.Path(command[-1] + ".use").write_text(f"{wall} {used.ru_utime + used.ru_stime} {used.ru_maxrss / 1000}")
        os._exit(status)
    if os.waitpid(child, 0)[1] != 0:
        sys.exit(f"error: this failed: {shlex.join(command)}")
    return tuple(float(x) for x in pathlib.Path(command[-1] + ".use").read_text().split())


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor()


def main():
    options = arguments()
    flags = ["-std=c++20", "-O2", f"-I{HERE.parent.parent / 'include'}"]
    for folder in options.include or eigen_folders():
        flags += ["-isystem", folder]
    results = {(compiler, unit): [] for compiler in options.compilers for unit in UNITS}
    with tempfile.TemporaryDirectory() as work:
        for compiler, unit in results:  # once without counting: the files come into memory
            measure([compiler, *flags, "-c", str(HERE / unit), "-o", f"{work}/object.o"])
        for _ in range(options.rounds):
            for key in results:
                results[key].append(measure([key[0], *flags, "-c", str(HERE / key[1]), "-o", f"{work}/object.o"]))

    print("# Compile time and memory\n")
    print(f"Medians of {options.rounds} rounds, `-std=c++20 -O2`, one compiler at a time.")
    print("The aim is below 5 s and 600 MB for FactorNet with g++.\n")
    print(f"* processor: {processor()}, {os.cpu_count()} processors, load {os.getloadavg()[1]:.1f} over the last five minutes")
    print(f"* date: {datetime.date.today()}")
    for compiler in options.compilers:
        version = subprocess.run([compiler, "--version"], capture_output=True, text=True).stdout.splitlines()[0]
        print(f"* {compiler}: {version}")
    print(f"* command: `benchmarks/compile_time/run.py --rounds {options.rounds} {' '.join(options.compilers)}`\n")
    print("| compiler | unit | wall s (fastest to slowest) | processor s | peak MB |")
    print("|---|---|---:|---:|---:|")
    for (compiler, unit), rounds in results.items():
        wall, cpu, memory = (list(column) for column in zip(*rounds))
        print(f"| {compiler} | {UNITS[unit]} | {statistics.median(wall):.2f} ({min(wall):.2f} to {max(wall):.2f}) "
              f"| {statistics.median(cpu):.2f} | {statistics.median(memory):.0f} |")


main()
