#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Baselines without learning, for the test windows that export_batches wrote: the best motif match, the mean signal, and their product.

    benchmarks/peers/motif_scan.py DATA OUT --meme motifs.meme --motif GABPA [--track 1] [--window 200]

OUT gets motif.tsv (best log-odds of the motif within the window, on either strand, against the genome's own base frequencies), and where the run has
tracks signal.tsv (mean of a track over the window) and motif_signal.tsv (the product, matches worse than chance counting as 0).
"""

import argparse
import pathlib
import sys

import numpy as np

from train_torch import Data, write_scores


def read_motif(path, name):
    """Base probabilities (width, 4) of one motif of a MEME file; any word of its MOTIF line may be the name."""
    rows, found, known = [], False, []
    for line in open(path):
        words = line.split()
        if words[:1] == ["MOTIF"]:
            if found:
                break
            known.append(" ".join(words[1:]))
            found = name.upper() in (w.upper() for w in words[1:])
        elif found and len(words) == 4:
            try:
                rows.append([float(w) for w in words])
            except ValueError:
                continue
    if not rows:
        sys.exit(f"{path}: there is no motif {name}; some there are: {', '.join(known[:5])}")
    return np.array(rows)


def match_scores(codes, motif):
    """Log-odds in bits of the motif beginning at each place, the better of both strands; -inf where a base is unknown."""
    counts = np.bincount(codes, minlength=5)[:4].astype(float)
    frequencies = (counts + counts[::-1]) / (2 * counts.sum())  # both strands
    odds = np.log2((motif + 0.001) / (motif + 0.001).sum(1, keepdims=True) / frequencies)
    table = np.concatenate([odds, np.full((len(odds), 1), -np.inf)], 1).astype(np.float32)
    width, places = len(table), len(codes) - len(table) + 1
    forward, reverse = np.zeros(places, np.float32), np.zeros(places, np.float32)
    complement = np.array([3, 2, 1, 0, 4])
    for i in range(width):
        at = codes[i : i + places]
        forward += table[i][at]
        reverse += table[width - 1 - i][complement[at]]
    return np.concatenate([np.maximum(forward, reverse), np.full(width - 1, -np.inf, np.float32)])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data")
    parser.add_argument("out")
    parser.add_argument("--meme", required=True)
    parser.add_argument("--motif", required=True)
    parser.add_argument("--track", type=int, help="which track, counted from 0 (default: the last)")
    parser.add_argument("--window", type=int, default=200, help="bases around the middle of a test window")
    options = parser.parse_args()
    data, out = Data(options.data), pathlib.Path(options.out)
    out.mkdir(parents=True, exist_ok=True)
    windows = data.part("test")[0].numpy()
    masked = np.load(data.folder / "test.masked.npy") == 1
    starts = windows[:, 0] + data.sizes.length // 2 - options.window // 2

    motif = read_motif(options.meme, options.motif)
    matches = match_scores(data.codes.numpy(), motif)
    inside = np.arange(options.window - len(motif) + 1)
    best = np.concatenate([matches[part[:, None] + inside].max(1) for part in np.array_split(starts, max(1, len(starts) // 10000))])
    lowest = best[np.isfinite(best)].min()
    best = np.where(np.isfinite(best), best, lowest)
    write_scores(data, out / "motif.tsv", np.where(masked, lowest, best))
    if data.sizes.tracks > 0:
        track = data.cells[windows[0, 1]][-1 if options.track is None else options.track].numpy()
        sums = np.concatenate([[0], np.cumsum(track, dtype=np.float64)])
        signal = (sums[starts + options.window] - sums[starts]) / options.window
        write_scores(data, out / "signal.tsv", np.where(masked, 0, signal))
        write_scores(data, out / "motif_signal.tsv", np.where(masked, 0, np.maximum(best, 0) * signal))


if __name__ == "__main__":
    main()
